"""What tuning has found: weights and figures, before and after."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from studio.gui.i18n import tr
from studio.gui.widgets.figures import percent


class TuningOutcome(QWidget):
    """A small table; hidden until there is something to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: dict[str, Any] | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self.hide()

    def show_tuned(self, told: dict[str, Any] | None) -> None:
        """Show what `studio tune --json` told last; None hides it."""
        self._told = told
        self.retranslate()

    def rows(self) -> list[tuple[str, str, str]]:
        """The table as texts."""
        told = self._told
        if told is None:
            return []
        old, new, before, after = (told[name] for name in ("old", "fusion", "before", "after"))
        found = [("", tr("before"), tr("after"))]
        found += [
            (
                tr("Sentences right"),
                percent(before["sentence_accuracy"]),
                percent(after["sentence_accuracy"]),
            ),
            (
                tr("Characters right"),
                percent(before["character_accuracy"]),
                percent(after["character_accuracy"]),
            ),
            (tr("Perplexity of the n-grams"), f"{before['perplexity']:.1f}", f"{after['perplexity']:.1f}"),
            (tr("Weight of the network"), f"{old['network']:.2f}", f"{new['network']:.2f}"),
            (tr("Weight of the segmentation"), f"{old['segmentation']:.2f}", f"{new['segmentation']:.2f}"),
        ]
        for name in dict.fromkeys([*old["imported"], *new["imported"]]):
            was, now = (percent(each["imported"].get(name, 0.0), 0) for each in (old, new))
            found.append((tr("Share of {name}", name=name), was, now))
        return found

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        rows = self.rows()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                label = QLabel(text)
                if number == 0 or column == 0:
                    label.setProperty("role", "caption")
                if column:
                    label.setAlignment(right)
                self._grid.addWidget(label, number, column)
        if self._told is not None:
            said = QLabel(
                tr(
                    "On {count} sentences of the validation split, typed as raw letters.",
                    count=self._told["after"]["sentences"],
                ),
                wordWrap=True,
            )
            said.setProperty("role", "caption")
            self._grid.addWidget(said, len(rows), 0, 1, 3)
        self.setVisible(bool(rows))
