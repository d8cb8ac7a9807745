"""The Playground with a masked language model: blanks, what may stand in them, and filling them in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui.panes.playground import PlaygroundPane
from studio.gui.playgrounds.blanks import BLANK, BlanksPage
from studio.gui.session import Session
from studio.runs import text_requests as ask
from studio.runs.events import Candidate
from tests.gui.fake_lab import FakeLab, until
from tests.gui.playgrounds.test_pages import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def filled(request: ask.FillBlanks) -> ask.BlanksFilled:
    blanks = tuple(
        (Candidate(text="气"[:1] if n else "天", score=0.7), Candidate(text="\n", score=0.2))
        for n in range(request.text.count("[MASK]"))
    )
    note = "the model knows nothing of what is in the text" if "😀" in request.text else ""
    return ask.BlanksFilled(id=request.id, text=request.text, blanks=blanks, note=note, step=40)


@pytest.fixture
def page(qtbot: Any, session: Session, fresh_home: Path) -> Iterator[BlanksPage]:
    make_run(fresh_home, "bert-mini")
    lab = FakeLab()
    lab.answers |= {ask.FillBlanks: filled}
    session.lab = lab  # type: ignore[assignment]
    pane = PlaygroundPane(session)
    qtbot.addWidget(pane)
    pane.resize(800, 560)
    pane.show()
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    shown = pane._pages.shown
    assert isinstance(shown, BlanksPage)
    yield shown  # and keep the pane: without a reference to it, its widgets go when cycles are collected


def asked(page: BlanksPage) -> list[ask.FillBlanks]:
    return [r for r in page.session.lab.asked if isinstance(r, ask.FillBlanks)]  # type: ignore[attr-defined]


def test_a_key_puts_a_blank_and_the_likeliest_come(page: BlanksPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setFocus()
        page.editor.setPlainText("")
        page.editor.insertPlainText("今")
        assert not page.bars.isVisible() and not asked(page), "without a blank nothing is asked"
        QTest.keyClick(page.editor, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        assert page.editor.toPlainText() == "今" + BLANK
        await until(lambda: page.bars.rows)
        assert asked(page)[-1].text == "今[MASK]"
        assert page.bars.rows == [("天", 0.7), ("new line", 0.2)]
        assert page._head.text() == "Blank 1 of 1"
        page.bars.picked.emit(0)
        assert page.editor.toPlainText() == "今天" and not page.bars.isVisible()
        page.editor.undo()
        assert page.editor.toPlainText() == "今" + BLANK

    run_async(scene())


def test_a_mask_as_models_call_it_is_a_blank(page: BlanksPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText(f"😀今[MASK]天{BLANK}好")
        await until(lambda: page.bars.rows)
        assert asked(page)[-1].text == "😀今[MASK]天[MASK]好"
        assert (page.blanks, page._head.text()) == ([3, 10], "Blank 1 of 2")
        page.bars.picked.emit(0)
        assert page.editor.toPlainText() == f"😀今天天{BLANK}好"
        page.editor.undo()
        assert page.editor.toPlainText() == f"😀今[MASK]天{BLANK}好"

    run_async(scene())


def test_the_blank_at_the_caret_is_shown_and_filled(page: BlanksPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText(f"今{BLANK}天{BLANK}好")
        await until(lambda: page.bars.rows)
        assert page.current == 0 and page._head.text() == "Blank 1 of 2"
        cursor = page.editor.textCursor()
        cursor.setPosition(4)
        page.editor.setTextCursor(cursor)
        assert page.current == 1 and page._head.text() == "Blank 2 of 2"
        assert page.bars.rows[0][0] == "气"
        QTest.mouseClick(page.bars, Qt.MouseButton.LeftButton, pos=page.bars.rect().topLeft() + _corner())
        assert page.editor.toPlainText() == f"今{BLANK}天气好"
        assert page._rows() == [], "an answer about another text is not shown"
        await until(page._rows)
        assert page.current == 0

    run_async(scene())


def test_odd_texts(page: BlanksPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText("😀" + BLANK)
        await until(lambda: page.bars.rows)
        assert page.blanks == [2], "a character beyond the basic plane takes two places"
        assert page._note.isVisible()
        page.bars.picked.emit(0)
        assert page.editor.toPlainText() == "😀天"
        page.editor.clear()
        assert page._note.isVisible() and BLANK in page._note.text()

    run_async(scene())


def _corner() -> Any:
    from PySide6.QtCore import QPoint

    return QPoint(20, 8)
