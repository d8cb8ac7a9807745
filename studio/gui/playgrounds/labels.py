"""What the labels of words and names are called, and the colours they have."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor

from studio.gui.i18n import tr
from studio.gui.theme import theme

_RED, _JADE, _BLUE, _AMBER, _PURPLE = range(5)
_OF_NAMES = {"PER": _RED, "LOC": _JADE, "ORG": _BLUE, "word": _BLUE}
# Parts of speech by their first letter: things, deeds, qualities, and what gives time, place and number.
_OF_LETTERS = {"n": _BLUE, "v": _JADE, "a": _PURPLE, "b": _PURPLE, "z": _PURPLE, "i": _PURPLE, "l": _PURPLE}
_OF_LETTERS |= dict.fromkeys("tsfmqr", _AMBER)
_PROPER = ("nr", "ns", "nt", "nz")


def name_of(label: str) -> str:
    """A label in words; labels of a user's own are shown as they are."""
    return {
        "word": tr("word"),
        "PER": tr("person"),
        "LOC": tr("place"),
        "ORG": tr("organisation"),
        "n": tr("noun"),
        "nr": tr("personal name"),
        "ns": tr("place name"),
        "nt": tr("organisation's name"),
        "nz": tr("other name"),
        "nx": tr("letters"),
        "v": tr("verb"),
        "vn": tr("verbal noun"),
        "vd": tr("verb as adverb"),
        "a": tr("adjective"),
        "ad": tr("adjective as adverb"),
        "an": tr("adjective as noun"),
        "b": tr("attributive"),
        "z": tr("descriptive"),
        "d": tr("adverb"),
        "m": tr("numeral"),
        "q": tr("measure word"),
        "r": tr("pronoun"),
        "t": tr("time"),
        "s": tr("location"),
        "f": tr("direction"),
        "p": tr("preposition"),
        "c": tr("conjunction"),
        "u": tr("particle"),
        "y": tr("modal particle"),
        "e": tr("interjection"),
        "o": tr("onomatopoeia"),
        "i": tr("idiom"),
        "l": tr("set phrase"),
        "j": tr("abbreviation"),
        "k": tr("suffix"),
        "h": tr("prefix"),
        "w": tr("punctuation"),
    }.get(label, label)


def color_of(label: str, labels: Sequence[str]) -> QColor:
    """The colour of a label among all that a model knows; parts of speech of a kind share one."""
    if label in _OF_NAMES:
        return theme.series(_OF_NAMES[label])
    if label in _PROPER:
        return theme.series(_RED)
    if "n" in labels and "v" in labels:
        number = _OF_LETTERS.get(label[:1].lower())
        return theme.color("muted") if number is None else theme.series(number)
    return theme.series(labels.index(label)) if label in labels else theme.color("muted")
