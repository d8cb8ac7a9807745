"""Spans as tags and back, and how many of them agree."""

from __future__ import annotations

import random

import numpy as np
import pytest

from studio.tasks.schemes import Kind, Scheme, agreement, scores

# 0 outside, 1 + 2 n begins label n, 2 + 2 n goes on.
STORED = np.array([0, 1, 2, 2, 3, 0, 1, 1, 2, 3, 4])
SPANS = {(1, 4, 0), (4, 5, 1), (6, 7, 0), (7, 9, 0), (9, 11, 1)}


@pytest.mark.parametrize(
    ("kind", "tags"),
    [
        ("bmes", "O B-a M-a E-a S-b O S-a B-a E-a B-b E-b"),
        ("bio", "O B-a I-a I-a B-b O B-a B-a I-a B-b I-b"),
    ],
)
def test_tags(kind: Kind, tags: str) -> None:
    scheme = Scheme(kind, ("a", "b"), True)
    made = scheme.encode(STORED)
    assert [scheme.tags[one] for one in made] == tags.split()
    found = scheme.spans(made)
    assert set(zip(found.start.tolist(), found.end.tolist(), found.label.tolist(), strict=True)) == SPANS


@pytest.mark.parametrize("kind", ["bmes", "bio"])
@pytest.mark.parametrize("outside", [True, False])
def test_what_may_follow_what(kind: Kind, outside: bool) -> None:
    scheme = Scheme(kind, ("a", "b"), outside)
    allowed = {
        (one, other)
        for row, one in enumerate(scheme.tags)
        for column, other in enumerate(scheme.tags)
        if scheme.follows[row, column]
    }
    for one in scheme.tags:
        for other in scheme.tags:
            goes_on = other[0] in "MEI"
            fits = one[1:] == other[1:] and one[0] in ("BM" if kind == "bmes" else "BI")
            must = kind == "bmes" and one[0] in "BM"
            assert ((one, other) in allowed) == (fits if goes_on else not must), (one, other)
    assert {tag for tag, may in zip(scheme.tags, scheme.begins, strict=True) if may} == {
        tag for tag in scheme.tags if tag[0] in "BSO"
    }
    ends = {tag for tag, may in zip(scheme.tags, scheme.ends, strict=True) if may}
    assert ends == {tag for tag in scheme.tags if tag[0] in ("ESO" if kind == "bmes" else "BIO")}


def plain_entities(tags: list[str]) -> set[tuple[str, int, int]]:
    """Entities as seqeval finds them, written as simply as it can be: for BIO and BMES alike."""
    found, start, label = set(), -1, ""
    for place, tag in enumerate([*tags, "O"]):
        if start >= 0 and (tag[0] in "BSO" or tag[2:] != label):
            found.add((label, start, place))
            start = -1
        if tag[0] in "BS":
            start, label = place, tag[2:]
    return found


@pytest.mark.parametrize("kind", ["bmes", "bio"])
def test_counting_as_a_plain_loop_counts(kind: Kind) -> None:
    rng = random.Random(1)
    scheme = Scheme(kind, ("a", "b"), True)

    def some(most: int) -> list[int]:
        stored: list[int] = []
        while len(stored) < most:
            label = rng.randrange(3)
            length = rng.randint(1, 4)
            stored += [0] * length if label == 2 else [1 + 2 * label] + [2 + 2 * label] * (length - 1)
        return stored[:most]

    for _ in range(30):
        same = some(20)
        gold, found = (scheme.encode(np.array(same + some(40))) for _ in range(2))
        counts = agreement(scheme.spans(gold), scheme.spans(found), 2)
        truth, said = (plain_entities([scheme.tags[one] for one in tags]) for tags in (gold, found))
        for number, label in enumerate(("a", "b")):
            expected = [sum(one[0] == label for one in group) for group in (truth, said, truth & said)]
            assert counts[number].tolist() == expected


def test_figures() -> None:
    assert scores(np.array([8, 10, 6])) == {
        "f1": pytest.approx(2 * 6 / 18),
        "precision": 0.6,
        "recall": 0.75,
    }
    assert scores(np.array([[8, 10, 6], [2, 0, 0]]))["recall"] == 0.6
    assert scores(np.array([0, 0, 0])) == {"f1": None, "precision": None, "recall": None}
    assert scores(np.array([3, 0, 0]))["f1"] == 0
