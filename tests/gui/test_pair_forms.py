"""The form where a network reads and writes: what belongs together is set together, what is refused is not shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from studio.gui.draft import Draft
from studio.gui.forms.encoder_line import EncoderLine
from studio.gui.forms.words import explain
from studio.gui.i18n import language
from studio.gui.panes.model import ModelPane
from studio.gui.session import Session
from studio.gui.widgets.refusals import said
from studio.recipe import Problem, RecipeError, describe
from studio.recipe.sequences import SequenceToSequence

pytestmark = pytest.mark.gui


@pytest.fixture
def pane(qtbot: Any, session: Session) -> Iterator[ModelPane]:
    session.load_preset("translation-lstm")
    made = ModelPane(session)
    qtbot.addWidget(made)
    made.resize(460, 700)
    made.show()
    yield made


def test_a_vocabulary_that_cannot_be_taken_over_is_not_offered(pane: ModelPane, session: Session) -> None:
    assert pane.form.body.row("task.vocabulary.embedding") is not None
    assert pane.form.body.row("task.vocabulary.source") is None
    session.load_preset("sentiment-cnn")
    assert pane.form.body.row("task.vocabulary.source") is not None
    assert not any(field.hidden for field in describe(SequenceToSequence))


def test_a_network_with_one_table_sets_one_vocabulary(pane: ModelPane, session: Session) -> None:
    group = next(group for group in pane.form.body.all_groups() if group.field.path == "model")
    assert group.selector is not None
    for family in ("t5", "bart", "pretrained_encoder_decoder"):
        session.load_preset("translation-lstm")
        assert session.values["task"]["shared"] is False
        group.selector.chosen.emit(family)
        task = session.values["task"]
        assert (task["source_unit"], task["target_unit"], task["shared"]) == ("subword", "subword", True)
        wanted = ["model.source"] if family == "pretrained_encoder_decoder" else []
        assert [problem.path for problem in session.problems] == wanted
    row = pane.form.body.row("model.source")
    assert row is not None and isinstance(row.editor, EncoderLine) and row.problem is not None


def test_what_was_set_by_hand_stays() -> None:
    draft = Draft()
    draft.load_named("translation-t5")
    draft.set("task.source_unit", "character")
    draft.set("task.target_unit", "character")
    draft.set("model", {"family": "bart"})
    assert draft.problems == [] and draft.values["task"]["source_unit"] == "character"
    draft.set("task.shared", False)
    assert "One vocabulary" in " ".join(explain(problem) for problem in draft.problems)


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        ("/x holds an encoder (BertModel), which writes nothing", "/x 中是编码器（BertModel），不会写出文本"),
        ("/x holds a decoder (GPT2LMHeadModel), which continues texts and reads no other", "只会续写文本"),
    ],
)
def test_refusals_in_the_windows_language(message: str, chinese: str) -> None:
    text = str(RecipeError([Problem("model.source", message, "take an encoder-decoder: bart, t5")]))
    language.set("zh_CN")
    try:
        assert chinese in said(text)
    finally:
        language.set("en")
