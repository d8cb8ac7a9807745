"""Back-off models as compact arrays, for files.

Of each n-gram only its last unit is kept, and how many n-grams follow each context; logarithms take a byte each.
Contexts are few among the longer n-grams, so a bit says which n-grams are one, and only those have a weight and a
number of followers. An n-gram of 13-bit units takes some 3.7 bytes so; `squeezed_ngrams` needs fewer, and more time.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.models.backoff import BackoffModel, Level, bits_for, find

_LOG_RANGE = 25.5  # quantised logarithms reach from 0 down to here in 255 steps
LOGS_A_NAT = 255 / _LOG_RANGE
_MANY = 255  # as a number of followers: it stands in a list of its own


def pack(model: BackoffModel) -> dict[str, np.ndarray]:
    """The model as arrays, which `unpack` understands.

    Raises:
        ValueError: if an n-gram's context is no n-gram of the model itself.
    """
    found: dict[str, np.ndarray] = {}
    before = np.arange(model.units + 3)
    for length, level in enumerate(model.levels, start=1):
        found[f"{length}.log"] = _quantised(level.log)
        if length > 1:
            known, owner = find(before, level.keys >> model.bits)
            if not known.all():
                raise ValueError(f"{np.count_nonzero(~known)} n-grams of length {length} have no context")
            followers = np.bincount(owner, minlength=len(before))
            continued = followers > 0
            found[f"{length - 1}.continued"] = np.packbits(continued)
            found[f"{length}.followers"] = np.minimum(followers[continued], _MANY).astype(np.uint8)
            found[f"{length}.many"] = followers[followers >= _MANY].astype(np.uint32)
            kind = np.uint16 if model.bits <= 16 else np.uint32
            found[f"{length}.unit"] = (level.keys & (1 << model.bits) - 1).astype(kind)
            weights, values = _coded(model.levels[length - 2].back[continued])
            found[f"{length - 1}.back"], found[f"{length - 1}.back_values"] = weights, values
            before = level.keys
    return found


def unpack(arrays: Mapping[str, np.ndarray]) -> BackoffModel:
    """The model that `pack` was given, its logarithms rounded.

    Raises:
        ValueError: if the arrays are not such a model's.
    """
    try:
        return _unpacked(arrays)
    except KeyError as error:
        raise ValueError(f"the array {error} is missing") from error


def _unpacked(arrays: Mapping[str, np.ndarray]) -> BackoffModel:
    order = max(int(name.split(".")[0]) for name in arrays)
    size = len(arrays["1.log"])
    bits = bits_for(size - 3)
    keys = np.arange(size, dtype=np.int64)
    levels = []
    for length in range(1, order + 1):
        log = _restored(arrays[f"{length}.log"])
        if length > 1:
            followers = followers_of(arrays, length, len(keys))
            if len(followers) != len(keys) or int(followers.sum()) != len(log):
                raise ValueError(f"the n-grams of length {length} do not fit those before them")
            keys = np.repeat(keys, followers) << bits | arrays[f"{length}.unit"].astype(np.int64)
        back = _weights(arrays, length, len(log)) if length < order else np.zeros(0, np.float32)
        levels.append(Level(keys if length > 1 else np.zeros(0, np.int64), log, back))
    return BackoffModel(tuple(levels))


def followers_of(arrays: Mapping[str, np.ndarray], length: int, contexts: int) -> np.ndarray:
    """How many n-grams of a length follow each of as many contexts: int64 [contexts]; KeyError if that is missing."""
    stored = arrays[f"{length}.followers"]
    if f"{length - 1}.continued" not in arrays:  # as the first files had it: of every n-gram, two bytes each
        return stored
    few = stored.astype(np.int64)
    few[stored == _MANY] = arrays[f"{length}.many"]
    followers = np.zeros(contexts, np.int64)
    followers[_continued(arrays, length - 1, contexts)] = few
    return followers


def _weights(arrays: Mapping[str, np.ndarray], length: int, grams: int) -> np.ndarray:
    stored = arrays[f"{length}.back"]
    if f"{length}.continued" not in arrays:
        return stored.astype(np.float32)
    back = np.zeros(grams, np.float32)
    back[_continued(arrays, length, grams)] = arrays[f"{length}.back_values"][stored]
    return back


def _continued(arrays: Mapping[str, np.ndarray], length: int, grams: int) -> np.ndarray:
    """Which n-grams of a length are contexts of longer ones: bool [grams]."""
    return np.unpackbits(arrays[f"{length}.continued"], count=grams).astype(bool)


def _coded(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each value's number among at most 256 that stand for all, equally many values for each of them.

    As Federico and Bertoldi 2006 ("How many bits are needed to store probabilities for phrase-based translation?").
    """
    if not len(values):
        return np.zeros(0, np.uint8), np.zeros(1, np.float32)
    order = np.sort(values)
    bounds = np.unique(order[np.arange(1, 256) * len(order) // 256])
    code = np.searchsorted(bounds, values, side="right")
    count = np.bincount(code, minlength=len(bounds) + 1)
    mean = np.bincount(code, values, minlength=len(bounds) + 1) / np.maximum(count, 1)
    return code.astype(np.uint8), mean.astype(np.float32)


def _quantised(log: np.ndarray) -> np.ndarray:
    return np.round(np.clip(-log, 0, _LOG_RANGE) * LOGS_A_NAT).astype(np.uint8)


def _restored(quantised: np.ndarray) -> np.ndarray:
    return quantised.astype(np.float32) * np.float32(-_LOG_RANGE / 255)
