"""A prepared data set: flat columns, mapped from the disk rather than loaded."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Protocol

import numpy as np

from studio.language.syllables import SYLLABLES

COLUMNS = (
    "text",
    "syllables",
    "offsets",
    "source",
    "weight",
    "label",
    "tags",
    "target",
    "target_offsets",
    "document",
    "line",
)


@dataclass(frozen=True)
class Split:
    """Examples end to end. Example i holds the positions `offsets[i]` to `offsets[i + 1]`.

    Attributes:
        text: code points, uint32 [positions].
        syllables: indices into `SYLLABLES`, uint16 [positions]; empty for tasks that need none.
        offsets: int64 [examples + 1].
        source: indices into `Dataset.sources`, uint8 [examples].
        weight: float32 [examples]; 1 for running text, for a word of a lexicon its count per million words.
        label: what the task says of each example, uint16 [examples]; empty for tasks that say nothing.
        tags: what the task says of each position, uint16 [positions]; empty for tasks that say nothing.
        target: code points of what is to be written for each example, uint32, and `target_offsets`, int64
            [examples + 1], where each begins; both empty for tasks that write nothing.
        document: which document of its source each example is of, counted from 0, and `line`, of its file where that
            begins, from 1, 0 where it is in none; both uint32 [examples], and empty for texts that are learnt from.
    """

    text: np.ndarray
    syllables: np.ndarray
    offsets: np.ndarray
    source: np.ndarray
    weight: np.ndarray
    label: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint16))
    tags: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint16))
    target: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint32))
    target_offsets: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    document: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint32))
    line: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint32))

    def __len__(self) -> int:
        return len(self.source)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Characters of each example, int64 [examples]."""
        return np.diff(self.offsets)

    @cached_property
    def costs(self) -> np.ndarray:
        """Characters of each example that batches are filled with, those to be written included, int64 [examples]."""
        return self.lengths + np.diff(self.target_offsets) if len(self.target_offsets) else self.lengths

    @property
    def positions(self) -> int:
        """Characters of all examples together."""
        return len(self.text)

    def text_of(self, i: int) -> str:
        """The hanzi of example i."""
        start, stop = self._span(i)
        return np.ascontiguousarray(self.text[start:stop], "<u4").tobytes().decode("utf-32-le")

    def target_of(self, i: int) -> str:
        """What is to be written for example i; empty for tasks that write nothing."""
        if not len(self.target_offsets):
            return ""
        return self.targets.text_of(i)

    @cached_property
    def targets(self) -> Split:
        """What is to be written, as the texts of examples with the same numbers."""
        empty = np.zeros(0, np.uint16)
        return Split(self.target, empty, self.target_offsets, self.source, self.weight)

    def syllables_of(self, i: int) -> np.ndarray:
        """The syllables of example i, uint16 [characters]."""
        start, stop = self._span(i)
        return self.syllables[start:stop]

    def pinyin_of(self, i: int) -> str:
        """The syllables of example i written out, with spaces between them."""
        return " ".join(SYLLABLES[number] for number in self.syllables_of(i))

    def _span(self, i: int) -> tuple[int, int]:
        if not -len(self) <= i < len(self):
            raise IndexError(f"example {i} of {len(self)}")
        i %= len(self)
        return int(self.offsets[i]), int(self.offsets[i + 1])


@dataclass(frozen=True)
class SourceInfo:
    """A source as it was used.

    Attributes:
        name, title, licence, kind: as in `studio.data.sources.Origin`.
        documents: distinct ones; 0 for a lexicon.
        characters: hanzi in them; for a lexicon, in its entries.
        entries: words used; 0 for a running text.
    """

    name: str
    title: str
    licence: str
    kind: str
    documents: int
    characters: int
    entries: int


@dataclass(frozen=True)
class Dataset:
    """Everything a run learns from and is judged by.

    Attributes:
        train, validation, test: clauses of running text; none is in two of them.
        lexicon: words with counts, to be mixed into training.
        sources: in the order of the recipe.
        fingerprint: of the content, the data recipe and the code that prepared it.
        notes: what was set aside and why, for people.
        labels: the labels of a classification by number; empty for other tasks.
        tag_names: what the tags of a sequence labelling stand for, by number; empty for other tasks.
    """

    train: Split
    lexicon: Split
    validation: Split
    test: Split
    sources: tuple[SourceInfo, ...]
    fingerprint: str
    notes: tuple[str, ...] = field(default=())
    labels: tuple[str, ...] = field(default=())
    tag_names: tuple[str, ...] = field(default=())

    def splits(self) -> dict[str, Split]:
        """The four splits by name."""
        return {
            item.name: value for item in fields(self) if isinstance(value := getattr(self, item.name), Split)
        }


_ONE = array("f", [1.0]).tobytes()
_HELD = 1 << 20  # characters in memory of a split that is written piece by piece


class Columns(Protocol):
    """What takes the columns of a split, piece by piece."""

    def append(self, column: str, values: np.ndarray, /) -> None: ...


class SplitBuilder:
    """Collects examples, then lays them end to end.

    Args:
        out: takes the columns as they come, so that few examples are in memory at a time; without it `build` has all.
    """

    def __init__(self, out: Columns | None = None) -> None:
        self._out = out
        self._count = self._end = self._target_end = 0  # examples and characters that `out` has
        self._begin()

    def _begin(self) -> None:
        self._text = bytearray()
        self._lengths = array("i")
        self._syllables = array("H")
        self._sources = array("B")
        self._weights = array("f")
        self._labels = array("H")
        self._tags = array("H")
        self._target = bytearray()
        self._target_lengths = array("i")
        self._documents, self._lines = array("I"), array("I")

    def __len__(self) -> int:
        return self._count + len(self._lengths)

    def add(
        self,
        text: str,
        syllables: Iterable[int],
        source: int,
        weight: float = 1.0,
        label: int | None = None,
        tags: Iterable[int] = (),
        target: str | None = None,
    ) -> None:
        """Append one example: as many syllables as the text has characters, or none; all with a label, or none.

        Of tags there are as many as characters, or none; all examples have a target, or none.
        """
        self._pass_on()
        self._text += text.encode("utf-32-le")
        self._lengths.append(len(text))
        self._syllables.extend(syllables)
        self._sources.append(source)
        self._weights.append(weight)
        if label is not None:
            self._labels.append(label)
        self._tags.extend(tags)
        if target is not None:
            self._target += target.encode("utf-32-le")
            self._target_lengths.append(len(target))

    def place(self, documents: Iterable[int], lines: Iterable[int]) -> None:
        """Say of the examples added last which documents they are of, and where these begin: of all, or of none."""
        self._documents.extend(documents)
        self._lines.extend(lines)

    def extend(self, text: bytes, syllables: bytes, lengths: bytes, sources: bytes) -> None:
        """Append examples of running text that lie end to end.

        Args:
            text: UTF-32, little endian, and `syllables`, uint16, of all of them.
            lengths: characters of each, int32.
            sources: of each, a byte.
        """
        self._pass_on()
        self._text += text
        self._syllables.frombytes(syllables)
        self._lengths.frombytes(lengths)
        self._sources.frombytes(sources)
        self._weights.frombytes(_ONE * len(sources))

    def build(self) -> Split:
        """The examples added so far, as columns in memory; without an `out`."""
        return Split(**self._columns())

    def finish(self) -> int:
        """Give `out` all that is left, and say how many examples it got."""
        self._pass_on(last=True)
        return self._count

    def _pass_on(self, *, last: bool = False) -> None:
        if self._out is None or (len(self._text) < 4 * _HELD and not last):
            return
        begun = self._count > 0
        before = {"offsets": self._end, "target_offsets": self._target_end}
        for name, values in self._columns().items():
            end = before.get(name)  # what begins anew goes on where the last one ended
            self._out.append(name, values if end is None else values[begun:] + end)
        self._count += len(self._lengths)
        self._end += len(self._text) // 4
        self._target_end += len(self._target) // 4
        self._begin()

    def _columns(self) -> dict[str, np.ndarray]:
        return {
            "text": np.frombuffer(self._text, "<u4"),
            "syllables": np.frombuffer(self._syllables, np.uint16),
            "offsets": offsets_of(self._lengths),
            "source": np.array(self._sources, np.uint8),
            "weight": np.array(self._weights, np.float32),
            "label": np.array(self._labels, np.uint16),
            "tags": np.frombuffer(self._tags, np.uint16),
            "target": np.frombuffer(self._target, "<u4"),
            "target_offsets": offsets_of(self._target_lengths)
            if self._target_lengths
            else np.zeros(0, np.int64),
            "document": np.array(self._documents, np.uint32),
            "line": np.array(self._lines, np.uint32),
        }


def offsets_of(lengths: Iterable[int]) -> np.ndarray:
    """Where examples of these lengths begin, and where the last one ends: int64 [examples + 1]."""
    return np.concatenate([[0], np.cumsum(np.fromiter(lengths, np.int64))]).astype(np.int64)
