"""Files of which cleaned copies are made: what stands in them, row by row, and how it is written again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol, TextIO

from studio.data.doctor.reading import opened
from studio.data.errors import DataError
from studio.data.sources import documents, locate
from studio.data.tables.packing import PACKED_SUFFIXES
from studio.data.tables.parts import Part, parts
from studio.data.tables.problems import Problems
from studio.data.tables.table import Table, open_table
from studio.recipe import FileSource, TableSource


@dataclass(frozen=True)
class Row:
    """A text and, where it stands in a table, all cells of its row."""

    text: str
    cells: tuple[str, ...] = ()


class Rows(Iterator[Row]):
    """Rows, and how many of them were given so far."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __next__(self) -> Row:
        row = next(self._rows)
        self.count += 1
        return row


class Original(Protocol):
    """A file.

    Attributes:
        path: where it, or its archive, lies.
        name: for people.
        stem, ending: of its copy's name.
        set_aside: lines that made no row, once all were given.
    """

    path: Path
    name: str
    stem: str
    ending: str
    set_aside: int

    def rows(self) -> Rows:
        """What stands in it.

        Raises:
            DataError: if it cannot be read.
        """
        ...

    def write(self, rows: Iterable[Row], file: TextIO) -> int:
        """Write some of its rows; how many those were."""
        ...


def originals_of(source: FileSource | TableSource) -> list[Original]:
    """The files of a source.

    Raises:
        DataError: if there is none, or one cannot be read.
    """
    if isinstance(source, FileSource):
        return [_Text(source)]
    found, _ = parts(Path(source.path).expanduser(), named=source.format != "auto")
    return [_Part(part, source) for part in found]


class _Text:
    """A text file, whose documents stand apart as they stood before."""

    ending = ".txt"
    set_aside = 0

    def __init__(self, source: FileSource) -> None:
        self._source = source
        self.path = locate(source).files[0]
        self.name, self.stem = str(self.path), _stem(self.path.name)

    def rows(self) -> Rows:
        return Rows(Row(record.text) for record in opened(self._source, 0, documents).records)

    def write(self, rows: Iterable[Row], file: TextIO) -> int:
        return _write_texts(rows, file, self._source.document)


class _Part:
    """A table, or a text of a folder or an archive."""

    def __init__(self, part: Part, source: TableSource) -> None:
        self._table: Table = open_table(part, source)
        if not self._table.mapping.text:
            raise DataError(
                f"{part.name} has no column with Chinese text", "fix the files that have one, one by one"
            )
        self.path, self.name, self.set_aside = part.path, part.name, 0
        self.stem = _stem(PurePosixPath(part.relative.replace("!", "/") or part.path.name).name)
        form = self._table.format
        self.ending = {"text": ".txt", "tsv": ".tsv", "csv": ".csv", "xlsx": ".csv"}.get(form, ".jsonl")

    def rows(self) -> Rows:
        return Rows(self._rows())

    def _rows(self) -> Iterator[Row]:
        problems = Problems()
        column = self._table.mapping.text[0]
        for _, cells in self._table.rows(problems):
            yield Row(cells[column], tuple(cells))
        self.set_aside = problems.count

    def write(self, rows: Iterable[Row], file: TextIO) -> int:
        if self.ending == ".txt":
            return _write_texts(rows, file, "line")
        column, names, count = self._table.mapping.text[0], self._table.names, 0
        delimiter = "\t" if self.ending == ".tsv" else self._table.delimiter or ","
        table = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        if self.ending != ".jsonl" and self._table.header:
            table.writerow(names)
        for row in rows:
            count += 1
            cells = [*row.cells[:column], row.text, *row.cells[column + 1 :]]
            if self.ending == ".jsonl":
                file.write(json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False) + "\n")
            else:
                table.writerow(cells)
        return count


def _write_texts(rows: Iterable[Row], file: TextIO, document: str) -> int:
    """A document a line, or divided by a blank line; inside of one no blank line is left that would divide it."""
    gap, count = "\n" if document == "line" else "\n\n", 0
    for count, row in enumerate(rows, 1):
        text = row.text
        if document != "file" and "\n" in text:
            text = "\n".join(line for line in text.split("\n") if line.strip())
        file.write(gap * (count > 1) + text)
    file.write("\n" * (count > 0))
    return count


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return PurePosixPath(path.stem).stem if path.suffix.lower() in PACKED_SUFFIXES else path.stem
