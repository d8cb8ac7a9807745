"""Another task in the window: the draft goes along, the form offers what fits, runs show their own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui.draft import Draft
from studio.gui.panes.model import ModelPane
from studio.gui.panes.training import TrainingPane
from studio.gui.panes.training_checkpoints import CheckpointTable
from studio.gui.session import Session
from studio.gui.widgets.task_figures import best_text, figures_of
from studio.recipe.task import TASKS
from tests import tiny_texts

pytestmark = pytest.mark.gui


@pytest.mark.parametrize("task", [*TASKS, "pinyin_to_hanzi"])
@pytest.mark.parametrize("preset", ["pinyin-quick", "sentiment-cnn", "lm-lstm"])
def test_a_draft_of_another_task_can_be_started(preset: str, task: str) -> None:
    draft = Draft()
    draft.load_named(preset)
    before = draft.values
    draft.set("task", {"name": task})
    assert draft.problems == [] and draft.recipe is not None
    assert draft.recipe.task.name == task
    assert draft.recipe.model.family in TASKS[task].FAMILIES
    assert draft.recipe.training.max_steps == before["training"]["max_steps"]
    if task != before["task"]["name"]:
        assert draft.recipe.training.checkpoints.best_metric == TASKS[task].BEST
        draft.step_back()
        assert draft.values == before


def test_files_of_the_users_stay(tmp_path: Path) -> None:
    draft = Draft()
    draft.load_named("pinyin-quick")
    own = {"kind": "file", "path": str(tmp_path / "own.txt")}
    draft.set("data.sources", [{"kind": "builtin", "name": "lexicon_jieba"}, own])
    draft.set("task", {"name": "text_classification"})
    (source,) = draft.values["data"]["sources"]
    assert source["path"] == own["path"]


def test_the_form_offers_the_networks_of_the_task(qtbot: Any, session: Session) -> None:
    pane = ModelPane(session)
    qtbot.addWidget(pane)
    pane.resize(560, 600)
    pane.show()
    task, model = pane.form.body.groups[:2]
    assert task.selector is not None and model.selector is not None

    def offered() -> set[str]:
        return {name for name, button in model.selector._buttons.items() if button.isVisible()}  # type: ignore[union-attr]

    assert offered() == set(TASKS["pinyin_to_hanzi"].FAMILIES)
    QTest.mouseClick(task.selector._buttons["language_model"], Qt.MouseButton.LeftButton)
    assert session.problems == []
    assert offered() == set(TASKS["language_model"].FAMILIES)
    assert pane.form.body.row("task.context") is not None
    assert model.selector.value() == "causal_transformer"
    shown, following = (model.selector._buttons[f"causal_{name}"] for name in ("transformer", "recurrent"))
    qtbot.waitUntil(lambda: shown.x() < following.x())
    QTest.mouseClick(following, Qt.MouseButton.LeftButton)
    assert session.values["model"]["family"] == "causal_recurrent"
    session.load_preset("pinyin-gru")
    assert model.selector.value() == "recurrent" and pane.form.body.row("model.cell") is not None


def test_there_is_room_for_three_tasks_in_a_narrow_pane(qtbot: Any, session: Session) -> None:
    pane = ModelPane(session)
    qtbot.addWidget(pane)
    pane.resize(310, 640)
    pane.show()
    selector = pane.form.body.groups[0].selector
    assert selector is not None
    buttons = list(selector._buttons.values())
    assert buttons[0].x() == buttons[1].x() and buttons[0].y() < buttons[1].y()
    assert selector.width() <= 310
    pane.resize(620, 640)
    qtbot.waitUntil(lambda: buttons[0].y() == buttons[1].y())


def test_runs_show_the_figures_of_their_task(qtbot: Any, session: Session) -> None:
    for run, metric in ((tiny_texts.classified(), "accuracy"), (tiny_texts.written(), "perplexity")):
        first, _ = figures_of(run)
        assert first.metric == metric
        entry = run.read_index().entries[-1]
        assert best_text(entry.metrics) == first.text(entry.metrics[metric]) != "–"
        pane = TrainingPane(session)
        qtbot.addWidget(pane)
        assert session.open_run(run.path)
        pane.show()
        qtbot.waitUntil(lambda pane=pane: bool(pane.header._figures["step"]._figure.text()))
        assert pane.header._figures["characters"]._name.text() == first.title
        assert pane.plots.accuracy._series[0].key == metric
        table = CheckpointTable()
        qtbot.addWidget(table)
        table.show_folder(run)
        assert table.table.horizontalHeaderItem(1).text() == first.title
        assert table.table.item(0, 1).text() == first.text(entry.metrics[metric])
