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
_BY_SYLLABLE = {"left": "word_left", "right": "word_right"}
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
LEFT = 16  # characters before the caret that predictions may look at


class ComposeEdit(QPlainTextEdit):
    """Edits a text through a `Composer`. `composed` tells that the composition changed.

    The composition is shown as an input method's own (pre-edit) text: it is no part of the document. Shift by itself
    changes between Chinese and English. `committed` carries letters, the text that was made of them, and the text
    before it.
    """

    composed = Signal()
    committed = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composer = Composer()
        self._placeholder = ""
        self._shift_alone = False
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
        left = self.left_text()
        attributes, preedit = [], ""
        for text, color, ink in (
            (composer.frozen, "muted", "muted"),
            (composer.fixed, "accent", "accent_ink"),
            (composer.shown_letters, "accent", ""),
        ):
            if text:
                style = QTextCharFormat()
                style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                style.setUnderlineColor(theme.color(color))
                if ink:
                    style.setForeground(theme.color(ink))
                kind = QInputMethodEvent.AttributeType.TextFormat
                attributes.append(QInputMethodEvent.Attribute(kind, len(preedit), len(text), style))
                preedit += text
        if preedit:
            behind = 0 if composer.held else len(composer.letters) - composer.caret
            caret = QInputMethodEvent.AttributeType.Cursor
            attributes.append(QInputMethodEvent.Attribute(caret, len(preedit) - behind, 1))
        self.setPlaceholderText("" if composer.composing else self._placeholder)
        event = QInputMethodEvent(preedit, attributes)
        if commit:
            event.setCommitString(commit)
        super().inputMethodEvent(event)
        self.ensureCursorVisible()
        while composer.committed:
            letters, text = composer.committed.popleft()
            self.committed.emit(letters, text, left)
            left += text

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
        self._shift_alone = event.key() == Qt.Key.Key_Shift and not event.modifiers() & _COMMANDS
        key = _NAMES.get(Qt.Key(event.key()), event.text())
        if self._by_syllable(event):
            key = _BY_SYLLABLE[key]
        elif event.modifiers() & _COMMANDS or not key:
            super().keyPressEvent(event)
            return
        typed = self.composer.key(key)
        if typed.used:
            event.accept()
            self.take(typed)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() == Qt.Key.Key_Shift and self._shift_alone and not event.isAutoRepeat():
            self._shift_alone = False
            self.take(self.composer.toggle_english())

    def _by_syllable(self, event: QKeyEvent) -> bool:
        """Whether a key moves the caret of the composition by a syllable."""
        control = (event.modifiers() & _COMMANDS) == Qt.KeyboardModifier.ControlModifier
        return control and bool(self.composer.letters) and _NAMES.get(Qt.Key(event.key())) in _BY_SYLLABLE

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
        self._shift_alone = False
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
