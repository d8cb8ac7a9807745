"""`bench train`: the contestants get the same data and model, and what is said of them adds up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.bench.training.material import IGNORED, Material, pad_to_longest
from studio.bench.training.ours import _Clock
from studio.bench.training.rivals import Counted, FullSoftmax
from studio.recipe import dump
from studio.runs import events
from tests import tiny


@pytest.fixture(scope="module")
def material() -> Material:
    return Material(tiny.recipe("model.dropout=0"))


def batch_of(material: Material, size: int) -> dict[str, torch.Tensor]:
    examples = material.training_set()
    return pad_to_longest([examples[place] for place in range(size)])


def test_the_usual_collator_gives_what_the_engine_gives(material: Material) -> None:
    chosen = material.training_set()._numbers[:9]
    ours = material.task.collate(material.examples, chosen).inputs
    theirs = batch_of(material, 9)
    assert set(theirs) == {"symbols", "lengths", "units"}
    for name, value in theirs.items():
        assert torch.equal(value, ours[name]), name


def test_batches_hold_as_many_positions_as_ours(material: Material) -> None:
    from studio.engine.order import TrainingOrder

    batches = TrainingOrder(material.dataset, material.recipe).epoch(0)
    lengths = material.examples.lengths
    ours = np.mean([lengths[batch].sum() for batch in batches])
    theirs = material.rows * np.mean([len(item["symbols"]) for item in material.training_set()])
    assert theirs == pytest.approx(ours, rel=0.05)
    assert len(material.training_set()) == sum(len(batch) for batch in batches)


def test_positions_are_counted_without_padding(material: Material) -> None:
    model = Counted(material.model(), 0.0)
    batch = batch_of(material, 5)
    real = int((batch["units"] != IGNORED).sum())
    loss = model(**batch)["loss"]
    model(**batch)
    assert int(model.positions) == 2 * real
    assert loss.item() == pytest.approx(model.model(**batch).item() / real)


def test_full_softmax_is_over_characters(material: Material) -> None:
    characters = material.task.vocabulary.characters
    model = FullSoftmax(material.model(), characters, material.recipe.model.width)
    assert model.head.out_features == len(set(characters)) < len(characters)
    torch.nn.init.zeros_(model.head.weight)
    torch.nn.init.zeros_(model.head.bias)
    batch = batch_of(material, 4)
    real = int((batch["units"] != IGNORED).sum())
    assert float(model(**batch)) / real == pytest.approx(np.log(len(set(characters))), rel=1e-5)


def test_the_clock_leaves_the_warm_up_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("studio.bench.training.ours.time.perf_counter", lambda: now[0])
    clock = _Clock(10.0)
    ended = []
    for step in range(1, 20):
        now[0] += 1.0
        # Each step takes half a second of training and half a second of something else.
        event = events.Step(
            step=step, epoch=0, loss=1, learning_rate=1, gradient_norm=1,
            positions_per_second=100 if step <= 3 else 400, seconds=step * 0.5,
        )  # fmt: skip
        ended.append(clock.done(event))
    assert clock.warm_up == 3
    assert ended.index(True) + 1 == 13, "ten seconds after the warm-up"
    assert clock.speed == pytest.approx(200), "by the clock on the wall"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_comparison(tmp_path: Path) -> None:
    file = tmp_path / "tiny.toml"
    file.write_text(dump(tiny.recipe("model.dropout=0")), encoding="utf-8")
    options = ["--seconds", "0.5", "--budgets", "64,256", "--set", "compute.threads=1", "--full-softmax"]
    done = subprocess.run(
        [sys.executable, "-m", "studio", "bench", "train", "--recipe", str(file), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert [row["budget"] for row in result["rows"]] == [64, 256]
    for row in result["rows"]:
        assert (
            row["loss"].keys()
            == row["positions"].keys()
            == {"ours", "trainer", "trainer_full_softmax", "plain"}
        )
        assert min(row["ours"], row["trainer"], row["plain"], row["trainer_full_softmax"]) > 0
        for name in ("trainer", "plain"):
            assert row["positions"][name] == pytest.approx(row["positions"]["ours"], rel=0.2)
            assert row["loss"][name] == pytest.approx(row["loss"]["ours"], abs=1.0)
    ratios = sorted(row["ours"] / row["trainer"] for row in result["rows"])
    assert result["ratio_to_trainer"] == pytest.approx(sum(ratios) / 2)
    assert result["ratio_to_plain"] > 0
    assert result["threads"] == 1 and result["machine"]["cores"] >= 1 and result["machine"]["torch"]
    assert "real positions a second" in done.stderr and "budget 64: plain" in done.stderr
