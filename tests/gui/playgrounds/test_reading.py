"""The Playground's page for hanzi to pinyin."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from studio.gui.panes.playground import PlaygroundPane
from studio.gui.playgrounds.reading import ReadingPage
from studio.gui.playgrounds.ruby_text import RubyText
from studio.gui.session import Session
from studio.runs import requests as rq
from studio.runs.events import Candidate
from studio.runs.tagging_requests import ReadAloud, TextRead
from tests.gui.fake_lab import FakeLab, until
from tests.gui.playgrounds.test_pages import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]

READINGS = {"银": ("yín",), "行": ("háng", "xíng", "hàng"), "他": ("tā",), "㐀": ("qiū",)}
SHARES = {1: (1.0,), 3: (0.7, 0.2, 0.1)}


def answered(request: ReadAloud) -> TextRead:
    readings = []
    for character in request.text:
        known = READINGS.get(character, ())
        shares = SHARES.get(len(known), ())
        readings.append(tuple(Candidate(text=t, score=s) for t, s in zip(known, shares, strict=True)))
    unlearnt = tuple(place for place, character in enumerate(request.text) if character == "㐀")
    return TextRead(
        id=request.id, text=request.text, readings=tuple(readings), unlearnt=unlearnt, step=40, live=True
    )


@pytest.fixture
def pane(qtbot: Any, session: Session, fresh_home: Path) -> PlaygroundPane:
    make_run(fresh_home, "hanzi-pinyin-lstm")
    lab = FakeLab()
    lab.answers[ReadAloud] = answered
    session.lab = lab  # type: ignore[assignment]
    made = PlaygroundPane(session)
    qtbot.addWidget(made)
    made.resize(800, 560)
    made.show()
    return made


def page_of(pane: PlaygroundPane) -> ReadingPage:
    page = pane._pages.shown
    assert isinstance(page, ReadingPage)
    return page


def test_pinyin_stands_above_what_is_typed(pane: PlaygroundPane, run_async: Run) -> None:
    async def scene() -> None:
        page = page_of(pane)
        assert page.isVisible() and not page.ruby.isVisible()
        page.editor.insertPlainText("银行，a")
        await until(lambda: page.answer is not None)
        assert page.ruby.above == ("yín", "háng", "", "")
        assert page.ruby.shares == (1.0, 0.7, 1.0, 1.0)
        assert page._character.text() == "行", "the most doubtful character is looked at"
        assert page.bars.rows[0] == ("háng", 0.7) and len(page.bars.rows) == 3
        assert pane._status.text() == "step 40 · live" and not page._note.isVisible()
        page.copy.click()
        assert QGuiApplication.clipboard().text() == "yín háng，a"
        page.editor.setPlainText("㐀")
        await until(page._note.isVisible)
        assert "㐀" in page._note.text()
        page.editor.clear()
        assert page.answer is None and not page.ruby.isVisible() and not page.bars.isVisible()

    run_async(scene())


def test_pointing_at_a_character_shows_its_readings(pane: PlaygroundPane, run_async: Run) -> None:
    async def scene() -> None:
        page = page_of(pane)
        page.editor.setPlainText("他行")
        await until(lambda: page.answer is not None)
        place = page.ruby._places[0].center()
        QTest.mouseMove(page.ruby, QPoint(round(place.x()), round(place.y())))
        await until(lambda: page._character.text() == "他")
        assert page.bars.rows == [("tā", 1.0)]
        before = page.ruby.pos()
        page.ruby.setFocus()
        QTest.keyClick(page.ruby, Qt.Key.Key_Right)
        assert page._character.text() == "行" and len(page.bars.rows) == 3
        assert page.ruby.pos() == before, "the text does not move under the pointer"

    run_async(scene())


def test_what_the_lab_refuses_is_said(pane: PlaygroundPane, run_async: Run) -> None:
    async def scene() -> None:
        page = page_of(pane)
        page.session.lab.answers[ReadAloud] = lambda request: rq.Refused(  # type: ignore[attr-defined]
            id=request.id, kind="model", message="the model in /x is damaged: y"
        )
        page.editor.setPlainText("好")
        await until(pane._problem.isVisible)
        assert "damaged" in pane._problem.text()

    run_async(scene())


def test_lines_are_broken_where_the_width_ends(qtbot: Any) -> None:
    ruby = RubyText()
    qtbot.addWidget(ruby)
    ruby.resize(300, 100)
    text = "银行" * 200 + "\n他"
    ruby.show_text(text, ["yín", "háng"] * 200 + ["", "tā"], [1.0] * len(text))
    assert all(place.right() <= 301 for place in ruby._places)
    assert ruby._places[-1].left() == 0 and ruby._places[-1].top() > ruby._places[0].top()
    assert ruby.heightForWidth(300) > ruby.heightForWidth(900)
    seen: list[int] = []
    ruby.looked_at.connect(seen.append)
    ruby.look_at(len(text) - 1)
    ruby.look_at(len(text))
    ruby.look_at(-1)
    assert seen == [len(text) - 1]
    ruby.show_text("", (), ())
    QTest.keyClick(ruby, Qt.Key.Key_Right)
    assert ruby.current == -1
