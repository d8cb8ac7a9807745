"""`bench estimate`: every recipe can be estimated and run; the table says how far the two lie apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.bench.estimate import CASES, EstimateResult, _recipe, bench
from studio.recipe import dump
from tests import tiny


def finish(progress: object) -> tuple[list[str], EstimateResult]:
    lines = []
    while True:
        try:
            lines.append(next(progress))  # type: ignore[call-overload]
        except StopIteration as end:
            return lines, end.value


@pytest.fixture
def base(tmp_path: Path) -> str:
    path = tmp_path / "tiny.toml"
    path.write_text(dump(tiny.recipe()), encoding="utf-8")
    return str(path)


def test_every_case_is_a_recipe(base: str) -> None:
    made = [_recipe(base, name, 40, ["compute.threads=1"]) for name in CASES]
    assert len(made) == 8
    assert {recipe.training.optimizer for recipe in made} == {"adamw", "sgd", "adafactor", "lion"}
    assert {getattr(recipe.model, "cell", "") for recipe in made} == {"", "gru", "lstm", "rnn"}
    assert max(recipe.training.accumulation for recipe in made) > 1
    assert all(recipe.training.max_steps == 40 and recipe.compute.threads == 1 for recipe in made)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_estimates_and_runs(base: str) -> None:
    small = ["model.width=16", "training.token_budget=256", "compute.threads=1"]
    lines, result = finish(bench(steps=6, recipe=base, names=["gru", "transformer, no"], overrides=small))
    assert [row.name for row in result.rows] == ["transformer, no n-grams", "gru", "gru, accumulation"]
    for row in result.rows:
        assert any(line.startswith(row.name) and f"{row.memory_error:+.0%}" in line for line in lines)
        assert row.memory_error == pytest.approx(row.memory_estimated / row.memory - 1)
        # So small a run is nearly all program; this much at least holds on a busy machine too.
        assert abs(row.memory_error) < 0.25
        assert abs(row.disk_error) < 0.5
    assert result.worst_memory == max(abs(row.memory_error) for row in result.rows)
