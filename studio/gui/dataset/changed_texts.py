"""Texts before and after: what goes is struck through, what comes is marked."""

from __future__ import annotations

import difflib
import html

from PySide6.QtWidgets import QTextBrowser, QWidget

from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title
from studio.gui.theme import theme

Row = tuple[str, str, str | None]
"""A name, the text before, and the text after; None where it was dropped."""

_LONGEST = 320  # characters of a text that are compared and shown
_BEFORE = 40  # characters that stay in front of the first change


class ChangedTexts(QTextBrowser):
    """Shows only what changed, at most `most` of it."""

    def __init__(self, parent: QWidget | None = None, most: int = 40) -> None:
        super().__init__(parent)
        self._most = most
        self._rows: tuple[Row, ...] = ()
        self._state = self._note = ""
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        theme.changed.connect(self._show)

    def show_rows(self, rows: tuple[Row, ...], note: str = "") -> None:
        """Show texts before and after, below what is to be said of all of them."""
        self._rows, self._state, self._note = rows, "", note
        self._show()

    def say(self, text: str) -> None:
        """Show a sentence in their place."""
        self._rows, self._state = (), text
        self._show()

    def retranslate(self) -> None:
        self._show()

    def _show(self) -> None:
        muted = theme.color("muted").name()
        if self._state or not self._rows:
            self.setHtml(f"<p style='color:{muted}'>{html.escape(self._state)}</p>")
            return
        changed = [row for row in self._rows if row[1] != row[2]]
        told = tr("{changed} of {all} change.", changed=len(changed), all=len(self._rows))
        told = " ".join(filter(None, (told, html.escape(self._note))))
        parts = [f"<p style='color:{muted}'>{told}</p>"]
        parts += [_as_html(*row) for row in changed[: self._most]]
        self.setHtml("".join(parts))


def _as_html(name: str, before: str, after: str | None) -> str:
    muted, danger = theme.color("muted").name(), theme.color("danger").name()
    head = f"<span style='color:{muted}'>{html.escape(source_title(name))}</span>"
    if after is None:
        dropped = html.escape(tr("dropped"))
        text = html.escape(_cut(before, 0))
        return (
            f"<p>{head} <span style='color:{danger}'>{dropped}</span><br>"
            f"<span style='color:{muted}; text-decoration:line-through'>{text}</span></p>"
        )
    return f"<p>{head}{'<br>' if name else ''}{marked(before, after)}</p>"


def marked(before: str, after: str) -> str:
    """Both texts in one, as HTML."""
    start = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    before, after = _cut(before, start), _cut(after, start)
    gone = f"color:{theme.color('danger').name()}; text-decoration:line-through"
    come = f"background-color:{theme.color('jade_soft').name()}; color:{theme.color('jade').name()}"
    parts = []
    for what, a, b, c, d in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append(_visible(before[a:b]))
            continue
        if b > a:
            parts.append(f"<span style='{gone}'>{_visible(before[a:b], True)}</span>")
        if d > c:
            parts.append(f"<span style='{come}'>{_visible(after[c:d], True)}</span>")
    return "".join(parts)


def _visible(text: str, marks: bool = False) -> str:
    """As HTML; blanks and what cannot be seen are written out where they are what changed."""
    if marks:
        text = "".join(
            char if char.isprintable() and not char.isspace() else "␣" if char in " \u3000\t" else
            "⏎" if char == "\n" else f"[U+{ord(char):04X}]" for char in text
        )  # fmt: skip
    return html.escape(text).replace("\n", "<br>")


def _cut(text: str, start: int) -> str:
    first = max(0, start - _BEFORE)
    shown = text[first : first + _LONGEST]
    return ("…" if first else "") + shown + ("…" if first + _LONGEST < len(text) else "")
