"""`studio predict` and `studio export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.data.errors import DataError
from studio.export.folder import ExportError, export_folder
from studio.inference import (
    blanks,
    classification,
    correction,
    generation,
    labelling,
    readings,
    translation,
)
from studio.inference.finding import Found
from studio.inference.load import Loaded, load
from studio.inference.opened import Opened, open_model, task_of
from studio.runs.generation import Sampling
from studio.tasks.model_folder import ModelFolderError

_CANDIDATES = 5  # a line, unless another number is asked for


def run(options: argparse.Namespace) -> int:
    """Carry out one of the two verbs; 2 for what was asked wrongly."""
    try:
        match options.verb:
            case "predict":
                return _predict(options)
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


def _warn(found: Found) -> None:
    if found.warning:
        print(f"studio: {found.warning}", file=sys.stderr)


def _load(path: Path) -> Loaded:
    loaded = load(path)
    _warn(loaded.found)
    return loaded


def _open(path: Path) -> Opened:
    opened = open_model(path)
    _warn(opened.found)
    return opened


def _predict(options: argparse.Namespace) -> int:
    task = task_of(options.run)
    if options.top_k is None and task != "text_classification":  # whose scores are of all labels
        options.top_k = _CANDIDATES
    answer = _ANSWERS[task](options)
    for line in _lines(options.input):
        print(json.dumps({"input": line, **answer(line)}, ensure_ascii=False), flush=True)
    return 0


def _typist(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    predictor = _load(options.run).predictor

    def answer(line: str) -> dict[str, Any]:
        decoded = predictor.predict(line, options.top_k)
        return {"candidates": [{"text": item.text, "score": item.score} for item in decoded.candidates]}

    return answer


def _classifier(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    classifier = classification.classifier(_open(options.run))

    def answer(line: str) -> dict[str, Any]:
        found = classifier.classify(line)
        scores = {item.text: item.score for item in found.scores[: options.top_k]}
        note = {"note": found.note} if found.note else {}
        return {"label": found.label, "scores": scores, **note}

    return answer


def _writer(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    try:
        sampling = Sampling(
            temperature=options.temperature,
            top_k=options.among,
            top_p=options.top_p,
            length=options.length,
            stop=options.stop,
            seed=options.seed,
        )
    except ValueError as error:
        raise DataError(str(error), "see `studio predict --help`") from error
    writer = generation.writer(_open(options.run))

    def answer(line: str) -> dict[str, Any]:
        made = writer.texts(line, sampling, options.top_k)
        strange = "".join(writer.unknown(line))
        note = {"note": f"the model does not know {strange}"} if strange else {}
        return {"candidates": [{"text": one.text, "score": one.score} for one in made], **note}

    return answer


def _filler(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    filler = blanks.filler(_open(options.run))

    def answer(line: str) -> dict[str, Any]:
        found = filler.fill(line, options.top_k)
        rows = [
            {"blank": number, "text": one.text, "score": one.score}
            for number, best in enumerate(found.blanks)
            for one in best
        ]
        return {"candidates": rows, **({"note": found.note} if found.note else {})}

    return answer


def _reader(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    reader = readings.reader(_open(options.run))

    def answer(line: str) -> dict[str, Any]:
        found = reader.read(line)
        strange = "".join(one.text for one in found if not one.learnt)
        note = {"note": f"the model does not know {strange}"} if strange else {}
        return {"pinyin": [one.written for one in found], **note}

    return answer


def _labeller(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    labeller = labelling.labeller(_open(options.run))

    def answer(line: str) -> dict[str, Any]:
        found = labeller.spans(line)
        return {"spans": [{**asdict(one), "text": line[one.start : one.end]} for one in found]}

    return answer


def _corrector(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    proofreader = correction.proofreader(_open(options.run))

    def answer(line: str) -> dict[str, Any]:
        found = proofreader.correct(line)
        edits = [
            {"position": edit.position, "from": edit.wrong, "to": edit.right, "score": edit.score}
            for edit in found.edits
        ]
        return {"text": found.text, "edits": edits, **({"note": found.note} if found.note else {})}

    return answer


def _translator(options: argparse.Namespace) -> Callable[[str], dict[str, Any]]:
    translator = translation.translator(_open(options.run))

    def answer(line: str) -> dict[str, Any]:
        found = translator.translate(line, options.top_k)
        rows = [{"text": one.text, "score": one.score} for one in found.candidates]
        return {"candidates": rows, **({"note": found.note} if found.note else {})}

    return answer


_ANSWERS = {
    "pinyin_to_hanzi": _typist,
    "text_classification": _classifier,
    "language_model": _writer,
    "hanzi_to_pinyin": _reader,
    "sequence_labelling": _labeller,
    "masked_language_model": _filler,
    "correction": _corrector,
    "sequence_to_sequence": _translator,
}


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
