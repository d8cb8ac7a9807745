"""Where data sets of the Hugging Face hub are kept, by their names, below the data home."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

from studio import paths
from studio.runs import atomic

_NAME = re.compile(r"\w[\w.-]{0,95}/\w[\w.-]{0,95}")
_PAGE = re.compile(r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)/", re.IGNORECASE)


def name_in(text: str) -> str:
    """The name `owner/name` that was written, or that of the page whose address was; empty if there is none."""
    text = text.strip()
    rest, page = _PAGE.subn("", text, count=1) if _PAGE.match(text) else (text, 0)
    rest = rest.removeprefix("datasets/")
    if page:
        rest = "/".join(re.split(r"[?#]", rest)[0].split("/")[:2])
    return rest if _NAME.fullmatch(rest) else ""


def folder_of(name: str) -> Path:
    """Where a data set of this name lies, or would lie."""
    owner, _, own = name.partition("/")
    return paths.data_home() / "hub" / owner / own


def place_for(name: str) -> Path:
    """A new name beside it, for what is not whole yet; makes the folder of the owner. Raises OSError."""
    folder = folder_of(name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return atomic.temporary_beside(folder)


def keep(place: Path, name: str) -> Path:
    """Give what was fetched its name; one that came first stays. Raises OSError."""
    folder = folder_of(name)
    if folder.exists():
        drop(place)
    else:
        place.replace(folder)
    return folder


def drop(place: Path) -> None:
    """Leave nothing of what was not fetched as a whole."""
    shutil.rmtree(place, ignore_errors=True)
    for folder in (place.parent, place.parent.parent):
        with contextlib.suppress(OSError):  # it holds others
            folder.rmdir()
