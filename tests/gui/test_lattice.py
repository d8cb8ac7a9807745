"""The lattice: laid out, looked at, and changed by dragging boundaries."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from studio.gui.engine_view.lattice_layout import cells_of, lay_out, moved, toggled
from studio.gui.engine_view.lattice_paint import CELL, MARGIN
from studio.gui.engine_view.lattice_panel import LatticePanel
from studio.gui.engine_view.lattice_view import LatticeView
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.runs import requests as rq
from studio.runs.explanations import Explained, LatticeEdge, LatticePath, Weighed
from tests.gui.fake_lab import until
from tests.gui.test_playground import Typing, make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def explained(text: str = "fangan") -> Explained:
    """方案 by fang and an, 反感 by fan and gan."""
    weighed = (
        Weighed(text="方", network=0.9, counts=0.5, fused=0.8),
        Weighed(text="房", network=0.1, counts=None, fused=0.2),
    )
    quotes = [at for at, character in enumerate(text) if character == "'"]
    spans = [(0, 4, "fang"), (4, 6, "an"), (0, 3, "fan"), (3, 6, "gan"), (0, 2, "fa")]
    edges = tuple(
        LatticeEdge(
            start=start + sum(q < start for q in quotes),
            end=end + sum(q < end for q in quotes),
            syllable=syllable,
            partial=False,
            weighed=weighed if syllable == "fang" else (),
        )
        for start, end, syllable in spans
    )
    first = LatticePath(
        edges=(0, 1),
        texts=("方", "案"),
        score=-12.5,
        network=(-0.1, -0.2),
        counts=(-5.0, -1.0),
        division=-6.0,
    )
    second = LatticePath(
        edges=(2, 3),
        texts=("反", "感"),
        score=-14.25,
        network=(-0.3, -0.4),
        counts=(-6.0, -2.0),
        division=-7.0,
    )
    return Explained(
        id=id, text=text, edges=edges, paths=(first, second), network_weight=0.6, milliseconds=3.0
    )


def halves(asked: rq.Explain) -> Explained:
    """Any letters as two syllables, the first of two letters."""
    ends = (3 if asked.text[2] == "'" else 2, len(asked.text))
    weighed = (Weighed(text="你", network=0.9, counts=0.5, fused=0.8),)
    edges = (
        LatticeEdge(start=0, end=ends[0], syllable="ni", partial=False, weighed=weighed),
        LatticeEdge(start=ends[0], end=ends[1], syllable="hao", partial=False),
    )
    path = LatticePath(
        edges=(0, 1), texts=("你", "好"), score=-9.0, network=(-1.0, -1.0), counts=(), division=-7.0
    )
    return Explained(
        id=asked.id, text=asked.text, edges=edges, paths=(path,), network_weight=0.6, milliseconds=2.0
    )


def test_edges_are_laid_out_without_overlap() -> None:
    layout = lay_out(explained())
    assert (layout.letters, layout.forced, layout.divided) == ("fangan", frozenset(), {4})
    lanes = {brick.edge: brick.lane for brick in layout.bricks}
    assert (lanes[0], lanes[1]) == (0, 0) and min(lanes[2], lanes[3], lanes[4]) == 1
    assert lanes[2] == lanes[3] == 1 and lanes[4] == 2, "what paths go through stands nearer"
    assert [brick.edge for brick in layout.bricks if not brick.on_path] == [4]
    with_quote = lay_out(explained("fan'gan"))
    assert (with_quote.letters, with_quote.forced) == ("fangan", {3})
    assert {(b.left, b.right) for b in with_quote.bricks} == {(0, 4), (4, 6), (0, 3), (3, 6), (0, 2)}


@pytest.mark.parametrize(
    ("text", "boundary", "wanted"),
    [
        ("fangan", 3, "fan'gan"),
        ("fan'gan", 3, "fangan"),
        ("xi'an shi", 4, "xi'anshi"),
        ("fangan", 4, "fang'an"),
    ],
)
def test_separators_are_set_and_removed(text: str, boundary: int, wanted: str) -> None:
    assert toggled(text, boundary) == wanted


def test_boundaries_move() -> None:
    assert moved("fangan", 4, 3) == "fan'gan"
    assert moved("fan'gan", 3, 4) == "fang'an"
    assert moved("xi'an'shi", 2, 1) == "x'ian'shi"
    assert cells_of("'xi' an'") == ("xian", frozenset({2}))


@pytest.fixture
def view(qtbot: Any) -> LatticeView:
    view = LatticeView()
    qtbot.addWidget(view)
    view.resize(600, 240)
    view.show_lattice(explained())
    view.show()
    qtbot.waitExposed(view)
    return view


def letter_edge(boundary: int) -> QPoint:
    return QPoint(round(MARGIN + CELL * boundary), 14)


def test_a_boundary_is_dragged(qtbot: Any, view: LatticeView) -> None:
    port = view.viewport()
    with qtbot.waitSignal(view.rewritten) as rewritten:
        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=letter_edge(4))
        QTest.mouseMove(port, letter_edge(3) + QPoint(3, 0))
        assert view.marks.dropped == 3 and not view.grab().isNull()
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=letter_edge(3))
    assert rewritten.args == ["fan'gan"]
    # Where nothing divides there is nothing to drag, and a click sets a separator.
    with qtbot.waitSignal(view.rewritten) as rewritten:
        QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=letter_edge(2))
    assert rewritten.args == ["fa'ngan"]


def test_the_same_from_the_keyboard(qtbot: Any, view: LatticeView) -> None:
    told: list[str] = []
    view.rewritten.connect(told.append)
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert view.marks.cursor == 4, "the first boundary"
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert told == ["fan'gan"] and view.marks.cursor == 3
    view.show_lattice(explained("fan'gan"))
    assert view.marks.cursor == 3, "it stays where it was"
    assert "fan | gan" in view.accessibleDescription()
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert told[-1] == "fangan"
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.marks.cursor == 1, "there is no boundary before the first letter"
    with qtbot.waitSignal(view.left):
        QTest.keyClick(view, Qt.Key.Key_Escape)
    with qtbot.waitSignal(view.chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert chosen.args == [0]


def test_scores_are_told_under_the_pointer(view: LatticeView) -> None:
    picture = view.picture
    fang = next(b for b in picture.layout.bricks if b.edge == 0)
    spot = view.spot_at(picture.place_of(fang).center())
    assert "fang  方" in view.tip(spot) and "-0.10" in view.tip(spot) and "-5.00" in view.tip(spot)
    fa = next(b for b in picture.layout.bricks if b.edge == 4)
    assert "none of the best paths" in view.tip(view.spot_at(picture.place_of(fa).center()))
    path = view.spot_at(QPointF(MARGIN + 20, picture.height - 12))
    assert path.path == 1 and "-14.25" in view.tip(path)
    assert "Click to divide" in view.tip(view.spot_at(QPointF(letter_edge(2))))
    assert view.tip(view.spot_at(QPointF(590, 230))) == ""


def test_sixty_letters_scroll(view: LatticeView) -> None:
    edges = tuple(LatticeEdge(start=2 * n, end=2 * n + 2, syllable="ba", partial=False) for n in range(30))
    path = LatticePath(
        edges=tuple(range(30)),
        texts=("吧",) * 30,
        score=-99.0,
        network=(-1.0,) * 30,
        counts=(),
        division=-60.0,
    )
    found = Explained(
        id="l", text="ba" * 30, edges=edges, paths=(path,), network_weight=0.6, milliseconds=1.0
    )
    view.show_lattice(found)
    bar = view.horizontalScrollBar()
    assert bar.maximum() > 900
    bar.setValue(bar.maximum())
    assert view.spot_at(QPointF(view.viewport().width() - 40, 50)).edge == 29
    for mode in ("dark", "light"):
        theme.set_mode(mode)
        assert not view.grab().isNull()


@pytest.fixture
def typing(qtbot: Any, session: Session, fresh_home: Path) -> Typing:
    make_run(fresh_home)
    typing = Typing(qtbot, session)
    typing.lab.answers[rq.Explain] = halves
    return typing


def asked(typing: Typing) -> list[rq.Explain]:
    return [item for item in typing.lab.asked if isinstance(item, rq.Explain)]


def test_the_playground_explains_only_when_asked_to(typing: Typing, run_async: Run) -> None:
    panel: LatticePanel = typing.pane.lattice

    async def scenario() -> None:
        await typing.typed("nihao")
        assert not asked(typing) and not panel.view.isVisible()
        panel.heading.click()
        await until(lambda: panel.view.picture.found.text == "nihao")
        assert panel.view.isVisible()
        typing.keys("ma")
        assert panel.view.marks.dimmed
        await until(lambda: panel.view.picture.found.text == "nihaoma")
        assert not panel.view.marks.dimmed
        assert (asked(typing)[-1].judge, asked(typing)[-1].channel) == ("both", "lattice")
        typing.keys(" ")
        assert panel.view.picture.found.paths == ()
        panel.heading.click()
        await typing.typed("ni")
        assert asked(typing)[-1].text == "nihaoma", "folded away it costs nothing"
        typing.pane.shutdown()

    run_async(scenario())


def test_a_moved_boundary_is_typed(typing: Typing, run_async: Run) -> None:
    panel: LatticePanel = typing.pane.lattice

    async def scenario() -> None:
        await typing.typed("nihao")
        panel.heading.click()
        await until(lambda: panel.view.picture.found.text == "nihao")
        panel.view.rewritten.emit("ni'hao")
        assert typing.editor.composer.letters == "ni'hao"
        await until(lambda: panel.view.picture.found.text == "ni'hao")
        assert typing.lab.texts()[-1] == "ni'hao"
        assert panel.view.picture.layout.forced == {2}
        panel.view.choose(0)
        assert panel.weighed.isVisible() and [one.text for one in panel.weighed.rows] == ["你"]
        assert "90.0%" in panel.weighed.accessibleDescription()
        for width in (330, 1400):
            typing.pane.resize(width, 700)
            assert not typing.pane.grab().isNull()
        typing.pane.shutdown()

    run_async(scenario())
