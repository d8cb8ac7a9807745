"""Packed back-off models in fewer bytes and back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given

from studio.models.backoff import BackoffModel
from studio.models.packed_ngrams import pack, unpack
from studio.models.pruning import prune
from studio.models.squeezed_ngrams import full, squeeze
from tests.models.test_backoff import model_of, texts
from tests.models.test_packed_ngrams import large

Change = Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]


def assert_near(model: BackoffModel, other: BackoffModel) -> None:
    for before, after in zip(model.levels, other.levels, strict=True):
        np.testing.assert_array_equal(before.keys, after.keys)
        np.testing.assert_allclose(before.log, after.log, atol=0.101)
        np.testing.assert_allclose(before.back, after.back, atol=0.101)


@given(texts)
def test_a_model_survives_being_squeezed(sequences: list[list[int]]) -> None:
    arrays = pack(model_of(sequences))
    assert_near(unpack(arrays), unpack(full(squeeze(arrays))))


@given(texts)
def test_so_does_one_whose_shorter_ngrams_were_pruned(sequences: list[list[int]]) -> None:
    model = model_of(sequences)
    arrays = pack(prune(model, sum(len(level.keys) for level in model.levels[1:]) // 2))
    assert_near(unpack(arrays), unpack(full(squeeze(arrays))))


def test_ngrams_take_fewer_bytes() -> None:
    arrays = pack(large())
    squeezed = squeeze(arrays)
    assert sum(a.nbytes for a in squeezed.values()) < 0.6 * sum(a.nbytes for a in arrays.values())
    assert_near(unpack(arrays), unpack(full(squeezed)))


def test_what_was_not_squeezed_is_left_alone() -> None:
    arrays = pack(large())
    assert full(arrays).keys() == arrays.keys()
    for name, array in full(arrays).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_other_arrays_go_along() -> None:
    arrays = {**pack(large()), "list": np.frombuffer(b"word\n" * 5000, np.uint8)}
    squeezed = squeeze(arrays)
    assert "list" not in squeezed  # it has become a stream
    np.testing.assert_array_equal(full(squeezed)["list"], arrays["list"])


def _stream(arrays: dict[str, np.ndarray]) -> str:
    return next(name for name in arrays if name.endswith(".lzma") and ".log_laid." in name)


def _halved(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    name = _stream(arrays)
    return {**arrays, name: arrays[name][: len(arrays[name]) // 2]}


def _reversed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    name = _stream(arrays)
    return {**arrays, name: arrays[name][::-1].copy()}


def _renamed(old: str, new: str) -> Change:
    def change(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        name = _stream(arrays)
        return {other.replace(old, new) if other == name else other: a for other, a in arrays.items()}

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (_halved, "instead of|damaged"),
        (_reversed, "damaged|instead of"),
        (_renamed(".uint8.", ".object."), "known kind"),
        (_renamed(".uint8.", ".uint8.9999"), "claims"),
    ],
)
def test_damaged_streams_are_refused(change: Change, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        full(change(squeeze(pack(large()))))


@pytest.mark.parametrize(
    "part", ["3.gap_bits", "3.gap_lengths", "3.shared", "2.back_laid", "2.followers", "1.log"]
)
def test_missing_arrays_are_named(part: str) -> None:
    arrays = {name: array for name, array in squeeze(pack(large())).items() if not name.startswith(part)}
    with pytest.raises(ValueError, match=part):
        full(arrays)


@given(texts)
def test_arrays_of_another_model_are_refused_or_read(sequences: list[list[int]]) -> None:
    ours, theirs = (
        squeeze(pack(model_of(sequences))),
        squeeze(pack(model_of([[1, 2, 3, 4, 2, 3], [2, 5, 1]]))),
    )
    for name, array in theirs.items():
        try:
            unpack(full({**ours, name: array}))
        except ValueError:
            continue  # anything else would be a mistake of ours
