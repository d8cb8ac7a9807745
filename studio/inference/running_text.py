"""Figures of models of running text: on the test split of their run, and on a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studio.data.dataset import Dataset, Split, SplitBuilder
from studio.data.errors import DataError
from studio.data.reading import read_text
from studio.data.running import cleaned, pieces
from studio.inference.evaluation import about_test_split, own_data
from studio.inference.opened import Opened
from studio.recipe import Cleaning


def evaluate_test_split(opened: Opened) -> dict[str, Any]:
    """Figures on the test split of the run that a model comes from, in all and for each source.

    Raises:
        DataError: if the run's recipe is not beside the model, or its data are no longer there.
    """
    dataset, run = own_data(opened)
    return {
        **_report(opened, dataset.test),
        **about_test_split(dataset, run),
        "sources": {
            source.name: _report(opened, part)
            for number, source in enumerate(dataset.sources)
            if len(part := _of_source(dataset, number))
        },
    }


def evaluate_file(opened: Opened, path: Path) -> dict[str, Any]:
    """Figures on a text file, read as one text.

    Raises:
        DataError: if the file cannot be read.
    """
    builder = SplitBuilder()
    for text, flags in pieces(cleaned(read_text(path), Cleaning()), opened.task.section.context):
        builder.add(text, (), 0, label=flags)
    split = builder.build()
    if not len(split):
        raise DataError(f"{path} holds no text once it is cleaned", "choose another file")
    return {**_report(opened, split), "data": str(path)}


def _report(opened: Opened, split: Split) -> dict[str, Any]:
    figures = opened.task.evaluate(opened.model, opened.task.encode(split), opened.device)
    known = {"task": opened.config.task, "step": opened.config.step}
    return {**known, "examples": len(split), "characters": split.positions, **figures}


def _of_source(dataset: Dataset, number: int) -> Split:
    builder = SplitBuilder()
    for place in np.flatnonzero(dataset.test.source == number):
        text = dataset.test.text_of(int(place))
        builder.add(text, (), number, label=int(dataset.test.label[place]))
    return builder.build()
