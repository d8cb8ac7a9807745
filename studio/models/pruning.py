"""Making back-off models smaller: n-grams that say little more than shorter ones are left out.

Each n-gram is worth the relative entropy between the model with it and the model without it (Stolcke 1998,
"Entropy-based pruning of backoff language models").
"""

from __future__ import annotations

import numpy as np

from studio.models.backoff import BackoffModel, Level, find, normalised, owners_of

_LEAST = 1e-6  # share that a context leaves at least


def prune(model: BackoffModel, most: int) -> BackoffModel:
    """The model with its `most` most telling n-grams of two and more units; single units all stay.

    Contexts of n-grams that stay are kept with them. Probabilities of n-grams that stay are the same as before,
    and what contexts weigh is found anew, so that after each of them probabilities sum to 1.

    Raises:
        ValueError: if `most` is negative.
    """
    if most < 0:
        raise ValueError(f"{most} n-grams cannot be kept; give 0 or more")
    if sum(len(level.keys) for level in model.levels[1:]) <= most:
        return model
    worths = [_worth(model, length) for length in range(2, model.order + 1)]
    for number in range(len(worths) - 1, 0, -1):
        # A context is worth what the best n-gram is that needs it, so no n-gram ever loses its context.
        owners, owner = owners_of(model.levels[number + 1].keys, model.bits)
        best = np.full(len(owners), -np.inf)
        np.maximum.at(best, owner, worths[number])
        _, place = find(model.levels[number].keys, owners)
        worths[number - 1][place] = np.maximum(worths[number - 1][place], best)
    return _cut(model, _kept(worths, most))


def _kept(worths: list[np.ndarray], most: int) -> list[np.ndarray]:
    """Which n-grams of each length stay. Of equal worth, the shorter ones do: their contexts are among them."""
    together = np.concatenate(worths)
    stays = np.zeros(len(together), bool)
    stays[np.argsort(-together, kind="stable")[:most]] = True
    return np.split(stays, np.cumsum([len(worth) for worth in worths])[:-1])


def _worth(model: BackoffModel, length: int) -> np.ndarray:
    """What leaving out each n-gram of a length alone would cost, in nats a unit: float64 [grams]."""
    level, bits = model.levels[length - 1], model.bits
    owners, owner = owners_of(level.keys, bits)
    log = level.log.astype(np.float64)
    below = model.log_of(level.keys & (1 << bits * (length - 1)) - 1, length - 1).astype(np.float64)
    share, share_below = np.exp(log), np.exp(below)
    left = np.maximum(1 - np.bincount(owner, share, minlength=len(owners)), _LEAST)[owner]
    left_below = np.maximum(1 - np.bincount(owner, share_below, minlength=len(owners)), _LEAST)[owner]
    weight = np.log(left / left_below)
    weight_without = np.log((left + share) / (left_below + share_below))
    change = share * (log - below - weight_without) + left * (weight - weight_without)
    return np.exp(_log_of_contexts(model, owners, length - 1))[owner] * change


def _log_of_contexts(model: BackoffModel, contexts: np.ndarray, length: int) -> np.ndarray:
    """Log-probabilities of whole packed contexts; a beginning is as likely as an end."""
    single = model.levels[0].log.astype(np.float64)
    single[model.beginning] = single[model.end]
    total = np.zeros(len(contexts))
    for size in range(1, length + 1):
        grams = contexts >> model.bits * (length - size)
        total += single[grams] if size == 1 else model.log_of(grams, size)
    return total


def _cut(model: BackoffModel, kept: list[np.ndarray]) -> BackoffModel:
    first = model.levels[0]
    levels = [Level(first.keys, first.log, np.zeros_like(first.log))]
    for level, stays in zip(model.levels[1:], kept, strict=True):
        levels.append(normalised(levels, level.keys[stays], level.log[stays]))
    return BackoffModel(tuple(levels))
