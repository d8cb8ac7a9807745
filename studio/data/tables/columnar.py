"""Parquet and Arrow files, of which a saved Hugging Face data set consists; only pyarrow reads them.

What Hugging Face notes in a schema is heeded: a class label is stored as a number there and becomes its name.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from studio.data.errors import DataError
from studio.data.tables.json_rows import NotARowError, as_text
from studio.data.tables.parts import Part
from studio.data.tables.problems import Problems

ROWS = 1024
"""Rows that are turned into text at a time."""

_DEPTH = 4
_BYTES_SHOWN = 60
_MAGIC = b"ARROW1"


def names(part: Part, form: str) -> tuple[str, ...]:
    """The columns of a file; those of structures as `a.b`.

    Raises:
        DataError: if it is no such file, or damaged.
    """
    with _reading(part), part.seekable() as file:
        return tuple(name for name, _ in _flat(_opened(file, form)[0]))


def rows(part: Part, form: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, counted from 1, and their cells as text.

    Raises:
        DataError: if it is no such file, or damaged.
    """
    with part.seekable() as file:
        with _reading(part):
            schema, batches = _opened(file, form)
            labels = _class_names(schema)
            fields = _flat(schema)
        number = 0
        while True:
            with _reading(part):
                batch = next(batches, None)
                if batch is None:
                    return
                if form != "parquet":
                    batch.validate(
                        full=True
                    )  # a damaged file may point anywhere; to follow that may end the process
                for start in range(0, batch.num_rows, ROWS):
                    some = batch.slice(start, ROWS)
                    columns = [_cells(_values(some, path), labels.get(name)) for name, path in fields]
                    chunk = list(zip(*columns, strict=True)) if columns else [()] * some.num_rows
                    for cells in chunk:
                        number += 1
                        strange = next((cell for cell in cells if not isinstance(cell, str)), None)
                        if strange is not None:
                            problems.add(number, str(strange))
                        else:
                            yield number, list(cells)


def count(part: Part, form: str) -> int | None:
    """How many rows a Parquet file says it has; None for others, which do not say."""
    if form != "parquet":
        return None
    with _reading(part), part.seekable() as file:
        return int(_parquet(file).metadata.num_rows)


def _opened(file: IO[bytes], form: str) -> tuple[Any, Iterator[Any]]:
    import pyarrow as pa

    if form == "parquet":
        whole = _parquet(file)
        return whole.schema_arrow, whole.iter_batches(batch_size=ROWS, use_threads=False)
    head = file.read(len(_MAGIC))
    file.seek(0)
    if head == _MAGIC:
        reader = pa.ipc.open_file(file)
        return reader.schema, (reader.get_batch(place) for place in range(reader.num_record_batches))
    stream = pa.ipc.open_stream(file)
    return stream.schema, iter(stream)


def _parquet(file: IO[bytes]) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(file, pre_buffer=False)


def _flat(schema: Any) -> list[tuple[str, tuple[int, ...]]]:
    """All columns: their names, and their places in structures within structures."""
    import pyarrow as pa

    found: list[tuple[str, tuple[int, ...]]] = []

    def add(field: Any, prefix: str, path: tuple[int, ...]) -> None:
        name = f"{prefix}.{field.name}" if prefix else field.name
        if pa.types.is_struct(field.type) and field.type.num_fields and len(path) < _DEPTH:
            for place in range(field.type.num_fields):
                add(field.type.field(place), name, (*path, place))
        else:
            found.append((name, path))

    for place in range(len(schema)):
        add(schema.field(place), "", (place,))
    return found


def _values(batch: Any, path: tuple[int, ...]) -> list[Any]:
    import pyarrow.compute as pc

    column = batch.column(path[0])
    for place in path[1:]:
        column = pc.struct_field(column, [place])
    return column.to_pylist()


def _cells(values: list[Any], names: list[str] | None) -> list[str | NotARowError]:
    return [
        value if isinstance(value, str) and "\0" not in value else _cell(value, names) for value in values
    ]


def _cell(value: Any, names: list[str] | None) -> str | NotARowError:
    if names is not None and isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    if isinstance(value, str):
        return NotARowError("it holds a NUL character")
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value[:_BYTES_SHOWN]).decode("ascii")
    try:
        return as_text(_plain(value))
    except NotARowError as error:
        return error


def _plain(value: Any) -> Any:
    """A value of lists and structures as JSON can write it."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _class_names(schema: Any) -> dict[str, list[str]]:
    """Hugging Face's names of classes, by column."""
    try:
        noted = json.loads((schema.metadata or {})[b"huggingface"])
        features = noted["info"]["features"].items()
        return {
            name: [str(one) for one in feature["names"]]
            for name, feature in features
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


@contextmanager
def _reading(part: Part) -> Iterator[None]:
    """Whatever pyarrow and Python say of a damaged file becomes one error with the file's name."""
    import pyarrow as pa

    try:
        yield
    except (DataError, GeneratorExit, MemoryError):
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(
            f"{part.name} cannot be read: {first}", "check that it was copied whole, or write it again"
        ) from error
