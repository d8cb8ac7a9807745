"""All documents of a recipe, each kept once and put into its split, before anything is cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import compress

import numpy as np

from studio.data.digests import Digests, digests_of
from studio.data.errors import DataError
from studio.data.kept import KeptDocuments
from studio.data.placing import Placing, Ticket, Tickets
from studio.data.room import Room
from studio.data.sources import Document, Origin, documents
from studio.data.steps.pipeline import Pipeline
from studio.data.steps.stage import batches
from studio.recipe import Data, Source

_POLL = 512


@dataclass
class Corpus:
    """The documents of all running texts.

    Attributes:
        documents: in the order of the sources, those that do not fit into memory in a file.
        split: the split of each, as in `studio.data.splits`: uint8 [documents].
        counts: for each source of the recipe, how many of its documents are here; 0 for lexicons.
        characters: for each source, how many hanzi those have.
        notes: what was set aside, for people.
    """

    documents: KeptDocuments[Document]
    split: np.ndarray
    counts: list[int]
    characters: list[int]
    notes: list[str] = field(default_factory=list)


class Reading:
    """The documents of a recipe's running texts one after the other, each kept once, as its steps leave them.

    Args:
        data: the recipe's section.
        origins: its sources as found, in the same order.
        check: called often with the number of the source at hand; may raise to call it off.
        load: gives the documents of a source, to which the recipe's steps are then applied.
        room: gets what steps cannot hold.

    Attributes:
        counts, characters: as of `Corpus`, once all were given; so are the notes.
        notes: about the sources.
        step_notes: about what the steps did.
    """

    def __init__(
        self,
        data: Data,
        origins: list[Origin],
        check: Callable[[int], None],
        load: Callable[[Source, int], Iterable[Document]] = documents,
        room: Room | None = None,
    ) -> None:
        self._data, self._origins, self._check, self._load = data, origins, check, load
        self._room = room
        self.counts = [0] * len(origins)
        self.characters = [0] * len(origins)
        self.notes: list[str] = []
        self.step_notes: list[str] = []

    def __iter__(self) -> Iterator[tuple[Document, str]]:
        """Each document with its hanzi.

        Raises:
            DataError: if a source cannot be read, or holds no hanzi, or none that the steps leave.
        """
        seen = Digests()
        pipeline = Pipeline(self._data.steps, self._room)
        for number, source in enumerate(self._data.sources):
            if self._origins[number].kind == "text":
                yield from self._of_source(number, source, pipeline, seen)
        if self._data.steps and not any(self.counts):
            raise DataError(
                "the preparation steps leave no document with Chinese characters",
                "look at their preview, and take out or loosen the step that drops them",
            )
        for place, tally in enumerate(pipeline.tallies, start=1):
            name = f"step {place} ({tally.kind})"
            self.step_notes += _note(name, tally.dropped, "dropped")
            self.step_notes += _note(name, tally.changed, "changed")

    def _of_source(
        self, number: int, source: Source, pipeline: Pipeline, seen: Digests
    ) -> Iterator[tuple[Document, str]]:
        empty = repeated = 0
        dropped_before = sum(tally.dropped for tally in pipeline.tallies)
        loaded = self._load(source, number)
        for some in batches(pipeline.run(_watched(loaded, partial(self._check, number)))):
            found = [(document, hanzi) for document in some if (hanzi := document.hanzi)]
            empty += len(some) - len(found)
            fresh = np.ones(len(found), bool)
            if self._data.cleaning.deduplicate_documents:
                fresh = seen.fresh(digests_of(document.key for document, _ in found))
                repeated += len(found) - int(fresh.sum())
            for document, hanzi in compress(found, fresh.tolist()):
                self.counts[number] += 1
                self.characters[number] += len(hanzi)
                yield document, hanzi
        dropped = sum(tally.dropped for tally in pipeline.tallies) - dropped_before
        if not self.counts[number] and not repeated and not dropped:
            raise DataError(
                f"{self._origins[number].files[0]} holds no Chinese characters",
                "choose a file with Chinese text, or name its encoding in the recipe",
            )
        name = self._origins[number].name
        self.notes += getattr(loaded, "notes", [])
        self.notes += _note(name, empty, "without a single hanzi set aside")
        self.notes += _note(name, repeated, "set aside because an earlier one has the same hanzi")


def read_corpus(
    data: Data,
    origins: list[Origin],
    check: Callable[[int], None],
    load: Callable[[Source, int], Iterable[Document]] = documents,
    room: Room | None = None,
) -> Corpus:
    """Read the running texts of a recipe. Args as of `Reading`; `room` gets what does not fit into memory.

    Raises:
        DataError: if a source cannot be read, or holds no hanzi, or none that the steps leave, or if the documents
            cannot be divided as the recipe wants.
    """
    kept, tickets = KeptDocuments[Document](room), Tickets()
    placing = Placing(data.splits, data.sources)
    reading = Reading(data, origins, check, load, room)
    for document, hanzi in reading:
        kept.append(document)
        tickets.append(placing.ticket(document, hanzi))
    split = placing.assigned(tickets)
    notes = [*reading.notes, *undated(data, tickets), *reading.step_notes]
    return Corpus(kept, split, reading.counts, reading.characters, notes)


def undated(data: Data, tickets: Iterable[Ticket]) -> list[str]:
    """What is to be said of documents without a date, where dates divide them."""
    if data.splits.by != "date":
        return []
    count = sum(ticket.given < 0 and math.isnan(ticket.when) for ticket in tickets)
    return _note("dates", count, "without a date are learnt from")


def _watched(documents: Iterable[Document], check: Callable[[], None]) -> Iterator[Document]:
    for place, document in enumerate(documents):
        if place % _POLL == 0:
            check()
        yield document


def _note(name: str, count: int, what: str) -> list[str]:
    return [f"{name}: {count:,} {'document' if count == 1 else 'documents'} {what}"] if count else []
