"""Sentences to be typed, and what counts as right."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.inference.sentences import Outcome, Sentence, accuracy, chosen, distance


def test_sentences_are_spread_evenly_over_those_that_fit() -> None:
    found = [Sentence("字" * (1 + n % 7), (), "s") for n in range(70)]
    few = chosen(found, 5, 3, 4)
    assert [len(item.text) for item in few] and {len(item.text) for item in few} <= {3, 4}
    assert few[0] is found[2] and few[-1] is found[66]
    assert len(chosen(found, 0, 3, 4)) == 20
    assert chosen(found, 5, 8, 9) == []


def test_shares() -> None:
    ranks = (0, 0, 3, 7, -1)
    found = accuracy([Outcome("s", rank, 3, 4, 12) for rank in ranks])
    assert (found.top1, found.top5, found.top10, found.char, found.sentences) == (0.4, 0.6, 0.8, 0.75, 5)


@given(st.text("ab", max_size=6), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a) >= abs(len(a) - len(b))
    assert distance(a, c) <= distance(a, b) + distance(b, c)
    assert distance(a + "x", a) == 1
