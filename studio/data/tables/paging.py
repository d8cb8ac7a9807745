"""Any rows of a source at once, however far down: its cells are written to an Arrow file the first time.

The file lies in the cache below the fingerprint of the source's content, in batches of the same number of rows, so
that the batch of a row is found without reading those before it. The first rows of a source that was not read before
are shown without it. What comes with the studio is paged like files.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from studio import paths
from studio.data import cache
from studio.data.builtin_rows import builtin_rows
from studio.data.errors import Cancelled, DataError
from studio.data.fingerprint import PREPARATION, digest_of, is_remembered
from studio.data.sources import locate
from studio.data.tables.inspection import CELL
from studio.data.tables.parts import parts
from studio.data.tables.problems import Problems
from studio.data.tables.table import Table, open_table
from studio.recipe import BuiltinSource, TableSource
from studio.runs import atomic
from studio.runs.datasets import Row

BATCH = 1024
"""Rows of a batch."""

_FORMAT = 1
_AT_ONCE = 2000  # rows from the beginning that are shown without the file
_HASHED_AT_ONCE = 64 << 20
_KEPT = 6
_MOST_BYTES = 20 << 30  # of all files; older ones go first
_FILE_COLUMN = "file"
_SEARCHES = 8
_FOUND = 1_000_000  # rows that a search remembers


@dataclass(frozen=True)
class Page:
    """Some rows; `total` as in `studio.runs.dataset_requests.RowsPaged`."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int


def page(
    source: TableSource | BuiltinSource,
    offset: int,
    count: int,
    search: str = "",
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Page:
    """Rows of a source.

    Args:
        source: as a recipe has it.
        offset: the number of the first one, counted from 0; with `search`, among those found.
        count: how many at the most.
        search: only rows in which a cell holds this; capitals do not count.
        cancelled: asked often; when true, the work ends and leaves nothing behind.

    Raises:
        DataError: if the source cannot be read, or the disk is full.
        Cancelled: if `cancelled` said so.
    """
    at_once = not search and offset + count <= _AT_ONCE
    if at_once and not _is_named_fast(source):
        return _beginning(source, offset, count)
    path = folder() / f"{_name(source)}.arrow"
    if not path.is_file():
        if at_once:
            return _beginning(source, offset, count)
        _write(source, path, cancelled)
    with contextlib.suppress(OSError):
        os.utime(path)  # marks it as used
    try:
        return _read(path, offset, count, search, cancelled)
    except _errors() as error:
        path.unlink(missing_ok=True)  # damaged: it is made again the next time
        raise DataError(f"{path} in the cache is damaged: {error}", "try again") from error


def folder() -> Path:
    """Where the rows of sources are kept."""
    return paths.cache_home() / "rows"


def _name(source: TableSource | BuiltinSource) -> str:
    """A name that changes with the content of the source's files and with how they are read."""
    if isinstance(source, BuiltinSource):
        files = sorted(locate(source).files)
        return _digest([_FORMAT, PREPARATION, source.name, [digest_of(f, cache.folder()) for f in files]])
    found, _ = parts(Path(source.path).expanduser(), named=source.format != "auto")
    files = sorted({part.path for part in found})
    read = source.model_dump(mode="json", include={"format", "encoding", "delimiter", "header"})
    return _digest(
        [_FORMAT, read, [part.relative for part in found], [digest_of(f, cache.folder()) for f in files]]
    )


def _digest(whole: list[Any]) -> str:
    text = json.dumps(whole, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=12).hexdigest()


def _is_named_fast(source: TableSource | BuiltinSource) -> bool:
    """Whether `_name` takes a moment: the digest of a large file that was not read before takes seconds."""
    if isinstance(source, BuiltinSource):
        return True
    found, _ = parts(Path(source.path).expanduser(), named=source.format != "auto")
    files = {part.path for part in found}
    if sum(path.stat().st_size for path in files) < _HASHED_AT_ONCE:
        return True
    return all(is_remembered(path, cache.folder()) for path in files)


def _tables(source: TableSource) -> list[Table]:
    found, _ = parts(Path(source.path).expanduser(), named=source.format != "auto")
    # What columns are used for does not matter here, and the recipe may still name wrong ones.
    plain = TableSource.model_validate(
        source.model_dump(include={"path", "format", "encoding", "delimiter", "header"})
    )
    return [open_table(part, plain) for part in found]


def _opened(source: TableSource | BuiltinSource) -> tuple[tuple[str, ...], Iterator[Row]]:
    """The names of a source's columns, and its rows."""
    if isinstance(source, BuiltinSource):
        columns, found = builtin_rows(source)
        return columns, (Row(number, cells, 0) for number, cells in enumerate(found))
    tables = _tables(source)
    columns = tuple(dict.fromkeys(name for table in tables for name in table.names))
    return columns, _rows(tables, columns)


def _rows(tables: list[Table], columns: tuple[str, ...]) -> Iterator[Row]:
    number = 0
    for place, table in enumerate(tables):
        targets = [columns.index(name) for name in table.names]
        same = targets == list(range(len(columns)))
        for _, cells in table.rows(Problems()):
            if not same:
                wide = [""] * len(columns)
                for target, cell in zip(targets, cells, strict=True):
                    wide[target] = cell
                cells = wide  # noqa: PLW2901
            yield Row(number, tuple(cells), place)
            number += 1


def _beginning(source: TableSource | BuiltinSource, offset: int, count: int) -> Page:
    columns, rows = _opened(source)
    first = list(islice(rows, offset + count + 1))
    # One more than was asked for: whether these are the last ones is then known.
    total = len(first) if len(first) <= offset + count else -1
    return Page(columns, tuple(map(_shown, first[offset : offset + count])), total)


def _shown(row: Row) -> Row:
    return Row(row.number, tuple(cell[:CELL] for cell in row.cells), row.file)


def _write(source: TableSource | BuiltinSource, path: Path, cancelled: Callable[[], bool]) -> None:
    import pyarrow as pa

    columns, rows = _opened(source)
    fields = [pa.field(f"{place}:{name}", pa.large_string()) for place, name in enumerate(columns)]
    schema = pa.schema([*fields, pa.field(_FILE_COLUMN, pa.int32())])
    temporary = atomic.temporary_beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with (
            pa.OSFile(str(temporary), "wb") as file,
            pa.ipc.new_file(file, schema, options=options) as writer,
        ):
            while some := list(islice(rows, BATCH)):
                if cancelled():
                    raise Cancelled
                cells = zip(*(row.cells for row in some), strict=True) if columns else ()
                arrays = [pa.array(column, pa.large_string()) for column in cells]
                arrays.append(pa.array([row.file for row in some], pa.int32()))
                writer.write_batch(pa.record_batch(arrays, schema=schema))
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    _forget_oldest(path)


def _read(path: Path, offset: int, count: int, search: str, cancelled: Callable[[], bool]) -> Page:
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        reader = pa.ipc.open_file(file)
        columns = tuple(name.partition(":")[2] for name in reader.schema.names[:-1])
        batches = reader.num_record_batches
        total = 0
        if batches:
            total = (batches - 1) * BATCH + reader.get_batch(batches - 1).num_rows
        if not search:
            wanted: list[int] | range = range(min(offset, total), min(offset + count, total))
        else:
            found = _search(path, reader, search, cancelled)
            wanted, total = found[offset : offset + count], len(found)
        rows: list[Row] = []
        batch: Any = None
        at = -1
        for number in wanted:
            if number // BATCH != at:
                at = number // BATCH
                batch = reader.get_batch(at)
            *cells, file_place = (batch.column(i)[number % BATCH].as_py() for i in range(len(columns) + 1))
            rows.append(Row(number, tuple(cell[:CELL] for cell in cells), file_place))
        return Page(columns, tuple(rows), total)


_searches: OrderedDict[tuple[str, str], list[int]] = OrderedDict()
"""The rows found by the last searches, so that turning a page does not search again."""


def _search(path: Path, reader: Any, search: str, cancelled: Callable[[], bool]) -> list[int]:
    import pyarrow.compute as pc

    key = (path.name, search)
    known = _searches.get(key)
    if known is not None:
        _searches.move_to_end(key)
        return known
    found: list[int] = []
    for place in range(reader.num_record_batches):
        if cancelled():
            raise Cancelled
        batch = reader.get_batch(place)
        hit: Any = None
        for column in batch.columns[:-1]:
            one = pc.match_substring(column, search, ignore_case=True)
            hit = one if hit is None else pc.or_(hit, one)
        if hit is not None:
            found += (pc.indices_nonzero(hit).to_numpy() + place * BATCH).tolist()
        if len(found) > _FOUND:
            del found[_FOUND:]
            break
    _searches[key] = found
    while len(_searches) > _SEARCHES:
        _searches.popitem(last=False)
    return found


def _errors() -> tuple[type[BaseException], ...]:
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, IndexError)


def _unwritable(home: Path, error: OSError) -> DataError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space" in str(error):
        free = shutil.disk_usage(home).free / 1e6 if home.exists() else 0.0
        return DataError(
            f"the disk is full: the rows of this source do not fit into {home}, {free:,.1f} MB are free",
            "make room, or set STUDIO_HOME to a folder on another disk",
        )
    return DataError(
        f"{home} cannot be written: {error.strerror or error}",
        "make it writable, or set STUDIO_HOME to another folder",
    )


def _forget_oldest(newest: Path) -> None:
    """Keep the files used last; others can be made again."""
    with contextlib.suppress(OSError):
        kept = sorted(newest.parent.glob("[!.]*.arrow"), key=lambda file: file.stat().st_mtime, reverse=True)
        size = 0
        for place, file in enumerate(kept):
            size += file.stat().st_size
            if file != newest and (place >= _KEPT or size > _MOST_BYTES):
                file.unlink()
