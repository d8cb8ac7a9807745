"""What the window asks the lab about learning from typing, and the lab's answers (see `requests`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Learn:
    """Remember what was committed; a prediction asked for afterwards knows it. Switched off, nothing is kept.

    Attributes:
        model: that the text was typed with.
        letters: as typed.
        text: what was chosen for them.
        left: the text in front, as far as it matters.
    """

    type: Literal["learn"] = "learn"
    id: str
    model: str
    letters: str
    text: str
    left: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportDictionary:
    """Import a dictionary file. `name` is what it will be called; empty for what it calls itself."""

    type: Literal["import_dictionary"] = "import_dictionary"
    id: str
    path: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class ExportPhrases:
    """Write what was learnt from typing, or a dictionary, as a dictionary of rime; an older file is replaced."""

    type: Literal["export_phrases"] = "export_phrases"
    id: str
    path: str
    dictionary: str = ""


@dataclass(frozen=True, kw_only=True)
class PhrasesLearnt:
    """The answer to `Learn`. `phrases` are the runs of hanzi that were remembered; none while it is switched off."""

    type: Literal["phrases_learnt"] = "phrases_learnt"
    id: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DictionaryImported:
    """The answer to `ImportDictionary`.

    Attributes:
        format: as it was recognised.
        words: different words with their readings.
        readings_added: words whose reading is the studio's, because the file gives none.
        set_aside: lines that could not be used, and the first of them, each with its number and the reason.
    """

    type: Literal["dictionary_imported"] = "dictionary_imported"
    id: str
    name: str
    format: str
    words: int
    readings_added: int
    set_aside: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PhrasesExported:
    """The answer to `ExportPhrases`."""

    type: Literal["phrases_exported"] = "phrases_exported"
    id: str
    path: str
    phrases: int


PersonalRequest = Learn | ImportDictionary | ExportPhrases
PersonalResponse = PhrasesLearnt | DictionaryImported | PhrasesExported
