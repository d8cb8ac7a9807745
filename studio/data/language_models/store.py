"""Imported models on the disk."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from studio.data.errors import DataError
from studio.data.language_models.lines import Tick
from studio.data.language_models.reading import Imported, read_model
from studio.data.language_models.table import WordNgrams
from studio.data.reading import read_text
from studio.runs import atomic, language_models
from studio.runs.language_models import INFO, LICENCE, TABLE, ImportedModel

_LICENCE_LINE = 80


def add(
    files: list[Path],
    tick: Tick,
    *,
    name: str = "",
    licence: str = "",
    readings: Path | None = None,
    replace: bool = False,
) -> ImportedModel:
    """Read files and keep what they say as one model.

    Args:
        name: of the model; made from the first file's if empty.
        licence: the path of a text, or the licence's name.
        readings: see `read_model`.
        replace: put it in the place of a model of the same name.

    Raises:
        DataError: if the files cannot be used.
        LanguageModelError: if the name cannot be one, or is taken.
        OSError: if the disk does not take it.
    """
    taken = [model.name for model in language_models.imported()]
    name = name or language_models.name_for(files[0].name, [] if replace else taken)
    language_models.check_name(name)
    if name in taken and not replace:
        raise language_models.LanguageModelError(f"{name} is taken; choose another name, or replace it")
    text = _licence(licence)
    read = read_model(files, tick, readings)
    content = save(read.ngrams.arrays())
    model = ImportedModel(
        name=name,
        kind=read.kind,
        sources=tuple(file.name for file in [*files, *([readings] if readings else [])]),
        words=len(read.ngrams.words),
        pairs=len(read.ngrams.pairs),
        triples=len(read.ngrams.triples),
        licence=next((line.strip()[:_LICENCE_LINE] for line in text.splitlines() if line.strip()), ""),
        content=hashlib.sha256(content).hexdigest(),
        added=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=tuple(_notes(read)),
    )
    with atomic.new_folder(language_models.home() / name, replace=True) as folder:
        (folder / TABLE).write_bytes(content)
        (folder / INFO).write_text(language_models.encode(model), encoding="utf-8")
        if text:
            (folder / LICENCE).write_text(text.rstrip() + "\n", encoding="utf-8")
    return model


def load(model: ImportedModel) -> WordNgrams:
    """The table of an imported model.

    Raises:
        DataError: if it is damaged or gone.
    """
    path = model.folder / TABLE
    try:
        return WordNgrams.from_arrays(load_file(path))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise DataError(f"{path} is damaged: {error}", "import the model again") from error


def _licence(given: str) -> str:
    """The licence's text if a file was given, else what was said."""
    if not given.strip():
        return ""
    if "\n" not in given and len(given) < 1000 and Path(given).is_file():
        return read_text(Path(given))
    if "\n" not in given and given.strip().endswith((".txt", ".md")):
        raise DataError(f"there is no licence file {given}", "give the path of a text, or the licence's name")
    return given.strip()


def _notes(read: Imported) -> list[str]:
    notes = list(read.notes)
    if read.problems.count:
        shown = "; ".join(read.problems.first)
        notes.append(f"{read.problems.count:,} lines could not be used ({shown})")
    if read.unread:
        notes.append(f"{read.unread:,} words have no known reading")
    return notes
