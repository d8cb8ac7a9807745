"""The search dialog: ranges from the recipe's fields, everything wrong said in place, trials as they come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.gui.search.dialog import SearchDialog
from studio.gui.search.words import range_text
from studio.gui.session import Session
from studio.recipe import Problem, RecipeError, dump
from studio.recipe.ranges import parse_ranges, searchable
from studio.runs.sweeps import SweepFolder, SweepSpec, Trial
from tests import tiny


@pytest.fixture
def dialog(qtbot: Any, session: Session) -> SearchDialog:
    session.new_from(tiny.recipe("training.max_steps=1"))
    dialog = SearchDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def cells(dialog: SearchDialog) -> list[list[str]]:
    table = dialog.trials.table
    found = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [
        [item.text(column) for column in range(table.columnCount())] for item in found if item is not None
    ]


def test_ranges_begin_around_the_draft(dialog: SearchDialog, session: Session) -> None:
    setup = dialog.setup
    assert list(setup.rows) == ["training.learning_rate"], "what is searched first"
    assert setup.rows["training.learning_rate"].text() == "training.learning_rate=0.002..0.05:log"
    for path in ("model.layers", "training.schedule", "data.cleaning.strip_markup", "compute.device"):
        setup.take(path)
    setup.take("model.layers")
    assert len(setup.rows) == 5, "each once"
    assert setup.rows["training.schedule"].text().startswith("training.schedule=constant,linear,cosine")
    assert setup.rows["data.cleaning.strip_markup"].text() == "data.cleaning.strip_markup=true,false"
    assert parse_ranges(
        [row.text() for row in setup.rows.values() if row.field.kind != "text"], tiny.recipe()
    )
    setup._list_fields()
    menus = [action.menu() for action in setup._fields.actions()]
    shown = [action.text() for menu in menus if menu is not None for action in menu.actions()]  # type: ignore[attr-defined]
    assert "Width" in shown and "Layers" not in shown
    setup.rows["model.layers"]._remove.click()
    assert "model.layers" not in setup.rows
    session.set_value("training.max_steps", 0)
    dialog._new()
    assert not setup.start.isEnabled() and "Steps" in setup._error.text()


def test_what_is_wrong_stands_at_its_field(dialog: SearchDialog) -> None:
    setup = dialog.setup
    setup.take("training.schedule")
    setup.take("model.layers")
    setup.rows["training.learning_rate"].low.lineEdit().setText("7")
    setup.rows["training.learning_rate"].high.lineEdit().setText("70")
    for action in setup.rows["training.schedule"]._menu.actions():
        action.setChecked(False)
    assert setup.rows["training.schedule"].choices.text() == "nothing chosen"
    setup.rows["model.layers"].low.lineEdit().setText("many")
    setup.start.click()
    errors = {path: row._error.text() for path, row in setup.rows.items()}
    assert errors["training.learning_rate"] == "Allowed: above 0, at most 10."
    assert errors["training.schedule"] == "Choose at least two values."
    assert errors["model.layers"] == "This is not a range of whole numbers."
    assert not SweepFolder("tiny").exists
    for path in list(setup.rows):
        setup.drop(path)
    setup.start.click()
    assert setup._error.text() == "Choose at least one field to search."


@pytest.mark.parametrize(
    "text",
    ["model.layers=4..1", "model.layers=a..4", "training.learning_rate=0..1:log", "model.dropout=0..5", "model.layers=",
     "model.layers=1", "training.schedule=cosine,x", "model.dropout=0,7", "model.dropout=0,0", "model.heads=3,5"],
)  # fmt: skip
def test_every_complaint_has_words(text: str) -> None:
    recipe = tiny.recipe()
    with pytest.raises(RecipeError) as caught:
        parse_ranges([text], recipe)
    (problem,) = caught.value.problems
    words = range_text(problem, searchable(recipe).get(problem.path))
    assert words[0].isupper() or words[0] == "'"
    assert words.endswith(".")
    assert ".." not in words and problem.reason not in words
    assert range_text(Problem("", "there is nothing to search")) == "Choose at least one field to search."


def test_trials_of_an_earlier_search(qtbot: Any, dialog: SearchDialog, session: Session) -> None:
    folder = SweepFolder("earlier")
    folder.begin(SweepSpec("earlier", ("model.layers=1..4",), 3, "character_accuracy"), dump(tiny.recipe()))
    run = tiny.copied(Path(folder.path))
    folder.write_trials(
        (
            Trial(1, str(run.path), "finished", {"model.layers": 2}, 0.5, 6, best=True),
            Trial(2, "/gone", "failed", {"model.layers": 4}, reason="the disk is full"),
        )
    )
    dialog._list("")
    dialog.chooser.setCurrentIndex(dialog.chooser.findData("earlier"))
    dialog._chosen()
    trials = dialog.trials
    assert cells(dialog) == [["1", "Finished", "50.00%", "2", "6"], ["2", "Failed", "–", "4", "–"]]
    assert "2 of 3 trials" in trials._note.text() and "best so far: 50.00% (trial 1)" in trials._note.text()
    assert trials.resume.isVisible() and not trials.pause.isVisible()
    trials.table.setCurrentItem(trials.table.topLevelItem(1))
    assert trials._reason.text() == "The disk is full."
    trials.table.setCurrentItem(trials.table.topLevelItem(0))
    with qtbot.waitSignal(trials.opened):
        trials.open.click()
    assert session.folder is not None and session.folder.path == run.path
    trials.reuse.click()
    assert session.values["training"]["max_steps"] == 6
    session.close_run()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_search_from_the_window(
    qtbot: Any, dialog: SearchDialog, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    setup = dialog.setup
    setup.drop("training.learning_rate")
    setup.take("training.optimizer")
    setup.trials.setValue(2)
    setup.decided_by.setCurrentIndex(setup.decided_by.findData("validation_loss"))
    setup.name.setText("from here")
    setup.start.click()
    assert dialog.chooser.currentText() == "from-here"
    assert dialog.trials.pause.isVisible()
    qtbot.waitUntil(lambda: [row[1] for row in cells(dialog)] == ["Finished", "Finished"], timeout=120_000)
    qtbot.waitUntil(lambda: not session.series.processes(), timeout=20_000)
    assert "2 of 2 trials" in dialog.trials._note.text() and "ended" in dialog.trials._note.text()
    assert not dialog.trials.resume.isVisible()
    assert len({row[3] for row in cells(dialog)}) == 2
    dialog._new()
    setup.name.setText("from here")
    setup.start.click()
    assert "already" in setup._error.text()
