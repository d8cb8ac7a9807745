"""What is known of a recipe's documents whatever their splits, kept in the cache.

Whoever asks how documents would be divided by another seed, share or way is answered from here: sources are not read
again, and which documents are alike is not looked for again. A split depends on all hanzi of a document and on the
seed, so those are kept, in an Arrow file of equal batches; it is mapped, never held whole.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from studio import paths
from studio.data.corpus import Reading
from studio.data.doctor.record import Record
from studio.data.doctor.repeats import BEGINNING, NearRepeats, Relations
from studio.data.sources import Document, Origin
from studio.recipe import Data, Source
from studio.runs import atomic

_FORMAT = 1
_BATCH = 1024
_DOCUMENTS, _RELATIONS, _META = "documents.arrow", "relations.npz", "meta.json"
_SAID = ("label", "group", "date", "split", "file")
_KEPT = 6
_MOST_BYTES = 20 << 30  # of all of them; older ones go first


@dataclass(frozen=True)
class Census:
    """Documents that were read once.

    Attributes:
        names: of the recipe's sources.
        relations: which documents are like others, by their numbers.
        notes, step_notes: what was set aside, as of `studio.data.corpus.Reading`.
    """

    names: tuple[str, ...]
    relations: Relations
    notes: tuple[str, ...]
    step_notes: tuple[str, ...]
    _batch: Callable[[int], Any]
    _batches: int

    def documents(self) -> Iterator[tuple[Document, str]]:
        """All documents in order, without their texts, each with its hanzi."""
        for number in range(self._batches):
            columns = self._batch(number).to_pydict()
            said = zip(*(columns[name] for name in _SAID), strict=True)
            for source, values, hanzi in zip(columns["source"], said, columns["hanzi"], strict=True):
                label, group, date, split, file = values
                yield (
                    Document(f"{self.names[source]}/", "", source, label, "", group, date, split, file),
                    hanzi,
                )

    def record(self, number: int) -> Record:
        """The beginning and the place of a document, by its number."""
        row = {name: column[0] for name, column in self._row(number).to_pydict().items()}
        name = self.names[row["source"]]
        place = row["place"]
        return Record(f"{name}/{place}", row["begun"], row["source"], name=name, place=place)

    def date(self, number: int) -> str:
        """The date of a document as its table writes it."""
        return str(self._row(number).column("date")[0].as_py())

    def _row(self, number: int) -> Any:
        return self._batch(number // _BATCH).slice(number % _BATCH, 1)


def taken(
    name: str,
    data: Data,
    origins: list[Origin],
    load: Callable[[Source, int], Iterable[Document]],
    progress: Callable[[int, str], None],
) -> Census:
    """The census of a recipe's documents, from the cache if it is there.

    Args:
        name: of its content, see `studio.data.fingerprint.documents_name`.
        data, origins, load: as of `studio.data.corpus.Reading`.
        progress: called now and then with documents read and the source at hand; may raise to break off.

    Raises:
        DataError: if a source cannot be read.
        OSError: if the cache cannot be written.
    """
    home = paths.cache_home() / "documents" / name
    names = tuple(origin.name for origin in origins)
    known = _opened(home, names)
    if known is None:
        home.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_folder(home, replace=True) as partial:
            _write(partial, data, origins, load, progress)
        _forget_oldest(home)
        known = _opened(home, names)
    if known is None:
        raise OSError(f"{home} cannot be read back after writing")
    return known


def _opened(home: Path, names: tuple[str, ...]) -> Census | None:
    import pyarrow as pa

    try:
        meta = json.loads((home / _META).read_text(encoding="utf-8"))
        if meta["format"] != _FORMAT:
            return None
        reader = pa.ipc.open_file(pa.memory_map(str(home / _DOCUMENTS)))
        with np.load(home / _RELATIONS, allow_pickle=False) as stored:
            relations = Relations(stored["compared"], stored["like"], stored["copies"], int(stored["scale"]))
        os.utime(home / _META)  # marks it as used
        notes, step_notes = tuple(meta["notes"]), tuple(meta["step_notes"])
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None
    batch = lru_cache(maxsize=8)(reader.get_batch)
    return Census(names, relations, notes, step_notes, batch, reader.num_record_batches)


def _write(
    home: Path,
    data: Data,
    origins: list[Origin],
    load: Callable[[Source, int], Iterable[Document]],
    progress: Callable[[int, str], None],
) -> None:
    import pyarrow as pa

    text = pa.large_string()
    fields = [("source", pa.uint8()), ("place", pa.int64()), ("hanzi", text), ("begun", text)]
    schema = pa.schema([*fields, *((name, text) for name in _SAID)])
    near = NearRepeats(None, dropped=False)
    done = 0
    reading = Reading(data, origins, lambda number: progress(done, origins[number].name), load)
    places = [itertools.count() for _ in origins]
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        pa.OSFile(str(home / _DOCUMENTS), "wb") as file,
        pa.ipc.new_file(file, schema, options=options) as writer,
    ):
        found = iter(reading)
        while some := list(itertools.islice(found, _BATCH)):
            rows = []
            for document, hanzi in some:
                counted = next(places[document.source])
                tail = document.id.rpartition("/")[2]
                place = int(tail) if tail.isdigit() else counted
                near.see(Record(document.id, document.text, document.source, place=place))
                said = (getattr(document, name) for name in _SAID)
                rows.append((document.source, place, hanzi, document.text[:BEGINNING], *said))
            arrays = [
                _array(column, kind.type)
                for column, kind in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            done += len(some)
    relations = near.relations()
    np.savez(
        home / _RELATIONS,
        compared=relations.compared,
        like=relations.like,
        copies=relations.copies,
        scale=np.array(relations.scale),
    )
    meta = {"format": _FORMAT, "notes": reading.notes, "step_notes": reading.step_notes}
    (home / _META).write_text(json.dumps(meta, ensure_ascii=True), encoding="utf-8")


def _array(column: Sequence[Any], kind: Any) -> Any:
    import pyarrow as pa

    try:
        return pa.array(column, kind)
    except UnicodeEncodeError:  # half of a surrogate pair in what is only shown
        return pa.array([text.encode("utf-8", "replace").decode("utf-8") for text in column], kind)


def _forget_oldest(newest: Path) -> None:
    """Keep those used last; others can be made again."""
    with contextlib.suppress(OSError):
        kept = sorted(
            newest.parent.glob(f"[!.]*/{_META}"), key=lambda meta: meta.stat().st_mtime, reverse=True
        )
        size = 0
        for place, meta in enumerate(kept):
            size += sum(file.stat().st_size for file in meta.parent.iterdir())
            if meta.parent != newest and (place >= _KEPT or size > _MOST_BYTES):
                shutil.rmtree(meta.parent, ignore_errors=True)
