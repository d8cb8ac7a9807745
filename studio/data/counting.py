"""What data hold, counted: lengths, characters, syllables, words, and what is rare or unknown in them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.data.dataset import Dataset, Split
from studio.language.syllables import SYLLABLES
from studio.language.words import vocabulary
from studio.runs.count_requests import GroupCounts, Histogram, Ranking

MOST = 30
"""How many of a kind are named."""

_RANGE = 0x110000
# Words are cut from a sample of this many characters: half a second of work.
_CUT = 200_000
_SPLITS = ("train", "validation", "test")
_STEPS = (1, 2, 5, 10, 20, 50, 100, 1000)


@dataclass(frozen=True)
class Counts:
    """Attributes as of `studio.runs.count_requests.DataCounted`."""

    groups: tuple[GroupCounts, ...]
    lengths: Histogram
    rankings: tuple[Ranking, ...]
    words_from: int


def count_dataset(dataset: Dataset, source: int = -1, check: Callable[[], None] = lambda: None) -> Counts:
    """Count the splits of prepared data.

    Args:
        dataset: prepared.
        source: only what is from the source with this number; -1 for all.
        check: called between stages; may raise to break off.
    """
    parts = {name: _of_source(split, source) for name, split in dataset.splits().items()}
    shown = [name for name in (*_SPLITS, "lexicon") if len(parts[name])]
    counts = {name: np.bincount(parts[name].text, minlength=0) for name in shown}
    known = np.bincount(dataset.train.text, minlength=_RANGE) > 0
    groups = []
    for name in shown:
        check()
        split = parts[name]
        seen = np.flatnonzero(counts[name])
        groups.append(
            GroupCounts(
                name=name,
                examples=len(split),
                characters=split.positions,
                distinct=len(seen),
                once=int((counts[name] == 1).sum()),
                syllables=len(np.unique(split.syllables)),
                unknown=int((~known[seen]).sum()),
            )
        )
    said = [np.bincount(parts[name].syllables, minlength=len(SYLLABLES)) for name in shown]
    words, words_from = _words([parts[name] for name in shown], check)
    by_character = _by_group(counts, shown)
    rankings = [
        _ranked("characters", by_character, chr),
        _ranked("syllables", np.stack(said) if said else np.zeros((0, 0), np.int64), SYLLABLES.__getitem__),
        words,
        _ranked("unknown", by_character * ~known[None, :], chr),
    ]
    if dataset.labels:
        labels = [np.bincount(parts[name].label, minlength=len(dataset.labels)) for name in shown]
        rankings.insert(0, _ranked("labels", np.stack(labels), dataset.labels.__getitem__))
    if source < 0:
        rankings.append(_sources(dataset, shown))
    lengths = histogram([parts[name].lengths for name in shown])
    return Counts(tuple(groups), lengths, tuple(item for item in rankings if item.items), words_from)


def histogram(values: list[np.ndarray]) -> Histogram:
    """How values that are not negative are spread, in bins that suit all groups."""
    longest = max((int(group.max()) for group in values if len(group)), default=1)
    edges = np.array(_edges(longest), np.int64)
    counts = [
        np.histogram(group, edges)[0] if len(group) else np.zeros(len(edges) - 1, int) for group in values
    ]
    return Histogram(edges=tuple(edges.tolist()), counts=tuple(tuple(group.tolist()) for group in counts))


def _edges(longest: int) -> list[int]:
    """Bins of one for short things, else at most twenty-five of 2, 5, 10 ..."""
    step = next(s for s in _STEPS if longest < 25 * s or s == _STEPS[-1])
    return list(range(0, longest + 2 * step, step))


def _of_source(split: Split, source: int) -> Split:
    if source < 0:
        return split
    chosen = np.flatnonzero(split.source == source)
    lengths = split.lengths[chosen]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    places = np.repeat(split.offsets[chosen] - offsets[:-1], lengths) + np.arange(int(offsets[-1]))
    syllables = split.syllables[places] if len(split.syllables) else split.syllables
    label = split.label[chosen] if len(split.label) else split.label
    return Split(split.text[places], syllables, offsets, split.source[chosen], split.weight[chosen], label)


def _by_group(counts: dict[str, np.ndarray], shown: list[str]) -> np.ndarray:
    table = np.zeros((len(shown), _RANGE), np.int64)
    for row, name in enumerate(shown):
        table[row, : len(counts[name])] = counts[name]
    return table


def _ranked(name: str, table: np.ndarray, word: Callable[[int], str]) -> Ranking:
    """The most frequent columns of [groups, kinds]."""
    whole = table.sum(axis=0) if len(table) else np.zeros(0, np.int64)
    order = np.argsort(-whole, kind="stable")[:MOST]
    items = tuple((word(int(at)), tuple(table[:, at].tolist())) for at in order if whole[at])
    return Ranking(name=name, total=int(whole.sum()), distinct=int((whole > 0).sum()), items=items)


def _words(parts: list[Split], check: Callable[[], None]) -> tuple[Ranking, int]:
    """Words of two characters and more in a sample drawn evenly from each group, and the characters of the sample."""
    counters: list[Counter[str]] = []
    whole_sample = 0
    for split in parts:
        counter: Counter[str] = Counter()
        numbers = list(range(len(split)))
        random.Random(0).shuffle(numbers)
        looked = 0
        for place, number in enumerate(numbers):
            if place % 512 == 0:
                check()
            run = split.text_of(number)
            counter.update(word for word in vocabulary().cut(run) if len(word) > 1)
            looked += len(run)
            if looked > _CUT:
                break
        counters.append(counter)
        whole_sample += looked
    whole = sum(counters, Counter[str]())
    items = tuple((word, tuple(c[word] for c in counters)) for word, _ in whole.most_common(MOST))
    return Ranking(name="words", total=whole.total(), distinct=len(whole), items=items), whole_sample


def _sources(dataset: Dataset, shown: list[str]) -> Ranking:
    """Examples of each source in each group: the balance of the mix."""
    names = [info.name for info in dataset.sources]
    table = np.stack([np.bincount(dataset.splits()[name].source, minlength=len(names)) for name in shown])
    return _ranked("sources", table, names.__getitem__)
