"""The best sentences against trying out all of them."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.decoder import best_products, join, merge, probability

LOGS = st.floats(-30, 0)


@st.composite
def lattices(draw: st.DrawFn) -> list[list[tuple[str, float]]]:
    places = []
    for _ in range(draw(st.integers(0, 5))):
        characters = draw(st.lists(st.sampled_from("一二三四五六七"), min_size=1, max_size=5, unique=True))
        logs = sorted((draw(LOGS) for _ in characters), reverse=True)
        places.append(list(zip(characters, logs, strict=True)))
    return places


@given(lattices(), st.integers(1, 20))
def test_best_products_are_the_best(places: list[list[tuple[str, float]]], count: int) -> None:
    every = {
        "".join(text for text, _ in choice): sum(log for _, log in choice)
        for choice in itertools.product(*places)
    }
    wanted = sorted(every.values(), reverse=True)[:count]
    found = best_products(places, count)
    assert [log for _, log in found] == pytest.approx(wanted, abs=1e-9)
    assert len({text for text, _ in found}) == len(found)
    assert [every[text] for text, _ in found] == pytest.approx([log for _, log in found], abs=1e-9)


def test_edges_of_best_products() -> None:
    assert best_products([], 3) == [("", 0)]
    assert best_products([[("一", 0.0)], []], 3) == []
    assert best_products([[("一", 0.0)]], 0) == []


def test_long_sentences_are_decoded_in_no_time() -> None:
    """256 places with 12 choices each have 12**256 combinations."""
    places = [[(str(rank), -float(rank)) for rank in range(12)]] * 256
    assert len(best_products(places, 50)) == 50


@given(
    st.lists(
        st.tuples(LOGS, st.lists(st.tuples(st.sampled_from(["一", "二", "三"]), LOGS), max_size=4)),
        max_size=4,
    ),
    st.integers(1, 5),
)
def test_merging_adds_up_equal_texts(groups: list[tuple[float, list[tuple[str, float]]]], count: int) -> None:
    weight = sum(math.exp(score) for score, _ in groups)
    every: dict[str, float] = {}
    for score, texts in groups:
        for text, log in texts:
            every[text] = every.get(text, 0.0) + math.exp(score) / weight * math.exp(log)
    found = merge(groups, count)
    assert [math.exp(log) for _, log in found] == pytest.approx(
        sorted(every.values(), reverse=True)[:count], rel=1e-6, abs=1e-30
    )


def test_parts_are_joined_in_order() -> None:
    parts = [[("今天", -0.1), ("金田", -2.0)], [(", ", 0.0)], [("好", -0.2), ("号", -0.3)]]
    assert [text for text, _ in join(parts, 3)] == ["今天, 好", "今天, 号", "金田, 好"]


@pytest.mark.parametrize(
    ("log", "share"), [(0.0, 1.0), (1e-9, 1.0), (math.log(0.5), 0.5), (-math.inf, 0.0), (-1000, 0.0)]
)
def test_probabilities_stay_between_0_and_1(log: float, share: float) -> None:
    assert probability(log) == pytest.approx(share)
