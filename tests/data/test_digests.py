"""Digests are known again, wherever they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data import digests
from studio.data.digests import Digests, digests_of
from studio.data.room import Room


@pytest.mark.parametrize("filed", [False, True])
def test_what_was_met_is_known_as_by_a_set(
    filed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "_HELD", 64)
    monkeypatch.setattr(digests, "_BLOCK", 16)
    room = Room(tmp_path) if filed else None
    made, known = Digests(room), set[int]()
    draw = np.random.default_rng(1)
    for turn in range(60):
        some = draw.integers(0, 2000, turn % 23, np.uint64)
        if turn % 3 == 0:
            made.add(some)
            known.update(some.tolist())
            continue
        expected = []
        for one in some.tolist():
            expected.append(one not in known)
            known.add(one)
        assert made.fresh(some).tolist() == expected
    assert len(list(tmp_path.iterdir())) >= 5 if filed else not list(tmp_path.iterdir())
    if room:
        room.close()


def test_digests_tell_texts_apart() -> None:
    found = digests_of(["一", "二", "一", "\ud800", ""])
    assert len(set(found.tolist())) == 4
    assert found[0] == found[2]
    assert digests_of([]).shape == (0,)
