"""The lattice as a widget: looked at with the pointer, changed by dragging boundaries or from the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from studio.gui.engine_view.lattice_layout import lay_out, moved, toggled
from studio.gui.engine_view.lattice_paint import NOWHERE, LatticePicture, Marks, Spot, said
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import percent
from studio.runs.explanations import Explained

_NOTHING = Explained(id="", text="", edges=(), paths=(), network_weight=0.0, milliseconds=0.0)
_TALLEST = 280


class LatticeView(QAbstractScrollArea):
    """`rewritten` carries the letters with a boundary changed; `chosen` the number of an edge, or -1.

    Left and right move from boundary to boundary, Space sets or removes a separator, Shift with left or right moves
    the boundary, Tab-less up and down go through the syllables behind it.
    """

    rewritten = Signal(str)
    chosen = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = LatticePicture(_NOTHING, lay_out(_NOTHING))
        self.marks = Marks()
        self._pressed: QPointF | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setMinimumHeight(110)
        theme.changed.connect(self.viewport().update)
        self.retranslate()

    def show_lattice(self, found: Explained | None) -> None:
        """Show an explanation, or nothing."""
        before = self.marks.cursor
        self.picture = LatticePicture(found or _NOTHING, lay_out(found or _NOTHING))
        last = len(self.picture.layout.letters) - 1
        self.marks = Marks(cursor=min(before, last) if self.hasFocus() else -1)
        self._pressed = None
        self._measure()
        self.updateGeometry()
        self._describe()
        self.viewport().update()
        self.chosen.emit(-1)

    def set_dimmed(self, dimmed: bool) -> None:
        """What is shown belongs to letters that have changed since."""
        if dimmed != self.marks.dimmed:
            self.marks.dimmed = dimmed
            self.viewport().update()

    def choose(self, edge: int) -> None:
        """Look closer at a syllable."""
        self.marks.chosen = edge
        self.viewport().update()
        self.chosen.emit(edge)

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.setAccessibleName(tr("Lattice of syllables"))
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(360, round(min(self.picture.height + 14, _TALLEST)))

    # --- what is under the pointer -------------------------------------------------------------------

    def tip(self, spot: Spot) -> str:
        """What is said about a boundary, a syllable or a path."""
        found = self.picture.found
        if spot.boundary >= 0:
            if spot.boundary in self.picture.layout.forced:
                return tr("A separator. Drag it to another letter, or click to remove it")
            if spot.boundary in self.picture.layout.divided:
                return tr("The decoder divides here. Drag to another letter, or click to keep it so")
            return tr("Click to divide here")
        if spot.edge >= 0:
            return self._edge_tip(spot.edge)
        if spot.path >= 0:
            path = found.paths[spot.path]
            parts = [
                tr("log-score {score}", score=f"{path.score:.2f}"),
                tr("division {value}", value=f"{path.division:.2f}"),
                tr("network {value}", value=f"{sum(path.network):.2f}"),
            ]
            if path.counts:
                parts.append(tr("counts {value}", value=f"{sum(path.counts):.2f}"))
            return "".join(path.texts) + "\n" + " · ".join(parts)
        return ""

    def _edge_tip(self, number: int) -> str:
        found = self.picture.found
        edge = found.edges[number]
        lines = [said(found.text, edge)]
        path = next((path for path in found.paths if number in path.edges), None)
        if path is None:
            lines.append(tr("On none of the best paths"))
        else:
            at = path.edges.index(number)
            lines[0] += f"  {path.texts[at]}"
            logs = [tr("network {value}", value=f"{path.network[at]:.2f}")]
            if path.counts:
                logs.append(tr("counts {value}", value=f"{path.counts[at]:.2f}"))
            lines.append(tr("ln p: {logs}", logs=" · ".join(logs)))
            best = next((one for one in edge.weighed if one.text == path.texts[at]), None)
            if best is not None:
                lines.append(tr("both together {share}", share=percent(best.fused)))
        return "\n".join(lines)

    def spot_at(self, point: QPointF) -> Spot:
        """What lies under a point of the viewport."""
        return self.picture.at(point + QPointF(self._scrolled()))

    def _scrolled(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    # --- events --------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(self.spot_at(QPointF(event.pos()))), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(NOWHERE)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = self.spot_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if spot.boundary >= 0:
            self._pressed = event.position()
            self.marks.dragged = spot.boundary
        elif spot.edge >= 0:
            self.choose(spot.edge)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover(self.spot_at(event.position()))
            return
        layout = self.picture.layout
        movable = self.marks.dragged in layout.forced | layout.divided
        if movable and (event.position() - self._pressed).manhattanLength() > 6:
            place = event.position().x() + self._scrolled().x() - self.picture.x(0)
            cell = self.picture.x(1) - self.picture.x(0)
            self.marks.dropped = min(max(round(place / cell), 1), len(layout.letters) - 1)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        dragged, dropped = self.marks.dragged, self.marks.dropped
        self.marks.dragged = self.marks.dropped = -1
        if dropped < 0:
            self._toggle(dragged)
        elif dropped != dragged:
            self.rewritten.emit(moved(self.picture.found.text, dragged, dropped))
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.picture.layout.letters) - 1
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif last < 1:
            super().keyPressEvent(event)
        elif step and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._move(step)
        elif step:
            self._set_cursor(min(max(self.marks.cursor + step, 1), last))
        elif event.key() == Qt.Key.Key_Space and self.marks.cursor > 0:
            self._toggle(self.marks.cursor)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._next_edge(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        layout = self.picture.layout
        if self.marks.cursor < 0 and len(layout.letters) > 1:
            self._set_cursor(min(layout.forced | layout.divided, default=1))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._set_cursor(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        scrolled = self._scrolled()
        painter.translate(-scrolled.x(), -scrolled.y())
        self.picture.paint(painter, self.marks, scrolled.x())

    # --- inside --------------------------------------------------------------------------------------

    def _toggle(self, boundary: int) -> None:
        self.rewritten.emit(toggled(self.picture.found.text, boundary))

    def _move(self, step: int) -> None:
        layout, at = self.picture.layout, self.marks.cursor
        to = at + step
        if at in layout.forced | layout.divided and 0 < to < len(layout.letters):
            self.marks.cursor = to
            self.rewritten.emit(moved(self.picture.found.text, at, to))

    def _set_cursor(self, boundary: int) -> None:
        self.marks.cursor = boundary
        if boundary >= 0:
            bar, x = self.horizontalScrollBar(), round(self.picture.x(boundary))
            width = self.viewport().width()
            if not bar.value() + self.picture.x(0) <= x <= bar.value() + width - 20:
                bar.setValue(x - width // 2)
            self._describe()
        self.viewport().update()

    def _next_edge(self, step: int) -> None:
        """Go through the syllables that begin at the cursor, or through all without one."""
        bricks = self.picture.layout.bricks
        here = [b.edge for b in bricks if b.left == self.marks.cursor] or [b.edge for b in bricks]
        if here:
            at = here.index(self.marks.chosen) + step if self.marks.chosen in here else 0
            self.choose(here[at % len(here)])

    def _hover(self, spot: Spot) -> None:
        if spot != self.marks.hover:
            self.marks.hover = spot
            shape = Qt.CursorShape
            self.viewport().setCursor(
                shape.SplitHCursor
                if spot.boundary >= 0
                else shape.PointingHandCursor
                if spot.edge >= 0
                else shape.ArrowCursor
            )
            self.viewport().update()

    def _measure(self) -> None:
        view = self.viewport().size()
        for bar, length, room in (
            (self.horizontalScrollBar(), self.picture.width, view.width()),
            (self.verticalScrollBar(), self.picture.height, view.height()),
        ):
            bar.setRange(0, max(0, round(length) - room))
            bar.setPageStep(room)
            bar.setSingleStep(26)
            bar.valueChanged.connect(self.viewport().update, Qt.ConnectionType.UniqueConnection)

    def _describe(self) -> None:
        layout, cursor = self.picture.layout, self.marks.cursor
        text = " ".join("".join(path.texts) for path in self.picture.found.paths[:1])
        if 0 < cursor < len(layout.letters):
            text += " " + layout.letters[:cursor] + " | " + layout.letters[cursor:]
        self.setAccessibleDescription(text.strip())
