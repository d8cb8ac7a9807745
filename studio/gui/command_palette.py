"""The command palette: type a few letters of an action, press Return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.gui.i18n import tr

_ENTRY = Qt.ItemDataRole.UserRole
_STEPS: dict[int, int] = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 8,
    Qt.Key.Key_PageUp: -8,
}


@dataclass(frozen=True)
class Entry:
    """One thing that can be chosen: `english` is found too, whatever the language of the window."""

    text: str
    english: str
    hint: str
    run: Callable[[], object]
    enabled: bool = True
    icon: QIcon | None = None


def score(query: str, text: str) -> int | None:
    """How well the letters of `query` are found in `text`, in order; None if they are not. Lower is better."""
    query, text = "".join(query.lower().split()), text.lower()
    at, cost, last = 0, 0, -1
    for letter in query:
        found = text.find(letter, at)
        if found < 0:
            return None
        starts_word = found == 0 or not text[found - 1].isalnum()
        cost += 0 if found == last + 1 else (1 if starts_word else 3 + min(found - last, 10))
        at, last = found + 1, found
    return cost * 4 + len(text) // 8


def matches(query: str, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that fit, best first; those that cannot be run now come after those that can."""
    found = []
    for position, entry in enumerate(entries):
        scores = [one for text in (entry.text, entry.english) if (one := score(query, text)) is not None]
        if scores:
            found.append((not entry.enabled, min(scores), position))
    return [entries[position] for _, _, position in sorted(found)]


class CommandPalette(QDialog):
    """A list that narrows while one types. Runs the chosen entry after it has closed."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Command palette"))
        self._entries = list(entries)
        self.box = QLineEdit()
        self.box.setPlaceholderText(tr("Type what you want to do"))
        self.box.setAccessibleName(tr("Command"))
        self.box.textChanged.connect(self._narrow)
        self.box.returnPressed.connect(self._run)
        self.box.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(tr("Commands"))
        self.list.itemClicked.connect(self._run)
        self._none = QLabel(tr("Nothing of that name"), alignment=Qt.AlignmentFlag.AlignCenter)
        self._none.setProperty("role", "caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.box)
        column.addWidget(self._none)
        column.addWidget(self.list, 1)
        self._narrow("")

    def open_over(self, window: QWidget) -> None:
        """Show it in the upper middle of a window."""
        width, height = min(560, window.width() - 40), min(400, window.height() - 80)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.setGeometry(corner.x() + (window.width() - width) // 2, corner.y() + 48, width, height)
        self.show()
        self.box.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _STEPS.get(event.key(), 0)
            if step and self.list.count():
                row, last = self.list.currentRow() + step, self.list.count() - 1
                self.list.setCurrentRow(row % (last + 1) if abs(step) == 1 else max(0, min(row, last)))
                return True
        return False

    def _narrow(self, query: str) -> None:
        self.list.clear()
        for entry in matches(query, self._entries):
            item = QListWidgetItem(f"{entry.text}    {entry.hint}".rstrip(), self.list)
            item.setData(_ENTRY, self._entries.index(entry))
            if entry.icon is not None:
                item.setIcon(entry.icon)
            if not entry.enabled:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.setCurrentRow(0)
        self._none.setVisible(not self.list.count())
        self.list.setVisible(bool(self.list.count()))

    def _run(self, *_: object) -> None:
        if not self.list.count():
            return
        entry = self._entries[self.list.currentItem().data(_ENTRY)]
        if entry.enabled:
            self.close()
            entry.run()
