"""What the window asks the lab about the files of a source, and the lab's answers (see `requests`).

A source is given as a recipe has it: the values of `studio.recipe.TableSource` (or `FileSource`), such as
`{"kind": "table", "path": "/data/reviews.csv", "text": ["comment"]}`. A wrong one is refused as `recipe`, a file
that cannot be read as `data`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from studio.runs.datasets import Row, SourceProfile


@dataclass(frozen=True, kw_only=True)
class InspectSource:
    """Say how a source is read and what stands in it.

    Attributes:
        rows: how many rows of each file the preview shows.
        whole: read every file to its end; otherwise only the beginning of each, which takes a moment at any size.
    """

    type: Literal["inspect_source"] = "inspect_source"
    id: str
    source: dict[str, Any]
    rows: int = 20
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class PageRows:
    """Show some rows of a source, by their numbers.

    Attributes:
        offset: the number of the first row that is wanted, counted from 0; with `search`, among those found.
        count: how many rows, 1000 at the most.
        search: only rows in which a cell holds this text (capitals do not count); empty for all.
    """

    type: Literal["page_rows"] = "page_rows"
    id: str
    source: dict[str, Any]
    offset: int = 0
    count: int = 100
    search: str = ""


@dataclass(frozen=True, kw_only=True)
class SourceInspected:
    """The answer to `InspectSource`."""

    type: Literal["source_inspected"] = "source_inspected"
    id: str
    profile: SourceProfile


@dataclass(frozen=True, kw_only=True)
class RowsPaged:
    """The answer to `PageRows`.

    Attributes:
        columns: of the rows; those of several files together, in the order in which they come first.
        rows: fewer than were asked for at the end.
        total: rows in all, or found in all; -1 while that is not known: the first rows of a source that was not read
            before come without it, any others with it.
    """

    type: Literal["rows_paged"] = "rows_paged"
    id: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    offset: int
    total: int


DatasetRequest = InspectSource | PageRows
DatasetResponse = SourceInspected | RowsPaged
