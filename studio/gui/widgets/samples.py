"""Some pinyin to click and try, and how the keys work."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.gui.i18n import tr
from studio.gui.widgets.flow import FlowLayout

SAMPLES = (
    "jintiantianqihenhao",
    "women yiqi qu chifan ba",
    "zhongguorenminyinhang",
    "xianshi",
    "xi'an",
    "wohenxihuankanshu",
    "zgr",
)


class Flow(FlowLayout):
    """The same with some room between, asking for no more width than the widest item."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSpacing(6)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        least = QSize(0, 0)
        for place in range(self.count()):
            item = self.itemAt(place)
            least = least.expandedTo(item.sizeHint()) if item is not None else least
        return least


class Samples(QWidget):
    """`chosen` carries the letters of the sample that was clicked."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._try = QLabel(self)
        self._try.setProperty("role", "caption")
        self._keys = QLabel(self)
        self._keys.setProperty("role", "caption")
        self._keys.setWordWrap(True)
        self._keys.setTextFormat(Qt.TextFormat.RichText)
        self.buttons: list[QPushButton] = []
        flow = Flow()
        for sample in SAMPLES:
            button = QPushButton(sample, self)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self.chosen.emit, sample))
            self.buttons.append(button)
            flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._try)
        column.addLayout(flow)
        column.addSpacing(6)
        column.addWidget(self._keys)
        column.addStretch(1)

    def retranslate(self) -> None:
        self._try.setText(tr("Click to try:"))
        keys = (
            (tr("Space"), tr("takes the best candidate")),
            ("1-9", tr("takes that candidate; one for the first letters goes on with the rest")),
            ("- =", tr("turns the page")),
            (tr("Backspace"), tr("takes the last choice back")),
            (tr("Down"), tr("picks other characters, one by one")),
            (tr("Enter"), tr("takes the letters as they are")),
            ("'", tr("separates syllables, as in xi'an")),
            (tr("Esc"), tr("drops the letters")),
        )
        rows = "".join(f"<tr><td><b>{key}</b>&nbsp;&nbsp;</td><td>{text}</td></tr>" for key, text in keys)
        self._keys.setText(f"<table cellspacing='2'>{rows}</table>")
