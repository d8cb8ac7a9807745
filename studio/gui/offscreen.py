"""The same window on a machine without a display: trains the quick preset, types into it, leaves a picture.

What a person would do is done with the real widgets: the Start button is pressed, letters are typed into the
Playground. The terminal shows how far the run is.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from studio import paths
from studio.runs import events as ev

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext, QtMsgType
    from PySide6.QtWidgets import QApplication

    from studio.gui.main_window import MainWindow
    from studio.gui.session import Session

PRESET = "pinyin-quick"
SAMPLES = ("jintiantianqihenhao", "womenyiqiquchifanba", "zhongguorenminyinhang", "wohenxihuankanshu")
_SIZE = (1440, 960)
_ANSWER_WITHIN = 60.0
_BETWEEN_KEYS = 0.1  # seconds; a fast typist's


def run_offscreen() -> int:
    """Train, type, take pictures; 0 if all that went well, 1 if not."""
    # Qt reads these once, when it starts.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
    from PySide6.QtCore import qInstallMessageHandler

    from studio.gui.app import run

    qInstallMessageHandler(_complain)
    console = Console()
    console.print(
        "No display here: the window works offscreen. A run and pictures of the window are left on disk."
    )
    return run(lambda app: _work(app, console))


def _complain(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Pass on what Qt complains about, but for what every window without a display makes it say."""
    if "propagateSizeHints" not in message:
        print(message, file=sys.stderr)


async def _work(_: QApplication, console: Console) -> int:
    from studio.gui.app import handled, make_window
    from studio.gui.i18n import language
    from studio.gui.session import Session
    from studio.gui.theme import theme

    session = Session()
    window = make_window(session)
    language.set("en")  # as the words in the terminal
    theme.set_mode("light")
    window.resize(*_SIZE)
    with handled(window):
        window.show()
        try:
            await _until(lambda: len(window.panes) == len(window.docks), 60)
            window.reset_layout()
            code = await _train(session, window, console)
            if code == 0:
                code = await _type(window, console)
            _pictures(window, console)
        finally:
            if session.running:
                session.cancel()
                await _until(lambda: not session.running, 30)
            # No question and no stored layout: nobody sat at this window.
            for pane in window.panes.values():
                if hasattr(pane, "shutdown"):
                    pane.shutdown()
            window.hide()
            await session.close()
            window.deleteLater()
    return code


async def _train(session: Session, window: MainWindow, console: Console) -> int:
    from studio.gui.widgets.words import phase_text

    if not session.load_preset(PRESET):
        console.print(f"[red]The preset {PRESET} cannot be read.[/red]")
        return 1
    header = window.panes["training"].header  # type: ignore[attr-defined]
    header.start.click()
    if not _runs(session):
        console.print(f"[red]{session.start_obstacle() or 'The run could not be started.'}[/red]")
        return 1
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Starting", total=session.record.total_steps, figures="")
        told = ""
        while _runs(session):
            await asyncio.sleep(0.2)
            record = session.record
            phase = phase_text(session.phase)
            if not console.is_terminal and phase != told:
                told = phase
                console.print(f"{phase} (step {record.step})", highlight=False)
            figures = [] if record.loss is None else [f"loss {record.loss:.3f}"]
            accuracy = record.metric("character_accuracy")
            if accuracy is not None:
                figures.append(f"characters {accuracy:.1%}")
            progress.update(task, completed=record.step, description=phase, figures=", ".join(figures))
    end = session.record.end
    if isinstance(end, ev.Finished) and end.reason in ("max_steps", "early_stopping"):
        shown = {name: f"{value:.4f}" for name, value in end.metrics.items() if value is not None}
        console.print(
            "Finished on the test split:", ", ".join(f"{name} {value}" for name, value in shown.items())
        )
        console.print(f"Run: {session.folder.path if session.folder else ''}", soft_wrap=True)
        return 0
    if isinstance(end, ev.Failed):
        console.print(f"[red]The run failed: {end.cause}[/red]\n{end.fix}")
        if end.trace:
            print(end.trace, file=sys.stderr)
    else:
        console.print("[red]The run was stopped.[/red]")
    return 1


async def _type(window: MainWindow, console: Console) -> int:
    """Type the samples key by key, as a person would; wait for the candidates that are shown."""
    from PySide6.QtTest import QTest

    from studio.gui.panes.playground import PlaygroundPane

    window.show_pane("playground")
    pane = window.panes["playground"]
    if not isinstance(pane, PlaygroundPane):
        return 1
    pane.refresh_model()
    composer = pane.editor.composer
    for letters in SAMPLES:
        for letter in letters:
            QTest.keyClicks(pane.editor, letter)
            await asyncio.sleep(_BETWEEN_KEYS)
        if not await _until(lambda: composer.fresh, _ANSWER_WITHIN):
            console.print(f"[red]No candidates came for {letters} in {_ANSWER_WITHIN:.0f} s.[/red]")
            return 1
        assert composer.prediction is not None
        console.print(f"[bold]{letters}[/bold]")
        for place, candidate in enumerate(composer.prediction.candidates[:5], 1):
            console.print(f"  {place}. {candidate.text}  {candidate.score:.1%}", highlight=False)
        if letters != SAMPLES[-1]:  # the last one stays as it is, for the picture
            QTest.keyClicks(pane.editor, " ")
            await asyncio.sleep(0.05)
    latency = pane.predictions.latency
    if latency is not None:
        console.print(f"Median time from key to candidates on the screen: {latency:.0f} ms")
    return 0


def _pictures(window: MainWindow, console: Console) -> None:
    """One picture in light and one in dark, of the window as it stands."""
    from PySide6.QtWidgets import QApplication

    from studio.gui.theme import theme

    folder = _picture_folder()
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        QApplication.processEvents()
        path = folder / f"window-{mode}-{time.strftime('%Y%m%d-%H%M%S')}.png"
        if window.grab().save(str(path)):
            console.print(f"Screenshot: {path}", soft_wrap=True)
        else:
            console.print(f"[red]Cannot write {path}[/red]")


def _picture_folder() -> Path:
    folder = paths.data_home() / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _runs(session: Session) -> bool:
    return session.running


async def _until(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True
