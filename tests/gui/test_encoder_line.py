"""The field that names a pretrained encoder, and what the window says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from studio.gui.forms.encoder_line import EncoderLine
from studio.gui.forms.words import explain, sentence
from studio.gui.i18n import language
from studio.gui.panes.model import ModelPane
from studio.gui.session import Session
from studio.gui.widgets.refusals import said
from studio.gui.widgets.started_words import started_lines, started_text
from studio.recipe import Problem, RecipeError
from studio.runs.events import StartedFrom

pytestmark = pytest.mark.gui


@pytest.fixture
def pane(qtbot: Any, session: Session) -> Iterator[ModelPane]:
    session.load_preset("sentiment-pretrained")
    made = ModelPane(session)
    qtbot.addWidget(made)
    made.resize(460, 700)
    made.show()
    yield made


def line_of(pane: ModelPane) -> EncoderLine:
    row = pane.form.body.row("model.source")
    assert row is not None and isinstance(row.editor, EncoderLine)
    return row.editor


def test_a_preset_waits_for_its_encoder(pane: ModelPane, session: Session) -> None:
    assert session.recipe is None
    assert [problem.path for problem in session.problems] == ["model.source"]
    assert line_of(pane).property("invalid") == "true"
    QTest.keyClicks(line_of(pane), "hfl/rbt3")
    assert session.problems == [] and session.values["model"]["source"] == "hfl/rbt3"


def test_a_folder_is_chosen(pane: ModelPane, session: Session, tmp_path: Path) -> None:
    line = line_of(pane)
    QTest.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    dialog = line.findChild(QFileDialog)
    assert dialog is not None and dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    assert line.text() == str(tmp_path) and session.values["model"]["source"] == str(tmp_path)
    assert session.problems == []


def test_what_was_taken_is_told() -> None:
    told = StartedFrom(
        name="rbt3", task="pretrained_encoder", step=0, path="/encoders/rbt3", taken=("a",), new=("b",),
        layers=(0, 2, -1), licence="apache-2.0",
    )  # fmt: skip
    assert started_text(told) == "started from the network rbt3: 1 weights taken, 1 new"
    assert started_lines(told).splitlines() == [
        "/encoders/rbt3",
        "Licence: apache-2.0",
        "Layers, by their numbers there (– is new): 1, 3, –",
        "New: b",
    ]


@pytest.mark.parametrize(
    ("message", "remedy", "chinese"),
    [
        ("there is no folder /x", "check the path", "找不到文件夹 /x。"),
        ("/x holds no network: config.json is missing", "choose", "/x 中没有模型：缺少 config.json。"),
        ("/x holds a network of the type vit", "take one", "/x 中的网络类型 vit 在这里无法使用。"),
        (
            "the network in /x cannot be used: its tokenizer has 20 pieces, and its network vectors for 10",
            "take",
            "无法使用 /x 中的模型：its tokenizer has 20 pieces, and its network vectors for 10。",
        ),
    ],
)
def test_refusals_in_the_windows_language(message: str, remedy: str, chinese: str) -> None:
    text = str(RecipeError([Problem("model.source", message, remedy)]))
    language.set("zh_CN")
    try:
        assert said(text) == chinese
    finally:
        language.set("en")


def test_a_decoder_is_named_in_the_same_field(qtbot: Any, session: Session, tmp_path: Path) -> None:
    session.load_preset("lm-gpt2")
    pane = ModelPane(session)
    qtbot.addWidget(pane)
    pane.show()
    assert session.problems == [] and pane.form.body.row("model.source") is None
    session.set_value("model", {"family": "pretrained_decoder"})
    assert [problem.path for problem in session.problems] == ["model.source"]
    assert sentence(session.problems[0]).startswith("Model › Network: No network is named")
    QTest.keyClicks(line_of(pane), str(tmp_path))
    assert session.problems == [] and session.values["model"]["source"] == str(tmp_path)
    session.set_value("task.unit", "word")
    assert [explain(problem) for problem in session.problems] == [
        "pretrained_decoder does not go with words: take characters or subwords."
    ]


@pytest.mark.parametrize(
    "message",
    [
        "the network tiny has no pieces of their own for 97% of the characters of the training texts",
        "the tokenizer of tiny falls back to bytes for what it does not know, which is not read here",
        "the tokenizer of tiny does not give texts back as they were: 3 of 9 are others when their pieces are joined",
    ],
)
def test_what_decoders_cannot_read_in_the_windows_language(message: str) -> None:
    language.set("zh_CN")
    try:
        assert "tiny" in said(message) and "请" in said(message)
    finally:
        language.set("en")
