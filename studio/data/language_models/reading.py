"""From files to what they say about words, whatever they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from studio.data.errors import DataError
from studio.data.language_models.arpa import read_arpa
from studio.data.language_models.counts import counted, read_lists, shares
from studio.data.language_models.kenlm_binary import is_binary, read_kenlm
from studio.data.language_models.lines import Problems, Tick, opened
from studio.data.language_models.spelling import spelt
from studio.data.language_models.table import WordNgrams

_FIRST_LINES = 50  # within which an ARPA file says that it is one


@dataclass
class Imported:
    """A model that was read.

    Attributes:
        kind: "arpa", "counts" or "kenlm".
        problems: the lines set aside.
        unread: words set aside because no reading is known for them.
        notes: other complaints, for people.
    """

    ngrams: WordNgrams
    kind: str
    problems: Problems
    unread: int
    notes: list[str] = field(default_factory=list)


def read_model(files: list[Path], tick: Tick, readings: Path | None = None) -> Imported:
    """Read an ARPA file, a model packed by KenLM, or one or more word lists that belong together.

    Args:
        files: an ARPA file or a packed model stands alone; lists of words, pairs and triples go together.
        tick: called now and then with what is done and how much there is; may raise.
        readings: a list of words with their pinyin, which then is theirs.

    Raises:
        DataError: if nothing can be made of them.
    """
    problems, notes = Problems(), list[str]()
    given = {}
    if readings is not None:
        given = {
            word: shares(found) for word, found in read_lists([readings], problems, tick).readings.items()
        }
        if not given:
            raise DataError(f"{readings} holds no words with pinyin", "give lines of `word<TAB>pin yin`")
    kinds = {path: _kind(path) for path in files}
    alone = next((path for path, kind in kinds.items() if kind != "counts"), None)
    if alone is not None:
        if len(files) > 1:
            raise DataError(
                f"{alone} is a whole model and stands alone", "import the other files by themselves"
            )
        kind = kinds[alone]
        found = read_arpa(alone, problems, tick, notes) if kind == "arpa" else read_kenlm(alone, tick, notes)
    else:
        kind = "counts"
        lists = read_lists(files, problems, tick)
        found = counted(lists)
        given = {**{word: shares(spellings) for word, spellings in lists.readings.items()}, **given}
    spellings, unread = spelt(found.words, given, tick)
    ngrams = WordNgrams(
        found.words, found.single, found.pairs, found.pair, found.triples, found.triple, spellings
    )
    return Imported(ngrams, kind, problems, unread, notes)


def _kind(path: Path) -> str:
    if is_binary(path):
        return "kenlm"
    with opened(path) as source:
        for _, line in islice(source.numbered(lambda *_: None), _FIRST_LINES):
            if line.strip() == "\\data\\":
                return "arpa"
            if line.strip() and line[0] != "#" and "\t" in line:
                return "counts"
    return "counts"
