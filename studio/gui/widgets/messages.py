"""How the window speaks up: banners that stay until they are dismissed, toasts that pass."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon, pixmap

_TOAST_MS = 4500
_BANNERS = 3
_LOOKS = {  # level: icon, ink, ground
    "info": ("info", "text", "raised"),
    "ok": ("check", "jade", "jade_soft"),
    "warning": ("warning", "amber", "amber_soft"),
    "error": ("error", "danger", "danger_soft"),
}


class Notice(QFrame):
    """One message: icon, words, buttons."""

    def __init__(
        self, level: str, text: str, detail: str = "", trace: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.level = level if level in _LOOKS else "info"
        self.text = text
        self._trace = trace
        self._icon = QLabel()
        self._icon.setFixedSize(QSize(20, 20))
        self._text = QLabel(text, wordWrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail = QLabel(detail, wordWrap=True)
        self._detail.setVisible(bool(detail))
        self.copy = QPushButton(tr("Copy details"))
        self.copy.setProperty("quiet", True)
        self.copy.setVisible(bool(trace))
        self.copy.clicked.connect(self._copy)
        self.dismiss = QToolButton()
        self.dismiss.setAccessibleName(tr("Dismiss"))
        self.dismiss.setToolTip(tr("Dismiss"))
        self.dismiss.clicked.connect(self.deleteLater)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._text)
        words.addWidget(self._detail)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        middle = Qt.AlignmentFlag.AlignVCenter
        row.addWidget(self._icon, 0, middle)
        row.addLayout(words, 1)
        row.addWidget(self.copy, 0, middle)
        row.addWidget(self.dismiss, 0, middle)
        self.setAccessibleName(f"{text} {detail}".strip())
        theme.changed.connect(self._recolor)
        self._recolor()

    def offer(self, text: str, tip: str) -> QPushButton:
        """A further button, for what can be done about it."""
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        self._row.insertWidget(self._row.indexOf(self.copy), button, 0, Qt.AlignmentFlag.AlignVCenter)
        return button

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(
            f"{self.text}\n{self._detail.text()}\n\n{self._trace}".strip() + "\n"
        )
        self.copy.setText(tr("Copied"))

    def _recolor(self) -> None:
        name, ink, ground = _LOOKS[self.level]
        colors = theme.palette
        self.setStyleSheet(
            f"QFrame#notice {{ background: {getattr(colors, ground)}; border: 1px solid {colors.hairline};"
            f" border-left: 3px solid {getattr(colors, ink)}; border-radius: 6px; }}"
        )
        drawn = pixmap(name, 20, theme.color(ink), self.devicePixelRatioF())
        if drawn is not None:
            self._icon.setPixmap(drawn)
        self.dismiss.setIcon(icon("close", "muted"))


class Banners(QWidget):
    """The place of banners, above the panes. `shown` says whether there are any: its bar comes and goes with it."""

    shown = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 6, 8, 6)
        self._column.setSpacing(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as the window, and only as high as the words need at that width."""
        width = self.window().width()
        return QSize(width, self._column.heightForWidth(width) if self.notices() else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def add(self, level: str, text: str, detail: str = "", trace: str = "") -> Notice:
        """Show a banner; the same words are not shown twice, and the oldest give way."""
        same = [old for old in self.notices() if old.text == text]
        others = [old for old in self.notices() if old.text != text]
        for old in (*same, *others[: max(0, len(others) + 1 - _BANNERS)]):
            old.setParent(None)
            old.deleteLater()
        notice = Notice(level, text, detail, trace, self)
        notice.destroyed.connect(self._count)
        self._column.addWidget(notice)
        self.shown.emit(True)
        return notice

    def notices(self) -> list[Notice]:
        """The banners there are, oldest first."""
        items = (self._column.itemAt(at) for at in range(self._column.count()))
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, Notice)]

    def clear(self) -> None:
        """Take all banners away."""
        for notice in self.notices():
            notice.setParent(None)
            notice.deleteLater()
        self.shown.emit(False)

    def _count(self) -> None:
        QTimer.singleShot(0, self, self._hide_if_empty)

    def _hide_if_empty(self) -> None:
        self.shown.emit(bool(self.notices()))


class Toasts(QObject):
    """Passing messages in the lower right corner of a window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: Notice | None = None
        self._timer = QTimer(self, singleShot=True, interval=_TOAST_MS)
        self._timer.timeout.connect(self._end)
        window.installEventFilter(self)

    def add(self, level: str, text: str) -> None:
        """Show a toast in the place of the one before."""
        self._end()
        self._shown = Notice(level, text, parent=self._window)
        self._shown.destroyed.connect(self._forget)
        self._place()
        self._shown.show()
        self._shown.raise_()
        self._timer.start()

    @property
    def current(self) -> Notice | None:
        """The toast that is shown now."""
        return self._shown

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._shown is not None:
            self._place()
        return False

    def _place(self) -> None:
        if self._shown is not None:
            width = min(420, self._window.width() - 32)
            self._shown.setFixedWidth(width)
            height = (
                self._shown.heightForWidth(width)
                if self._shown.hasHeightForWidth()
                else self._shown.sizeHint().height()
            )
            self._shown.setGeometry(
                self._window.width() - width - 16, self._window.height() - height - 44, width, height
            )

    def _end(self) -> None:
        if self._shown is not None:
            shown, self._shown = self._shown, None
            shown.destroyed.disconnect(self._forget)
            shown.hide()
            shown.deleteLater()

    def _forget(self) -> None:
        self._shown = None
        self._timer.stop()
