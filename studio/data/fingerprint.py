"""What a prepared data set is known by: its content, how it was to be prepared, and by which code."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studio.data.errors import DataError
from studio.data.sources import Origin, package_version
from studio.recipe import Data, PinyinToHanzi, TableSource, Task
from studio.runs import atomic

PREPARATION = 5
"""Counts up whenever the code would make other examples of the same content and recipe."""

_PREPARATIONS = {
    "text_classification": 1,
    "language_model": 1,
    "hanzi_to_pinyin": 1,
    "sequence_labelling": 1,
    "masked_language_model": 1,
    "correction": 1,
    "sequence_to_sequence": 1,
}
"""The same for what each of the other tasks does beside it."""

STEP_PREPARATION = 1
"""The same for what the steps of a recipe make of documents."""

TABLES = 2
"""The same for what is read of tables."""

_USUAL: dict[str, Any] = {
    "by": "document",
    "split": "drawn",
    "split_column": "",
    "target": "",
    "readings": [],
}
_MEMO = "hashes.json"
# A file changed this recently may change again without its time of change moving on.
_SETTLED = 3.0


def fingerprint(data: Data, origins: Iterable[Origin], folder: Path, task: Task | None = None) -> str:
    """The name of a data set's cache: 24 hexadecimal digits.

    Args:
        data: the recipe's section; `lexicon_share` and `balance` do not count, they only mix what is prepared.
        origins: the sources found, in the recipe's order.
        folder: where hashes of unchanged files are remembered.
        task: what the examples are for; pinyin, if it is not given.

    Raises:
        DataError: if a file cannot be read.
    """
    whole: dict[str, Any] = {
        "preparation": PREPARATION,
        "packages": [package_version(name) for name in ("pypinyin", "jieba")],
        "sources": _described(data, origins, folder),
        "recipe": {
            name: _without_usual(values)
            for name, values in data.model_dump(mode="json", include={"cleaning", "splits"}).items()
        },
    }
    return _named(whole, data, task)


def documents_name(data: Data, origins: Iterable[Origin], folder: Path, task: Task | None = None) -> str:
    """The name of what is known of a recipe's documents, whatever their splits. Args and raises as `fingerprint`."""
    whole = {
        "preparation": PREPARATION,
        "sources": _described(data, origins, folder, leave_out=("split",)),
        "recipe": {"cleaning": _without_usual(data.cleaning.model_dump(mode="json", exclude={"readings"}))},
    }
    return _named(whole, data, task)


def _described(
    data: Data, origins: Iterable[Origin], folder: Path, leave_out: Iterable[str] = ()
) -> list[Any]:
    """Each source by its name, content and options, but for those that are left out."""
    memo = _Memo(folder / _MEMO)
    described: list[Any] = []
    for source, origin in zip(data.sources, origins, strict=True):
        options = _without_usual(source.model_dump(mode="json", exclude={"path", *leave_out}))
        described.append([origin.name, options, [memo.digest(path) for path in origin.files]])
        if isinstance(source, TableSource):  # whose files are read by their names, in their order
            described[-1].append([TABLES, *(_below(path, source) for path in origin.files)])
    memo.save()
    return described


def _named(whole: dict[str, Any], data: Data, task: Task | None) -> str:
    if task is not None and not isinstance(task, PinyinToHanzi):
        shaping = task.model_dump(mode="json", include={"name", *task.SHAPING})
        whole |= {"task": shaping, "task_preparation": _PREPARATIONS[task.name]}
    if data.steps:
        # Added only where there are some, so that data sets without keep their names.
        steps = [step.model_dump(mode="json") for step in data.steps]
        whole |= {"steps": steps, "opencc": package_version("OpenCC"), "step_preparation": STEP_PREPARATION}
    text = json.dumps(whole, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=12).hexdigest()


def _without_usual(values: dict[str, Any]) -> dict[str, Any]:
    """Values without the later fields that say nothing: data sets made before there were those keep their names."""
    return {key: value for key, value in values.items() if _USUAL.get(key, _USUAL) != value}


def digest_of(path: Path, folder: Path) -> str:
    """The digest of a file's content, remembered in `folder` while the file does not change.

    Raises:
        DataError: if it cannot be read.
    """
    memo = _Memo(folder / _MEMO)
    digest = memo.digest(path)
    memo.save()
    return digest


def is_remembered(path: Path, folder: Path) -> bool:
    """Whether `digest_of` would answer at once.

    Raises:
        DataError: if the file cannot be read.
    """
    return _Memo(folder / _MEMO).recall(path) is not None


def _below(path: Path, source: TableSource) -> str:
    """A file's name within the source."""
    whole = Path(source.path).expanduser()
    return path.relative_to(whole).as_posix() if path != whole else path.name


class _Memo:
    """Digests of files by path, size and time of change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = False
        self._known: dict[str, list[Any]] = {}
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(known, dict):
            self._known = {
                key: value for key, value in known.items() if isinstance(value, list) and len(value) == 3
            }

    def digest(self, path: Path) -> str:
        """The digest of a file's content."""
        known = self.recall(path)
        if known is not None:
            return known
        state = _state(path)
        digest = _hash(path)
        if abs(time.time() - state.st_mtime) > _SETTLED:
            self._known[str(path.absolute())] = [state.st_size, state.st_mtime_ns, digest]
            self._changed = True
        return digest

    def recall(self, path: Path) -> str | None:
        """The digest of a file that has not changed since it was made; None if it has to be made."""
        state = _state(path)
        known = self._known.get(str(path.absolute()))
        fresh = known is not None and known[:2] == [state.st_size, state.st_mtime_ns]
        return str(known[2]) if known is not None and fresh else None

    def save(self) -> None:
        """Keep what was learnt; a cache that cannot be written costs time, nothing else."""
        if not self._changed:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_text(self._path, json.dumps(self._known, ensure_ascii=True, indent=0))
        except OSError:
            pass


def _state(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError:
        raise DataError(f"there is no file {path}", "check the path, or choose the file again") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read: {reason}", "check the path and the disk") from error


def _hash(path: Path) -> str:
    from studio.data.reading import open_bytes

    with open_bytes(path) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
