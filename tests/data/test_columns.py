"""Columns that are written piece by piece are those that are written at once."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from studio.data import dataset, digests, kept, prepare
from studio.data.cache import folder
from studio.data.columns import OPTIONAL, TYPES, ColumnFiles
from studio.data.dataset import SplitBuilder
from studio.data.room import Room
from studio.data.steps import stage
from studio.recipe import Task
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.task import Correction
from tests.data.conftest import MakeData


def fill(builder: SplitBuilder, count: int) -> None:
    for number in range(count):
        text = "好" * (number % 7)
        builder.add(text, range(len(text)), number % 3, 0.5, label=number % 2, target="t" * (number % 4))
        builder.place([number], [number + 1])


@pytest.mark.parametrize("count", [0, 1, 200])
def test_files_are_those_that_numpy_writes(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "_HELD", 10)
    room = Room(tmp_path)
    columns, whole = ColumnFiles(room, "train"), SplitBuilder()
    builder = SplitBuilder(columns)
    fill(builder, count)
    fill(whole, count)
    assert len(builder) == builder.finish() == count
    said = columns.close()
    split = whole.build()
    for column, dtype in TYPES.items():
        values = np.ascontiguousarray(getattr(split, column), dtype)
        name = f"train.{column}.npy"
        if not len(values) and column in OPTIONAL[1:]:
            assert name not in said
            continue
        np.save(tmp_path / "expected.npy", values)
        assert (tmp_path / name).read_bytes() == (tmp_path / "expected.npy").read_bytes()
        size = (tmp_path / name).stat().st_size
        assert said[name] == {"bytes": size, "length": len(values), "crc32": zlib.crc32(values.tobytes())}


TASKS: dict[str, Task | None] = {
    "pinyin": None,
    "correction": Correction(),
    "pairs": SequenceToSequence(direction="text_to_pinyin"),
}


@pytest.mark.parametrize("task", TASKS)
def test_a_data_set_is_the_same_however_little_memory_there_is(
    task: str,
    make_data: MakeData,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def made() -> dict[str, bytes]:
        monkeypatch.setenv("STUDIO_HOME", str(tmp_path_factory.mktemp("home")))
        found = prepare.prepare(make_data(), TASKS[task])
        home = folder() / found.fingerprint
        return {path.name: path.read_bytes() for path in home.iterdir()}

    whole = made()
    for module, name in (
        (dataset, "_HELD"),
        (kept, "_HELD"),
        (digests, "_HELD"),
        (digests, "_BLOCK"),
        (stage, "_BATCH"),
        (prepare, "_MOST_AT_ONCE"),
        (prepare, "_MOST_EXAMPLES"),
    ):
        monkeypatch.setattr(module, name, 5)
    made_of_little = made()
    assert made_of_little == whole
    assert {"meta.json", "train.text.npy", "test.line.npy"} < set(whole)
