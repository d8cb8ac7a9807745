"""Figures of a finished model on the test split of its run, or on pairs of pinyin and hanzi."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studio.data.dataset import Dataset, Split, SplitBuilder
from studio.data.errors import DataError
from studio.data.prepare import prepare
from studio.data.tsv import read_pairs
from studio.engine.environment import recorded_fingerprint
from studio.inference.load import Loaded
from studio.inference.opened import Opened
from studio.recipe import load as load_recipe
from studio.runs.folder import RunFolder


def evaluate_test_split(loaded: Loaded) -> dict[str, Any]:
    """Figures on the test split of the run that the model comes from, in all and for each source.

    `data_changed` says that the texts are no longer those of the run, as far as its record is there: examples
    that the model learnt from may then be among those it is tested on.

    Raises:
        DataError: if the run's recipe is not beside the model, or its data are no longer there.
    """
    dataset, run = own_data(loaded)
    report = _report(loaded, dataset.test)
    report |= about_test_split(dataset, run)
    report["sources"] = {
        source.name: _report(loaded, part)
        for number, source in enumerate(dataset.sources)
        if len(part := _of_source(dataset, number))
    }
    return report


def about_test_split(dataset: Dataset, run: RunFolder) -> dict[str, Any]:
    """What a report on the test split says of its data: whether they are still those that the run began with."""
    began_with = recorded_fingerprint(run)
    return {
        "split": "test",
        "data_changed": began_with is not None and began_with != dataset.fingerprint,
    }


def own_data(loaded: Loaded | Opened) -> tuple[Dataset, RunFolder]:
    """The data that a model was trained on, prepared, and the folder whose recipe names them.

    Raises:
        DataError: if no recipe is beside the model, or its data are no longer there.
    """
    folder = loaded.found.folder
    recipe = next(
        (f / "recipe.toml" for f in (folder, *folder.parents[:2]) if (f / "recipe.toml").is_file()), None
    )
    if recipe is None:
        raise DataError(
            f"{folder} does not say which data it was trained on: no recipe.toml lies beside it",
            "give a file to evaluate on with --data",
        )
    made = load_recipe(recipe)
    return prepare(made.data, made.task), RunFolder(recipe.parent)


def evaluate_pairs(loaded: Loaded, path: Path) -> dict[str, Any]:
    """Figures on a file of `pin yin<TAB>汉字` lines; lines that are no such pair are counted and left out.

    Raises:
        DataError: if the file cannot be read or holds no pair.
    """
    pairs = read_pairs(path)
    builder = SplitBuilder()
    for text, syllables in zip(pairs.texts, pairs.syllables, strict=True):
        builder.add(text, np.array(syllables, np.uint16), 0)
    report = _report(loaded, builder.build())
    report["data"] = str(path)
    report["skipped_lines"] = len(pairs.problems)
    report["problems"] = [str(problem) for problem in pairs.problems[:20]]
    return report


def _of_source(dataset: Dataset, number: int) -> Split:
    builder = SplitBuilder()
    for place in np.flatnonzero(dataset.test.source == number):
        builder.add(dataset.test.text_of(int(place)), dataset.test.syllables_of(int(place)), number)
    return builder.build()


def _report(loaded: Loaded, split: Split) -> dict[str, Any]:
    device = loaded.model.head.weight.device
    figures = loaded.task.evaluate(loaded.model, loaded.task.encode([split]), device)
    return {"step": loaded.config.step, "examples": len(split), "characters": split.positions, **figures}
