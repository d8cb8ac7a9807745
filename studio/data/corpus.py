"""All documents of a recipe, each kept once and put into its split, before anything is cut."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from studio.data.errors import DataError
from studio.data.placing import Placing, Ticket
from studio.data.sources import Document, Origin, documents
from studio.data.steps.pipeline import Pipeline
from studio.language.text import hanzi_only
from studio.recipe import Data, Source

_POLL = 512


@dataclass
class Corpus:
    """The documents of all running texts.

    Attributes:
        documents: in the order of the sources.
        split: the split of each, as in `studio.data.splits`: uint8 [documents].
        counts: for each source of the recipe, how many of its documents are here; 0 for lexicons.
        characters: for each source, how many hanzi those have.
        notes: what was set aside, for people.
    """

    documents: list[Document]
    split: np.ndarray
    counts: list[int]
    characters: list[int]
    notes: list[str] = field(default_factory=list)


def read_corpus(
    data: Data,
    origins: list[Origin],
    check: Callable[[int], None],
    load: Callable[[Source, int], Iterable[Document]] = documents,
) -> Corpus:
    """Read the running texts of a recipe.

    Args:
        data: the recipe's section.
        origins: its sources as found, in the same order.
        check: called often with the number of the source at hand; may raise to call it off.
        load: gives the documents of a source, to which the recipe's steps are then applied.

    Raises:
        DataError: if a source cannot be read, or holds no hanzi, or none that the steps leave, or if the documents
            cannot be divided as the recipe wants.
    """
    kept: list[Document] = []
    tickets: list[Ticket] = []
    seen: set[bytes] = set()
    pipeline, placing = Pipeline(data.steps), Placing(data.splits, data.sources)
    size = len(data.sources)
    corpus = Corpus(kept, np.empty(0, np.uint8), [0] * size, [0] * size)
    for number, source in enumerate(data.sources):
        if origins[number].kind != "text":
            continue
        empty = repeated = 0
        dropped_before = sum(tally.dropped for tally in pipeline.tallies)
        loaded = load(source, number)
        for document in pipeline.run(_watched(loaded, partial(check, number))):
            key = hanzi_only(document.text)
            digest = hashlib.blake2b(key.encode("utf-8"), digest_size=16).digest()
            if not key:
                empty += 1
            elif data.cleaning.deduplicate_documents and digest in seen:
                repeated += 1
            else:
                seen.add(digest)
                kept.append(document)
                tickets.append(placing.ticket(document, key))
                corpus.counts[number] += 1
                corpus.characters[number] += len(key)
        dropped = sum(tally.dropped for tally in pipeline.tallies) - dropped_before
        if not corpus.counts[number] and not repeated and not dropped:
            raise DataError(
                f"{origins[number].files[0]} holds no Chinese characters",
                "choose a file with Chinese text, or name its encoding in the recipe",
            )
        name = origins[number].name
        corpus.notes += getattr(loaded, "notes", [])
        corpus.notes += _note(name, empty, "without a single hanzi set aside")
        corpus.notes += _note(name, repeated, "set aside because an earlier one has the same hanzi")
    if data.steps and not kept:
        raise DataError(
            "the preparation steps leave no document with Chinese characters",
            "look at their preview, and take out or loosen the step that drops them",
        )
    corpus.split = placing.assigned(tickets)
    if data.splits.by == "date":
        undated = sum(ticket.given < 0 and math.isnan(ticket.when) for ticket in tickets)
        corpus.notes += _note("dates", undated, "without a date are learnt from")
    for place, tally in enumerate(pipeline.tallies, start=1):
        name = f"step {place} ({tally.kind})"
        corpus.notes += _note(name, tally.dropped, "dropped")
        corpus.notes += _note(name, tally.changed, "changed")
    return corpus


def _watched(documents: Iterable[Document], check: Callable[[], None]) -> Iterator[Document]:
    for place, document in enumerate(documents):
        if place % _POLL == 0:
            check()
        yield document


def _note(name: str, count: int, what: str) -> list[str]:
    return [f"{name}: {count:,} {'document' if count == 1 else 'documents'} {what}"] if count else []
