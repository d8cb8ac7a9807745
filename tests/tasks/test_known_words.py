"""Word lists beside marked texts: what a sequence labelling is shown of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from studio import tasks
from studio.data.dataset import Dataset
from studio.data.prepare import prepare
from studio.engine.order import TrainingOrder
from studio.models.sequence_tagger import SequenceTagger
from studio.recipe import Recipe, RecipeError, parse
from studio.recipe.usual import suited
from studio.runs.folder import RunFolder
from studio.tasks import SequenceLabelling
from studio.tasks.model_folder import read_model
from tests import tiny_tagging
from tests.tiny_texts import run_of

WORDS = "北京\n西安\n小明\n好大学\n"  # the last one's characters are not all known


def recipe_with(path: Path, *overrides: str, family: str = "recurrent") -> Recipe:
    values = tiny_tagging.labelling("task.what=words", *overrides, family=family).model_dump(mode="json")
    values["data"]["sources"].append({"kind": "lexicon", "path": str(path)})
    return parse(values)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lists") / "words.txt"
    path.write_text(WORDS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def dataset(listed: Path) -> Dataset:
    recipe = recipe_with(listed)
    return prepare(recipe.data, recipe.task)


def task_of(recipe: Recipe, dataset: Dataset) -> SequenceLabelling:
    made = tasks.create(recipe.task).prepare(dataset)
    assert isinstance(made, SequenceLabelling)
    return made


def test_listed_words_are_shown_and_not_learnt_from(listed: Path, dataset: Dataset) -> None:
    recipe = recipe_with(listed)
    task = task_of(recipe, dataset)
    assert len(task.examples(dataset, "train")) == len(dataset.train)
    assert max(int(batch.max()) for batch in TrainingOrder(dataset, recipe).epoch(0)) < len(dataset.train)
    model = task.build_model(recipe)
    assert isinstance(model, SequenceTagger) and model.words is not None
    assert len(model.words.keys) == 3
    marks = model.words.marks(torch.from_numpy(task.read("在北京吃饭"))[None].long())[0]
    assert marks.any(dim=-1).tolist() == [False, True, True, False, False]


@pytest.mark.parametrize("family", ["recurrent", "transformer_encoder"])
def test_what_is_shown_reaches_the_scores(family: str, listed: Path, dataset: Dataset) -> None:
    recipe = recipe_with(listed, family=family)
    task = task_of(recipe, dataset)
    model = task.build_model(recipe).eval()
    assert model.words is not None
    text = torch.from_numpy(task.read("在北京吃饭"))[None].long()
    lengths = torch.tensor([text.shape[1]])
    before = model.scores(text, lengths)
    model.words.keys.zero_()
    assert not torch.allclose(before, model.scores(text, lengths))


def test_a_saved_model_knows_them_without_the_list(listed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "words.txt"
    copy.write_text(WORDS, encoding="utf-8")
    run: RunFolder = run_of(recipe_with(copy, "training.max_steps=4"), tmp_path)
    copy.unlink()
    folder = sorted((run.path / "checkpoints").iterdir())[-1]
    model, task, _ = read_model(folder, "cpu")
    assert isinstance(model, SequenceTagger) and isinstance(task, SequenceLabelling)
    assert model.words is not None and len(model.words.keys) == 3
    assert model.words.marks(torch.from_numpy(task.read("在西安"))[None].long()).any()


def test_without_lists_a_model_has_no_table() -> None:
    recipe = tiny_tagging.labelling()
    made = prepare(recipe.data, recipe.task)
    model = task_of(recipe, made).build_model(recipe)
    assert model.words is None
    assert not any("words" in name for name in model.state_dict())


def test_which_packaged_sources_go_with_it() -> None:
    values: dict[str, Any] = {
        "name": "words",
        "task": {"name": "sequence_labelling", "what": "words"},
        "model": {"family": "recurrent"},
    }
    builtin = [{"kind": "builtin", "name": name} for name in ("peoples_daily", "lexicon_jieba")]
    parse({**values, "data": {"sources": builtin}})  # someone's own texts may well go with it
    with pytest.raises(RecipeError, match="reviews marks no words"):
        parse({**values, "data": {"sources": [*builtin, {"kind": "builtin", "name": "reviews"}]}})
    # But nobody gets it unasked for: it holds the words of the packaged texts, those that judge among them.
    kept = suited({**values, "data": {"sources": builtin}})["data"]["sources"]
    assert kept == builtin[:1]
