"""Which examples an epoch shows where they are re-sampled: a pure function of seed and epoch, so that runs go on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.data.dataset import Dataset
from studio.recipe import Balance

_BALANCE = 2  # tells these random numbers from the others of a seed and an epoch: see studio.data.batching


def classes_of(dataset: Dataset, balance: Balance) -> np.ndarray | None:
    """The class of each training example, integers [examples]; None if they are not re-sampled."""
    if balance.method == "none":
        return None
    classes = dataset.train.source if balance.by == "source" else dataset.train.label
    return np.asarray(classes, np.int64) if len(classes) else None


def resampled(classes: np.ndarray, wanted: Sequence[int], seed: int, epoch: int) -> np.ndarray:
    """The examples of an epoch.

    Each example of a class comes as often as any other of it, or once more; which ones do is drawn anew in each epoch.

    Args:
        classes: of each example [examples].
        wanted: how many examples of each class the epoch has, as `studio.recipe.splits.epoch_counts` says.
        seed, epoch: not negative; the same ones give the same examples.

    Returns:
        numbers of examples, int64, ascending; some come several times.
    """
    rng = np.random.default_rng([seed, epoch, _BALANCE])
    chosen = []
    for number, size in enumerate(wanted):
        mine = np.flatnonzero(classes == number)
        if len(mine):
            whole, rest = divmod(size, len(mine))
            chosen.append(np.repeat(mine, whole))
            chosen.append(rng.permutation(mine)[:rest])
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)
