"""From nothing to the window: application, fonts, theme, the event loop that asyncio and Qt share."""

from __future__ import annotations

import asyncio
import contextlib
import locale
import os
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from types import FrameType, TracebackType
from typing import Any

import qasync
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

import studio
from studio.gui.collector import Collector, spare_what_is_there
from studio.gui.i18n import language, tr
from studio.gui.main_window import MainWindow
from studio.gui.pane_loader import load_ahead
from studio.gui.session import Session
from studio.gui.settings import Settings
from studio.gui.theme import theme
from studio.recipe import presets

FIRST_PRESET = "pinyin-quick"


def run_window() -> int:
    """Open the window and serve until it is closed."""
    return run(_serve)


def run(main: Callable[[QApplication], Coroutine[Any, Any, int]]) -> int:
    """Run a coroutine on an event loop made of Qt's."""
    app = make_application()
    with Collector(app), asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        return runner.run(main(app))


def make_application() -> QApplication:
    """The application object, named, with the numbers of the C locale."""
    QCoreApplication.setApplicationName("hanzi-studio")
    QCoreApplication.setApplicationVersion(getattr(studio, "__version__", ""))
    QGuiApplication.setApplicationDisplayName("Hanzi Studio")
    QGuiApplication.setDesktopFileName("hanzi-studio")
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    # Qt takes the user's locale for numbers; "0,5" would then be written into files.
    locale.setlocale(locale.LC_NUMERIC, "C")
    # The loop must outlive the window: the lab and the tasks are ended after it.
    app.setQuitOnLastWindowClosed(False)
    return app


def make_window(session: Session, settings: Settings | None = None) -> MainWindow:
    """The window in the theme and language that were chosen last, with a recipe to start from."""
    settings = settings or Settings()
    language.set(settings.text("language", "system"))
    theme.set_mode(settings.text("theme", "system"))
    if not session.restore_draft() and not session.values:
        names = [preset.name for preset in presets()]
        first = FIRST_PRESET if FIRST_PRESET in names else next(iter(names), "")
        if first:
            session.load_preset(first)
    return MainWindow(session, settings)


async def _serve(_: QApplication) -> int:
    session = Session()
    window = make_window(session)
    done = asyncio.get_running_loop().create_future()
    ending = _Ending(window, session, done)
    window.closed.connect(ending.window_closed)
    window.filled.connect(ending.window_filled)
    started = os.environ.get("STUDIO_STARTED")  # when the command was given: for `studio bench window`
    if started:
        from studio.gui.bench.start import StartClock

        StartClock(window, float(started))
    with handled(window):
        window.show()
        await done
        await session.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents()
    return 0


class _Ending:
    """Ties the window's last signals to the coroutine that waits for them."""

    def __init__(self, window: MainWindow, session: Session, done: asyncio.Future[None]) -> None:
        self._window = window
        self._session = session
        self._done = done

    def window_filled(self) -> None:
        spare_what_is_there()
        load_ahead(spare_what_is_there)
        # Only now: while the window comes up, it has the processor to itself.
        self._session.spawn(self._session.lab.start())

    def window_closed(self) -> None:
        if not self._done.done():
            self._done.set_result(None)


class handled(contextlib.AbstractContextManager[None]):  # noqa: N801 - reads as a word in a with statement
    """Inside, mistakes in slots and tasks become banners, and Ctrl+C ends the run in order."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._hook = sys.excepthook
        self._signals: dict[int, Any] = {}
        self._timer = QTimer(window, interval=400)  # Python looks at signals only when Python runs
        self._timer.timeout.connect(window.awake)

    def __enter__(self) -> None:
        sys.excepthook = self._mistake
        asyncio.get_running_loop().set_exception_handler(self._loop_mistake)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._signals[number] = signal.signal(number, self._interrupted)
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        sys.excepthook = self._hook
        for number, handler in self._signals.items():
            signal.signal(number, handler)

    def _mistake(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._hook(kind, error, trace)
        with contextlib.suppress(RuntimeError):  # the window may be gone already
            words = "".join(traceback.format_exception(kind, error, trace))
            text = tr("A mistake in the studio: {error}", error=f"{kind.__name__}: {error}")
            self._window.banners.add("error", text, tr("What you did last may not have worked."), words)

    def _loop_mistake(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is None:
            loop.default_exception_handler(context)
        else:
            self._mistake(type(error), error, error.__traceback__)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self._window.end()
