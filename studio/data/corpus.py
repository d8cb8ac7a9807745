"""All documents of a recipe, each kept once and put into its split, before anything is cut."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from studio.data.errors import DataError
from studio.data.sources import Document, Origin, documents
from studio.data.splits import assign, draw
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
        load: gives the documents of a source.

    Raises:
        DataError: if a source cannot be read, or holds no hanzi.
    """
    kept: list[Document] = []
    drawn: list[float] = []
    seen: set[bytes] = set()
    size = len(data.sources)
    corpus = Corpus(kept, np.empty(0, np.uint8), [0] * size, [0] * size)
    for number, source in enumerate(data.sources):
        if origins[number].kind != "text":
            continue
        empty = repeated = 0
        for place, document in enumerate(load(source, number)):
            if place % _POLL == 0:
                check(number)
            key = hanzi_only(document.text)
            digest = hashlib.blake2b(key.encode("utf-8"), digest_size=16).digest()
            if not key:
                empty += 1
            elif data.cleaning.deduplicate_documents and digest in seen:
                repeated += 1
            else:
                seen.add(digest)
                kept.append(document)
                drawn.append(draw(key, data.splits.seed))
                corpus.counts[number] += 1
                corpus.characters[number] += len(key)
        if not corpus.counts[number] and not repeated:
            raise DataError(
                f"{origins[number].files[0]} holds no Chinese characters",
                "choose a file with Chinese text, or name its encoding in the recipe",
            )
        name = origins[number].name
        corpus.notes += _note(name, empty, "without a single hanzi set aside")
        corpus.notes += _note(name, repeated, "set aside because an earlier one has the same hanzi")
    corpus.split = assign(drawn, data.splits)
    return corpus


def _note(name: str, count: int, what: str) -> list[str]:
    return [f"{name}: {count:,} {'document' if count == 1 else 'documents'} {what}"] if count else []
