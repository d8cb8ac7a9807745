"""The Playground learns: what is committed reaches the lab, and the menu switches it off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMenu, QWidget

from studio.gui.panes.compose_edit import ComposeEdit
from studio.gui.panes.predictions import Predictions
from studio.gui.personal.dialog import PersonalDialog
from studio.gui.personal.learning import Learning
from studio.gui.session import Session
from studio.runs import requests as rq
from studio.runs.personal import PersonalStore
from studio.runs.personal_requests import Learn, PhrasesLearnt
from tests.gui.fake_lab import FakeLab

RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


def test_commits_go_to_the_lab(
    qtbot: Any, session: Session, run_async: RunAsync, fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = FakeLab()
    lab.answers[Learn] = lambda request: PhrasesLearnt(id=request.id, phrases=(request.text,))
    monkeypatch.setattr(session, "lab", lab)
    pane = QWidget()
    qtbot.addWidget(pane)
    editor = ComposeEdit(pane)
    predictions = Predictions(session, editor, pane)
    menu = QMenu(pane)
    learning = Learning(session, editor, predictions, menu, pane)
    warnings: list[str] = []
    session.message.connect(lambda _, text: warnings.append(text))

    async def commit() -> None:
        editor.committed.emit("nihao", "你好", "他说")
        await asyncio.sleep(0.05)

    run_async(commit())
    assert lab.asked == [], "there is no model to type with"
    predictions.model = "/run"
    run_async(commit())
    assert [(r.model, r.letters, r.text, r.left) for r in lab.asked] == [("/run", "nihao", "你好", "他说")]
    lab.answers[Learn] = lambda request: rq.Refused(id=request.id, kind="run", message="x is damaged")
    run_async(commit())
    run_async(commit())
    assert len(warnings) == 1, "told once"
    menu.aboutToShow.emit()
    assert learning.switch.isChecked()
    learning.switch.setChecked(False)
    store = PersonalStore()
    assert not store.enabled
    store.enable(True)
    store.close()
    menu.aboutToShow.emit()
    assert learning.switch.isChecked(), "another window has switched it on again"
    learning.show_all.trigger()
    dialog = pane.findChild(PersonalDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.close()
