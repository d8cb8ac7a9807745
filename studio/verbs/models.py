"""`studio predict`, `studio evaluate` and `studio export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from studio.data.errors import DataError
from studio.export.folder import ExportError, export_folder
from studio.inference import ablation
from studio.inference.evaluation import evaluate_pairs, evaluate_test_split, own_data
from studio.inference.load import Loaded, load
from studio.inference.sentences import chosen, of_file
from studio.runs import evaluations
from studio.runs.evaluations import Decoded
from studio.tasks.model_folder import ModelFolderError

_TOLD = 50  # sentences between two lines about the progress


def run(options: argparse.Namespace) -> int:
    """Carry out one of the three verbs; 2 for what was asked wrongly."""
    try:
        match options.verb:
            case "predict":
                return _predict(options.run, options.input, options.top_k)
            case "evaluate":
                return _evaluate(options.run, options.data, options.decoded)
            case _:
                made = export_folder(
                    options.run,
                    options.target,
                    overwrite=options.overwrite,
                    precision=options.weights,
                    ngrams=options.ngrams,
                    fused=options.fused,
                )
                print(made.path)
                return 0
    except (ModelFolderError, ExportError, DataError) as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2


def _load(path: Path) -> Loaded:
    loaded = load(path)
    if loaded.found.warning:
        print(f"studio: {loaded.found.warning}", file=sys.stderr)
    return loaded


def _predict(path: Path, source: str, top_k: int) -> int:
    predictor = _load(path).predictor
    for line in _lines(source):
        decoded = predictor.predict(line, top_k)
        candidates = [{"text": item.text, "score": item.score} for item in decoded.candidates]
        print(json.dumps({"input": line, "candidates": candidates}, ensure_ascii=False), flush=True)
    return 0


def _lines(source: str) -> Iterator[str]:
    try:
        if source == "-":
            yield from _decoded(sys.stdin.buffer)
            return
        with Path(source).open("rb") as file:
            yield from _decoded(file)
    except UnicodeDecodeError as error:
        name = "standard input" if source == "-" else source
        raise DataError(f"{name} is not UTF-8 text ({error.reason})", "save it as UTF-8") from error
    except OSError as error:
        raise DataError(
            f"cannot read {source}: {error.strerror}", "give a text file, or - for standard input"
        ) from error


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, raw in enumerate(lines):
        yield raw.decode("utf-8-sig" if number == 0 else "utf-8").rstrip("\r\n")


def _evaluate(path: Path, data: Path | None, sentences: int | None) -> int:
    loaded = _load(path)
    report = evaluate_pairs(loaded, data) if data is not None else evaluate_test_split(loaded)
    if report.get("data_changed"):
        print(
            "studio: the run's texts have changed since; some of these examples may be known", file=sys.stderr
        )
    if sentences is not None:
        report["decoded"] = asdict(_decode(loaded, data, sentences))
    print(json.dumps(report, ensure_ascii=False))
    return 0


def _decode(loaded: Loaded, data: Path | None, limit: int) -> Decoded:
    """Type sentences into the model; those of its own test split are kept in the run folder, for the window."""

    def tick(done: int, total: int, _: Decoded) -> None:
        if done % _TOLD == 0 or done == total:
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
