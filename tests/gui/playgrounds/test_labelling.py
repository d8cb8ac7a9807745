"""The Playground's page for words and names."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from studio.gui.panes.playground import PlaygroundPane
from studio.gui.playgrounds.labelling import LabellingPage
from studio.gui.playgrounds.labels import color_of, name_of
from studio.gui.playgrounds.span_text import SpanText
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.runs import requests as rq
from studio.runs.tagging_requests import LabelledSpan, LabelText, TextLabelled
from tests.gui.fake_lab import FakeLab, until
from tests.gui.playgrounds.test_pages import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def answered(request: LabelText) -> TextLabelled:
    spans = []
    for word, label in (("张伟", "PER"), ("北京", "LOC")):
        start = request.text.find(word)
        if start >= 0:
            spans.append(LabelledSpan(start=start, end=start + len(word), label=label))
    return TextLabelled(
        id=request.id, text=request.text, spans=tuple(spans), labels=("PER", "LOC"), step=40, live=True
    )


@pytest.fixture
def pane(qtbot: Any, session: Session, fresh_home: Path) -> PlaygroundPane:
    make_run(fresh_home, "names-lstm")
    lab = FakeLab()
    lab.answers[LabelText] = answered
    session.lab = lab  # type: ignore[assignment]
    made = PlaygroundPane(session)
    qtbot.addWidget(made)
    made.resize(800, 560)
    made.show()
    return made


def test_names_stand_in_boxes_as_one_types(pane: PlaygroundPane, run_async: Run) -> None:
    async def scene() -> None:
        page = pane._pages.shown
        assert isinstance(page, LabellingPage) and page.isVisible() and not page.spans.isVisible()
        page.editor.insertPlainText("张伟在北京。")
        await until(lambda: page.answer is not None)
        boxes = [(piece.text, piece.label) for piece in page.spans._pieces]
        assert boxes == [("张伟", "PER"), ("在", ""), ("北京", "LOC"), ("。", "")]
        assert page._head.text() == "2 found" and page.legend.isVisible()
        assert "person" in page.legend.text() and "LOC" in page.legend.text()
        assert page.spans.accessibleDescription() == "张伟 person; 北京 place"
        page.copy.click()
        assert QGuiApplication.clipboard().text() == "张伟/PER 在 北京/LOC 。"
        page.editor.setPlainText("他走了")
        await until(page._note.isVisible)
        assert not page.legend.isVisible()
        page.editor.clear()
        assert page.answer is None and not page.spans.isVisible()

    run_async(scene())


def test_what_the_lab_refuses_is_said(pane: PlaygroundPane, run_async: Run) -> None:
    async def scene() -> None:
        page = pane._pages.shown
        assert page is not None
        page.session.lab.answers[LabelText] = lambda request: rq.Refused(  # type: ignore[attr-defined]
            id=request.id, kind="model", message="the model in /x is damaged: y"
        )
        page.editor.setPlainText("好")
        await until(pane._problem.isVisible)
        assert "damaged" in pane._problem.text()

    run_async(scene())


def test_lines_are_broken_and_wide_words_cut(qtbot: Any) -> None:
    view = SpanText()
    qtbot.addWidget(view)
    view.resize(260, 100)
    text = "长" * 40 + "短\n词"
    spans = [LabelledSpan(start=0, end=40, label="word"), LabelledSpan(start=40, end=41, label="word")]
    view.show_spans(text, spans, ("word",))
    assert "".join(piece.text for piece in view._pieces) == text.replace("\n", "")
    assert all(piece.place.right() <= 261 for piece in view._pieces)
    assert view._pieces[-1].place.left() == 0
    labelled = view.heightForWidth(260)
    view.show_spans(text, spans, ("word", "other"))
    assert view.heightForWidth(260) > labelled, "labels need a line of their own"
    view.grab()


def test_colours_and_names(qtbot: Any) -> None:
    parts = ("n", "v", "a", "u", "nr")
    assert color_of("n", parts) != color_of("v", parts) != color_of("a", parts)
    assert color_of("u", parts) == theme.color("muted")
    assert color_of("nr", parts) == color_of("ns", parts)
    own = ("THING", "PLACE")
    assert color_of("THING", own) != color_of("PLACE", own)
    assert name_of("n") == "noun" and name_of("THING") == "THING"
