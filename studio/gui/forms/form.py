"""The form around the fields: search, jumps to the sections, and a line that explains the focused field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.gui.forms.body import FormBody
from studio.gui.forms.row import FieldRow
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.flow import FlowLayout
from studio.gui.widgets.icons import icon
from studio.recipe import Problem


class Form(QWidget):
    """Sections of the recipe with search, section jumps and help; see `FormBody` for what it tells.

    `above` is a widget that scrolls with the fields, over them.
    """

    edited = Signal(str, object)

    def __init__(
        self,
        paths: Sequence[str],
        *,
        skip: Sequence[str] = (),
        above: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        # Everything is made where it will stand: the stylesheet is worked out anew for all that moves.
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._inner = inner = QWidget(self._area.viewport())
        self.body = FormBody(paths, skip=skip, parent=inner)
        self.body.edited.connect(self.edited)
        self.body.focused.connect(self._explain)
        self._explained: FieldRow | None = None
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self._magnifier = self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._none = QLabel(inner)
        self._none.setProperty("role", "caption")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.setWordWrap(True)
        self._none.hide()
        self._anchors: list[QPushButton] = []
        jumps = FlowLayout()  # no word is cut where the form is narrow
        jumps.setContentsMargins(0, 0, 0, 0)
        jumps.setSpacing(0)
        for group in self.body.groups:
            button = QPushButton(self)
            button.setProperty("quiet", "true")
            button.setMinimumWidth(24)
            button.setStyleSheet("QPushButton { padding: 5px 5px; }")
            button.clicked.connect(partial(self.reveal, group.field.path))
            self._anchors.append(button)
            jumps.addWidget(button)
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 4, 12, 16)
        column.setSpacing(8)
        if above is not None:
            column.addWidget(above)
        column.addWidget(self._none)
        column.addWidget(self.body, 1)
        self._area.setWidget(inner)
        self._help = QLabel(self)
        self._help.setWordWrap(True)
        self._help.setProperty("role", "caption")
        self._help.setTextFormat(Qt.TextFormat.RichText)
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._help.setContentsMargins(14, 6, 14, 8)
        self._help.setFixedHeight(3 * self._help.fontMetrics().lineSpacing() + 16)
        rule = QFrame(self)
        rule.setProperty("role", "rule")
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 2)
        top.setSpacing(4)
        top.addWidget(self.search)
        top.addLayout(jumps)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._area, 1)
        layout.addWidget(rule)
        layout.addWidget(self._help)
        self._name()
        theme.changed.connect(self._themed)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show a draft of the recipe."""
        self.body.set_values(values)
        if self.search.text():
            self._filter()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show what is wrong with it."""
        self.body.set_problems(problems)

    def reveal(self, path: str) -> bool:
        """Scroll to a field or section, unfold it and give it the focus; false if it is not here."""
        self.search.clear()
        found = self.body.reveal(path)
        if found is not None:
            # What was just unfolded has its place only after the layout has run.
            QTimer.singleShot(0, self, partial(self._scroll_to, found))
        return found is not None

    def retranslate(self) -> None:
        self._name()
        self.body.retranslate()
        if self.search.text():
            self._filter()

    def _name(self) -> None:
        self.search.setPlaceholderText(tr("Search the settings"))
        self.search.setAccessibleName(tr("Search the settings"))
        for button, group in zip(self._anchors, self.body.groups, strict=True):
            button.setText(tr(group.field.title))
            button.setAccessibleName(tr("Go to {section}", section=tr(group.field.title)))
        self._explain(self._explained)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 240)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return
        super().keyPressEvent(event)

    def _scroll_to(self, widget: QWidget) -> None:
        top = widget.mapTo(self._inner, widget.rect().topLeft()).y()
        bar = self._area.verticalScrollBar()
        if isinstance(widget, FieldRow):
            self._area.ensureWidgetVisible(widget, 0, 40)
        else:
            bar.setValue(min(max(top - 4, 0), bar.maximum()))

    def _filter(self) -> None:
        found = self.body.filter(self.search.text())
        self._none.setText(tr("No setting holds '{words}'.", words=self.search.text()) if not found else "")
        self._none.setVisible(not found)

    def _explain(self, row: FieldRow | None) -> None:
        self._explained = row
        if row is None:
            self._help.setText(
                tr("Click a setting to read what it does. A red dot marks what is not the default.")
            )
            return
        more = row.default_sentence()
        text = f"<b>{tr(row.field.title)}</b> &nbsp;{tr(row.field.help)}"
        self._help.setText(text + (f" <i>({more})</i>" if more else ""))

    def _themed(self) -> None:
        self._magnifier.setIcon(icon("search"))
