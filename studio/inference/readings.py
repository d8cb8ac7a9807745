"""Pinyin for texts: the readings of each character with their probabilities, and figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from studio.data.batching import epoch_batches
from studio.data.symbols import PADDING
from studio.data.tagged import cut
from studio.inference.opened import Opened
from studio.language.pinyin import NoReadingError, toned_readings
from studio.language.text import fold_widths, is_hanzi
from studio.language.tones import digits, marks
from studio.models.readings import ReadingTagger
from studio.runs.events import Candidate
from studio.tasks import HanziToPinyin

_BUDGET = 8192  # positions a batch


@dataclass(frozen=True)
class Read:
    """A character of a text, and how it may be read.

    Attributes:
        text: the character as it was given.
        readings: numbers of toned syllables with their probabilities, the likeliest first; none for what is no hanzi,
            and for a hanzi without any known reading.
        learnt: whether the model knows the character; else its reading is the dictionary's first.
    """

    text: str
    readings: tuple[tuple[int, float], ...] = ()
    learnt: bool = True

    @property
    def written(self) -> str:
        """Its reading as zhong1; itself where it has none."""
        return digits(self.readings[0][0]) if self.readings else self.text


class Reader:
    """Reads texts with a model that must be in evaluation mode."""

    def __init__(self, model: ReadingTagger, task: HanziToPinyin) -> None:
        self.model, self.task = model, task

    def read(self, text: str) -> list[Read]:
        """Each character of a text with its readings. Any text will do; nothing is left out of it."""
        folded = "".join(one if len(one := fold_widths(given)) == 1 else given for given in text)
        points = np.array([ord(character) for character in folded], np.int64)
        rows = self.task.readings.rows[points]
        shares = np.zeros((len(text), self.task.readings.table.shape[1]), np.float32)
        pieces = np.array(list(cut(folded, self.task.section.max_length)), np.int64).reshape(-1, 2)
        lengths = pieces[:, 1] - pieces[:, 0]
        symbols = self.task.symbols.of_points(points)
        for chosen in epoch_batches(lengths, _BUDGET, seed=0, epoch=0):
            places = pieces[chosen, :1] + np.arange(int(lengths[chosen].max()))
            valid = places < pieces[chosen, 1:]
            places = np.where(valid, places, 0)
            found = self._shares(
                np.where(valid, symbols[places], PADDING),
                lengths[chosen],
                np.where(valid, rows[places], 0),
            )
            shares[places[valid]] = found[valid]
        return [
            self._read(given, character, row, share)
            for given, character, row, share in zip(text, folded, rows.tolist(), shares, strict=True)
        ]

    def _shares(self, symbols: np.ndarray, lengths: np.ndarray, characters: np.ndarray) -> np.ndarray:
        device = self.model.weight.device
        given = (torch.from_numpy(one.astype(np.int64)).to(device) for one in (symbols, lengths, characters))
        return self.model.shares(*given).cpu().numpy()

    def _read(self, given: str, character: str, row: int, shares: np.ndarray) -> Read:
        if row:
            numbers = self.task.readings.numbers[row - 1]
            order = np.argsort(-shares[: len(numbers)], kind="stable").tolist()
            return Read(given, tuple((numbers[place], float(shares[place])) for place in order))
        if not is_hanzi(character):
            return Read(given)
        try:
            return Read(given, ((toned_readings(character)[0], 1.0),), learnt=False)
        except NoReadingError:
            return Read(given, learnt=False)


def reader(opened: Opened) -> Reader:
    """The reader of an opened model."""
    assert isinstance(opened.model, ReadingTagger)
    return Reader(opened.model, opened.task)


def candidates(model: ReadingTagger, task: HanziToPinyin, text: str, count: int) -> tuple[Candidate, ...]:
    """A probe with its pinyin; then what stands there if one character, the most doubtful first, is read otherwise."""
    found = Reader(model, task).read(text)
    best = [one.readings[0] if one.readings else None for one in found]
    score = float(np.prod([pair[1] for pair in best if pair is not None]))
    made = [Candidate(text=_line(found, {}), score=score)]
    doubtful = sorted(
        (one.readings[1][1] / max(one.readings[0][1], 1e-12), -place)
        for place, one in enumerate(found)
        if len(one.readings) > 1
    )
    for ratio, place in reversed(doubtful[-(count - 1) :] if count > 1 else []):
        made.append(Candidate(text=_line(found, {-place: 1}), score=score * ratio))
    return tuple(made)


def _line(found: list[Read], otherwise: dict[int, int]) -> str:
    """Readings with their tone marks and blanks between them, all else as it stands."""
    line = ""
    for place, one in enumerate(found):
        if one.readings:
            blank = " " if line and not line.endswith(" ") else ""
            line += blank + marks(one.readings[otherwise.get(place, 0)][0])
        else:
            spoken = bool(place and found[place - 1].readings) and one.text.isalnum()
            line += (" " if spoken else "") + one.text
    return line
