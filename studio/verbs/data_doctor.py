"""`studio data doctor|fix|prepare`: faults in texts, cleaned copies, and data made ready for runs."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.verbs import data_fetch

if TYPE_CHECKING:
    from studio.recipe import Recipe
    from studio.runs.doctor_requests import DoctorReport, Evidence, Finding

_TABLES = (
    ".csv",
    ".tsv",
    ".jsonl",
    ".json",
    ".parquet",
    ".arrow",
    ".xlsx",
    ".zip",
    ".tar",
    ".gz",
    ".bz2",
    ".xz",
)
_LINE = 1 << 20  # bytes of a line that are looked at together
_TOLD_EVERY = 2.0  # seconds between two lines about the progress


def register(actions: Any) -> None:
    """Add the actions to those of `studio data`."""
    text = "look for faults in texts"
    doctor = actions.add_parser(
        "doctor",
        help=text,
        description="Encoding faults, mixed widths and scripts, control characters, markup, repetitions inside and "
        "across splits, personal data, pinyin and labels that do not fit. A recipe is looked at after its own steps.",
    )
    doctor.add_argument("targets", nargs="+", metavar="FILE|RECIPE", help="texts, tables, recipes or presets")
    doctor.add_argument("--only", type=_ids, default=(), metavar="ID,ID", help="make only these checks")
    doctor.add_argument(
        "--examples", type=int, default=3, metavar="N", help="shown of each (default 3, at most 20)"
    )
    _add_document(doctor)
    doctor.add_argument("--json", action="store_true", help="one JSON object with all that was found")
    fix = actions.add_parser(
        "fix",
        help="write cleaned copies of texts and tables",
        description="Looks for faults and mends what steps can mend: a copy of each text or table, and the steps as a "
        "part of a recipe (steps.toml). Texts stay texts, CSV and Excel become CSV, other tables an object a line, all "
        "of them UTF-8. The originals stay as they are.",
    )
    fix.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="texts, tables, folders and archives of these"
    )
    fix.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the copies go")
    fix.add_argument("--only", type=_ids, default=(), metavar="ID,ID", help="mend only these findings")
    fix.add_argument("--overwrite", action="store_true", help="replace copies written earlier")
    _add_document(fix)
    fix.add_argument("--json", action="store_true", help="one JSON object")
    prepare = actions.add_parser(
        "prepare",
        help="make the data of a recipe, or of files, ready",
        description="Reads, cleans, splits and labels the data of a recipe, as the start of a run does, and keeps it. "
        "Files are prepared for pinyin, or for the task that --set task.name=... names.",
    )
    prepare.add_argument(
        "targets",
        nargs="+",
        metavar="RECIPE|FILE",
        help="a recipe or a preset's name; or texts and tables together",
    )
    _add_document(prepare)
    prepare.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one field")
    prepare.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Carry out one action: 0 when done, whatever was found; 2 for what was asked wrongly or cannot be read."""
    from studio.data.errors import DataError

    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "doctor": _doctor,
        "fix": _fix,
        "prepare": _prepare,
    }
    try:
        return actions[options.action](options)
    except DataError as error:
        print(f"studio: {error}", file=sys.stderr)
        for told in filter(None, map(data_fetch.hint, getattr(options, "targets", ()))):
            print(f"studio: {told}", file=sys.stderr)
        return 2


def _add_document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--document",
        choices=("auto", "line", "blank_line", "file"),
        default="auto",
        help="what a document of a text is; auto: up to a blank line where there is one, else a line",
    )


# --- doctor --------------------------------------------------------------------------------------------


def _doctor(options: argparse.Namespace) -> int:
    from studio.recipe import parse, resolve

    files = [target for target in options.targets if _is_text_or_table(target)]
    recipes = [(target, resolve(target)) for target in options.targets if target not in files]
    if files:
        values = {"data": {"sources": [_source(file, options.document) for file in files]}}
        recipes.insert(0, (", ".join(files), parse(values)))
    reports = []
    for target, recipe in recipes:
        report = _examined(recipe, options.only)
        reports.append({"target": target, **asdict(report)})
        if not options.json:
            print(_told(target, report, options.examples), flush=True)
    if options.json:
        print(json.dumps({"reports": reports}, ensure_ascii=False))
    return 0


def _examined(recipe: Recipe, only: tuple[str, ...]) -> DoctorReport:
    from studio.data.doctor.examine import examine
    from studio.data.items import items_for
    from studio.recipe import PinyinToHanzi

    told = time.monotonic()

    def progress(documents: int, source: str) -> None:
        nonlocal told
        if time.monotonic() - told > _TOLD_EVERY and sys.stderr.isatty():
            told = time.monotonic()
            print(f"studio: {documents:,} documents, {source}", file=sys.stderr)

    return examine(
        recipe.data,
        only=only,
        room=getattr(recipe.model, "max_length", 512),
        runs=isinstance(recipe.task, PinyinToHanzi),
        load=items_for(recipe.task, recipe.data.cleaning).documents,
        progress=progress,
    )


def _told(target: str, report: DoctorReport, examples: int) -> str:
    lines = [target]
    for source in report.sources:
        share = source.traditional / (source.simplified + source.traditional or 1)
        lines.append(
            f"  {source.source}: {_documents(source.documents)}, {source.lines:,} lines, {source.hanzi:,} hanzi of "
            f"{source.characters:,} characters, {share:.1%} of what tells the scripts apart is traditional"
        )
    if report.steps:
        lines.append(f"  after {report.steps} {'step' if report.steps == 1 else 'steps'} of the recipe")
    for finding in report.findings:
        lines += ["", *finding_lines(finding, examples)]
    if not report.findings:
        lines += ["", "nothing was found"]
    return "\n".join(lines) + "\n"


def finding_lines(finding: Finding, examples: int) -> list[str]:
    """A finding in words, with some of its places."""
    from studio.runs.doctor_requests import CHECKS

    words = CHECKS[finding.id]
    count = f"{'about ' if finding.estimated else ''}{finding.count:,} in {_documents(finding.documents)}"
    lines = [f"{finding.severity:7}  {finding.id}: {words.title}, {count}"]
    if finding.handled_by:
        lines.append(f"         {finding.handled_by} takes care of it")
    lines += [f"         {_place(example)}" for example in finding.examples[: max(0, examples)]]
    if finding.fix is not None and finding.fix.step:
        lines.append(f"         fix: step {json.dumps(finding.fix.step, ensure_ascii=False)}")
    if finding.fix is not None and finding.fix.fields:
        changes = " ".join(f"--set {path}={value}" for path, value in finding.fix.fields.items())
        lines.append(f"         fix: {changes}")
    return lines


def _place(example: Evidence) -> str:
    text = example.excerpt
    shown = f"{text[: example.start]}[{text[example.start : example.end]}]{text[example.end :]}"
    note = f"  ({example.note})" if example.note else ""
    line = f":{example.line}" if example.line else ""
    return f"{example.source}{line} document {example.document}: {shown}{note}"


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count:,} documents"


# --- fix -----------------------------------------------------------------------------------------------


def _fix(options: argparse.Namespace) -> int:
    from studio.data.doctor.fixing import steps_for, write_fixed
    from studio.recipe import FileSource, TableSource, parse

    recipe = parse({"data": {"sources": [_source(str(path), options.document) for path in options.files]}})
    sources = [source for source in recipe.data.sources if isinstance(source, FileSource | TableSource)]
    report = _examined(recipe, options.only)
    fixed = write_fixed(sources, steps_for(report, options.only), options.out, overwrite=options.overwrite)
    if options.json:
        print(json.dumps({**asdict(fixed), "report": asdict(report)}, ensure_ascii=False))
        return 0
    for tally in fixed.tallies:
        dropped = f", {tally.lines:,} lines dropped" if tally.lines else ""
        print(f"{tally.kind}: {_documents(tally.changed)} changed, {tally.dropped:,} dropped{dropped}")
    for copy in fixed.copies:
        lines = "line" if copy.set_aside == 1 else "lines"
        aside = f", {copy.set_aside:,} {lines} set aside" if copy.set_aside else ""
        print(f"{copy.original} -> {copy.path}: {copy.kept:,} of {_documents(copy.documents)}{aside}")
    print(f"steps for a recipe: {fixed.steps_file}")
    return 0


# --- prepare -------------------------------------------------------------------------------------------


def _prepare(options: argparse.Namespace) -> int:
    from studio.data import cache
    from studio.data.prepare import cached, prepare

    recipe = _wanted(options)
    known = cached(recipe.data, recipe.task) is not None
    began = time.monotonic()
    dataset = prepare(recipe.data, recipe.task, progress=_Phases())
    splits = {
        name: {"examples": len(split), "characters": split.positions}
        for name, split in dataset.splits().items()
    }
    folder = cache.folder() / dataset.fingerprint
    if options.json:
        report = {
            "fingerprint": dataset.fingerprint,
            "folder": str(folder),
            "cached": known,
            "seconds": time.monotonic() - began,
            "splits": splits,
            "sources": [asdict(source) for source in dataset.sources],
            "notes": list(dataset.notes),
        }
        print(json.dumps(report, ensure_ascii=False))
        return 0
    for source in dataset.sources:
        what = f"{source.entries:,} words" if source.entries else _documents(source.documents)
        print(f"{source.name}: {what}, {source.characters:,} hanzi")
    for name, counts in splits.items():
        print(f"{name}: {counts['examples']:,} examples, {counts['characters']:,} characters")
    for note in dataset.notes:
        print(f"note: {note}")
    print(f"{'found' if known else 'kept'} in {folder}")
    return 0


def _wanted(options: argparse.Namespace) -> Recipe:
    """The recipe that is named, or one whose sources are the files.

    Raises:
        DataError: if recipes and files are named together, or several recipes.
    """
    from studio.data.errors import DataError
    from studio.recipe import apply_overrides, parse, resolve

    files = [target for target in options.targets if _is_text_or_table(target)]
    if not files and len(options.targets) == 1:
        return resolve(options.targets[0], options.set)
    if len(files) < len(options.targets):
        raise DataError("one recipe is prepared at a time", "name one recipe, or files alone")
    sources = [_decodable(_source(file, options.document)) for file in files]
    return parse(apply_overrides({"data": {"sources": sources}}, options.set))


def _decodable(source: dict[str, Any]) -> dict[str, Any]:
    """The source; a text that cannot be read as a whole is read line by line, and what is broken of it is set aside."""
    from studio.data.errors import DataError
    from studio.data.reading import TextFile
    from studio.data.tables.parts import parts
    from studio.data.tables.table import open_table
    from studio.recipe import TableSource

    if source["kind"] == "file":
        path = Path(source["path"])
        try:
            TextFile(path)
        except DataError:
            # As tables are, from the beginning: Big5, and UTF-16 without a mark.
            table = open_table(parts(path)[0][0], TableSource(path=str(path), format="text"))
            if source["document"] == "line":
                return {"kind": "table", "path": str(path), "format": "text"}
            if table.encoding is not None:
                return {**source, "encoding": table.encoding.codec}
    return source


class _Phases:
    """Says once what is being done."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, phase: str, _done: int, _total: int) -> None:
        if phase != self._said and sys.stderr.isatty():
            print(f"studio: {phase}", file=sys.stderr)
        self._said = phase


# --- targets -------------------------------------------------------------------------------------------


def _is_text_or_table(target: str) -> bool:
    path = Path(target)
    return path.suffix.lower() != ".toml" and (path.exists() or bool(path.suffix) or path.name != target)


def _source(target: str, document: str) -> dict[str, Any]:
    """The source that a file of the command line is."""
    path = Path(target)
    if path.is_dir() or (path.suffix.lower() in _TABLES and not _is_packed_text(path)):
        return {"kind": "table", "path": str(path)}
    chosen = _likely_document(path) if document == "auto" else document
    return {"kind": "file", "path": str(path), "document": chosen}


def _is_packed_text(path: Path) -> bool:
    return path.suffix.lower() in (".gz", ".bz2", ".xz") and Path(path.stem).suffix.lower() in ("", ".txt")


def _likely_document(path: Path) -> str:
    """Up to a blank line where there is one inside the text; else a line."""
    from studio.data.reading import opened

    begun = blank = False
    with opened(path) as stream:
        for line in iter(lambda: stream.readline(_LINE), b""):
            solid = bool(line.strip())
            if solid and begun and blank:
                return "blank_line"
            begun, blank = begun or solid, not solid
    return "line"


def _ids(text: str) -> tuple[str, ...]:
    from studio.runs.doctor_requests import CHECKS

    ids = tuple(part.strip() for part in text.split(",") if part.strip())
    strange = [name for name in ids if name not in CHECKS]
    if strange or not ids:
        raise argparse.ArgumentTypeError(f"{text!r} names no check; there are {', '.join(CHECKS)}")
    return ids
