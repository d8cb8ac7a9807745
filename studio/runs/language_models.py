"""Language models that were imported from others' files: a folder each, listed without reading their tables.

language_models/<name>/
  model.json           what it is and where it comes from      words.safetensors   its words and their n-grams
  LICENCE.txt          the licence of its source, as it was given
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from studio import paths
from studio.runs import atomic

FORMAT = 1
INFO, TABLE, LICENCE = "model.json", "words.safetensors", "LICENCE.txt"
_FORBIDDEN = frozenset('/\\:*?"<>|')


class LanguageModelError(Exception):
    """An imported model that is not there, or cannot be so named; the message says what would be right."""


@dataclass(frozen=True)
class ImportedModel:
    """An imported language model.

    Attributes:
        name: also its folder's.
        kind: "arpa", "counts" or "kenlm".
        sources: names of the files it was read from.
        words, pairs, triples: how many of each.
        licence: of its source, in a word or a line; the whole text lies beside it.
        content: a hash of its table.
        added: when, as ISO 8601.
        notes: what was set aside in reading it.
    """

    name: str
    kind: str
    sources: tuple[str, ...]
    words: int
    pairs: int
    triples: int
    licence: str
    content: str
    added: str
    notes: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return home() / self.name

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(file.stat().st_size for file in self.folder.glob("*") if file.is_file())


_models: TypeAdapter[ImportedModel] = TypeAdapter(ImportedModel)


def home() -> Path:
    """The folder that holds all of them."""
    return paths.data_home() / "language_models"


def imported() -> list[ImportedModel]:
    """All of them by name; a folder that holds none is passed over."""
    folder = home()
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        try:
            found.append(get(path.name))
        except LanguageModelError:
            continue
    return found


def missing(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some names that no imported model has, sorted."""
    return tuple(sorted(set(names) - {model.name for model in imported()}))


def get(name: str) -> ImportedModel:
    """The model of a name.

    Raises:
        LanguageModelError: if there is none, or its folder is damaged.
    """
    check_name(name)
    folder = home() / name
    try:
        model = _models.validate_json((folder / INFO).read_bytes())
    except FileNotFoundError:
        raise LanguageModelError(f"no language model is named {name}; {_names()}") from None
    except OSError as error:
        raise LanguageModelError(f"cannot read {folder / INFO}: {error.strerror}") from error
    except ValidationError as error:
        raise LanguageModelError(f"{folder / INFO} is damaged: import the model again") from error
    if model.name != name or model.format > FORMAT:
        raise LanguageModelError(f"{folder / INFO} does not describe {name}: import the model again")
    return model


def encode(model: ImportedModel) -> str:
    """The text of a model's `model.json`."""
    return json.dumps(_models.dump_python(model, mode="json"), ensure_ascii=False, indent=1) + "\n"


def remove(name: str) -> None:
    """Remove a model.

    Raises:
        LanguageModelError: if there is none of this name.
    """
    check_name(name)
    if not (home() / name).is_dir():
        raise LanguageModelError(f"no language model is named {name}; {_names()}")
    atomic.remove_folder(home() / name)


def check_name(name: str) -> None:
    """Refuse what can be no folder's name.

    Raises:
        LanguageModelError: saying why.
    """
    if not name.strip() or name != name.strip() or name.startswith(".") or len(name.encode()) > 100:
        raise LanguageModelError(f"{name!r} is no name for a language model; use a short word")
    if any(ch in _FORBIDDEN or not ch.isprintable() for ch in name):
        raise LanguageModelError(f"{name!r} is no name for a language model; use letters, digits and dashes")


def name_for(file: str, taken: Iterable[str]) -> str:
    """A name after a file's, not used yet."""
    stem = Path(file).name
    for ending in (".gz", ".xz", ".bz2", ".arpa", ".txt", ".tsv", ".csv", ".bin", ".klm", ".dict"):
        stem = stem.removesuffix(ending)
    stem = (
        "".join("-" if ch in _FORBIDDEN or not ch.isprintable() else ch for ch in stem).strip(" .") or "model"
    )
    stem = stem.encode()[:90].decode("utf-8", "ignore")
    used = set(taken)
    return next(
        name for name in (stem, *(f"{stem}-{n}" for n in range(2, len(used) + 3))) if name not in used
    )


def _names() -> str:
    folder = home()
    names = (
        [path.name for path in sorted(folder.iterdir()) if (path / INFO).is_file()] if folder.is_dir() else []
    )
    return f"there are {', '.join(names)}" if names else "none has been imported yet"
