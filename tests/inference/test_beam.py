"""The beam against trying everything."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.beam import NgramScores, Path, Place, best_paths, in_context
from studio.models.backoff import BackoffModel
from studio.models.kneser_ney import estimate

SIZE = 6
TEXT = [[0, 1, 2], [0, 1, 3], [4, 1, 2], [5, 3], [0, 2, 1, 3, 5]]


def model() -> BackoffModel:
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in TEXT])])
    return estimate(np.concatenate([np.array(s) for s in TEXT]), offsets, SIZE, 3)


MODEL = model()
CHOICES = {0: [0, 4], 1: [1, 3, 5], 2: [2, 3], 3: [0, 1, 2]}
places_strategy = st.lists(
    st.tuples(st.sampled_from(sorted(CHOICES)), st.integers(0, 1000)), min_size=1, max_size=5
)


def places_of(spec: list[tuple[int, int]]) -> list[Place]:
    places = []
    for choice, seed in spec:
        logs = np.random.default_rng(seed).normal(size=len(CHOICES[choice])).astype(np.float32)
        places.append(Place(choice, np.array(CHOICES[choice]), logs - np.logaddexp.reduce(logs)))
    return places


def everything(places: list[Place], weight: float, left: list[int]) -> list[tuple[float, tuple[int, ...]]]:
    found = []
    for picks in itertools.product(*(range(len(place.units)) for place in places)):
        units = [int(place.units[pick]) for place, pick in zip(places, picks, strict=True)]
        network = sum(float(place.network[pick]) for place, pick in zip(places, picks, strict=True))
        row = np.array([*[MODEL.beginning] * 2, *left, *units, MODEL.end])[-(len(units) + 3) :]
        windows = np.lib.stride_tricks.sliding_window_view(row, 3)
        found.append(
            (float(MODEL.score(windows[:, :-1], windows[:, -1]).sum()) + weight * network, tuple(units))
        )
    return sorted(found, reverse=True)


@given(places_strategy, st.sampled_from([0.0, 0.5, 1.0]), st.lists(st.integers(0, SIZE - 1), max_size=3))
def test_the_best_sentences_are_those_of_an_exhaustive_search(
    spec: list[tuple[int, int]], weight: float, left: list[int]
) -> None:
    places = places_of(spec)
    wanted = everything(places, weight, left)[:5]
    found = best_paths(places, NgramScores(MODEL), network=weight, count=5, left=left)
    np.testing.assert_allclose([path.score for path in found], [score for score, _ in wanted], atol=1e-4)
    assert found[0].units == wanted[0][1] or abs(wanted[0][0] - wanted[1][0]) < 1e-4


@given(places_strategy, st.sampled_from([0.0, 0.7]))
def test_alternatives_are_conditional_on_the_rest_of_the_sentence(
    spec: list[tuple[int, int]], weight: float
) -> None:
    places = places_of(spec)
    path = best_paths(places, NgramScores(MODEL), network=weight, count=1)[0]
    scores = {units: score for score, units in everything(places, weight, [])}
    for number, (place, logs) in enumerate(
        zip(places, in_context(places, path, NgramScores(MODEL), [], weight), strict=True)
    ):
        exact = np.array(
            [scores[(*path.units[:number], int(u), *path.units[number + 1 :])] for u in place.units]
        )
        np.testing.assert_allclose(logs, exact - np.logaddexp.reduce(exact), atol=1e-4)


def test_remembered_scores_are_the_same() -> None:
    scores = NgramScores(MODEL)
    places = places_of([(0, 1), (1, 2), (2, 3)])
    first = best_paths(places, scores, network=1.0, count=4)
    assert best_paths(places, scores, network=1.0, count=4) == first


def test_no_places_make_the_empty_sentence() -> None:
    assert best_paths([], NgramScores(MODEL), network=1.0, count=3) == [Path((), 0.0)]
