"""The rows of a source as texts with what is known about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.data.errors import DataError
from studio.data.tables.mapping import Mapping
from studio.data.tables.parts import parts
from studio.data.tables.problems import Problems
from studio.data.tables.table import OF_LINES, open_table
from studio.recipe import TableSource


@dataclass(frozen=True)
class Text:
    """One row.

    Attributes:
        text: its text columns, joined by line ends.
        label, pinyin, group, date, split, target: as they stand in their columns; empty where there is no such column.
        file: the name of its file within the source.
        place: of the row among those of the source, counted from 0.
        line: of its file where its row begins, from 1; 0 where it stands in no file of lines.
    """

    text: str
    label: str
    pinyin: str
    group: str
    date: str
    place: int
    split: str = ""
    file: str = ""
    target: str = ""
    line: int = 0


def texts(source: TableSource, notes: list[str] | None = None) -> Iterator[Text]:
    """The texts of all files of a source; rows without any text are passed over.

    Args:
        source: as a recipe has it.
        notes: gets what was set aside, when everything has been read.

    Raises:
        DataError: if a file cannot be read, or has no column with text.
    """
    noted: list[str] = []
    found, skipped = parts(Path(source.path).expanduser(), named=source.format != "auto")
    noted += skipped
    place = 0
    for part in found:
        table = open_table(part, source)
        if not table.mapping.text:
            raise DataError(
                f"{part.name} has no column with Chinese text",
                f"name it in the recipe (text = [...]); its columns are {', '.join(table.names) or 'none'}",
            )
        problems = Problems()
        of_lines = table.format in OF_LINES
        for number, cells in table.rows(problems):
            text = text_of(cells, table.mapping)
            if text:
                yield Text(
                    text,
                    _cell(cells, table.mapping.label),
                    _cell(cells, table.mapping.pinyin),
                    _cell(cells, table.mapping.group),
                    _cell(cells, table.mapping.date),
                    place,
                    _cell(cells, table.mapping.split),
                    part.relative or part.name,
                    _cell(cells, table.mapping.target),
                    number if of_lines else 0,
                )
            place += 1
        noted += [*problems.note(part.name), *table.notes]
    if notes is not None:
        notes += noted


def text_of(cells: list[str], mapping: Mapping) -> str:
    """The text of a row; empty if its text columns are."""
    if len(mapping.text) == 1:
        text = cells[mapping.text[0]]
        return "" if text.isspace() else text
    return "\n".join(cell for place in mapping.text if (cell := cells[place]) and not cell.isspace())


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if place >= 0 else ""
