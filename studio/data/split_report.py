"""How the documents of a recipe are divided: what is in each split, and what stands in two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.data.corpus import Corpus, read_corpus
from studio.data.dataset import Dataset
from studio.data.doctor.record import Record
from studio.data.doctor.repeats import NearRepeats
from studio.data.items import items_for
from studio.data.placing import Placing, moment
from studio.data.sources import locate
from studio.data.splits import NAMES
from studio.language.text import hanzi_only
from studio.recipe import Data, Task
from studio.runs.count_requests import Ranking
from studio.runs.doctor_requests import Finding
from studio.runs.split_requests import SplitCounts

_POLL = 256
_LEAKS = ("leaks", "split_copies")
_NOTED = ("left out because they occur before",)


@dataclass(frozen=True)
class SplitReport:
    """Attributes as of `studio.runs.split_requests.SplitsShown`."""

    splits: tuple[SplitCounts, ...]
    labels: Ranking
    sources: Ranking
    findings: tuple[Finding, ...]
    label_examples: tuple[int, ...]
    source_examples: tuple[int, ...]
    notes: tuple[str, ...]


def split_report(
    data: Data,
    task: Task | None = None,
    prepared: Dataset | None = None,
    progress: Callable[[int, str], None] = lambda _documents, _source: None,
) -> SplitReport:
    """Read and divide the documents as a preparation does, and compare the splits.

    Args:
        data, task: the recipe's sections.
        prepared: the data set of the recipe, where there is one.
        progress: called now and then with documents compared and the source at hand; may raise to break off.

    Raises:
        DataError: if the sources cannot be read or not be divided as the recipe wants.
    """
    origins = [locate(source) for source in data.sources]
    names = [origin.name for origin in origins]
    corpus = read_corpus(
        data, origins, lambda number: progress(0, names[number]), items_for(task, data.cleaning).documents
    )
    labels = _ranked("labels", corpus, [document.label for document in corpus.documents])
    sources = _ranked("sources", corpus, [names[document.source] for document in corpus.documents], names)
    notes = [*corpus.notes]
    by_label: tuple[int, ...] = ()
    by_source: tuple[int, ...] = ()
    if prepared is not None:
        notes += [note for note in prepared.notes if note.endswith(_NOTED)]
        train = prepared.train
        if prepared.labels:
            found = np.bincount(train.label, minlength=len(prepared.labels))
            counts = dict(zip(prepared.labels, found.tolist(), strict=True))
            by_label = tuple(counts.get(name, 0) for name, _ in labels.items)
        by_source = tuple(np.bincount(train.source, minlength=len(names))[: len(names)].tolist())
    return SplitReport(
        tuple(_counted(corpus, number) for number in range(len(NAMES))),
        labels,
        sources,
        tuple(_compared(corpus, data, names, progress)),
        by_label,
        by_source,
        tuple(notes),
    )


def _counted(corpus: Corpus, split: int) -> SplitCounts:
    documents = [corpus.documents[place] for place in np.flatnonzero(corpus.split == split)]
    dates = sorted((when, one.date) for one in documents if one.date and (when := moment(one.date)) == when)
    return SplitCounts(
        name=NAMES[split],
        documents=len(documents),
        characters=sum(len(hanzi_only(document.text)) for document in documents),
        groups=len({document.group for document in documents} - {""}),
        first=dates[0][1] if dates else "",
        last=dates[-1][1] if dates else "",
    )


def _ranked(name: str, corpus: Corpus, values: list[str], order: list[str] | None = None) -> Ranking:
    """How often each value stands in each split; the most frequent first, or in a given order."""
    counts: dict[str, list[int]] = {value: [0] * len(NAMES) for value in order or ()}
    for value, split in zip(values, corpus.split.tolist(), strict=True):
        if value:
            counts.setdefault(value, [0] * len(NAMES))[split] += 1
    items = list(counts.items())
    if order is None:
        items.sort(key=lambda item: (-sum(item[1]), item[0]))
    return Ranking(
        name=name,
        total=sum(sum(row) for _, row in items),
        distinct=sum(1 for _, row in items if any(row)),
        items=tuple((value, tuple(row)) for value, row in items),
    )


def _compared(
    corpus: Corpus, data: Data, names: list[str], progress: Callable[[int, str], None]
) -> list[Finding]:
    """What the doctor says of documents whose splits are known."""
    near = NearRepeats(Placing(data.splits), dropped=False)
    places: Counter[int] = Counter()
    for number, (document, split) in enumerate(zip(corpus.documents, corpus.split.tolist(), strict=True)):
        if number % _POLL == 0:
            progress(number, names[document.source])
        tail = document.id.rpartition("/")[2]
        place = int(tail) if tail.isdigit() else places[document.source]
        places[document.source] += 1
        near.see(
            Record(
                document.id,
                document.text,
                document.source,
                split=NAMES[split],
                name=names[document.source],
                place=place,
            )
        )
    return [finding for finding in near.findings() if finding.id in _LEAKS]
