"""One file of a source, opened: its format, encoding and columns, and its rows from the first to the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from studio.data.errors import DataError
from studio.data.tables import columnar, delimited, json_rows, workbook
from studio.data.tables.encodings import PROBE, Encoding, recognise
from studio.data.tables.header import names_of
from studio.data.tables.lines import lines
from studio.data.tables.mapping import SAMPLE, Mapping, assign
from studio.data.tables.parts import SUFFIXES, Part
from studio.data.tables.problems import Problems
from studio.recipe import TableSource
from studio.runs.datasets import ColumnProfile

NumberedRow = tuple[int, list[str]]
"""The number of a row's line, and as many cells as there are columns."""

OF_LINES = frozenset({"text", "csv", "tsv", "jsonl"})
"""Formats whose rows are numbered by the lines in which they begin; others by their place."""

_SNIFFED = 500  # lines
_TABLE_OF_TABS = 0.95
_LATE_SHOWN = 5
_ESCAPES = {"\\t": "\t", "tab": "\t", "TAB": "\t"}


@dataclass
class Table:
    """A file that can be read row by row, any number of times.

    Attributes:
        format: one of `studio.runs.datasets.FORMATS`.
        encoding: None for formats that settle it themselves.
        delimiter: empty for formats without.
        header: whether the first row names the columns.
        names: of the columns.
        sample: the first rows.
        mapping: what the columns are used for, and `columns`, what they hold, as the sample shows it.
        notes: for people, about what is not read.
    """

    part: Part
    format: str
    encoding: Encoding | None
    delimiter: str
    header: bool
    names: tuple[str, ...]
    sample: list[NumberedRow]
    mapping: Mapping
    columns: list[ColumnProfile]
    notes: list[str] = field(default_factory=list)

    def rows(self, problems: Problems) -> Iterator[NumberedRow]:
        """All rows; lines that make none are told to `problems`.

        Raises:
            DataError: if the file is damaged.
        """
        return _Reader(self.part, self.format, self.encoding, self.delimiter).rows(
            self.names, self.header, problems, self.notes
        )


def open_table(part: Part, source: TableSource) -> Table:
    """Find out how a file is to be read, from its beginning.

    Args:
        part: the file.
        source: what the recipe says of it.

    Raises:
        DataError: if it cannot be read, or has not the columns that the recipe names.
    """
    form, encoding, first = _format(part, source)
    delimiter = _ESCAPES.get(source.delimiter, source.delimiter)
    if form not in ("csv", "tsv"):
        delimiter = ""
    elif delimiter.strip().lower() == "auto" or not delimiter:
        found, _ = delimited.sniff(first)
        delimiter = found or ("\t" if form == "tsv" else ",")
    elif len(delimiter) != 1 or delimiter in '"\r\n':
        raise DataError(f"{source.delimiter!r} is no delimiter", "give one character, or auto")
    reader = _Reader(part, form, encoding, delimiter)
    raw = list(islice(reader.raw(Problems()), SAMPLE + 1))
    header, names = names_of(form, raw, source.header, reader.own_names())
    notes: list[str] = []
    sample = list(islice(reader.rows(names, header, Problems(), []), SAMPLE))
    mapping, columns = assign(names, [cells for _, cells in sample], source, part.name)
    if form == "xlsx" and len(book := workbook.sheets(part)) > 1:
        notes.append(f"{part.name} has {len(book)} sheets; the first one with rows is read")
    return Table(part, form, encoding, delimiter, header, names, sample, mapping, columns, notes)


def _format(part: Part, source: TableSource) -> tuple[str, Encoding | None, list[tuple[int, str]]]:
    """The format of a file; of a text its encoding and first lines."""
    with part.open() as stream:
        head = stream.read(PROBE)
    if not head:
        raise DataError(f"{part.name} is empty", "choose a file that holds something")
    given = source.format
    known = _binary(head, part, given)
    if known:
        return known, None, []
    encoding = recognise(head, part.name, whole=len(head) < PROBE, given=source.encoding)
    if encoding.codec == "utf-8" and encoding.mark == 0 and head.isascii() and len(head) == PROBE:
        encoding = _later(part, source, encoding)
    with part.open() as stream:
        first = list(islice(lines(stream, encoding, Problems()), _SNIFFED))
    if given != "auto":
        return given, encoding, first
    return _textual(part, first), encoding, first


def _later(part: Part, source: TableSource, encoding: Encoding) -> Encoding:
    """The encoding by the first part of a file that is not ASCII, which alone says nothing."""
    with part.open() as stream:
        while block := stream.read(PROBE):
            if not block.isascii():
                start = block.find(b"\n", 0, len(block) // 2) + 1
                try:
                    return recognise(block[start:], part.name, whole=False, given=source.encoding)
                except DataError:
                    return encoding
    return encoding


def _binary(head: bytes, part: Part, given: str) -> str:
    """A format that is no text, told by its first bytes, or by what the recipe says."""
    if head.startswith(b"PAR1"):
        found = "parquet"
    elif head.startswith(b"ARROW1") or (part.suffix in (".arrow", ".feather") and given in ("auto", "arrow")):
        found = "arrow"
    elif head.startswith(b"PK\x03\x04"):
        found = "xlsx"
    else:
        return given if given in ("parquet", "arrow", "xlsx") else ""
    if given not in ("auto", found):
        raise DataError(f"{part.name} is {found}, not {given}", f"set its format to {found}, or to auto")
    return found


def _textual(part: Part, first: list[tuple[int, str]]) -> str:
    """The format of a text, by its content, then by its name."""
    form = SUFFIXES.get(part.suffix, "")
    solid = [line for _, line in first if line.strip()]
    begins = solid[0].lstrip()[:1] if solid else ""
    if form in ("json", "") and begins in ("[", "{"):
        whole = sum(_is_object(line) for line in solid[:20])
        return "jsonl" if whole == len(solid[:20]) and (whole > 1 or form == "") else "json"
    if form in ("text", ""):
        delimiter, share = delimited.sniff(first)
        if delimiter == "\t" and share >= _TABLE_OF_TABS and len(solid) > 1:
            return "tsv"
        if form == "" and delimiter and share >= _TABLE_OF_TABS and len(solid) > 1:
            return "csv"
        return "text"
    return form


def _is_object(line: str) -> bool:
    line = line.strip()
    return line.startswith("{") and line.endswith("}")


@dataclass(frozen=True)
class _Reader:
    """How the rows of a file come out of it."""

    part: Part
    format: str
    encoding: Encoding | None
    delimiter: str

    def own_names(self) -> tuple[str, ...] | None:
        """The columns of a format that always names them."""
        if self.format in ("parquet", "arrow"):
            return columnar.names(self.part, self.format)
        return ("text",) if self.format == "text" else None

    def raw(self, problems: Problems) -> Iterator[tuple[int, list[str] | dict[str, str]]]:
        """Rows as they are written, the names of the columns among them."""
        if self.format in ("parquet", "arrow"):
            yield from columnar.rows(self.part, self.format, problems)
            return
        if self.format == "xlsx":
            yield from workbook.rows(self.part, problems)
            return
        assert self.encoding is not None
        with self.part.open() as stream:
            if self.format == "json":
                yield from json_rows.from_document(stream, self.encoding, self.part.name, problems)
                return
            found = lines(stream, self.encoding, problems)
            if self.format == "jsonl":
                yield from json_rows.from_lines(found, problems)
            elif self.format == "text":
                yield from ((number, [line]) for number, line in found if line and not line.isspace())
            else:
                yield from delimited.records(found, self.delimiter, problems)

    def rows(
        self, names: tuple[str, ...], header: bool, problems: Problems, notes: list[str]
    ) -> Iterator[NumberedRow]:
        """Rows with a cell for each column."""
        found = self.raw(problems)
        if header:
            next(found, None)
        if self.format in ("json", "jsonl"):
            yield from _by_name(found, names, self.part.name, notes)
            return
        width = len(names)
        for number, cells in found:
            assert isinstance(cells, list)
            if len(cells) == width:
                yield number, cells
            elif self.format == "xlsx" or (len(cells) > width and not any(cells[width:])):
                yield number, (cells + [""] * (width - len(cells)))[:width]
            else:
                cell = "cell" if len(cells) == 1 else "cells"
                problems.add(number, f"it has {len(cells)} {cell}, not {width}")


def _by_name(
    found: Iterator[tuple[int, list[str] | dict[str, str]]],
    names: tuple[str, ...],
    where: str,
    notes: list[str],
) -> Iterator[NumberedRow]:
    known = frozenset(names)
    late: dict[str, int] = {}
    for number, cells in found:
        assert isinstance(cells, dict)
        if not cells.keys() <= known and len(late) < _LATE_SHOWN:
            for name in cells.keys() - known:
                late.setdefault(name, number)
        yield number, [cells.get(name, "") for name in names]
    for name, number in sorted(late.items()):
        note = f"{where}: the column {name!r}, which begins only in row {number:,}, is not read"
        if note not in notes:
            notes.append(note)
