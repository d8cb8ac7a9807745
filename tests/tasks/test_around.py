"""What counts say of a place: held against the chance of the whole text, worked out symbol by symbol."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.models.backoff import BackoffModel
from studio.models.kneser_ney import estimate
from studio.tasks.around import NOTHING, Place, likely, support

SIZE = 9
BLANK = 0


@pytest.fixture(scope="module")
def ngrams() -> BackoffModel:
    rng = np.random.default_rng(3)
    texts = [(np.cumsum(rng.integers(1, 3, 12)) % (SIZE - 1)) + 1 for _ in range(60)]
    return estimate(np.concatenate(texts), np.arange(0, 12 * 60 + 1, 12), SIZE, 3)


def chance_of(ngrams: BackoffModel, text: np.ndarray) -> float:
    return float(ngrams.sentence(text).sum())


@given(st.lists(st.integers(1, SIZE - 1), min_size=1, max_size=8), st.data())
def test_what_a_symbol_gains_is_what_the_text_gains(
    ngrams: BackoffModel, text: list[int], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    candidates = np.arange(1, SIZE)
    padded = np.array([[*text, 0, 0]])
    at = Place.of(ngrams, padded, np.array([len(text)]), np.array([0]), np.array([place]), BLANK)
    found = support(ngrams, at, candidates[None])[0]
    whole = []
    for candidate in candidates:
        changed = np.array(text)
        changed[place] = candidate
        whole.append(chance_of(ngrams, changed))
    assert found - found[0] == pytest.approx(np.array(whole) - whole[0], abs=1e-3)


def test_blanks_around_say_nothing(ngrams: BackoffModel) -> None:
    """A blank beside a place is neither expected nor a reason to expect anything."""
    text = np.array([[3, BLANK, 5, BLANK]])
    at = Place.of(ngrams, text, np.array([4]), np.array([0]), np.array([2]), BLANK)
    found = support(ngrams, at, np.arange(1, SIZE)[None])[0]
    context = np.array([[3, ngrams.unknown]])
    alone = ngrams.score(context, np.arange(1, SIZE)[None])[0]
    last = [
        float(ngrams.score(np.array([[c, ngrams.unknown]]), np.array([ngrams.end]))[0])
        for c in range(1, SIZE)
    ]
    assert found == pytest.approx(alone + np.array(last), abs=1e-4)


def test_the_likeliest_are_found(ngrams: BackoffModel) -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(1, SIZE, (20, 6))
    at = Place.of(ngrams, rows, np.full(20, 6), np.arange(20), rng.integers(0, 6, 20), BLANK)
    everything = np.tile(np.arange(1, SIZE), (20, 1))
    fits = support(ngrams, at, everything)
    best = likely(ngrams, at, 1, 3)
    assert best.shape == (20, 3)
    assert (best[:, 0] == everything[0][fits.argmax(axis=1)]).all()


def test_candidates_that_are_none(ngrams: BackoffModel) -> None:
    at = Place.of(ngrams, np.array([[1, 2]]), np.array([2]), np.array([0]), np.array([1]), BLANK)
    found = support(ngrams, at, np.array([[3, NOTHING]]))
    assert np.isfinite(found[0, 0]) and np.isneginf(found[0, 1])
    nowhere = Place(at.around[:0], at.order)
    assert support(ngrams, nowhere, np.zeros((0, 2), np.int64)).shape == (0, 2)
