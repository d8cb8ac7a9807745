"""From a failure to the next attempt with one click, and what a run is told from the Run menu."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QInputDialog, QPushButton

from studio.gui.main_window import MainWindow
from studio.gui.widgets.remedy import apply_changes, changes_text
from studio.runs import commands as cmd
from tests.gui.conftest import MakeSession

CHANGES = ("training.learning_rate=0.0005", "training.gradient_checkpointing=true")


@pytest.fixture
def window_for(qtbot: Any, make_session: MakeSession) -> Iterator[Callable[..., MainWindow]]:
    made: list[MainWindow] = []

    def make(*options: str) -> MainWindow:
        window = MainWindow(make_session(*options))
        window.show()
        qtbot.waitUntil(lambda: len(window.panes) == 5, timeout=20_000)
        made.append(window)
        return window

    yield make
    for window in made:
        window.end(cancel=True)
        qtbot.waitUntil(lambda window=window: not window.session.running, timeout=8000)
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_one_click_applies_the_remedy_and_starts_again(
    qtbot: Any, window_for: Callable[..., MainWindow]
) -> None:
    window = window_for("--fail-at", "3")
    window.commands.start()
    qtbot.waitUntil(lambda: bool(window.banners.notices()), timeout=15_000)
    first = window.session.folder
    (notice,) = window.banners.notices()
    button = next(b for b in notice.findChildren(QPushButton) if b.text() == "Apply and start again")
    assert "Training › Learning rate: 0.0005\nTraining › Gradient checkpointing: on" in button.toolTip()
    button.click()
    assert window.session.running
    assert window.session.folder is not first
    assert window.session.recipe is not None
    assert window.session.recipe.training.learning_rate == 0.0005
    assert window.session.recipe.training.gradient_checkpointing
    window.session.undo()
    window.session.undo()
    assert window.session.recipe.training.learning_rate != 0.0005


def test_changes_that_lead_nowhere_change_nothing(session: Any) -> None:
    before = session.values
    assert not apply_changes(session, ("name.first=1",))
    assert session.values == before
    assert apply_changes(session, CHANGES)
    assert session.recipe.training.gradient_checkpointing
    assert changes_text(("training.token_budget=2048",)) == "Training › Tokens a batch: 2048"


def test_a_run_is_told_from_the_menu(
    qtbot: Any, window_for: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = window_for("--steps", "100000")
    for name in ("publish_now", "set_learning_rate", "probe"):
        assert not window.actions_enabled(name)
    window.commands.start()
    qtbot.waitUntil(lambda: window.session.record.step > 3, timeout=15_000)
    sent: list[cmd.Command] = []
    monkeypatch.setattr(window.session, "send", sent.append)
    answers = iter(
        [("0.0003", True), ("fast", True), ("0", True), ("0.1", False), (" lao shi ", True), ("", True)]
    )
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: next(answers))
    window.menus.actions["publish_now"].trigger()
    for _ in range(4):
        window.menus.actions["set_learning_rate"].trigger()
    for _ in range(2):
        window.menus.actions["probe"].trigger()
    assert sent == [cmd.PublishWeights(), cmd.SetLearningRate(0.0003), cmd.Probe(text="lao shi", id="")]
    assert [notice.level for notice in window.banners.notices()] == ["warning", "warning"]
