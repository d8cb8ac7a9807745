"""Some pinyin to click and try, and how the keys work."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QPushButton, QVBoxLayout, QWidget

from studio.gui.i18n import tr

SAMPLES = (
    "jintiantianqihenhao",
    "women yiqi qu chifan ba",
    "zhongguorenminyinhang",
    "xianshi",
    "xi'an",
    "wohenxihuankanshu",
    "zgr",
)


class Flow(QLayout):
    """Puts items one behind another and starts a new line where one does not fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items]
        return QSize(
            max((size.width() for size in sizes), default=0), max((s.height() for s in sizes), default=0)
        )

    def _place(self, rect: QRect, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + 6, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + 6
            line = max(line, size.height())
        return y + line - rect.y()


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
