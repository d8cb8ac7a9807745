"""A loaded tiny model and a recall with a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.inference.load import Loaded, load
from studio.inference.personal.recall import Recall
from studio.runs.personal import PersonalStore
from tests import tiny


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(tiny.finished_run().path)


@pytest.fixture
def recall(loaded: Loaded, tmp_path: Path) -> Iterator[Recall]:
    recall = Recall(PersonalStore(tmp_path / "learnt.sqlite3"))
    yield recall
    loaded.predictor.memory = None
    recall.store.close()
