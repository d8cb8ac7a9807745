"""Back-off models as compact arrays and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from studio.models.backoff import BackoffModel
from studio.models.kneser_ney import estimate
from studio.models.packed_ngrams import pack, unpack
from studio.models.pruning import prune
from tests.models.test_backoff import contexts_of, model_of, sums, texts


@given(texts)
def test_a_model_survives_being_packed(sequences: list[list[int]]) -> None:
    model = model_of(sequences)
    back = unpack(pack(model))
    for before, after in zip(model.levels, back.levels, strict=True):
        np.testing.assert_array_equal(before.keys, after.keys)
        known = before.log > -25
        np.testing.assert_allclose(before.log[known], after.log[known], atol=0.051)
    for before, after in zip(model.levels[:-1], back.levels[:-1], strict=True):
        np.testing.assert_allclose(before.back, after.back, atol=1e-6)  # fewer than 256 different ones
    np.testing.assert_allclose(sums(back, contexts_of(sequences, back)), 1, atol=0.06)


def large(contexts: int = 400, followers: int = 300) -> BackoffModel:
    """Two contexts with more followers than a byte can count; pruned, so there are more than 256 different weights."""
    random = np.random.default_rng(1)
    units = np.minimum(random.geometric(0.05, 30_000), contexts - 1)
    crowd = np.stack([np.full(followers, 7), np.arange(followers)], axis=1).ravel()
    other = np.stack([np.full(followers, 9), np.arange(followers)], axis=1).ravel()
    text = np.concatenate([units, crowd, other])
    return prune(estimate(text, np.array([0, len(text)]), contexts, 3), 10_000)


def test_many_followers_and_many_weights_survive() -> None:
    model = large()
    arrays = pack(model)
    assert len(arrays["2.many"]) >= 2
    back = unpack(arrays)
    np.testing.assert_array_equal(model.levels[1].keys, back.levels[1].keys)
    np.testing.assert_array_equal(model.levels[2].keys, back.levels[2].keys)
    assert max(len(np.unique(level.back)) for level in model.levels) > 256
    for before, after in zip(model.levels[:-1], back.levels[:-1], strict=True):
        assert np.abs(before.back - after.back).mean() < 0.02


def test_files_of_the_first_kind_are_still_read() -> None:
    model = model_of([[1, 2, 3], [1, 2], [4, 5, 1, 2]])
    arrays = pack(model)
    first: dict[str, np.ndarray] = {}
    for length, level in enumerate(model.levels, start=1):
        first[f"{length}.log"] = arrays[f"{length}.log"]
        if length < model.order:
            first[f"{length}.back"] = level.back.astype(np.float16)
        if length > 1:
            before = model.levels[length - 2].keys if length > 2 else np.arange(model.units + 3)
            owner = np.searchsorted(before, level.keys >> model.bits)
            first[f"{length}.followers"] = np.bincount(owner, minlength=len(before)).astype(np.uint16)
            first[f"{length}.unit"] = arrays[f"{length}.unit"]
    old, new = unpack(first), unpack(arrays)
    for one, other in zip(old.levels, new.levels, strict=True):
        np.testing.assert_array_equal(one.keys, other.keys)
        np.testing.assert_array_equal(one.log, other.log)
        np.testing.assert_allclose(one.back, other.back, atol=2e-3)


def test_arrays_that_do_not_fit_together_are_refused() -> None:
    arrays = pack(model_of([[1, 2, 3], [1, 2]]))
    with pytest.raises(ValueError, match="do not fit"):
        unpack({**arrays, "2.unit": arrays["2.unit"][:-1], "2.log": arrays["2.log"][:-1]})
    with pytest.raises(ValueError):
        unpack({**arrays, "2.followers": arrays["2.followers"][:-2]})
    with pytest.raises(ValueError, match=r"2\.unit"):
        unpack({name: array for name, array in arrays.items() if name != "2.unit"})
    with pytest.raises(ValueError):
        unpack({})
