"""The Playground with a correction: marks, the list, and making corrections."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui.panes.playground import PlaygroundPane
from studio.gui.playgrounds.correction import CorrectionPage
from studio.gui.session import Session
from studio.runs import text_requests as ask
from tests.gui.fake_lab import FakeLab, until
from tests.gui.playgrounds.test_pages import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def corrected(request: ask.CorrectText) -> ask.TextCorrected:
    edits = tuple(
        ask.TextEdit(position=place, wrong=c, right="气", score=0.9)
        for place, c in enumerate(request.text)
        if c == "汽"
    )
    note = "" if any("一" <= c <= "龥" for c in request.text) else "the text has no hanzi"
    return ask.TextCorrected(id=request.id, text=request.text, edits=edits, note=note, step=7)


@pytest.fixture
def page(qtbot: Any, session: Session, fresh_home: Path) -> Iterator[CorrectionPage]:
    make_run(fresh_home, "correction")
    lab = FakeLab()
    lab.answers |= {ask.CorrectText: corrected}
    session.lab = lab  # type: ignore[assignment]
    pane = PlaygroundPane(session)
    qtbot.addWidget(pane)
    pane.resize(800, 560)
    pane.show()
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    shown = pane._pages.shown
    assert isinstance(shown, CorrectionPage)
    yield shown  # and keep the pane: without a reference to it, its widgets go when cycles are collected


def test_what_is_wrong_is_marked_and_a_key_corrects_it(page: CorrectionPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setFocus()
        page.editor.setPlainText("天汽很好，汽车")
        await until(lambda: page.edits)
        assert page.bars.rows == [("汽 → 气", 0.9)] * 2 and page._head.text() == "2 to correct"
        marks = page.editor.extraSelections()
        assert [mark.cursor.selectedText() for mark in marks] == ["汽", "汽"]  # type: ignore[attr-defined]
        cursor = page.editor.textCursor()
        cursor.setPosition(7)
        page.editor.setTextCursor(cursor)
        QTest.keyClick(page.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert page.editor.toPlainText() == "天汽很好，气车", "the one at the caret"
        assert page.edits == (), "what is known of another text is not shown"
        await until(lambda: page.edits)
        page.bars.picked.emit(0)
        assert page.editor.toPlainText() == "天气很好，气车"
        await until(page._head.isVisible)
        assert page._head.text() == "Nothing to correct" and not page.accept.isEnabled()

    run_async(scene())


def test_all_at_once_is_one_undo(page: CorrectionPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText("")
        page.editor.insertPlainText("😀汽，汽")
        await until(lambda: page.edits)
        page.accept_all.click()
        assert page.editor.toPlainText() == "😀气，气"
        page.editor.undo()
        assert page.editor.toPlainText() == "😀汽，汽"

    run_async(scene())


def test_texts_without_hanzi(page: CorrectionPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText("abc")
        await until(page._note.isVisible)
        page.editor.clear()
        assert page.answer is None and not page._note.isVisible() and not page._head.isVisible()

    run_async(scene())
