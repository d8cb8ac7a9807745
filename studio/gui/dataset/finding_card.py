"""One finding of the doctor: how bad, how often, where, and what mends it."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.gui.forms.disclosure import Disclosure
from studio.gui.forms.words import place_text
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title
from studio.gui.theme import theme
from studio.gui.widgets.figures import count
from studio.gui.widgets.samples import Flow
from studio.runs.doctor_requests import CHECKS, Evidence, Finding

_COLORS = {"error": ("danger", "danger_soft"), "warning": ("amber", "amber_soft"), "info": ("muted", "hover")}


def severity_text(severity: str) -> str:
    """How bad it is, in a word."""
    return {"error": tr("Error"), "warning": tr("Warning"), "info": tr("Note")}.get(severity, severity)


class FindingCard(QFrame):
    """`fix_wanted` carries the finding whose button was pressed."""

    fix_wanted = Signal(object)

    def __init__(self, finding: Finding, fix_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self.setProperty("role", "card")
        words = CHECKS[finding.id]
        self._chip = QLabel(severity_text(finding.severity))
        self._title = QLabel(tr(words.title), wordWrap=True)
        self._title.setProperty("role", "heading")
        places = ("≈ " if finding.estimated else "") + count(finding.count)
        told = tr(
            "Places: {count} · documents: {documents}", count=places, documents=count(finding.documents)
        )
        self._count = QLabel(told, wordWrap=True)
        self._help = QLabel(tr(words.help), wordWrap=True)
        self._help.setProperty("role", "caption")
        self._handled = QLabel(wordWrap=True)
        self._handled.setProperty("role", "ok")
        if finding.handled_by:
            self._handled.setText(
                tr("Taken care of by {place}.", place=place_text(finding.handled_by) or finding.handled_by)
            )
        self._handled.setVisible(bool(finding.handled_by))
        self.fix = QPushButton(fix_text)
        self.fix.setVisible(bool(fix_text))
        self.fix.setAccessibleName(f"{tr(words.title)}: {fix_text}")
        self.fix.clicked.connect(lambda: self.fix_wanted.emit(self.finding))
        self.fold = Disclosure(False)
        self.fold.setText(tr("Show places"))
        self.fold.setVisible(bool(finding.examples))
        self.fold.toggled_open.connect(self._unfold)
        self._examples = QLabel(wordWrap=True)
        self._examples.setTextFormat(Qt.TextFormat.RichText)
        self._examples.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._examples.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        foot = Flow()
        foot.addWidget(self.fix)
        foot.addWidget(self.fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(4)
        column.addLayout(head)
        for label in (self._count, self._help, self._handled):
            column.addWidget(label)
        column.addLayout(foot)
        column.addWidget(self._examples)
        theme.changed.connect(self._themed)
        self._themed()

    def _unfold(self, is_open: bool) -> None:
        if is_open:
            self._examples.setText("".join(_example(one) for one in self.finding.examples))
        self._examples.setVisible(is_open)

    def _themed(self) -> None:
        ink, ground = _COLORS[self.finding.severity]
        self._chip.setStyleSheet(
            f"background: {theme.color(ground).name()}; color: {theme.color(ink).name()}; "
            "border-radius: 4px; padding: 1px 7px; font-size: 12px;"
        )
        self._unfold(self.fold.is_open)


def _example(one: Evidence) -> str:
    muted, ink = theme.color("muted").name(), theme.color("accent_ink").name()
    source = source_title(one.source)
    if one.line:
        where = tr("{source}, line {line}", source=source, line=f"{one.line:,}")
    else:
        where = tr("{source}, document {number}", source=source, number=f"{one.document + 1:,}")
    note = f" · {one.note}" if one.note else ""
    parts = one.excerpt[: one.start], one.excerpt[one.start : one.end], one.excerpt[one.end :]
    before, here, after = (html.escape(part).replace("\n", "⏎") for part in parts)
    return (
        f"<p style='margin: 2px 0 6px 0'><span style='color:{muted}'>{html.escape(where + note)}</span><br>"
        f"{before}<b style='color:{ink}'>{here}</b>{after}</p>"
    )
