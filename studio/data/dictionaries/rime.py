"""Rime's dictionaries (`*.dict.yaml`): a YAML header, then a table of words between tabs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from studio.data.dictionaries.words import Word, WordList
from studio.data.errors import DataError
from studio.data.reading import read_text
from studio.data.tsv import LineProblem

SUFFIX = ".dict.yaml"
_HEADER = 2000  # lines
_LONGEST_NAME, _SHOWN = 200, 40
_COLUMNS = ("text", "code", "weight", "stem")  # what the table holds if the header does not say


def is_rime(text: str) -> bool:
    """Whether a text has such a header."""
    lines = [line.strip() for line in text.split("\n", 400)[:400]]
    return "..." in lines and any(line.startswith("name:") for line in lines[: lines.index("...")])


def read_rime(path: Path, text: str) -> WordList:
    """The words of a table and of the tables that it imports from the same folder.

    A line without a code is read as text. A `stem`, which only encoders of shapes use, is passed over.

    Raises:
        DataError: if the header is no YAML mapping, or names no column of texts.
    """
    found = WordList("rime", _stem(path))
    _read(path, text, found, {path.resolve()}, main=True)
    return found


def write_rime(name: str, words: Iterable[Word]) -> str:
    """A table of words that rime, and `read_rime`, can read."""
    header = {"name": name, "version": "1", "sort": "by_weight", "columns": ["text", "code", "weight"]}
    lines = [f"{word.text}\t{word.pinyin}\t{_number(word.weight)}\n" for word in words]
    dumped = yaml.safe_dump(header, allow_unicode=True, sort_keys=False)
    return f"# Rime dictionary\n# encoding: utf-8\n---\n{dumped}...\n\n{''.join(lines)}"


def _read(path: Path, text: str, found: WordList, seen: set[Path], *, main: bool) -> None:
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if line.strip() == "..."), len(lines) - 1)
    if end > _HEADER:
        raise DataError(
            f"{path}: its header does not end within {_HEADER:,} lines", "end it with a line `...`"
        )
    header = _header(path, "\n".join(lines[:end]))
    columns = header.get("columns") or list(_COLUMNS)
    if not isinstance(columns, list) or "text" not in columns or not all(isinstance(c, str) for c in columns):
        raise DataError(f"{path}: its header names no column 'text'", "mend `columns:` in its header")
    if main:
        name = header.get("name")
        found.name = str(name) if name and isinstance(name, str | int | float) else found.name
    found.passed_over += min(end + 1, len(lines))
    comments = True
    for number, line in enumerate(lines[end + 1 :], start=end + 2):
        if comments and line.startswith("#"):
            comments = line.strip() != "# no comment"
            found.passed_over += 1
        elif not line.strip():
            found.passed_over += 1
        else:
            _take(line, number, columns, found)
    _imported(path, header, found, seen)


def _take(line: str, number: int, columns: list[Any], found: WordList) -> None:
    fields = dict(zip(columns, line.split("\t"), strict=False))
    code = fields.get("code", "").split()
    found.add(number, fields.get("text", ""), code or None, fields.get("weight", ""))


def _imported(path: Path, header: dict[str, Any], found: WordList, seen: set[Path]) -> None:
    tables = header.get("import_tables") or []
    for name in tables if isinstance(tables, list) else [tables]:
        if not isinstance(name, str) or not _is_plain(name):
            shown = f" {name[:_SHOWN]!r}" if isinstance(name, str) else ""
            found.problems.append(
                LineProblem(0, f"the table{shown} that it imports: that is no name of a file")
            )
            continue
        other = path.with_name(f"{name}{SUFFIX}")
        if other.resolve() in seen:
            continue
        seen.add(other.resolve())
        before = len(found.problems)
        try:
            _read(other, read_text(other), found, seen, main=False)
        except DataError as error:
            found.problems.append(LineProblem(0, f"the table {name} that it imports: {error.message}"))
        else:
            found.problems[before:] = [
                LineProblem(item.line, f"{other.name}: {item.reason}") for item in found.problems[before:]
            ]


def _is_plain(name: str) -> bool:
    """Whether a table's name is one of a file in the same folder, and leads nowhere else."""
    return bool(name) and name.isprintable() and not set(name) & set("/\\:") and len(name) < _LONGEST_NAME


def _header(path: Path, text: str) -> dict[str, Any]:
    try:
        header = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        # Dates that there are not, and lists within lists within lists, are found by what yaml calls.
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise DataError(
            f"{path}: its header is no YAML{where}", "mend what stands above the line `...`"
        ) from error
    if not isinstance(header, dict):
        raise DataError(f"{path}: its header is no YAML mapping", "mend what stands above the line `...`")
    return header


def _stem(path: Path) -> str:
    return path.name.removesuffix(SUFFIX) if path.name.endswith(SUFFIX) else path.stem


def _number(weight: float) -> str:
    return str(int(weight)) if weight == int(weight) else repr(weight)
