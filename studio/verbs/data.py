"""`studio data inspect`, and the group of verbs that look at texts and mend them."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio.verbs import data_doctor, data_fetch, data_splits

if TYPE_CHECKING:
    from studio.recipe import TableSource
    from studio.runs.datasets import ColumnProfile, Contents, Counted, FileProfile, SourceProfile

_WIDTH = 60  # characters of a cell in the preview
_BAR = 30
_SHOWN = 12


def register(verbs: Any) -> None:
    """Add `data` and its actions to the verbs of the command line."""
    text = "look at texts and tables, mend and prepare them"
    actions = verbs.add_parser("data", help=text, description=f"{text.capitalize()}.").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    inspect = actions.add_parser(
        "inspect",
        help="say how files are read and what stands in them",
        description="Format, encoding, columns and what they are used for, lines that cannot be used, labels, lengths, "
        "words and characters, of each file. Reads text lines, CSV, JSON, Parquet, Excel, saved data sets, and "
        "folders and archives of those.",
    )
    inspect.add_argument("files", nargs="+", metavar="FILE", help="a file, a folder or an archive")
    inspect.add_argument("--json", action="store_true", help="one JSON object at the end, and nothing else")
    inspect.add_argument(
        "--rows", type=int, default=5, metavar="N", help="rows of the preview (default %(default)s)"
    )
    inspect.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="read differently: encoding=big5, format=csv, delimiter=';', header=no, text='[\"title\", \"body\"]', "
        "label=stars ...",
    )
    data_doctor.register(actions)
    data_splits.register(actions)
    data_fetch.register(actions)


def run(options: argparse.Namespace) -> int:
    """Carry out one of them: 0 when done, 2 for what was asked wrongly or cannot be read."""
    match options.action:
        case "inspect":
            return _inspect(options)
        case "fetch":
            return data_fetch.run(options)
        case "splits":
            return data_splits.run(options)
        case _:
            return data_doctor.run(options)


def _inspect(options: argparse.Namespace) -> int:
    from studio.data.errors import DataError
    from studio.data.tables.inspection import inspect

    sources = [_source(path, options.set) for path in options.files]
    results: list[dict[str, Any]] = []
    failed = False
    for source in sources:
        try:
            profile = inspect(source, rows=max(0, options.rows), progress=_Progress(not options.json))
        except DataError as error:
            failed = True
            results.append({"path": source.path, "error": error.message, "remedy": error.remedy})
            print(f"studio: {error}", file=sys.stderr)
            if told := data_fetch.hint(source.path):
                print(f"studio: {told}", file=sys.stderr)
            continue
        results.append({"path": source.path, **asdict(profile)})
        if not options.json:
            print(_told(profile), flush=True)
    if options.json:
        print(json.dumps({"sources": results}, ensure_ascii=False))
    return 2 if failed else 0


def _source(path: str, overrides: list[str]) -> TableSource:
    """The source that the words of the command line mean.

    Raises:
        RecipeError: if an override is none.
    """
    from pydantic import ValidationError

    from studio.recipe import RecipeError, TableSource, apply_overrides
    from studio.recipe.files import problems_of

    values = apply_overrides({"kind": "table", "path": path}, overrides)
    for key, value in values.items():
        if isinstance(value, int) and key != "most":  # columns without names are called by numbers
            values[key] = str(value)
    if isinstance(values.get("text"), str):
        values["text"] = [values["text"]]
    try:
        return TableSource.model_validate(values)
    except ValidationError as error:
        raise RecipeError(problems_of(error), "--set") from error


class _Progress:
    """Says which of many files is read."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted

    def __call__(self, done: int, total: int) -> None:
        if self._wanted and total > 1:
            print(f"studio: file {done + 1} of {total}", file=sys.stderr)


def _told(profile: SourceProfile) -> str:
    blocks = ["\n".join(_file(file)) for file in profile.files]
    blocks += [f"not read   {problem}" for problem in profile.problems]
    blocks += [f"note       {note}" for note in profile.notes]
    if len(profile.files) > 1:
        blocks.append(
            f"{len(profile.files)} files, {profile.rows:,} rows, {profile.set_aside:,} lines set aside"
        )
    return "\n\n".join(blocks)


def _file(file: FileProfile) -> list[str]:
    how = [file.format, *([file.packed] if file.packed else [])]
    if file.delimiter:
        how.append(f"cells between {file.delimiter!r}")
        how.append("names in the first row" if file.header else "no names in the first row")
    lines = [file.name, f"format     {', '.join(how)}"]
    if file.encoding:
        lines.append(
            f"encoding   {file.encoding}, {file.certainty:.0%} sure ({file.encoding_why}); {file.size:,} bytes"
        )
    lines += ["columns"] + [_column(column) for column in file.columns]
    lines += _contents(file.contents, file.complete)
    if file.set_aside:
        lines.append(f"set aside  {file.set_aside:,} {'line' if file.set_aside == 1 else 'lines'}")
        lines += [f"  line {bad.line:,}: {bad.reason}" for bad in file.bad_lines[:_SHOWN]]
    lines += [f"note       {note}" for note in file.notes]
    if file.preview:
        lines.append("preview")
        lines += [f"  {row.number}: {' | '.join(map(_cut, row.cells))}" for row in file.preview]
    return lines


def _column(column: ColumnProfile) -> str:
    role = f"-> {column.role} ({column.why})" if column.role else ""
    return (
        f"  {column.name}: {column.type}, filled {column.filled:.0%}, {column.distinct:,} different, "
        f"hanzi {column.hanzi:.0%} {role}"
    ).rstrip()


def _contents(found: Contents, complete: bool) -> list[str]:
    lines = [
        f"rows       {found.rows:,}{'' if complete else ' so far'}, {found.empty:,} without text",
        f"characters {found.characters:,}, {found.hanzi:,} hanzi ({found.hanzi_share:.1%}), "
        f"{found.character_types:,} different ones",
    ]
    if found.labels:
        lines.append(f"labels     {found.distinct_labels:,}: {_counts(found.labels)}")
    if found.outside_gb2312:
        lines.append(f"outside GB 2312: {found.outside_gb2312_count:,}: {_counts(found.outside_gb2312)}")
    if found.unknown:
        lines.append(f"no reading known: {found.unknown_count:,}: {_counts(found.unknown)}")
    if found.words:
        lines.append(
            f"words      {found.word_tokens:,} in {found.word_characters:,} characters, {found.word_types:,} "
            f"different: {_counts(found.words)}"
        )
    if found.lengths:
        most = max(one.count for one in found.lengths)
        lines.append(f"lengths    up to {found.longest:,} characters")
        for one in found.lengths:
            span, bar = f"{one.shortest:,} to {one.longest:,}", "#" * round(_BAR * one.count / most)
            lines.append(f"  {span:>22} {one.count:>12,} {bar}".rstrip())
    return lines


def _counts(found: tuple[Counted, ...]) -> str:
    more = ", ..." if len(found) > _SHOWN else ""
    return ", ".join(f"{one.name} {one.count:,}" for one in found[:_SHOWN]) + more


def _cut(cell: str) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
