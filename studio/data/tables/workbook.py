"""Excel workbooks: the first sheet with rows. A workbook is a zip archive, so it is looked at as one first."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from studio.data.errors import DataError
from studio.data.tables import packing
from studio.data.tables.json_rows import NotARowError, as_text
from studio.data.tables.parts import Part
from studio.data.tables.problems import Problems

_MOST = 2 << 30  # bytes of all parts of a workbook, unpacked
_COLUMNS = 2000


def sheets(part: Part) -> list[str]:
    """The names of the sheets; the first with rows is read, which `rows` finds.

    Raises:
        DataError: if it is no workbook, or damaged.
    """
    with _opened(part) as book:
        return [str(name) for name in book.sheetnames]


def rows(part: Part, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their numbers in the sheet.

    Raises:
        DataError: if it is no workbook, or damaged.
    """
    with _opened(part) as book:
        for sheet in book.worksheets:
            found = False
            sheet.reset_dimensions()  # many programs write wrong ones
            for number, cells in _numbered(sheet, part):
                if all(cell is None or cell == "" for cell in cells):
                    continue
                found = True
                try:
                    yield number, [_text(cell) for cell in cells]
                except NotARowError as error:
                    problems.add(number, str(error))
            if found:
                return


def _numbered(sheet: Any, part: Part) -> Iterator[tuple[int, tuple[Any, ...]]]:
    lines = sheet.iter_rows(values_only=True)
    number = 0
    while True:
        number += 1
        with _reading(part):
            cells = next(lines, None)
        if cells is None:
            return
        yield number, cells[:_COLUMNS]


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        if "\0" in cell:
            raise NotARowError("it holds a NUL character")
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return as_text(cell)


@contextmanager
def _opened(part: Part) -> Iterator[Any]:
    from openpyxl import load_workbook

    inside = packing.members(part.path) if part.member is None and not part.packed else []
    if sum(member.size for member in inside) > _MOST:
        raise DataError(f"{part.name} unpacks to more than {_MOST >> 30} GB", "save its sheet as CSV")
    with part.seekable() as file:
        with _reading(part), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that have nothing to do with the cells
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def _reading(part: Part) -> Iterator[None]:
    """Of a damaged workbook openpyxl says nearly anything; all of it becomes one error with the file's name."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise DataError(
            f"{part.name} cannot be read as a workbook: {reason}",
            "open it in Excel and save it again, or as CSV",
        ) from error
