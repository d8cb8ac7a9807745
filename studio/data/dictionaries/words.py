"""What a dictionary file holds: words, and the lines that could not be used."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.data.tsv import LineProblem
from studio.language.pinyin import NoReadingError, read_word
from studio.language.syllables import SYLLABLES, normalise
from studio.language.text import is_hanzi

LONGEST = 24  # characters of a word; longer entries of word lists are sentences


@dataclass(frozen=True)
class Word:
    """A word, its syllables as `SYLLABLES` writes them with spaces between, and its weight there (0: none)."""

    text: str
    pinyin: str
    weight: float = 0.0


@dataclass
class WordList:
    """A dictionary as it was read.

    Attributes:
        format: "rime", "libime", "sogou", "plain" or "scel".
        name: what it calls itself, or its file's name.
        words: in the order of the file.
        problems: the lines set aside; with those, the words and the blank and comment lines, each line is told of.
        passed_over: blank lines, comments and headers.
        read: how many words got their reading from the studio, because the file gives none.
    """

    format: str
    name: str
    words: list[Word] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    passed_over: int = 0
    read: int = 0

    def add(self, line: int, text: str, syllables: list[str] | None, weight: str | float = 0.0) -> None:
        """Take in one entry; what is wrong with it becomes a problem of its line."""
        try:
            self.words.append(self._word(text.strip(), syllables, weight))
        except ValueError as error:
            self.refuse(line, str(error))

    def refuse(self, line: int, reason: str) -> None:
        """Set a line aside."""
        self.problems.append(LineProblem(line, reason))

    def _word(self, text: str, syllables: list[str] | None, weight: str | float) -> Word:
        strange = next((ch for ch in text if not is_hanzi(ch)), None)
        if strange is not None:
            raise ValueError(f"{strange!r} is no hanzi")
        if not text or len(text) > LONGEST:
            raise ValueError(f"a word has 1 to {LONGEST} characters, not {len(text)}")
        count = weight_of(weight)
        if syllables is None:
            try:
                pinyin = " ".join(SYLLABLES[number] for number in read_word(text))
            except NoReadingError as error:
                raise ValueError(str(error)) from None
            self.read += 1
            return Word(text, pinyin, count)
        if len(syllables) != len(text):
            raise ValueError(f"{len(syllables)} syllables for {len(text)} characters")
        return Word(text, " ".join(map(normalise, syllables)), count)


def weight_of(written: str | float) -> float:
    """A weight as a number of 0 or more; a percentage is its number.

    Raises:
        ValueError: if it is none.
    """
    try:
        weight = float(written.strip().removesuffix("%") or 0) if isinstance(written, str) else float(written)
    except ValueError:
        raise ValueError(f"{written!r} is no weight") from None
    if not 0 <= weight < float("inf"):
        raise ValueError(f"{written!r} is no weight")
    return weight
