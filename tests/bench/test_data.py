"""The bench of preparation, with texts of a moment."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from studio.bench import data
from studio.bench.children import BenchError
from studio.language.text import hanzi_runs


def drive(**options: Any) -> tuple[list[str], data.DataResult]:
    told: list[str] = []
    progress = data.bench(**options)
    while True:
        try:
            told.append(next(progress))
        except StopIteration as end:
            return told, end.value


@pytest.mark.slow
def test_made_texts_hardly_repeat_themselves() -> None:
    lines = list(itertools.islice(data._made(), 200))
    runs = [run for line in lines for run in hanzi_runs(line)]
    assert len(set(runs)) > 0.9 * len(runs)
    assert 5 < sum(map(len, runs)) / len(runs) < 15
    assert lines == list(itertools.islice(data._made(), 200))


def test_a_text_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("今天天气很好\n", encoding="utf-8")
    with pytest.raises(BenchError, match="holds less than"):
        drive(megabytes=[1.0], text=path)


@pytest.mark.slow
def test_both_are_measured() -> None:
    told, result = drive(megabytes=[0.1, 0.2], reference=0.05)
    assert [row.name for row in result.rows] == ["studio", "studio", "script"]
    assert [round(row.megabytes, 1) for row in result.rows] == [0.1, 0.2, 0.1]
    small, large, script = result.rows
    assert 1.8 < large.characters / small.characters < 2.2
    assert all(row.seconds > 0 and row.peak_memory_mb > 30 and row.examples > 500 for row in result.rows)
    assert 0 < script.loading < script.seconds
    scaled = script.loading + (script.seconds - script.loading) * large.megabytes / script.megabytes
    assert result.ratio == pytest.approx(scaled / large.seconds, rel=0.02, abs=0.01)
    assert result.peak_memory_mb == max(small.peak_memory_mb, large.peak_memory_mb)
    assert len(told) == 4
