"""A text area with an input method in it: keys go to the composition first, its letters stand at the caret."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QMouseEvent, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio.gui.ime import Composer, Typed
from studio.gui.theme import theme

_NAMES = {
    Qt.Key.Key_Backspace: "backspace",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
    Qt.Key.Key_Home: "home",
    Qt.Key.Key_End: "end",
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_PageUp: "page_up",
    Qt.Key.Key_PageDown: "page_down",
}
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
LEFT = 16  # characters before the caret that predictions may look at


class ComposeEdit(QPlainTextEdit):
    """Edits a text through a `Composer`. `composed` tells that the composition changed.

    The composition is shown as an input method's own (pre-edit) text: it is no part of the document.
    """

    composed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composer = Composer()
        self._placeholder = ""
        self.setTabChangesFocus(True)
        theme.changed.connect(self._themed)
        self._themed()

    # --- what goes in --------------------------------------------------------------------------------

    def take(self, typed: Typed) -> None:
        """Put committed text into the document and show the composition as it is now."""
        self.show_composition(typed.text)
        self.composed.emit()

    def show_composition(self, commit: str = "") -> None:
        """Show the composition at the caret, after putting `commit` into the document there."""
        composer = self.composer
        frozen, letters = composer.frozen, composer.letters
        attributes = []
        for start, length, color in ((0, len(frozen), "muted"), (len(frozen), len(letters), "accent")):
            if length:
                style = QTextCharFormat()
                style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                style.setUnderlineColor(theme.color(color))
                if color == "muted":
                    style.setForeground(theme.color("muted"))
                kind = QInputMethodEvent.AttributeType.TextFormat
                attributes.append(QInputMethodEvent.Attribute(kind, start, length, style))
        if frozen or letters:
            caret = QInputMethodEvent.AttributeType.Cursor
            attributes.append(QInputMethodEvent.Attribute(caret, len(frozen) + composer.caret, 1))
        self.setPlaceholderText("" if composer.composing else self._placeholder)
        event = QInputMethodEvent(frozen + letters, attributes)
        if commit:
            event.setCommitString(commit)
        super().inputMethodEvent(event)
        self.ensureCursorVisible()

    def left_text(self) -> str:
        """The end of the text before the caret, on its line: what a composition goes on from."""
        cursor = self.textCursor()
        return cursor.block().text()[: cursor.positionInBlock()][-LEFT:]

    def set_placeholder(self, text: str) -> None:
        """What stands in the empty area while nothing is composed; Qt would paint it under a composition."""
        self._placeholder = text
        self.setPlaceholderText("" if self.composer.composing else text)

    # --- events --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = _NAMES.get(Qt.Key(event.key()), event.text())
        if event.modifiers() & _COMMANDS or not key:
            super().keyPressEvent(event)
            return
        typed = self.composer.key(key)
        if typed.used:
            event.accept()
            self.take(typed)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.composer.composing
            and Qt.Key(event.key()) in _NAMES
        ):
            event.accept()
            return True
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """The system's own input method: what it commits comes behind everything composed here."""
        composing = self.composer.composing
        if composing and event.commitString():
            self.take(self.composer.insert(event.commitString()))
            return
        if composing and event.preeditString():
            self.take(self.composer.commit(0))
        if not self.composer.composing:
            super().inputMethodEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.take(self.composer.paste(source.text()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click elsewhere ends the composition first; while commits wait for candidates the caret stays."""
        if self.composer.letters:
            self.take(self.composer.commit(0))
        if not self.composer.waiting:
            super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.composer.composing:
            self.show_composition()

    def _themed(self) -> None:
        # The sheet of the whole window gives every widget its size: only a sheet outweighs it.
        self.setStyleSheet("QPlainTextEdit { font-size: 20px; min-height: 54px; }")
        self.document().setDocumentMargin(6)
        if self.composer.composing:
            self.show_composition()
