"""Which split a document falls into: see `studio.data.placing` for what is asked of each.

The draw depends on the document's content and the seed alone, so adding a source moves no other document,
and a text that comes twice falls into the same split twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from studio.recipe import Splits

TRAIN, VALIDATION, TEST = 0, 1, 2
NAMES = ("train", "validation", "test")


def draw(key: str, seed: int) -> float:
    """A number in [0, 1) that depends on nothing but a document's key and the seed."""
    digest = hashlib.blake2b(f"{seed}\0{key}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) / (1 << 53)


def assign(drawn: Sequence[float], splits: Splits) -> np.ndarray:
    """The split of each document.

    Args:
        drawn: one a document: what `draw` gave for its content.
        splits: the shares; their seed has been used by `draw`.

    Returns:
        uint8 [documents] of TRAIN, VALIDATION and TEST. Test and validation get at least one document each
        if there are three or more different ones; with fewer, train comes first.
    """
    return by_draw(np.asarray(drawn, np.float64), splits.validation, splits.test)


def by_draw(draws: np.ndarray, validation: float, test: float) -> np.ndarray:
    """The same for shares that may be 0, of which none is drawn then."""
    split = np.full(len(draws), TRAIN, np.uint8)
    split[draws < test + validation] = VALIDATION
    split[draws < test] = TEST
    if validation and test:
        _fill_empty(draws, split)
    elif (validation or test) and len(np.unique(draws)) >= 2 and not (split != TRAIN).any():
        split[draws == draws.min()] = VALIDATION if validation else TEST
    return split


def by_label(draws: np.ndarray, labels: np.ndarray, validation: float, test: float) -> np.ndarray:
    """Splits in which each label has its share: those drawn lowest are for the test, the next for validation.

    A label with three different documents or more has one in each split. What was drawn alike, copies and the rows of
    a group, stays together in the split of the first.

    Args:
        draws: [documents]
        labels: of each, any numbers [documents].
    """
    split = np.full(len(draws), TRAIN, np.uint8)
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        split[mine] = _shared_out(draws[mine], validation, test)
    _, first, same = np.unique(draws, return_index=True, return_inverse=True)
    together: np.ndarray = split[first][same.reshape(-1)]
    return together


def by_date(times: np.ndarray, validation: float, test: float) -> np.ndarray:
    """Splits in time: the newest for the test, those before them for validation; no moment is divided.

    Args:
        times: [documents]; not a number where none is known, which is learnt from.
        validation, test: shares of the documents with a date; at least one moment each.

    Raises:
        ValueError: if there are not enough different moments.
    """
    split = np.full(len(times), TRAIN, np.uint8)
    moments, counts = np.unique(times[~np.isnan(times)], return_counts=True)
    judged = (validation > 0) + (test > 0)
    if len(moments) < 1 + judged:
        raise ValueError(f"{len(moments)} different dates")
    newest = np.cumsum(counts[::-1])  # documents of the newest moment, of the two newest ...
    whole = int(newest[-1])
    tested = _nearest(newest, whole * test, 1, len(moments) - judged) if test else 0
    both = whole * (test + validation)
    until = _nearest(newest, both, tested + 1, len(moments) - 1) if validation else tested
    if until:
        split[times >= moments[-until]] = VALIDATION
    if tested:
        split[times >= moments[-tested]] = TEST
    return split


def _nearest(sums: np.ndarray, wanted: float, least: int, most: int) -> int:
    """How many of the first ones come closest to a sum: from `least` to `most`."""
    return least + int(np.argmin(np.abs(sums[least - 1 : most] - wanted)))


def _shared_out(draws: np.ndarray, validation: float, test: float) -> np.ndarray:
    """Exact shares of documents in the order of their draws; those drawn alike are not divided."""
    distinct, same, sizes = np.unique(draws, return_inverse=True, return_counts=True)
    middle = (np.cumsum(sizes) - sizes / 2) / max(len(draws), 1)
    split = np.full(len(distinct), TRAIN, np.uint8)
    split[middle < test + validation] = VALIDATION
    split[middle < test] = TEST
    judged = [*([TEST] if test else []), *([VALIDATION] if validation else [])]
    if len(distinct) > len(judged):
        for place, wanted in enumerate(judged):
            if not (split == wanted).any():
                split[place] = wanted
        if not (split == TRAIN).any():
            split[-1] = TRAIN
    made: np.ndarray = split[same.reshape(-1)]
    return made


def _fill_empty(draws: np.ndarray, split: np.ndarray) -> None:
    """With a handful of documents chance may leave a split empty: it takes the documents nearest to it."""
    if len(np.bincount(split, minlength=3).nonzero()[0]) == 3:
        return
    distinct = np.unique(draws)
    if len(distinct) >= 2 and not (split == VALIDATION).any():
        if (split == TRAIN).any() and len(np.unique(draws[split == TRAIN])) >= 2:
            split[draws == draws[split == TRAIN].min()] = VALIDATION
        elif (split == TEST).any():
            split[draws == draws[split == TEST].max()] = VALIDATION
    if len(distinct) >= 3 and not (split == TEST).any():
        wanted = VALIDATION if len(np.unique(draws[split == VALIDATION])) >= 2 else TRAIN
        split[draws == draws[split == wanted].min()] = TEST
    if len(distinct) >= 2 and not (split == TRAIN).any():
        split[draws == draws.max()] = TRAIN
