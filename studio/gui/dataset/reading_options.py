"""How a file is to be read: format, encoding, delimiter, names in the first row; beside it what was recognised."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.widgets.figures import percent
from studio.gui.widgets.refusals import said
from studio.gui.widgets.samples import Flow
from studio.runs.datasets import FORMATS, FileProfile

_ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "shift_jis")
_DELIMITERS = (",", ";", "\\t", "|")
NAMES = {"text": "Text", "csv": "CSV", "tsv": "TSV", "jsonl": "JSON Lines", "json": "JSON", "parquet": "Parquet",
         "arrow": "Arrow", "xlsx": "Excel"}  # fmt: skip


class ReadingOptions(QWidget):
    """Four choices, each "automatic" first. `changed` says that one was made by hand."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile: FileProfile | None = None
        self.format, self.encoding, self.delimiter, self.header = (QComboBox() for _ in range(4))
        choices = {
            self.format: FORMATS,
            self.encoding: _ENCODINGS,
            self.delimiter: _DELIMITERS,
            self.header: ("yes", "no"),
        }
        self._labels: dict[QComboBox, QLabel] = {}
        self._pairs: dict[QComboBox, QWidget] = {}
        line = self._line = Flow(self)
        line.setContentsMargins(0, 0, 0, 0)
        guard = WheelGuard(self)
        for box, values in choices.items():
            label = self._labels[box] = QLabel()
            label.setProperty("role", "caption")
            label.setBuddy(box)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(5)
            box.addItem("", "auto")
            for value in values:
                box.addItem(NAMES.get(value, value), value)
            box.installEventFilter(guard)
            box.activated.connect(lambda _: self.changed.emit())
            pair = self._pairs[box] = QWidget()
            inside = QVBoxLayout(pair)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(2)
            inside.addWidget(label)
            inside.addWidget(box)
            line.addWidget(pair)
        self.retranslate()

    def values(self) -> dict[str, Any]:
        """What was chosen by hand, as a source of the recipe has it."""
        names = {
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header": self.header,
        }
        return {name: box.currentData() for name, box in names.items() if box.currentData() != "auto"}

    def set_values(self, values: dict[str, Any]) -> None:
        """Show what a source says."""
        for name, box in (("format", self.format), ("encoding", self.encoding),
                          ("delimiter", self.delimiter), ("header", self.header)):  # fmt: skip
            wanted = values.get(name, "auto")
            if box.findData(wanted) < 0:
                box.addItem(str(wanted), wanted)
            box.setCurrentIndex(box.findData(wanted))

    def show_profile(self, profile: FileProfile | None) -> None:
        """Say what was recognised."""
        self._profile = profile
        self.retranslate()

    def retranslate(self) -> None:
        found = self._profile
        auto = tr("Automatic")
        known: dict[QComboBox, str] = {}
        if found is not None:
            certain = f" {percent(found.certainty, 0)}" if found.encoding and found.certainty < 1 else ""
            known = {
                self.format: NAMES.get(found.format, found.format)
                + (f", {found.packed}" if found.packed else ""),
                self.encoding: found.encoding + certain,
                self.delimiter: {"\t": tr("tab"), " ": tr("blank")}.get(found.delimiter, found.delimiter),
                self.header: (tr("yes") if found.header else tr("no")) if found.columns else "",
            }
            self.encoding.setToolTip(said(found.encoding_why) if found.encoding_why else "")
        for box in self._labels:
            what = known.get(box, "")
            box.setItemText(0, f"{auto} ({what})" if what else auto)
            # Choices that the file settles by itself are not offered.
            settled = found is not None and not what and box.currentData() == "auto"
            self._pairs[box].setVisible(not settled)
            box.setMinimumWidth(min(box.fontMetrics().horizontalAdvance(box.currentText()) + 58, 280))
            self._pairs[box].updateGeometry()
        for n in range(self.header.count()):
            if self.header.itemData(n) in ("yes", "no"):
                self.header.setItemText(n, tr("yes") if self.header.itemData(n) == "yes" else tr("no"))
        titles = {self.format: tr("Format"), self.encoding: tr("Encoding"), self.delimiter: tr("Delimiter"),
                  self.header: tr("Names in the first row")}  # fmt: skip
        for box, title in titles.items():
            self._labels[box].setText(title)
            box.setAccessibleName(title)
        self._line.invalidate()
