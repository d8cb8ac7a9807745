"""Figures of a finished model on a split of its run's data, or on a file, with what its items were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.data import cache
from studio.data.dataset import Dataset, Split
from studio.data.errors import DataError
from studio.data.fingerprint import fingerprint
from studio.data.prepare import prepare
from studio.data.sources import locate
from studio.engine.environment import recorded_fingerprint
from studio.inference.appraisal.appraise import Judgement, Tick, judge, no_tick, summed
from studio.inference.appraisal.bootstrap import SEED
from studio.inference.appraisal.files import read_file
from studio.inference.appraisal.judges import JUDGES
from studio.inference.appraisal.scores import SCORINGS
from studio.inference.finding import find
from studio.inference.load import Loaded
from studio.inference.opened import Opened
from studio.recipe import load as load_recipe
from studio.runs import appraisals
from studio.runs.appraisals import Appraisal, Figure
from studio.runs.folder import RunFolder
from studio.runs.judged_splits import SplitName
from studio.tasks.model_folder import read_config
from studio.tasks.overlap import signatures


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation found.

    Attributes:
        report: plain values, as the command line prints them.
        appraisal: the same for the window, with the name of the file with the items.
        folder: of the run; None for a file.
        items: where the items are; None if they are nowhere.
        trouble: why they are not in the run folder; empty if they are, or need not be.
    """

    report: dict[str, Any]
    appraisal: Appraisal
    folder: Path | None
    items: Path | None
    trouble: str = ""


def own_data(loaded: Loaded | Opened) -> tuple[Dataset, RunFolder]:
    """The data that a model was trained on, prepared, and the folder whose recipe names them.

    Raises:
        DataError: if no recipe is beside the model, or its data are no longer there.
    """
    folder = loaded.found.folder
    home = _home(folder)
    if home is None:
        raise DataError(
            f"{folder} does not say which data it was trained on: no recipe.toml lies beside it",
            "give a file to evaluate on with --data",
        )
    made = load_recipe(home / "recipe.toml")
    return prepare(made.data, made.task), RunFolder(home)


def _changed(dataset: Dataset, run: RunFolder) -> bool:
    began_with = recorded_fingerprint(run)
    return began_with is not None and began_with != dataset.fingerprint


def evaluate_split(
    opened: Opened, split: SplitName = "test", limit: int = 0, tick: Tick = no_tick
) -> Evaluated:
    """Judge a model on its own run's data, in all and for each source, and keep what was found in the run folder.

    `data_changed` says that the texts are no longer those of the run, as far as its record is there: examples
    that the model learnt from may then be among those it is judged on.

    Args:
        limit: at most so many examples, spread evenly; 0 takes all.

    Raises:
        DataError: if the run's recipe is not beside the model, or its data are no longer there.
    """
    dataset, run = own_data(opened)
    known = dataset.labels or dataset.tag_names
    if known and known != opened.task.labels:
        raise DataError("the data have other labels than the model", "give a file to evaluate on with --data")
    config, part = opened.config, dataset.splits()[split]
    scoring, sources = SCORINGS[config.task], tuple(source.name for source in dataset.sources)
    path = run.path / appraisals.FOLDER / f"{appraisals.stem(config.step, split)}.parquet"
    judged: Judgement | None = None
    trouble = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        judged = judge(JUDGES[config.task](opened, part), scoring, part, limit, tick, path, sources)
    except OSError as error:  # a disk that is full or may not be written: the figures are still worth having
        trouble = error.strerror or str(error)
        judged = judge(JUDGES[config.task](opened, part), scoring, part, limit, tick)
    made = replace(
        summed(config.task, config.step, judged, split, limit, sources),
        data=dataset.fingerprint,
        data_changed=_changed(dataset, run),
        records="" if trouble else path.name,
    )
    if not trouble:
        try:
            appraisals.keep(run.path, made)
        except OSError as error:
            trouble = error.strerror or str(error)
    report = {
        **_report(opened, part, judged, made),
        "split": split,
        "data_changed": made.data_changed,
        "sources": {
            name: {**_counted(opened, part, judged.example[judged.source == number]), **made.sources[name]}
            for number, name in enumerate(sources)
            if name in made.sources
        },
    }
    return Evaluated(report, made, run.path, None if trouble else path, trouble)


def kept(path: Path, split: SplitName, limit: int = 0) -> tuple[Path, Appraisal] | None:
    """An evaluation of the model at a path that is kept in its run's folder: where its items are, and its figures.

    Of the same weights, split and limit, and of the data as they are now; None if there is none.

    Raises:
        ModelFolderError: if there is no model.
    """
    folder = find(path).folder
    step = read_config(folder).step
    home = _home(folder)
    if home is None:
        return None
    made = appraisals.read_file(home / appraisals.FOLDER / f"{appraisals.stem(step, split)}.json")
    if made is None or not made.records or made.limit != limit or made.step != step:
        return None
    recipe = load_recipe(home / "recipe.toml")
    try:
        origins = [locate(source) for source in recipe.data.sources]
        now = fingerprint(recipe.data, origins, cache.folder(), recipe.task)
    except (DataError, OSError):
        now = made.data  # without the data nothing newer can be made
    return (appraisals.records_of(home, made), made) if made.data == now else None


def _home(folder: Path) -> Path | None:
    """The folder with the recipe that a model in a folder was trained with."""
    return next((f for f in (folder, *folder.parents[:2]) if (f / "recipe.toml").is_file()), None)


def evaluate_file(
    opened: Opened, path: Path, limit: int = 0, tick: Tick = no_tick, items: Path | None = None
) -> Evaluated:
    """Judge a model on a file of the user's; see `appraisal.files` for what it may hold.

    Args:
        items: where the items are written, if anywhere.

    Raises:
        DataError: if the file cannot be read or holds nothing to judge.
    """
    config = opened.config
    read = read_file(opened, path)
    judged = judge(read.judge, SCORINGS[config.task], read.split, limit, tick, items, (path.name,))
    made = summed(config.task, config.step, judged, path.name, limit)
    report = {**_report(opened, read.split, judged, made), **read.about, "data": str(path)}
    return Evaluated(report, made, None, items)


def _report(opened: Opened, split: Split, judged: Judgement, made: Appraisal) -> dict[str, Any]:
    units = judged.units
    report: dict[str, Any] = {
        **_counted(opened, split, judged.example),
        **{name: figure.value for name, figure in made.figures.items()},
        **_labels(opened, made),
        **_intervals(made.figures),
        "resampled": {
            "by": "document" if made.documents else "example",
            "units": made.items if units is None else len(np.unique(units)),
            "replicates": made.replicates,
            "seed": SEED,
            "level": made.level,
        },
        "class_kind": made.class_kind,
        "every_class": made.every_class,
        "classes": [
            {
                "name": one.name,
                "wanted": one.wanted,
                "given": one.given,
                **{name: getattr(one, name).value for name in _OF_CLASSES},
                **_intervals({name: getattr(one, name) for name in _OF_CLASSES}),
            }
            for one in made.classes[:_CLASSES]
        ],
        "confused": [
            {"wanted": one.wanted, "given": one.given, "count": one.count}
            for one in made.confusion
            if one.wanted != one.given
        ][:_CONFUSED],
        "items": made.items,
    }
    if made.calibration is not None:
        found = made.calibration
        report["calibration"] = {
            "error": found.error,
            "decisions": found.count,
            "bins": [vars(one) for one in found.bins],
        }
    if opened.config.task == "sequence_to_sequence":
        report["signatures"] = signatures(chinese=opened.task.chinese)
    if opened.config.task == "correction":
        report["threshold"] = float(np.asarray(opened.model.threshold.cpu()))
    return report


_OF_CLASSES = ("precision", "recall", "f1")
_CLASSES, _CONFUSED = 100, 50  # classes and pairs of them that are printed


def _counted(opened: Opened, split: Split, example: np.ndarray) -> dict[str, Any]:
    examples = np.unique(example)
    return {
        "task": opened.config.task,
        "step": opened.config.step,
        "examples": len(examples),
        "characters": int(np.asarray(split.lengths)[examples].sum()),
    }


def _labels(opened: Opened, made: Appraisal) -> dict[str, Any]:
    """Figures label by label, and for whole texts the matrix, where a task has labels."""
    if made.class_kind != "label":
        return {}
    labels: tuple[str, ...] = opened.task.labels
    of = {one.name: one for one in made.classes}
    whole = made.task == "text_classification"
    nothing = 0.0 if whole else None
    found = {
        label: {
            **{name: getattr(of[label], name).value if label in of else nothing for name in _OF_CLASSES},
            "examples" if whole else "spans": of[label].wanted if label in of else 0,
        }
        for label in labels
    }
    if not whole:
        return {"labels": found}
    counts = {(pair.wanted, pair.given): pair.count for pair in made.confusion}
    matrix = {label: {other: counts.get((label, other), 0) for other in labels} for label in labels}
    return {"labels": found, "confusion": matrix}


def _intervals(figures: Mapping[str, Figure]) -> dict[str, Any]:
    """The bounds of figures that have some."""
    bounds = {name: [one.low, one.high] for name, one in figures.items() if one.low is not None}
    return {"intervals": bounds} if bounds else {}
