"""The field that names a run to start from, and what the window says of a run that started from another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.gui.forms.run_picker import FOLDER, NONE, RunPicker
from studio.gui.panes.model import ModelPane
from studio.gui.panes.training_header import TrainingHeader
from studio.gui.session import Session
from studio.gui.widgets.started_words import started_lines
from studio.recipe import dump, resolve
from studio.runs.events import StartedFrom
from studio.runs.folder import RunFolder

pytestmark = pytest.mark.gui


def make_run(home: Path, preset: str, *, saved: bool = True) -> Path:
    folder = RunFolder.create(home / "runs", preset)
    folder.recipe.write_text(dump(resolve(preset)), encoding="utf-8")
    if saved:
        (folder.path / "checkpoints.json").write_text("{}", encoding="utf-8")
    return folder.path


def picker_of(pane: ModelPane) -> RunPicker:
    row = pane.form.body.row("training.start_from")
    assert row is not None and isinstance(row.editor, RunPicker)
    return row.editor


def test_a_run_is_chosen_from_a_list(qtbot: Any, session: Session, fresh_home: Path) -> None:
    run = make_run(fresh_home, "bert-mini")
    make_run(fresh_home, "lm-lstm", saved=False)
    pane = ModelPane(session)
    qtbot.addWidget(pane)
    pane.show()
    picker = picker_of(pane)
    assert [picker.itemData(n) for n in range(picker.count())] == [NONE, str(run), FOLDER]
    assert "Masked language model" in picker.itemText(1)
    picker.setCurrentIndex(1)
    picker.activated.emit(1)
    assert session.values["training"]["start_from"] == str(run) and session.problems == []
    picker.setCurrentIndex(0)
    picker.activated.emit(0)
    assert session.values["training"]["start_from"] == ""


def test_a_run_that_is_gone_is_shown_all_the_same(qtbot: Any, session: Session, fresh_home: Path) -> None:
    pane = ModelPane(session)
    qtbot.addWidget(pane)
    picker = picker_of(pane)
    picker.set_value("/somewhere/gone")
    assert picker.value() == "/somewhere/gone" and "gone" in picker.currentText()


def test_what_was_taken_is_told(qtbot: Any, session: Session) -> None:
    told = StartedFrom(
        name="bert-mini", task="masked_language_model", step=1600, path="/runs/x", taken=("a", "b"),
        resized={"embedding.weight": (4000, 4100)}, new=("head.weight",), left=("bias",),
    )  # fmt: skip
    session.record.apply([told])
    header = TrainingHeader(session)
    qtbot.addWidget(header)
    session.folder = RunFolder(Path("/runs/y"))
    header.refresh()
    said = "started from bert-mini (step 1,600): 2 weights taken, 1 matched by character, 1 new"
    assert said in header._detail.text()
    assert "embedding.weight: 4,000 of 4,100 rows found" in header._detail.toolTip()
    assert "head.weight" in started_lines(told) and "bias" in started_lines(told)
    session.folder = None
