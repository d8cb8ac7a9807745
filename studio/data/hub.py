"""Data sets of the Hugging Face hub by their names, fetched into a folder that is read like any other.

Files of known formats alone are taken, and the README: no code, by which older data sets make their rows. Of those the
hub itself writes Parquet files, on a branch of their own.
"""

from __future__ import annotations

import errno
import glob
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from studio.data.errors import DataError
from studio.data.hub_progress import bar
from studio.data.tables.parts import is_known

_NAME = re.compile(r"[\w-][\w.-]{0,95}(/[\w-][\w.-]{0,95})?")
_CONVERTED = "refs/convert/parquet"
_MOST = 20_000  # files
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)  # of a file; a network may refuse in this way as well
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


@dataclass(frozen=True)
class Fetched:
    """What was fetched: the data set's name, the folder, the names of its files, and their bytes in all."""

    name: str
    folder: str
    files: tuple[str, ...]
    size: int


def may_be_named(path: str) -> bool:
    """Whether what names no file of this machine could be a data set's name, `owner/name`."""
    return path.count("/") == 1 and bool(_NAME.fullmatch(path)) and not Path(path).exists()


def fetch(name: str, folder: Path, report: Callable[[int, int], None] | None = None) -> Fetched:
    """Fetch a data set; what was fetched before is not fetched again.

    Args:
        name: on the hub, `owner/name`.
        folder: gets its files as they lie there.
        report: called with the bytes that are there of how many, instead of bars on standard error.

    Raises:
        DataError: if it cannot be had, or the disk has no room for it.
    """
    from huggingface_hub import HfApi, snapshot_download

    if not _NAME.fullmatch(name):
        raise DataError(f"{name!r} is no name of the Hugging Face hub", "names are like owner/name")
    try:
        revision, files = None, _readable(HfApi().dataset_info(name, files_metadata=True))
        if not files:
            revision, files = _CONVERTED, _converted(name)
        _check(name, folder, files)
        size = sum(files.values())
        if report is not None:
            report(0, size)
        wanted = [glob.escape(file) for file in files]
        snapshot_download(
            name,
            repo_type="dataset",
            revision=revision,
            local_dir=folder,
            allow_patterns=[*wanted, "README.md"],
            tqdm_class=None if report is None else bar(partial(_report, report, size), lambda: False),
        )
        if missing := [file for file in files if not (folder / file).is_file()]:
            raise DataError(f"{missing[0]} of {name} was not given by the hub", "try again later")
    except DataError:
        raise
    except Exception as error:  # the client of the network raises errors of its own
        raise _refusal(name, error) from error
    return Fetched(name, str(folder), tuple(sorted(files)), size)


def _report(report: Callable[[int, int], None], size: int, done: int, _: int) -> None:
    # The library learns of its total file by file; ours is that of all files but the README.
    report(min(done, size), size)


def _refusal(name: str, error: Exception) -> DataError:
    """What to tell people of an error of the hub."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
    )

    if isinstance(error, GatedRepoError):  # which is a kind of the next one
        return DataError(
            f"the hub gives {name} only to whoever has agreed to its terms",
            "agree to them on its page and log in with `hf auth login`",
        )
    if isinstance(error, RepositoryNotFoundError | HFValidationError):
        return DataError(f"the Hugging Face hub has no data set {name}", "check the name")
    for one in _causes(error):
        if isinstance(one, OSError) and (one.errno in _FULL or (one.filename and one.errno in _CLOSED)):
            place = one.filename or name
            return DataError(
                f"{place} cannot be written: {one.strerror}", "make room, or choose a folder on another disk"
            )
    if not isinstance(error, HfHubHTTPError) and any(isinstance(one, OSError) for one in _causes(error)):
        return DataError(
            f"the data set {name} cannot be fetched: the Hugging Face hub cannot be reached",
            "connect to the internet and try again, or fetch the folder elsewhere and give its path",
        )
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return DataError(f"the data set {name} cannot be fetched: {reason}", "try again later")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _converted(name: str) -> dict[str, int]:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RevisionNotFoundError

    try:
        files = _readable(HfApi().dataset_info(name, revision=_CONVERTED, files_metadata=True))
    except RevisionNotFoundError:
        files = {}
    if not files:
        raise DataError(
            f"{name} has no files of a format that is read, and the hub has written none as Parquet",
            "save it with the datasets library, save_to_disk(FOLDER), where you trust its code, and take that folder",
        )
    return files


def _readable(told: object) -> dict[str, int]:
    """The files of a known format with their bytes."""
    found = getattr(told, "siblings", None) or ()
    return {one.rfilename: one.size or 0 for one in found if is_known(one.rfilename)}


def _check(name: str, folder: Path, files: dict[str, int]) -> None:
    for file in files:
        if (
            file.startswith("/")
            or "\\" in file
            or ".." in PurePosixPath(file).parts
            or not file.isprintable()
        ):
            raise DataError(
                f"{name} has a file named {file!a}, which leads out of its folder", "take another one"
            )
    if len(files) > _MOST:
        raise DataError(
            f"{name} has {len(files):,} files; {_MOST:,} is the most", "fetch a part of it yourself"
        )
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not there.is_dir():
        raise DataError(f"{there} is no folder", "choose another place")
    size, free = sum(files.values()), shutil.disk_usage(there).free
    if size > free:
        raise DataError(
            f"{name} has {size / 1e6:,.1f} MB, and {free / 1e6:,.1f} MB are free in {there}",
            "make room, or choose a folder on another disk",
        )
