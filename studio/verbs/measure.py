"""Figures of models, with intervals, and of two models beside each other."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.data.errors import DataError
from studio.inference import ablation
from studio.inference.appraisal.compare import compare
from studio.inference.appraisal.items import Items, export
from studio.inference.evaluation import Evaluated, evaluate_file, evaluate_split, kept, own_data
from studio.inference.load import Loaded, load
from studio.inference.opened import Opened, open_model, task_of
from studio.inference.sentences import chosen, of_file
from studio.runs import evaluations
from studio.runs.appraisal_requests import Compared, Wanted
from studio.runs.appraisals import Appraisal
from studio.runs.evaluations import Decoded
from studio.tasks.model_folder import ModelFolderError
from studio.verbs.figures import comparison_lines, evaluation_lines, left_out_lines

_EVERY = 50  # sentences between two lines about the progress
_STEPS = 20  # lines about the progress of an evaluation


def run(options: argparse.Namespace) -> int:
    """Carry out one of the two verbs; 2 for what was asked wrongly."""
    try:
        return _compare(options) if options.verb == "compare" else _evaluate(options)
    except (ModelFolderError, DataError) as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2


# --- evaluate --------------------------------------------------------------------------------------------


def _evaluate(options: argparse.Namespace) -> int:
    sentences: int | None = options.decoded
    task = task_of(options.run)
    if sentences is not None and task != "pinyin_to_hanzi":
        raise DataError(f"--decoded is for models that type pinyin, not for {task}", "leave it out")
    if options.items is not None and options.items.suffix.lower() not in (".csv", ".jsonl", ".json"):
        raise DataError(
            f"{options.items} ends in neither .csv nor .jsonl", "give the file one of these names"
        )
    loaded: Loaded | None = None
    if sentences is None:
        opened = open_model(options.run)
    else:
        loaded = load(options.run)
        opened = Opened(loaded.found, loaded.model, loaded.task, loaded.config)
    if opened.found.warning:
        print(f"studio: {opened.found.warning}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="studio-") as room:
        found = _judged(opened, options, Path(room), wants_items=options.items is not None)
        if options.items is not None:
            if found.items is None:
                raise DataError(f"the items cannot be kept: {found.trouble}", "make room on the disk")
            written = export(Items(found.items), Wanted(order="number"), options.items)
            print(f"{written:,} items in {options.items}", file=sys.stderr)
    report = found.report
    _warn_of_changes(found.appraisal)
    if not options.json:
        print("\n".join([*evaluation_lines(found.appraisal), *left_out_lines(report)]), file=sys.stderr)
    if sentences is not None and loaded is not None:
        report["decoded"] = asdict(_decode(loaded, options.data, sentences))
    print(json.dumps(report, ensure_ascii=False))
    return 0


def _judged(opened: Opened, options: argparse.Namespace, room: Path, *, wants_items: bool) -> Evaluated:
    tick = _progress() if not options.json else lambda *_: None
    if options.data is not None:
        items = room / "items.parquet" if wants_items else None
        return evaluate_file(opened, options.data, options.limit, tick, items)
    found = evaluate_split(opened, options.split, options.limit, tick)
    if found.trouble:
        print(f"studio: the items are not kept: {found.folder}: {found.trouble}", file=sys.stderr)
    return found


def _warn_of_changes(made: Appraisal) -> None:
    if made.data_changed:
        print(
            "studio: the run's texts have changed since; some of these examples may be known", file=sys.stderr
        )


def _progress() -> Callable[[int, int], None]:
    """Tells of long evaluations how far they are, on a terminal."""
    told = 0

    def tick(done: int, total: int) -> None:
        nonlocal told
        if sys.stderr.isatty() and total and done * _STEPS // total > told:
            told = done * _STEPS // total
            print(f"{done:,} of {total:,} examples judged", file=sys.stderr)

    return tick


def _decode(loaded: Loaded, data: Path | None, limit: int) -> Decoded:
    """Type sentences into the model; those of its own test split are kept in the run folder, for the window."""

    def tick(done: int, total: int, _: Decoded) -> None:
        if done % _EVERY == 0 or done == total:
            print(f"{done} of {total} sentences typed", file=sys.stderr)

    if data is not None:
        shortest, longest = 1, ablation.LONGEST
        found = chosen(of_file(data), limit, shortest, longest)
        return ablation.decode(
            loaded, found, None, limit=limit, shortest=shortest, longest=longest, tick=tick
        )
    dataset, run = own_data(loaded)
    decoded = ablation.decode_test_split(loaded, dataset, limit=limit, tick=tick)
    try:
        evaluations.keep(run.path, decoded)
    except OSError as error:
        print(f"studio: the figures are not kept: {run.path}: {error.strerror}", file=sys.stderr)
    return decoded


# --- compare ---------------------------------------------------------------------------------------------


def _compare(options: argparse.Namespace) -> int:
    tasks = [task_of(path) for path in (options.first, options.second)]
    if tasks[0] != tasks[1]:
        raise DataError(
            f"{options.first} is a model for {tasks[0]}, {options.second} one for {tasks[1]}",
            "choose two models of one task",
        )
    with tempfile.TemporaryDirectory(prefix="studio-") as room:
        sides = [
            _side(path, options, Path(room) / f"{number}.parquet")
            for number, path in enumerate((options.first, options.second))
        ]
        found = compare(*sides)
    if not options.json:
        names = (options.first.name, options.second.name)
        print("\n".join(comparison_lines(found, names, options.examples)), file=sys.stderr)
    print(json.dumps(_plain(found, options), ensure_ascii=False))
    return 0


def _side(path: Path, options: argparse.Namespace, room: Path) -> tuple[Path, Appraisal]:
    """The items of a model and what was found: kept ones of the same weights and data, else evaluated now."""
    if options.data is None:
        there = kept(path, options.split, options.limit)
        if there is not None:
            return there
    opened = open_model(path)
    if not options.json:
        print(f"evaluating {path}", file=sys.stderr)
    if options.data is not None:
        return room, evaluate_file(opened, options.data, options.limit, _progress(), room).appraisal
    found = evaluate_split(opened, options.split, options.limit, _progress())
    if found.items is None:
        raise DataError(
            f"the items cannot be kept: {found.folder}: {found.trouble}", "make the folder writable"
        )
    _warn_of_changes(found.appraisal)
    return found.items, found.appraisal


def _plain(found: Compared, options: argparse.Namespace) -> dict[str, Any]:
    values = asdict(found)
    for name in ("only_first", "only_second"):
        values[name] = values[name][: max(options.examples, 0)]
    return {"first": str(options.first), "second": str(options.second), **values}
