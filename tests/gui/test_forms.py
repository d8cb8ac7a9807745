"""The form made from the recipe's description: what can be typed, what comes of it, what is shown."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.gui.draft import Draft
from studio.gui.forms.editors import ChoiceBox, Lines, NumberBox
from studio.gui.forms.form import Form
from studio.gui.forms.values import number_from, number_text, stepped
from studio.gui.forms.words import explain, sentence
from studio.gui.i18n import language
from studio.recipe import Problem, values_of, walk

pytestmark = pytest.mark.gui
FIELDS = {field.path: field for field in walk()}


class Editing:
    """A form and a draft that feed each other, as a pane makes them."""

    def __init__(self, qtbot: Any, *paths: str) -> None:
        self.draft = Draft()
        values = values_of("pinyin-quick")[0]
        values["model"] |= {"family": "transformer_encoder", "width": 192, "heads": 4, "layers": 2}
        values["training"] |= {"max_steps": 400}
        self.draft.replace(values, "pinyin-quick")
        self.form = Form(paths or ("model", "training", "compute", "privacy"))
        qtbot.addWidget(self.form)
        self.edits: list[tuple[str, object]] = []
        self.form.edited.connect(self.take)
        self.form.resize(480, 700)
        self.form.show()
        qtbot.waitExposed(self.form)
        self.refresh()

    def take(self, path: str, value: object) -> None:
        self.edits.append((path, value))
        self.draft.set(path, value)
        self.refresh()

    def refresh(self) -> None:
        self.form.set_values(self.draft.values)
        self.form.set_problems(self.draft.problems)

    def editor(self, path: str) -> Any:
        row = self.form.body.row(path)
        assert row is not None
        return row.editor

    def error(self, path: str) -> str:
        row = self.form.body.row(path)
        assert row is not None
        return row._error.text() if row._error.isVisibleTo(row) else ""


@pytest.fixture
def editing(qtbot: Any) -> Editing:
    return Editing(qtbot)


def retype(qtbot: Any, widget: Any, text: str) -> None:
    widget.setFocus()
    widget.selectAll()
    qtbot.keyClicks(widget, text)


def test_every_field_has_a_widget_with_a_name_and_a_tip(editing: Editing) -> None:
    paths = {row.field.path for row in editing.form.body.all_rows()}
    assert {
        "model.width",
        "training.max_steps",
        "training.early_stopping.patience",
        "compute.device",
    } <= paths
    assert not any(path.endswith((".family", ".kind")) for path in paths)
    for row in editing.form.body.all_rows():
        assert row.editor.accessibleName() and row.editor.toolTip()


def test_an_out_of_bounds_value_can_be_typed_and_says_what_is_allowed(qtbot: Any, editing: Editing) -> None:
    retype(qtbot, editing.editor("training.max_steps"), "0")
    assert editing.draft.values["training"]["max_steps"] == 0
    assert editing.error("training.max_steps") == "Allowed: at least 1, at most 100,000,000."
    retype(qtbot, editing.editor("training.max_steps"), "500")
    assert editing.draft.recipe is not None and editing.draft.recipe.training.max_steps == 500
    assert editing.error("training.max_steps") == ""


def test_half_typed_numbers_are_left_alone(qtbot: Any, editing: Editing) -> None:
    box = editing.editor("training.learning_rate")
    retype(qtbot, box, "3e-")
    assert box.lineEdit().text() == "3e-" and editing.error("training.learning_rate") == "A number is needed."
    qtbot.keyClicks(box, "3")
    assert box.lineEdit().text() == "3e-3"
    assert editing.draft.recipe is not None and editing.draft.recipe.training.learning_rate == 0.003
    qtbot.keyClick(box, Qt.Key.Key_Return)
    editing.editor("training.max_steps").setFocus()
    assert box.lineEdit().text() == "3e-3"


def test_an_edit_is_told_once(qtbot: Any, editing: Editing) -> None:
    retype(qtbot, editing.editor("model.layers"), "7")
    assert editing.edits == [("model.layers", 7)]


def test_setting_values_tells_nothing(editing: Editing) -> None:
    editing.draft.set("training.max_steps", 77)
    editing.draft.set("training.probes", ["ni hao"])
    editing.draft.set("training.schedule", "linear")
    editing.refresh()
    assert editing.edits == []
    assert editing.editor("training.max_steps").value() == 77
    assert editing.editor("training.probes").toPlainText() == "ni hao"
    assert editing.editor("training.schedule").currentData() == "linear"


def test_arrows_step_within_bounds(qtbot: Any, editing: Editing) -> None:
    box = editing.editor("training.max_steps")
    assert isinstance(box, NumberBox)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert editing.draft.values["training"]["max_steps"] == 450
    retype(qtbot, box, "20")
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert editing.draft.values["training"]["max_steps"] == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.002, "0.002"),
        (1e-5, "1e-5"),
        (2.5e-6, "2.5e-6"),
        (4096, "4096"),
        (0.1, "0.1"),
        (1.0, "1"),
        ("abc", "abc"),
    ],
)
def test_numbers_are_written_readably(value: Any, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [("1,000", True, 1000), ("1e4", True, 10000), ("2.5", True, 2.5), ("２０", True, 20), ("", True, ""),
     ("inf", False, "inf"), (" 2e-3 ", False, 0.002)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, whole: bool, value: Any) -> None:
    assert number_from(text, whole) == value


def test_small_rates_step_in_small_steps_and_never_reach_an_open_bound() -> None:
    rate = FIELDS["training.learning_rate"]
    assert stepped(0.002, 1, rate) == 0.0021
    assert stepped(0.00005, 1, rate) == 0.00006
    value: Any = 0.0003
    for _ in range(40):
        value = stepped(value, -1, rate)
    assert 0 < value < 1e-6


def test_the_wheel_changes_nothing_that_has_no_focus(qtbot: Any, editing: Editing) -> None:
    editing.form.search.setFocus()
    for path in ("training.max_steps", "training.schedule"):
        editor = editing.editor(path)
        before = editor.value()
        for delta in (120, -120):
            event = QWheelEvent(
                QPointF(5, 5), editor.mapToGlobal(QPointF(5, 5)), QPoint(), QPoint(0, delta),
                Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(editor, event)
            assert editor.value() == before
    assert editing.edits == []


def test_switching_the_family_and_back_keeps_the_values(qtbot: Any, editing: Editing) -> None:
    retype(qtbot, editing.editor("model.heads"), "6")
    group = editing.form.body.groups[0]
    assert group.selector is not None
    buttons = group.selector._buttons
    qtbot.mouseClick(buttons["recurrent"], Qt.MouseButton.LeftButton)
    assert editing.draft.values["model"] == {"family": "recurrent"} and editing.draft.recipe is not None
    assert editing.form.body.row("model.heads") is None
    assert isinstance(editing.editor("model.cell"), ChoiceBox)
    retype(qtbot, editing.editor("model.width"), "320")
    qtbot.mouseClick(buttons["transformer_encoder"], Qt.MouseButton.LeftButton)
    assert editing.draft.values["model"]["heads"] == 6 and editing.draft.values["model"]["width"] == 192
    qtbot.keyClick(buttons["transformer_encoder"], Qt.Key.Key_Right)
    assert editing.draft.values["model"] == {"family": "recurrent", "width": 320}


def test_a_section_that_does_not_fit_together_says_so_at_its_head(qtbot: Any, editing: Editing) -> None:
    retype(qtbot, editing.editor("model.heads"), "5")
    head = editing.form.body.groups[0]._error
    assert head.isVisible() and "4 heads would fit" in head.text()
    retype(qtbot, editing.editor("model.heads"), "4")
    assert not head.isVisible()


def test_a_problem_of_several_sections_is_shown_where_one_of_them_is(qtbot: Any, editing: Editing) -> None:
    retype(qtbot, editing.editor("model.max_length"), "16")
    text = editing.form.body._error.text()
    assert "48" in text and "16" in text
    elsewhere = Form(["training"])
    qtbot.addWidget(elsewhere)
    elsewhere.set_problems(editing.draft.problems)
    assert elsewhere.body._error.text() == ""


def test_unknown_keys_and_items_of_lists_are_said_at_the_nearest_place(editing: Editing) -> None:
    problems = [
        Problem("training.max_step", "unknown key 'max_step'", "did you mean 'max_steps'?"),
        Problem("training.probes.1", "input should be a valid string, not 3"),
    ]
    editing.form.set_problems(problems)
    group = editing.form.body.groups[1]
    assert "Did you mean 'max_steps'?" in group._error.text()
    assert editing.error("training.probes")


def test_what_is_not_the_default_is_marked_and_can_be_taken_back(qtbot: Any, editing: Editing) -> None:
    row = editing.form.body.row("training.max_steps")
    assert row is not None and row.changed and row._reset.isVisible()
    qtbot.mouseClick(row._reset, Qt.MouseButton.LeftButton)
    assert editing.draft.values["training"]["max_steps"] == 1000
    assert not row.changed and not row._reset.isVisible()


def test_probes_are_edited_line_by_line(qtbot: Any, editing: Editing) -> None:
    lines = editing.editor("training.probes")
    assert isinstance(lines, Lines)
    lines.setFocus()
    lines.selectAll()
    qtbot.keyClicks(lines, "ni hao")
    qtbot.keyClick(lines, Qt.Key.Key_Return)
    qtbot.keyClicks(lines, " ma ")
    assert editing.draft.values["training"]["probes"] == ["ni hao", "ma"]
    assert lines.toPlainText() == "ni hao\n ma "


def test_search_shows_only_what_matches_and_unfolds_it(editing: Editing) -> None:
    decay = editing.form.body.row("training.weight_decay")
    steps = editing.form.body.row("training.max_steps")
    assert decay is not None and steps is not None and not decay.isVisible()
    editing.form.search.setText("decay")
    assert decay.isVisible() and not steps.isVisible()
    editing.form.search.setText("nothing like this")
    assert editing.form._none.isVisible()
    editing.form.search.clear()
    assert steps.isVisible() and not decay.isVisible()


def test_reveal_unfolds_and_focuses(qtbot: Any, editing: Editing) -> None:
    assert editing.form.reveal("training.early_stopping.min_change")
    row = editing.form.body.row("training.early_stopping.min_change")
    assert row is not None and row.isVisible() and row.editor.hasFocus()
    assert "Smaller improvements" in editing.form._help.text()
    assert not editing.form.reveal("data.sources")


def test_the_focused_field_is_explained(editing: Editing) -> None:
    editing.editor("model.dropout").setFocus()
    assert "Share of activations" in editing.form._help.text() and "default 0.1" in editing.form._help.text()


def test_the_language_changes_while_it_is_shown(editing: Editing) -> None:
    row = editing.form.body.row("training.max_steps")
    assert row is not None
    try:
        language.set("zh_CN")
        editing.form.retranslate()
        assert row._label.text() == "步数"
        editing.form.search.setText("步数")
        assert row.isVisible()
    finally:
        language.set("en")
        editing.form.retranslate()
    assert row._label.text() == "Steps"


def test_narrow_forms_put_labels_above(editing: Editing, qtbot: Any) -> None:
    row = editing.form.body.row("training.max_steps")
    assert row is not None
    beside = row.editor.y()
    editing.form.resize(330, 700)
    qtbot.waitUntil(lambda: row.editor.y() > row._label.y() + 10)
    assert beside < row.editor.y()
    assert row.editor.mapTo(editing.form, QPoint(row.editor.width(), 0)).x() < 330


def test_problems_as_sentences_name_the_place_by_its_titles() -> None:
    problem = Problem("training.max_steps", "input should be greater than or equal to 1, not 0")
    assert sentence(problem) == "Training › Steps: At least 1."
    assert explain(problem, FIELDS["training.max_steps"]).startswith("Allowed: at least 1")
    unknown = Problem("", "something else altogether", "do it so")
    assert explain(unknown) == "Something else altogether. Do it so"


def test_the_draft_given_is_not_changed(editing: Editing) -> None:
    values = copy.deepcopy(editing.draft.values)
    editing.form.set_values(values)
    assert values == editing.draft.values


@pytest.mark.parametrize("tongue", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [300, 320, 420, 900])
def test_jumps_to_sections_are_never_cut(editing: Editing, width: int, tongue: str) -> None:
    language.set(tongue)
    try:
        form = editing.form
        form.retranslate()
        form.resize(width, 600)
        QApplication.processEvents()
        assert len(form._anchors) > 3
        below = form._area.geometry().top()
        for button in form._anchors:
            assert button.width() >= button.sizeHint().width(), button.text()
            assert button.geometry().right() < form.width() and button.geometry().bottom() <= below
        places = [(button.y(), button.x()) for button in form._anchors]
        assert places == sorted(places) and len(set(places)) == len(places)
    finally:
        language.set("en")
