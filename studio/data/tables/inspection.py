"""How a source is read and what stands in it, for people to look at before anything is learnt from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from studio.data.errors import Cancelled, DataError
from studio.data.tables.contents import Counting
from studio.data.tables.mapping import SAMPLE
from studio.data.tables.parts import Part, parts
from studio.data.tables.problems import Problems
from studio.data.tables.table import Table, open_table
from studio.data.tables.texts import text_of
from studio.recipe import TableSource
from studio.runs.datasets import FileProfile, Row, SourceProfile

CELL = 2000
"""Characters of a cell that are shown."""

_POLL = 512
# What a byte of each packing unpacks to, roughly, for a guess at how much is coming.
_UNPACKS = {"gzip": 2.5, "bzip2": 3.0, "xz": 3.0, "zip": 2.5, "": 1.0}
_BYTES_A_CHARACTER = 2.5

Progress = Callable[[int, int], object]


def inspect(
    source: TableSource,
    *,
    rows: int = 20,
    whole: bool = True,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
) -> SourceProfile:
    """Look at every file of a source.

    Args:
        source: as a recipe has it.
        rows: of each file's preview.
        whole: read files to their ends; otherwise their first `SAMPLE` rows.
        cancelled: asked often; when true, the inspection ends.
        progress: called before each file with files done and files in all.

    Raises:
        DataError: if there is no file, or the only one cannot be read.
        Cancelled: if `cancelled` said so.
    """
    path = Path(source.path).expanduser()
    found, notes = parts(path, named=source.format != "auto")
    files: list[FileProfile] = []
    problems: list[str] = []
    for done, part in enumerate(found):
        if progress is not None:
            progress(done, len(found))
        try:
            files.append(_profile(part, source, rows, whole, cancelled))
        except DataError as error:
            if len(found) == 1:
                raise
            problems.append(str(error))
    if not files:
        raise DataError(problems[0], "look at the files one by one")
    return SourceProfile(tuple(files), tuple(problems), tuple(notes))


def _profile(
    part: Part, source: TableSource, rows: int, whole: bool, cancelled: Callable[[], bool]
) -> FileProfile:
    table = open_table(part, source)
    problems = Problems()
    expected = part.size * _UNPACKS[part.packed] / _BYTES_A_CHARACTER if whole else 0
    counting = Counting(expected)
    preview: list[Row] = []
    found = table.rows(problems)
    failure = ""
    try:
        for place, (_, cells) in enumerate(found if whole else islice(found, SAMPLE)):
            if place % _POLL == 0 and cancelled():
                raise Cancelled
            if place < rows:
                preview.append(Row(place, tuple(cell[:CELL] for cell in cells)))
            counting.add(text_of(cells, table.mapping), _label_of(cells, table))
        complete = whole or next(found, None) is None
    except DataError as error:
        # The beginning could be read: show it, and say where the rest is lost.
        failure, complete = str(error), False
    contents = counting.result()
    profile = FileProfile(
        name=part.name,
        format=table.format,
        packed=part.packed,
        size=part.size,
        encoding=table.encoding.codec if table.encoding else "",
        certainty=table.encoding.certainty if table.encoding else 1.0,
        encoding_why=table.encoding.why if table.encoding else "",
        delimiter=table.delimiter,
        header=table.header,
        columns=tuple(table.columns),
        preview=tuple(preview),
        set_aside=problems.count,
        bad_lines=tuple(problems.kept),
        contents=contents,
        complete=complete,
        notes=tuple(table.notes),
    )
    return replace(profile, notes=(*profile.notes, failure)) if failure else profile


def _label_of(cells: list[str], table: Table) -> str:
    return cells[table.mapping.label].strip() if table.mapping.label >= 0 else ""
