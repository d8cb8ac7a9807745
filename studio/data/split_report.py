"""How the documents of a recipe are divided: what is in each split, and what stands in two of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.data import cache
from studio.data.census import Census, taken
from studio.data.corpus import undated
from studio.data.dataset import Dataset
from studio.data.doctor.repeats import repeats_across
from studio.data.fingerprint import documents_name
from studio.data.items import items_for
from studio.data.placing import Placing, Tickets, moment
from studio.data.sources import locate
from studio.data.splits import NAMES
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
    """Divide the documents as a preparation does, and compare the splits.

    Documents are read the first time; another seed, other shares or another way are answered from the cache.

    Args:
        data, task: the recipe's sections.
        prepared: the data set of the recipe, where there is one.
        progress: called now and then with documents read and the source at hand; may raise to break off.

    Raises:
        DataError: if the sources cannot be read or not be divided as the recipe wants.
        OSError: if the cache cannot be written.
    """
    origins = [locate(source) for source in data.sources]
    names = [origin.name for origin in origins]
    name = documents_name(data, origins, cache.folder(), task)
    census = taken(name, data, origins, items_for(task, data.cleaning).documents, progress)
    divided = _Divided(census, data, progress)
    labels = _ranked("labels", divided.values["label"], divided)
    sources = _ranked("sources", divided.sources, divided, names)
    notes = [*census.notes, *undated(data, divided.tickets), *census.step_notes]
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
    splits = divided.split.tolist()
    findings = repeats_across(census.relations, splits.__getitem__, census.record)
    return SplitReport(
        tuple(_counted(divided, number) for number in range(len(NAMES))),
        labels,
        sources,
        tuple(finding for finding in findings if finding.id in _LEAKS),
        by_label,
        by_source,
        tuple(notes),
    )


class _Divided:
    """The documents of a census with their splits.

    Attributes:
        split: of each document, uint8.
        tickets: that decided it.
        sources, values: what each belongs to: its number in `names`, the empty value being 0.
        lengths: hanzi.
        moments: of their dates, not a number without one.
    """

    def __init__(self, census: Census, data: Data, progress: Callable[[int, str], None]) -> None:
        placing = Placing(data.splits, data.sources)
        self.census = census
        self.tickets = Tickets()
        sources, lengths, moments = array("i"), array("q"), array("d")
        values = {name: array("i") for name in ("label", "group")}
        self.names: dict[str, dict[str, int]] = {name: {"": 0} for name in values}
        for number, (document, hanzi) in enumerate(census.documents()):
            if number % _POLL == 0:
                progress(number, census.names[document.source])
            self.tickets.append(placing.ticket(document, hanzi))
            sources.append(document.source)
            lengths.append(len(hanzi))
            moments.append(moment(document.date) if document.date else math.nan)
            for name, numbers in values.items():
                known = self.names[name]
                numbers.append(known.setdefault(getattr(document, name), len(known)))
        self.split = placing.assigned(self.tickets)
        self.sources = np.array(sources)
        self.values = {name: np.array(numbers) for name, numbers in values.items()}
        self.lengths, self.moments = np.array(lengths), np.array(moments)


def _counted(divided: _Divided, split: int) -> SplitCounts:
    places = np.flatnonzero(divided.split == split)
    dated = places[~np.isnan(divided.moments[places])]
    first = last = ""
    if len(dated):
        moments = divided.moments[dated]
        first, last = (divided.census.date(int(dated[at(moments)])) for at in (np.argmin, np.argmax))
    groups = np.unique(divided.values["group"][places])
    return SplitCounts(
        name=NAMES[split],
        documents=len(places),
        characters=int(divided.lengths[places].sum()),
        groups=int((groups > 0).sum()),
        first=first,
        last=last,
    )


def _ranked(name: str, numbers: np.ndarray, divided: _Divided, order: list[str] | None = None) -> Ranking:
    """How often each value stands in each split; the most frequent first, or in a given order."""
    values = order if order is not None else list(divided.names[name.removesuffix("s")])
    counted = np.zeros((len(values), len(NAMES)), np.int64)
    np.add.at(counted, (numbers, divided.split), 1)
    items = list(zip(values, map(tuple, counted.tolist()), strict=True))
    if order is None:
        items = sorted(items[1:], key=lambda item: (-sum(item[1]), item[0]))
    return Ranking(
        name=name,
        total=sum(sum(row) for _, row in items),
        distinct=sum(1 for _, row in items if any(row)),
        items=tuple(items),
    )
