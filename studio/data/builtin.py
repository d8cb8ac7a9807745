"""The texts and word lists that come with the studio, as their files have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.data.errors import DataError
from studio.data.reading import read_bytes
from studio.language.text import hanzi_only

_COUNTED = re.compile(r"^(\S+) (\d+)(?: |$)", re.MULTILINE)
# Copies of a review differ in what was appended to them; their beginnings agree.
_SAME_BEGINNING = 20


@dataclass(frozen=True)
class Entry:
    """A word of a lexicon.

    Attributes:
        word: as the lexicon writes it.
        reading: its syllables as the lexicon writes them; empty if it gives none.
        count: how often it was seen, in the lexicon's own unit.
    """

    word: str
    reading: tuple[str, ...]
    count: float


def reviews(texts: Iterable[str]) -> Iterator[str]:
    """Reviews, one a line, without copies: half of the lines repeat another up to punctuation or an ending."""
    seen: set[str] = set()
    for text in texts:
        for line in text.split("\n"):
            key = hanzi_only(line)[:_SAME_BEGINNING]
            if key and key not in seen:
                seen.add(key)
                yield line


def jieba_words(text: str) -> Iterator[Entry]:
    """Lines `word count tag`."""
    for word, count in _COUNTED.findall(text):
        yield Entry(word, (), float(count))


@dataclass(frozen=True)
class GradedSentence:
    """A sentence with its level ("HSK 1" to "HSK 6"), pinyin with tone marks, and an English translation."""

    level: str
    text: str
    pinyin: str
    translation: str


def graded_sentences(path: Path) -> Iterator[GradedSentence]:
    """Lines `level<TAB>text<TAB>pinyin<TAB>translation` of our own compressed file."""
    try:
        for line in read_bytes(path).decode("utf-8").splitlines():
            level, text, pinyin, translation = line.split("\t")
            yield GradedSentence(f"HSK {level}", text, pinyin, translation)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path} is damaged: {error}", "install the studio again") from error


def packed_words(path: Path) -> Iterator[Entry]:
    """Lines `word<TAB>pin yin<TAB>count` of one of our own compressed word lists."""
    try:
        text = read_bytes(path).decode("utf-8")
        if not text:
            raise ValueError("it holds no words")
        for line in text.splitlines():
            word, reading, count = line.split("\t")
            yield Entry(word, tuple(reading.split()), float(count))
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path} is damaged: {error}", "install the studio again") from error
