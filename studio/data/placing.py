"""What a recipe divides its documents by: their draw, group or file, date, label, or what is given."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import overload

import numpy as np

from studio.data.errors import DataError
from studio.data.sources import Document
from studio.data.splits import NAMES, TEST, TRAIN, VALIDATION, by_date, by_draw, by_label, draw
from studio.recipe import BuiltinSource, FileSource, Source, Splits, TableSource

_GROUPED, _FILED = "\0group\0", "\0file\0"  # no document's hanzi begin so
_DRAWN = -1
_WORDS = {
    TRAIN: "train training trn 训练 训练集 訓練",
    VALIDATION: "validation valid val dev develop development eval evaluation 验证 验证集 开发 开发集 驗證",
    TEST: "test testing tst heldout 测试 测试集 測試",
}
_KNOWN = {word: split for split, words in _WORDS.items() for word in words.split()}
_PIECE = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")
_PARTS = re.compile(r"\d+")
_WHOLE = re.compile(r"^(\d+)\.0+$")  # a whole number that a table holds as a float


@dataclass(frozen=True, slots=True)
class Ticket:
    """What decides the split of one document.

    Attributes:
        drawn: see `studio.data.splits.draw`.
        given: the split that it is said to belong to; -1 for one that is divided like the others.
        when: its date in seconds; not a number where none is known or asked for.
        label: what it is labelled as, where that is asked for.
    """

    drawn: float
    given: int = _DRAWN
    when: float = math.nan
    label: str = ""


class Tickets(Sequence[Ticket]):
    """Tickets of very many documents, in some bytes each."""

    def __init__(self, tickets: Iterable[Ticket] = ()) -> None:
        self._drawn, self._given = array("d"), array("b")
        self._when: array[float] | None = (
            None  # made when the first date comes, and the next with the first label
        )
        self._label: array[int] | None = None
        self._labels: dict[str, int] = {"": 0}
        for ticket in tickets:
            self.append(ticket)

    def append(self, ticket: Ticket) -> None:
        """Add the next document's."""
        if self._when is None and not math.isnan(ticket.when):
            self._when = array("d", [math.nan]) * len(self)
        if self._when is not None:
            self._when.append(ticket.when)
        if self._label is None and ticket.label:
            self._label = array("i", [0]) * len(self)
        if self._label is not None:
            self._label.append(self._labels.setdefault(ticket.label, len(self._labels)))
        self._drawn.append(ticket.drawn)
        self._given.append(ticket.given)

    def __len__(self) -> int:
        return len(self._drawn)

    @overload
    def __getitem__(self, place: int) -> Ticket: ...
    @overload
    def __getitem__(self, place: slice) -> list[Ticket]: ...
    def __getitem__(self, place: int | slice) -> Ticket | list[Ticket]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        when = math.nan if self._when is None else self._when[place]
        label = "" if self._label is None else self.names[self._label[place]]
        return Ticket(self._drawn[place], self._given[place], when, label)

    @property
    def names(self) -> list[str]:
        """The labels by their numbers."""
        return list(self._labels)

    def given(self) -> np.ndarray:
        """Int8 [documents]; while this or `drawn` is at hand, no more can be added."""
        return np.frombuffer(self._given, np.int8)

    def drawn(self) -> np.ndarray:
        """Float64 [documents]."""
        return np.frombuffer(self._drawn, np.float64)

    def when(self) -> np.ndarray:
        """Float64 [documents]."""
        return np.full(len(self), math.nan) if self._when is None else np.array(self._when)

    def label(self) -> np.ndarray:
        """Indices into `names`, int32 [documents]."""
        return np.zeros(len(self), np.int32) if self._label is None else np.array(self._label)


class Placing:
    """Gives documents tickets, and tickets splits.

    Args:
        splits: how to divide.
        sources: of the recipe, by whose numbers documents name them.
    """

    def __init__(self, splits: Splits, sources: Sequence[Source] = ()) -> None:
        self.splits = splits
        self._whole = [_DRAWN] * len(sources)  # the split of all of a source
        self._by_file = [False] * len(sources)
        self._files = [Path(s.path).name if isinstance(s, FileSource) else "" for s in sources]
        for number, source in enumerate(sources):
            given = "drawn" if isinstance(source, BuiltinSource) else getattr(source, "split", "drawn")
            self._whole[number] = NAMES.index(given) if given in NAMES else _DRAWN
            self._by_file[number] = isinstance(source, TableSource) and given == "names"

    def ticket(self, document: Document, hanzi: str) -> Ticket:
        """What decides a document's split.

        Args:
            hanzi: of the document.

        Raises:
            DataError: if it names a split that is none.
        """
        by, given = self.splits.by, self._given(document)
        return Ticket(
            draw(self._key(document, hanzi), self.splits.seed),
            given,
            moment(document.date) if by == "date" else math.nan,
            document.label if by == "label" else "",
        )

    def assigned(self, tickets: Sequence[Ticket]) -> np.ndarray:
        """The split of each document: uint8.

        A split that some are given is not drawn as well: with a test file, the other files give the validation split.

        Raises:
            DataError: if they cannot be divided as the recipe wants.
        """
        kept = tickets if isinstance(tickets, Tickets) else Tickets(tickets)
        given = kept.given()
        split = given.astype(np.uint8)
        free = given == _DRAWN
        if free.any():
            validation = 0.0 if (given == VALIDATION).any() else self.splits.validation
            test = 0.0 if (given == TEST).any() else self.splits.test
            split[free] = self._divided(kept, free, validation, test)
        return split

    def _divided(self, tickets: Tickets, free: np.ndarray, validation: float, test: float) -> np.ndarray:
        draws = tickets.drawn()[free]
        judged = (validation > 0) + (test > 0)
        if self.splits.by == "date":
            try:
                return by_date(tickets.when()[free], validation, test)
            except ValueError as error:
                raise DataError(
                    f"the documents cannot be divided by date: there are {error}",
                    "name a table's date column, or divide by document",
                ) from None
        if self.splits.by == "label":
            labels = tickets.label()[free]
            if {tickets.names[number] for number in np.unique(labels)} == {""}:
                raise DataError(
                    "the documents cannot be divided by label: none has one",
                    "name a table's label column, or divide by document",
                )
            return by_label(draws, labels, validation, test)
        if self.splits.by == "group" and len(groups := np.unique(draws)) <= judged:
            raise DataError(
                f"the documents cannot be divided by group: there are {len(groups)} groups and files",
                "name a table's group column, add files, or divide by document",
            )
        return by_draw(draws, validation, test)

    def _key(self, document: Document, hanzi: str) -> str:
        if document.group:
            return _GROUPED + document.group
        if self.splits.by == "group":
            file = document.file or (
                self._files[document.source] if document.source < len(self._files) else ""
            )
            return _FILED + file if file else hanzi
        return hanzi

    def _given(self, document: Document) -> int:
        number = document.source
        if document.split:
            return _named(document)
        if number < len(self._whole) and self._whole[number] != _DRAWN:
            return self._whole[number]
        if number < len(self._by_file) and self._by_file[number]:
            return split_of_file(document.file)
        return _DRAWN


def _named(document: Document) -> int:
    found = _KNOWN.get(document.split.strip().casefold())
    if found is None:
        name = document.id.rpartition("/")[0]
        raise DataError(
            f"{name} has a split named {document.split[:40]!r}",
            "call splits train, validation (or dev) and test, or name another split column",
        )
    return found


def split_of_file(name: str) -> int:
    """The split that a file's name says, or else the folder it lies in; -1 if none does."""
    for part in reversed(name.split("/")):
        for piece in _PIECE.findall(part.casefold()):
            if piece in _KNOWN:
                return _KNOWN[piece]
    return _DRAWN


def moment(written: str) -> float:
    """A date as seconds since 1970, taken for UTC if it names no zone; not a number if it is none.

    Dates begin with the year, with anything between the numbers; a single number is a year, a year with its month and
    day, or seconds or milliseconds since 1970.
    """
    text = _WHOLE.sub(r"\1", written.strip())
    if not text.isdigit():
        try:
            made = datetime.fromisoformat(text)
            return (made if made.tzinfo else made.replace(tzinfo=UTC)).timestamp()
        except ValueError:
            pass
    parts = _PARTS.findall(text)
    if not parts or len(parts[0]) < 4:
        return math.nan
    if len(parts) == 1:
        digits = parts[0]
        if len(digits) in (10, 13):
            return int(digits) / (1 if len(digits) == 10 else 1000)
        sizes = {4: (4,), 6: (4, 2), 8: (4, 2, 2), 14: (4, 2, 2, 2, 2, 2)}.get(len(digits))
        if sizes is None:
            return math.nan
        parts, start = [], 0
        for size in sizes:
            parts.append(digits[start : start + size])
            start += size
    numbers = [int(part) for part in parts[:6]]
    try:
        year, month, day, hour, minute, second = [*numbers, *(2024, 1, 1, 0, 0, 0)[len(numbers) :]]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return math.nan
