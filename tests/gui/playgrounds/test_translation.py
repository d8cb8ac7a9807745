"""The Playground with a model that writes a text for a text: alternatives, the map, and what it says of odd texts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from studio.gui.panes.playground import PlaygroundPane
from studio.gui.playgrounds.translation import TranslationPage
from studio.gui.session import Session
from studio.runs.events import Candidate
from studio.runs.translation_requests import Looked, Translate, Translated
from tests.gui.fake_lab import FakeLab, until
from tests.gui.playgrounds.test_pages import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]
WORDS = ("good", "fine")


def translated(request: Translate) -> Translated:
    """A word for each character, and another for it; several sentences are read in pieces."""
    texts = [" ".join([word] * len(request.text)) for word in WORDS]
    several = "。" in request.text
    if several:
        return Translated(
            id=request.id,
            text=request.text,
            candidates=(Candidate(text=texts[0], score=0.5),),
            rest=request.text.count("。"),
            step=7,
        )
    read = (*request.text, "∎")
    looks = []
    for word in WORDS:
        written = [word, *(piece for _ in request.text[1:] for piece in (" ", word))]
        rows = [[0.8 if place == n // 2 else 0.2 / len(request.text) for place in range(len(read))]
                for n in range(len(written))]  # fmt: skip
        looks.append(Looked(written=tuple(written), weights=tuple(map(tuple, rows))))
    return Translated(
        id=request.id,
        text=request.text,
        candidates=tuple(Candidate(text=text, score=0.6 / n) for n, text in enumerate(texts, 1)),
        read=read,
        looks=tuple(looks),
        note="the model does not know 😀" if "😀" in request.text else "",
        step=7,
    )


@pytest.fixture
def page(qtbot: Any, session: Session, fresh_home: Path) -> Iterator[TranslationPage]:
    make_run(fresh_home, "translation-lstm")
    lab = FakeLab()
    lab.answers |= {Translate: translated}
    session.lab = lab  # type: ignore[assignment]
    pane = PlaygroundPane(session)
    qtbot.addWidget(pane)
    pane.resize(900, 620)
    pane.show()
    shown = pane._pages.shown
    assert isinstance(shown, TranslationPage)
    yield shown  # and keep the pane: without a reference to it, its widgets go when cycles are collected


def test_alternatives_and_the_map_of_the_one_looked_at(page: TranslationPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText("你好")
        await until(lambda: page.answer)
        assert page.texts.rows == [("good good", 0.6), ("fine fine", 0.3)]
        assert page.map.read == ("你", "好", "∎") and page.map.written == ("good", "good")
        assert page.map.strongest(1)[0] == ("好", 0.8), "blanks that were written have no row"
        page.copy.click()
        assert QGuiApplication.clipboard().text() == "good good"
        page.texts.setFocus()
        QTest.keyClick(page.texts, Qt.Key.Key_Down)
        assert page.texts.current == 1 and page.map.written == ("fine", "fine")
        QTest.mouseClick(page.texts, Qt.MouseButton.LeftButton, pos=QPoint(20, 8))
        assert page.texts.current == 0 and page.map.written == ("good", "good")

    run_async(scene())


def test_pointer_and_keys_say_how_much_was_looked(page: TranslationPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText("你好")
        await until(lambda: page.answer)
        await until(page.map.isVisible)
        cell = page.map.cell(0, 0).center().toPoint()
        QTest.mouseMove(page.map, cell)
        await until(lambda: (page.map.row, page.map.column) == (0, 0))
        assert page._look.text() == "good  ←  你  80%"
        QTest.keyClick(page.map, Qt.Key.Key_Right)
        QTest.keyClick(page.map, Qt.Key.Key_Down)
        assert (page.map.row, page.map.column) == (1, 1)
        page.map.look(-1, -1)
        assert "Point at a cell" in page._look.text()

    run_async(scene())


def test_odd_texts(page: TranslationPage, run_async: Run) -> None:
    async def scene() -> None:
        page.editor.setPlainText("😀")
        await until(page._note.isVisible)
        assert "😀" in page._note.text() and page.texts.rows
        page.editor.setPlainText("你。好。")
        await until(lambda: page.answer and page.answer.rest)
        assert page._note.text().startswith("The last 2 characters") and not page.map.isVisible()
        page.editor.setPlainText("  ")
        assert page.answer is None and not page.texts.rows
        assert not any(one.isVisible() for one in (page.texts, page.copy, page._note, page.map))

    run_async(scene())


def test_a_long_sentence_and_another_language(page: TranslationPage, run_async: Run, qtbot: Any) -> None:
    async def scene() -> None:
        page.editor.setPlainText("好" * 60)
        await until(lambda: page.answer)
        assert page.map.cell(0, len(page.map.read) - 1).right() <= page.map.width()
        assert page.texts.height() >= page.texts.heightForWidth(page.texts.width())
        assert not page.texts.grab().isNull() and not page.map.grab().isNull()
        page.editor.setPlainText("好" * 200)
        await until(lambda: page.answer and len(page.answer.text) == 200)
        assert not page.map.isVisible(), "nobody could make anything of so many cells"

    run_async(scene())
