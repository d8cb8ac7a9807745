"""Pinyin for texts: the readings of each character with their probabilities, and figures."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.data.batching import epoch_batches
from studio.data.dataset import Split, SplitBuilder
from studio.data.errors import DataError
from studio.data.reading import read_text
from studio.data.readings import GivenTones
from studio.data.symbols import PADDING
from studio.data.tagged import NOTHING, cut
from studio.inference.evaluation import about_test_split, own_data
from studio.inference.opened import Opened
from studio.language.pinyin import NoReadingError, toned_readings
from studio.language.text import fold_widths, hanzi_only, hanzi_spans, is_hanzi
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


def evaluate_test_split(opened: Opened) -> dict[str, Any]:
    """Figures on the test split of the run that a model comes from.

    Raises:
        DataError: if the run's recipe is not beside the model, or its data are no longer there.
    """
    dataset, run = own_data(opened)
    return {
        **_report(opened, dataset.test),
        **about_test_split(dataset, run),
    }


def evaluate_file(opened: Opened, path: Path) -> dict[str, Any]:
    """Figures on a file of `汉字<TAB>hàn zì` lines, in either order, tones as marks or digits; others are counted.

    Raises:
        DataError: if the file cannot be read or holds no such line.
    """
    builder, skipped = SplitBuilder(), 0
    for line in read_text(path).splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        text, pinyin = cells if len(cells) == 2 and hanzi_only(cells[0]) else (*reversed(cells), "", "")[:2]
        given = GivenTones(text, pinyin)
        if len(cells) != 2 or not given.fits:
            skipped += bool(line.strip())
            continue
        tags = array("H", [NOTHING]) * len(text)
        for start, end in hanzi_spans(text):
            tags[start:end] = given.of(text[start:end])
        for start, end in cut(text, opened.task.section.max_length):
            builder.add(text[start:end], (), 0, tags=tags[start:end])
    split = builder.build()
    if not len(split):
        raise DataError(
            f"{path} holds no line with hanzi, a tab, and their pinyin with tones",
            "write the text, a tab, and a syllable for each hanzi, such as zhong1 guo2",
        )
    return {**_report(opened, split), "data": str(path), "skipped_lines": skipped}


def _report(opened: Opened, split: Split) -> dict[str, Any]:
    figures = opened.task.evaluate(opened.model, opened.task.encode(split), opened.device)
    return {
        "task": opened.config.task,
        "step": opened.config.step,
        "examples": len(split),
        "characters": split.positions,
        **figures,
    }
