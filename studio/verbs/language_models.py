"""`studio language-models list|import|show|remove|use`, and `studio tune`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.inference.tuning import Tuned
    from studio.runs.language_models import ImportedModel

_SENTENCES = 300
_TURN = 0.2  # seconds between two lines about progress
_STAGES = {
    "reading": "reading files",
    "data": "preparing the data of the run",
    "models": "turning language models into n-grams of characters",
    "shares": "finding the shares of the n-gram models",
    "mixing": "mixing n-grams",
    "network": "typing sentences into the network",
    "before": "decoding with the weights so far",
    "after": "trying weights",
}


def register(verbs: Any) -> None:
    """Add `language-models` and `tune` to the verbs of the command line."""
    text = "import language models and word lists, to be used beside trained models"
    actions = verbs.add_parser(
        "language-models", help=text, description=f"{text.capitalize()}."
    ).add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list them")
    listing.add_argument("--json", action="store_true", help="one JSON array")
    add = actions.add_parser(
        "import",
        help="read files and keep them as one model",
        description="Reads an ARPA file (also packed with gzip, xz or bzip2), a model packed by KenLM, or lists of "
        "words with counts, pairs of words with counts, or words with pinyin. Lists that belong together are given "
        "together.",
    )
    add.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add.add_argument("--name", default="", metavar="NAME", help="its name (default: the first file's)")
    add.add_argument(
        "--licence",
        default="",
        metavar="TEXT",
        help="its licence: a file with the text, or the licence's name",
    )
    add.add_argument("--readings", type=Path, metavar="FILE", help="words with their pinyin, one a line")
    add.add_argument("--replace", action="store_true", help="replace a model of the same name")
    show = actions.add_parser("show", help="show one of them")
    show.add_argument("name", metavar="NAME")
    remove = actions.add_parser("remove", help="remove one of them")
    remove.add_argument("name", metavar="NAME")
    use = actions.add_parser(
        "use",
        help="use some of them with a model, untuned",
        description="Gives imported models equal shares among a model's n-grams. No name: the model decides alone. "
        "`studio tune` finds better shares.",
    )
    use.add_argument("run", type=Path, metavar="RUN", help="a run, a checkpoint or an exported folder")
    use.add_argument("names", nargs="*", metavar="NAME")
    tune = verbs.add_parser(
        "tune",
        help="find the weights of a model's parts on its validation data",
        description="Finds how much network, division into syllables, own n-grams and imported language models count, "
        "on the validation split of the model's run, and keeps that beside it as fusion.json.",
    )
    tune.add_argument("run", type=Path, metavar="RUN", help="a run, a checkpoint or an exported folder")
    tune.add_argument(
        "--with",
        dest="names",
        nargs="+",
        metavar="NAME",
        help="imported models to try (default: those in use)",
    )
    tune.add_argument(
        "--limit",
        type=_at_least_one,
        default=_SENTENCES,
        metavar="N",
        help=f"sentences typed (default {_SENTENCES})",
    )
    tune.add_argument("--dry-run", action="store_true", help="write nothing")
    for parser in (add, tune):
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--attached", action="store_true", help="stop when standard input closes")


def run(options: argparse.Namespace) -> int:
    """Carry out one of them; 2 for what was asked wrongly, 130 when interrupted."""
    from studio.data.errors import Cancelled, DataError
    from studio.runs.fusion import FusionError
    from studio.runs.language_models import LanguageModelError
    from studio.tasks.model_folder import ModelFolderError

    try:
        return _carry_out(options)
    except (DataError, LanguageModelError, ModelFolderError, FusionError) as error:
        if getattr(options, "json", False):
            message, remedy = (
                (error.message, error.remedy) if isinstance(error, DataError) else (str(error), "")
            )
            _tell(type="failed", message=message, remedy=remedy)
        print(f"studio: {error}", file=sys.stderr)
        return 2
    except (Cancelled, KeyboardInterrupt):
        return 130


def _carry_out(options: argparse.Namespace) -> int:
    from studio.runs import language_models

    if options.verb == "tune":
        return _tune(options)
    match options.action:
        case "list":
            return _list(options.json)
        case "import":
            return _import(options)
        case "show":
            print(_described(language_models.get(options.name)))
        case "use":
            return _use(options.run, options.names)
        case _:
            language_models.remove(options.name)
    return 0


def _list(as_json: bool) -> int:
    from studio.runs import language_models

    models = language_models.imported()
    if as_json:
        rows = [{**asdict(model), "path": str(model.folder), "size": model.size} for model in models]
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    if not models:
        print(f"none in {language_models.home()}; `studio language-models import FILE` adds one")
    for model in models:
        print(
            f"{model.name:<24} {model.kind:<7} {model.words:>9,} words  {_size(model):>8}  {model.licence}".rstrip()
        )
    return 0


def _size(model: ImportedModel) -> str:
    return f"{model.size / 1e6:.1f} MB"


def _described(model: ImportedModel) -> str:
    lines = [
        f"{model.name} ({model.kind}), imported {model.added}",
        f"from       {', '.join(model.sources)}",
        f"holds      {model.words:,} words, {model.pairs:,} pairs, {model.triples:,} triples",
        f"licence    {model.licence or 'not known'}",
        f"folder     {model.folder} ({_size(model)})",
        *(f"note       {note}" for note in model.notes),
    ]
    return "\n".join(lines)


def _import(options: argparse.Namespace) -> int:
    from studio.data.language_models import store

    progress = _Progress(options)
    model = store.add(
        options.files,
        lambda done, total: progress("reading", done, total),
        name=options.name,
        licence=options.licence,
        readings=options.readings,
        replace=options.replace,
    )
    if options.json:
        _tell(type="imported", **asdict(model), size=model.size)
    else:
        print(_described(model))
        if not model.licence:
            print("studio: its licence is not known; --licence keeps it beside the model", file=sys.stderr)
    return 0


def _use(path: Path, names: list[str]) -> int:
    from studio.inference.load import find
    from studio.runs import fusion, language_models

    folder = find(path).folder
    known = [language_models.get(name).name for name in names]
    print(fusion.write(folder, fusion.using(fusion.read(folder), known)))
    return 0


def _tune(options: argparse.Namespace) -> int:
    from studio.inference.load import load
    from studio.inference.tuning import tune
    from studio.runs import fusion, language_models

    progress = _Progress(options)
    loaded = load(options.run)
    if loaded.found.warning:
        print(f"studio: {loaded.found.warning}", file=sys.stderr)
    names = options.names
    if names is None:
        known = {model.name for model in language_models.imported()}
        names = [name for name in fusion.read(loaded.found.folder).imported if name in known]
    tuned = tune(loaded, list(dict.fromkeys(names)), options.limit, progress)
    kept = None if options.dry_run else str(fusion.write(loaded.found.folder, tuned.fusion))
    if options.json:
        _tell(
            type="tuned",
            old=asdict(tuned.old),
            fusion=asdict(tuned.fusion),
            before=asdict(tuned.before),
            after=asdict(tuned.after),
            kept=kept,
        )
    else:
        print(_table(tuned))
        print(f"kept in {kept}" if kept else "nothing was written")
    return 0


def _table(tuned: Tuned) -> str:
    """Weights and figures, before and after."""
    names = list(dict.fromkeys([*tuned.old.imported, *tuned.fusion.imported]))
    rows = [("", "before", "after")]

    def add(title: str, before: float, after: float, form: str) -> None:
        rows.append((title, format(before, form), format(after, form)))

    add("network", tuned.old.network, tuned.fusion.network, ".2f")
    add("segmentation", tuned.old.segmentation, tuned.fusion.segmentation, ".2f")
    add("own n-grams", tuned.old.own, tuned.fusion.own, ".3f")
    for name in names:
        add(name, tuned.old.imported.get(name, 0.0), tuned.fusion.imported.get(name, 0.0), ".3f")
    was, now = tuned.before, tuned.after
    add("n-gram perplexity", was.perplexity, now.perplexity, ".2f")
    add("sentences right", was.sentence_accuracy, now.sentence_accuracy, ".1%")
    add("characters right", was.character_accuracy, now.character_accuracy, ".2%")
    width = max(len(row[0]) for row in rows)
    lines = [f"{title:<{width}}  {before:>8}  {after:>8}" for title, before, after in rows]
    return "\n".join([*lines, f"on {tuned.after.sentences} validation sentences typed as raw letters"])


class _Progress:
    """Tells stages: as JSON lines, or as a line on standard error for each; breaks off when standard input closes."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._json = options.json
        self._stage, self._told = "", 0.0
        self._gone = _watch_input() if options.attached else None

    def __call__(self, stage: str, done: int, total: int) -> None:
        from studio.data.errors import Cancelled

        if self._gone is not None and self._gone.is_set():
            raise Cancelled
        now = time.monotonic()
        new = stage != self._stage
        if self._json and (new or now - self._told >= _TURN):
            _tell(type="progress", stage=stage, done=done, total=total)
            self._told = now
        elif new and not self._json:
            print(f"studio: {_STAGES.get(stage, stage)}", file=sys.stderr)
        self._stage = stage


def _watch_input() -> threading.Event:
    """An event that is set when standard input closes: whoever started this is gone, or wants it to end."""
    gone = threading.Event()

    def watch() -> None:
        # Not through sys.stdin: its lock, held by a reading thread, would break the end of the interpreter.
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        gone.set()

    threading.Thread(target=watch, name="studio-stdin", daemon=True).start()
    return gone


def _tell(**values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False), flush=True)


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)
