"""Sentences with the reading of each hanzi, tones included; and which readings a character can have."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studio.data.dataset import Split
from studio.data.examples import BETWEEN
from studio.data.own_readings import OwnReadings
from studio.data.sources import Document
from studio.data.tagged import NOTHING, TaggedItems, cleaned, cut
from studio.language.pinyin import NoReadingError, label_tones, phrase_readings, toned_readings
from studio.language.text import hanzi_only, hanzi_spans
from studio.language.tones import TONES, digits, toned
from studio.recipe import Cleaning
from studio.recipe.tagging import HanziToPinyin

_NAMED = 5  # characters named in the notes
_RANGE = 0x110000  # one past the largest code point


class GivenTones:
    """The reading of a text as its source gives it: used if it fits, a syllable a hanzi, each a known reading of it.

    A syllable in the neutral tone fits wherever the character has that syllable; but a reading without any tone at all
    was written without tones, and says nothing of them.
    """

    def __init__(self, text: str, pinyin: str) -> None:
        hanzi = hanzi_only(text)
        self._numbers = array("H")
        self._place = 0
        try:
            found = array("H", [toned(part) for part in BETWEEN.split(pinyin) if part])
        except ValueError:
            found = array("H")
        spoken = any(number % TONES != TONES - 1 for number in found)
        self.fits = spoken and len(found) == len(hanzi) and all(map(_can_be, hanzi, found))
        if self.fits:
            self._numbers = found

    def of(self, run: str) -> array[int]:
        """The readings of the next run of the text's hanzi."""
        self._place += len(run)
        return self._numbers[self._place - len(run) : self._place]


def _can_be(character: str, number: int) -> bool:
    known = _known(character)
    if number % TONES == TONES - 1:
        return any(one // TONES == number // TONES for one in known)
    return number in known or number in phrase_readings().get(character, ())


class ReadItems(TaggedItems):
    """The examples of hanzi to pinyin: sentences with their marks; what is no hanzi is read and not asked for."""

    lexicons = True

    def __init__(self, task: HanziToPinyin, cleaning: Cleaning) -> None:
        super().__init__(cleaning)
        self._task = task
        self._own = OwnReadings(cleaning.readings)
        self._strange: Counter[str] = Counter()
        self._unfit = 0

    def tagged(self, document: Document) -> Iterator[tuple[str, Sequence[int]]]:
        text = cleaned(document.text, self._cleaning)
        given = GivenTones(text, document.pinyin) if document.pinyin else None
        if given is not None and not given.fits:
            self._unfit += 1
            given = None
        for start, end in cut(text, self._task.max_length):
            sentence = text[start:end]
            numbers = self._numbers(sentence, given)
            kept = sentence.strip()
            if kept and any(number != NOTHING for number in numbers):
                first = sentence.index(kept)
                yield kept, numbers[first : first + len(kept)]

    def word_tags(self, words: Iterable[tuple[str, Sequence[int]]]) -> array[int]:
        found = array("H")
        for word, syllables in words:
            found.extend(_with_tones(word, syllables))
        return found

    def notes(self) -> list[str]:
        unfit = (
            [f"{self._unfit:,} given readings do not fit their texts; those were read anew"]
            if self._unfit
            else []
        )
        return unfit + [
            f"{count:,} runs of hanzi with {character} not learnt from: no reading is known for it"
            for character, count in self._strange.most_common(_NAMED)
        ]

    def _numbers(self, sentence: str, given: GivenTones | None) -> array[int]:
        numbers = array("H", [NOTHING]) * len(sentence)
        for start, end in hanzi_spans(sentence):
            run = sentence[start:end]
            try:
                numbers[start:end] = given.of(run) if given is not None else array("H", self._own.read(run))
            except NoReadingError as error:
                self._strange[error.character] += 1
        return numbers


def _with_tones(word: str, syllables: Sequence[int]) -> Iterator[int]:
    """The reading of a word whose syllables are known: the dictionaries' where it has these, else each character's."""
    try:
        usual = label_tones(word)
    except NoReadingError:
        usual = [NOTHING] * len(word)
    for character, syllable, number in zip(word, syllables, usual, strict=True):
        if number // TONES == syllable:
            yield number
        else:
            yield next((one for one in _known(character) if one // TONES == syllable), NOTHING)


def _known(character: str) -> tuple[int, ...]:
    try:
        return toned_readings(character)
    except NoReadingError:
        return ()


@dataclass(frozen=True)
class Readings:
    """Which readings characters can have.

    Attributes:
        characters: those that are known, in order.
        numbers: for each the numbers of its readings, those first that training texts have more often; at least one.
        counts: how often training texts have each of them.
    """

    characters: str
    numbers: tuple[tuple[int, ...], ...]
    counts: tuple[tuple[int, ...], ...]

    @cached_property
    def rows(self) -> np.ndarray:
        """The row of each code point in `table`, int32: 0 for what is not known, else its place and one."""
        rows = np.zeros(_RANGE, np.int32)
        rows[[ord(character) for character in self.characters]] = np.arange(1, len(self.characters) + 1)
        return rows

    @cached_property
    def table(self) -> np.ndarray:
        """The readings by row, int32 [characters + 1, most]; -1 where there is none."""
        most = max(map(len, self.numbers), default=1)
        table = np.full((len(self.numbers) + 1, most), -1, np.int32)
        for row, numbers in enumerate(self.numbers, 1):
            table[row, : len(numbers)] = numbers
        return table

    @cached_property
    def units(self) -> np.ndarray:
        """A number for each reading of the characters that have several, int32 like `table`; -1 elsewhere."""
        several = (self.table >= 0) & (self.table[:, 1:].max(axis=1, initial=-1) >= 0)[:, None]
        return np.where(several, several.cumsum().reshape(several.shape) - 1, -1).astype(np.int32)

    @cached_property
    def of_units(self) -> np.ndarray:
        """The reading of each unit, int32 [units]."""
        return self.table[self.units >= 0]

    @cached_property
    def polyphones(self) -> np.ndarray:
        """Whether training texts have a character with more than one reading, bool [characters + 1]."""
        many = [sum(count > 0 for count in counts) > 1 for counts in self.counts]
        return np.array([False, *many])

    @cached_property
    def log_prior(self) -> np.ndarray:
        """Log-frequency of each reading of its character, float32 like `table`; -inf where there is none."""
        prior = np.full(self.table.shape, -np.inf, np.float32)
        for row, counts in enumerate(self.counts, 1):
            smoothed = np.array(counts, np.float64) + 0.5
            prior[row, : len(counts)] = np.log(smoothed / smoothed.sum())
        return prior

    def stored(self) -> dict[str, str]:
        """The same as plain values: 重 -> "zhong4 1520 chong2 310"."""
        return {
            character: " ".join(f"{digits(number)} {count}" for number, count in zip(*known, strict=True))
            for character, *known in zip(self.characters, self.numbers, self.counts, strict=True)
        }

    @classmethod
    def restored(cls, stored: dict[str, str]) -> Readings:
        """What `stored` gave.

        Raises:
            ValueError: if it is something else.
        """
        numbers, counts = [], []
        for character, text in stored.items():
            parts = text.split()
            if len(character) != 1 or not parts or len(parts) % 2:
                raise ValueError(f"{character!r} has no readings")
            numbers.append(tuple(map(toned, parts[::2])))
            counts.append(tuple(map(int, parts[1::2])))
        return cls("".join(stored), tuple(numbers), tuple(counts))


def readings_of(split: Split) -> Readings:
    """The characters of a split and of GB 2312, with the readings that the split, phrases and dictionary give them."""
    asked = np.asarray(split.tags) != NOTHING
    pairs = np.asarray(split.text)[asked].astype(np.int64) << 16 | np.asarray(split.tags)[asked]
    counted: dict[str, dict[int, int]] = {}
    for pair, count in zip(*(found.tolist() for found in np.unique(pairs, return_counts=True)), strict=True):
        counted.setdefault(chr(pair >> 16), {})[pair & 0xFFFF] = count
    characters, numbers, counts = [], [], []
    for character in sorted({*counted, *_common()}):
        known = counted.get(character, {})
        order = sorted(known, key=known.__getitem__, reverse=True)
        usual = _known(character)[:1]
        found = tuple(dict.fromkeys((*order, *usual, *phrase_readings().get(character, ()))))
        if found:
            characters.append(character)
            numbers.append(found)
            counts.append(tuple(known.get(number, 0) for number in found))
    return Readings("".join(characters), tuple(numbers), tuple(counts))


def _common() -> list[str]:
    """The hanzi of GB 2312, which every font has."""
    found = []
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.append(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found
