"""The check of forgetting: halves by documents, nothing of the user's touched, honest counts."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from studio.data.dataset import SplitBuilder
from studio.data.errors import DataError
from studio.inference.load import Loaded
from studio.inference.personal.check import CheckResult, check, halves
from studio.runs.personal import PersonalStore


def finished(steps: Generator[str, None, CheckResult]) -> tuple[list[str], CheckResult]:
    lines = []
    while True:
        try:
            lines.append(next(steps))
        except StopIteration as end:
            return lines, end.value


def test_halves_keep_the_order_of_each_source() -> None:
    builder = SplitBuilder()
    for source, text in ((0, "一"), (1, "二"), (0, "三"), (0, "四"), (1, "五")):
        builder.add(text, [0], source)
    first, second = halves(builder.build())
    assert sorted(np.concatenate([first, second]).tolist()) == [0, 1, 2, 3, 4]
    assert first.tolist() == [0, 2, 1]
    assert second.tolist() == [3, 4]


def test_simulated_learning_leaves_the_users_store_alone(loaded: Loaded, fresh_home: Path) -> None:
    lines, found = finished(check(loaded, limit=6, simulate=4))
    assert found.simulated
    assert found.learnt == 4
    assert found.unseen.sentences == 6
    assert found.learnt_sentences is not None
    assert found.learnt_sentences.sentences == 4
    assert found.learnt_sentences.with_learnt == 1.0
    assert found.learnt_sentences.without <= found.learnt_sentences.with_learnt
    assert found.key_ms.keys > 20
    assert any("not learnt" in line for line in lines)
    assert not PersonalStore().file.exists()


def test_the_users_store_is_judged_as_it_is(loaded: Loaded, tmp_path: Path) -> None:
    store = PersonalStore(tmp_path / "s.sqlite3")
    with pytest.raises(DataError, match="nothing has been learnt"):
        finished(check(loaded, limit=3, store=store))
    store.learn("张玮琦", "zhang wei qi")
    _, found = finished(check(loaded, limit=3, store=store))
    assert (found.simulated, found.learnt, found.words) == (False, 1, 0)
    assert found.learnt_sentences is None
    assert found.unseen.broken == found.unseen.mended == ()
    assert found.unseen.without == found.unseen.with_learnt
    store.close()
