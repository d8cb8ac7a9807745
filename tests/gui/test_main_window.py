"""The main window with real widgets: start to end, closing, layout, language, theme, palette, messages."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from studio.gui.actions import SPECS
from studio.gui.command_palette import score
from studio.gui.i18n import language
from studio.gui.main_window import MainWindow
from studio.gui.settings import Settings
from studio.gui.theme import theme
from studio.runs.folder import RunFolder
from tests.gui.conftest import MakeSession

MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def make_window(qtbot: Any, make_session: MakeSession) -> Iterator[MakeWindow]:
    made: list[MainWindow] = []

    def make(*options: str, settings: Settings | None = None) -> MainWindow:
        window = MainWindow(make_session(*options), settings)
        window.show()
        qtbot.waitUntil(lambda: len(window.panes) == 5, timeout=20_000)
        made.append(window)
        return window

    language.set("en")
    theme.set_mode("light")
    yield make
    for window in made:
        if window.session.running:
            window.end(cancel=True)
            qtbot.waitUntil(lambda window=window: not window.session.running, timeout=8000)
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    language.set("en")
    theme.set_mode("light")


def shown_texts(window: MainWindow) -> str:
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    return "\n".join(
        labels + [button.text() for button in window.findChildren(QPushButton) if button.isVisible()]
    )


def test_start_watch_stop(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window("--steps", "100000")
    session = window.session
    assert window.tools.start.isEnabled() and not window.tools.stop.isVisible()
    qtbot.mouseClick(window.tools.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.record.step > 30, timeout=15_000)
    header = window.panes["training"].header  # type: ignore[attr-defined]
    assert header.stop.isVisible() and not header.start.isVisible()
    qtbot.waitUntil(lambda: "5" in header._figures["speed"]._figure.text(), timeout=3000)
    qtbot.mouseClick(header.stop, Qt.MouseButton.LeftButton)
    assert header.stop.text() == "Stopping…" and not header.stop.isEnabled(), "said at once"
    qtbot.waitUntil(lambda: not session.running, timeout=8000)
    assert header.start.isVisible() and header.start.isEnabled()
    assert "Stopped and saved" in shown_texts(window)
    assert window.actions_enabled("export_folder")


def test_a_recipe_with_problems_says_why_it_cannot_start(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window()
    window.session.set_value("training.max_steps", 0)
    assert not window.tools.start.isEnabled()
    assert "Steps" in window.tools.why.text(), "in text, not only in a tooltip"


def test_kill_9_leaves_the_window_alive(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window("--steps", "100000")
    window.commands.start()
    qtbot.waitUntil(lambda: window.session.record.step > 3, timeout=15_000)
    assert window.session.folder is not None
    owner = window.session.folder.owner()
    assert owner is not None
    os.kill(owner, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(window.banners.notices()), timeout=8000)
    (notice,) = window.banners.notices()
    assert "SIGKILL" in notice.text and notice.copy.isVisible()
    notice.copy.click()
    assert "worker.log" in QApplication.clipboard().text()
    assert window.isVisible() and window.tools.start.isEnabled()
    assert window.session.folder.state() == "failed"


@pytest.mark.parametrize("answer", ["stop", "cancel", "keep"])
def test_closing_during_a_run_asks(qtbot: Any, make_window: MakeWindow, answer: str) -> None:
    window = make_window("--steps", "100000")
    window.commands.start()
    qtbot.waitUntil(lambda: window.session.record.step > 3, timeout=15_000)
    folder: RunFolder | None = window.session.folder
    assert folder is not None
    window.close()
    assert window.isVisible() and window.question is not None
    next(button for button in window.question.buttons() if button.objectName() == answer).click()
    if answer == "keep":
        qtbot.wait(100)
        assert window.isVisible() and window.session.running and not window.session.stopping
        return
    with qtbot.waitSignal(window.closed, timeout=8000):
        pass
    assert not window.isVisible()
    assert folder.state() == {"stop": "stopped", "cancel": "cancelled"}[answer]


def test_a_run_that_ends_while_the_window_asks(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window("--steps", "600")
    window.commands.start()
    qtbot.waitUntil(lambda: window.session.record.step > 3, timeout=15_000)
    window.close()
    assert window.question is not None, "the run was over before"
    qtbot.waitUntil(lambda: not window.session.running, timeout=15_000)
    qtbot.waitUntil(lambda: window.question is None, timeout=2000)
    assert window.isVisible()


def test_layout_is_kept(qtbot: Any, make_window: MakeWindow) -> None:
    first = make_window()
    first.docks["runs"].hide()
    first.resize(760, 700)  # the offscreen screen is 800 wide
    first.close()
    second = make_window()
    assert not second.docks["runs"].isVisible() and second.size() == first.size()
    second.reset_layout()
    qtbot.waitUntil(lambda: not second.docks["runs"].isHidden(), timeout=2000)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff\xfe garbage [[[",
        b"[window]\nversion=1\ngeometry=hello\nstate=@ByteArray(no)\n",
        b"[window]\nversion=1\ngeometry=@ByteArray(\\x1\\x2)\nstate=@ByteArray(\\0\\0\\0\\xff)\ntheme=7\n",
        b"",
    ],
)
def test_a_broken_settings_file_does_no_harm(
    qtbot: Any, make_window: MakeWindow, fresh_home: Path, content: bytes
) -> None:
    file = fresh_home / "config" / "window.ini"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    window = make_window()
    assert all(not dock.isHidden() for dock in window.docks.values())
    window.choose_theme("light")
    window.close()
    assert Settings().layout() is not None and Settings().text("theme") == "light", "and is written again"


def test_language_and_theme_without_a_restart(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window()
    assert "Start training" in shown_texts(window)
    window.commands.language_zh_CN()
    texts = shown_texts(window)
    assert "开始训练" in texts and "Start training" not in texts
    assert window.menus.actions["quit"].text() == "退出"
    assert window.docks["training"].windowTitle() == "训练"
    window.commands.theme_dark()
    assert theme.palette.dark
    assert QApplication.palette().window().color().lightness() < 60
    assert window.grab().toImage().pixelColor(5, window.height() - 5).lightness() < 60
    window.commands.theme_light()
    assert window.grab().toImage().pixelColor(5, window.height() - 5).lightness() > 180
    assert Settings().text("language") == "zh_CN"


def test_nothing_is_too_wide_for_a_small_screen(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window()
    for code in ("en", "zh_CN"):
        window.choose_language(code)
        for size in ((1000, 640), (2560, 1400)):
            window.resize(*size)
            window.reset_layout()
            qtbot.wait(50)
            assert (window.width(), window.height()) == size


def test_the_palette_finds_and_runs(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window()
    palette = window.open_palette()
    qtbot.keyClicks(palette.box, "thdark")
    assert palette.list.count() >= 1 and "dark" in palette.list.item(0).text().lower()
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert theme.palette.dark
    palette = window.open_palette()
    qtbot.keyClicks(palette.box, "zzzzqq")
    assert palette.list.count() == 0
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    palette.close()
    assert score("sn", "Save checkpoint now") is not None and score("xyz", "Save") is None
    exact, scattered = score("save", "Save recipe"), score("save", "Show all vague ends")
    assert exact is not None and scattered is not None and exact < scattered


def test_every_action_has_a_method_and_no_shortcut_is_taken_twice(make_window: MakeWindow) -> None:
    window = make_window()
    keys = [key for spec in SPECS for key in spec.keys]
    assert len(keys) == len(set(keys))
    for spec in SPECS:
        assert callable(getattr(window.commands, spec.id))
        assert window.menus.actions[spec.id].text()


def test_messages_come_and_go(qtbot: Any, make_window: MakeWindow) -> None:
    window = make_window()
    for number in range(5):
        window.say("error", f"mistake {number}")
    window.say("error", "mistake 4")
    assert [notice.text for notice in window.banners.notices()] == ["mistake 2", "mistake 3", "mistake 4"]
    for notice in window.banners.notices():
        notice.dismiss.click()
    qtbot.waitUntil(lambda: not window.banners.isVisible(), timeout=2000)
    window.say("ok", "saved")
    assert window.toasts.current is not None and window.rect().contains(window.toasts.current.geometry())
    window.toasts.current.dismiss.click()
    qtbot.waitUntil(lambda: window.toasts.current is None, timeout=2000)
    window.resize(1200, 700)


def test_the_window_loads_nothing_heavy_and_plots_only_later(fresh_home: Path) -> None:
    code = """
import sys
from studio.gui.app import make_application, make_window
from studio.gui.pane_loader import load_ahead
from studio.gui.session import Session
app = make_application()
window = make_window(Session())
window.show()
window.fill()
app.processEvents()
assert not {"pyqtgraph", "numpy"} & set(sys.modules), "what plots need is loaded when the window can be used"
heavy = {"torch", "transformers", "tokenizers", "accelerate", "jieba", "pypinyin", "datasets"} & set(sys.modules)
assert not heavy, heavy
done = []
load_ahead(lambda: done.append("pyqtgraph" in sys.modules))
while not done:
    app.processEvents()
assert done == [True]
window.panes["training"].plots
window.close()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=Path(__file__).parents[2])
