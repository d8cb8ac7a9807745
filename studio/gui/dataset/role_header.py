"""A table's header in which each column says what it is used for, and can be told."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QComboBox, QHeaderView, QWidget

from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.refusals import said
from studio.runs.datasets import ROLES, ColumnProfile

_NAME, _BOX = 24, 34


def role_text(role: str) -> str:
    """What a column is used for, in words."""
    return {
        "text": tr("text"),
        "label": tr("label"),
        "pinyin": tr("pinyin"),
        "group": tr("group"),
        "date": tr("date"),
        "split": tr("split"),
        "target": tr("target"),
    }.get(role, tr("not used"))


class RoleHeader(QHeaderView):
    """`changed` says that a role was chosen by hand; of all but text, a role belongs to one column at a time."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns: tuple[ColumnProfile, ...] = ()
        self.boxes: list[QComboBox] = []
        self._guard = WheelGuard(self)
        self.setSectionsMovable(False)
        self.setMinimumSectionSize(112)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.sectionResized.connect(self.place)
        self.geometriesChanged.connect(self.place)

    def set_columns(self, columns: tuple[ColumnProfile, ...]) -> None:
        """Show these columns with their roles."""
        for box in self.boxes:
            box.hide()
            box.deleteLater()
        self._columns, self.boxes = columns, []
        for column in columns:
            box = QComboBox(self.viewport())
            box.setStyleSheet("QComboBox { padding: 2px 20px 2px 6px; }")
            for role in ("", *(role for role in ROLES if role)):
                box.addItem(role_text(role), role)
            box.setCurrentIndex(max(box.findData(column.role), 0))
            box.setToolTip(said(column.why) if column.why else "")
            box.installEventFilter(self._guard)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.activated.connect(partial(self._chosen, box))
            box.show()
            self.boxes.append(box)
        self.retranslate()
        self.place()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        for column, box in zip(self._columns, self.boxes, strict=True):
            box.setAccessibleName(tr("Use of the column {name}", name=column.name))
            for place in range(box.count()):
                box.setItemText(place, role_text(box.itemData(place)))

    def roles(self) -> list[tuple[str, str]]:
        """Names of columns with what they are used for."""
        return [
            (column.name, box.currentData()) for column, box in zip(self._columns, self.boxes, strict=True)
        ]

    def place(self) -> None:
        """Put each box below the name of its column."""
        for number, box in enumerate(self.boxes):
            box.setGeometry(
                self.sectionViewportPosition(number) + 6, _NAME, self.sectionSize(number) - 12, _BOX - 6
            )

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _NAME + _BOX)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.save()
        painter.fillRect(rect, theme.color("surface"))
        painter.setPen(theme.color("text"))
        font = theme.hanzi_font(13, bold=True)
        painter.setFont(font)
        place = rect.adjusted(8, 4, -8, 4 - _BOX)
        name = self._columns[logicalIndex].name if logicalIndex < len(self._columns) else ""
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(theme.color("hairline"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _chosen(self, box: QComboBox, _: int) -> None:
        role = box.currentData()
        if role and role != "text":
            for other in self.boxes:
                if other is not box and other.currentData() == role:
                    other.setCurrentIndex(0)
        self.changed.emit()
