"""The lab's part in looking at the files of a source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from studio.data.errors import DataError
from studio.data.tables.inspection import inspect
from studio.data.tables.paging import page
from studio.recipe import BuiltinSource, FileSource, LexiconSource, RecipeError, TableSource
from studio.recipe.files import problems_of
from studio.runs.dataset_requests import InspectSource, PageRows, RowsPaged, SourceInspected

_MOST_ROWS = 1000


def inspect_source(request: InspectSource, cancelled: Callable[[], bool]) -> SourceInspected:
    """Say how a source is read and what stands in it.

    Raises:
        RecipeError: if the request describes no source.
        DataError: if it cannot be read.
        Cancelled: if the request was taken back.
    """
    source = table_of(request.source)
    rows = max(0, min(request.rows, _MOST_ROWS))
    return SourceInspected(
        id=request.id, profile=inspect(source, rows=rows, whole=request.whole, cancelled=cancelled)
    )


def page_rows(request: PageRows, cancelled: Callable[[], bool]) -> RowsPaged:
    """Some rows of a source.

    Raises:
        RecipeError: if the request describes no source.
        DataError: if it cannot be read, or the disk is full.
        Cancelled: if the request was taken back.
    """
    offset = max(0, request.offset)
    found = page(
        _readable(request.source),
        offset,
        max(1, min(request.count, _MOST_ROWS)),
        request.search,
        cancelled=cancelled,
    )
    return RowsPaged(id=request.id, columns=found.columns, rows=found.rows, offset=offset, total=found.total)


def _readable(values: dict[str, Any]) -> TableSource | BuiltinSource:
    if values.get("kind") != "builtin":
        return table_of(values)
    try:
        return BuiltinSource.model_validate(values)
    except ValidationError as error:
        raise RecipeError(problems_of(error)) from error


def table_of(values: dict[str, Any]) -> TableSource:
    """The source that a request describes; a text file is a table of one column.

    Raises:
        RecipeError: if it describes none.
        DataError: if it is a source that comes with the studio.
    """
    kind = values.get("kind")
    try:
        if kind == "file":
            file = FileSource.model_validate(values)
            return TableSource(path=file.path, encoding=file.encoding, format="text", licence=file.licence)
        if kind == "lexicon":
            words = LexiconSource.model_validate(values)
            return TableSource(path=words.path, licence=words.licence)
        if kind == "builtin":
            raise DataError("this source comes with the studio and is no file", "choose a file or a table")
        return TableSource.model_validate(values)
    except ValidationError as error:
        raise RecipeError(problems_of(error)) from error
