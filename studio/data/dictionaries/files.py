"""A dictionary file of any format that is known, recognised by what it holds."""

from __future__ import annotations

from pathlib import Path

from studio.data.dictionaries.lines import format_of, read_lines
from studio.data.dictionaries.rime import SUFFIX, is_rime, read_rime
from studio.data.dictionaries.scel import is_scel, read_scel
from studio.data.dictionaries.words import WordList
from studio.data.errors import DataError
from studio.data.reading import open_bytes, read_bytes, read_text

FORMATS = ("rime", "libime", "sogou", "plain", "scel")
_SHOWN = 3


def read_dictionary(path: Path) -> WordList:
    """The words of a file: rime's tables, libime's and Sogou's lists, plain ones, Sogou's cells.

    Text may be UTF-8, UTF-16 or GB18030.

    Raises:
        DataError: if the file cannot be read, is of no such format, or holds not one usable word.
    """
    with open_bytes(path) as file:
        start = file.read(64)
    found = read_scel(path, read_bytes(path)) if is_scel(start) else _read_text(path)
    if not found.words:
        shown = "; ".join(str(problem) for problem in found.problems[:_SHOWN]) or "there are only comments"
        raise DataError(
            f"{path} holds no usable word ({shown})",
            "give a dictionary of rime, fcitx 5 or Sogou, or a word a line with its pinyin behind a tab",
        )
    return found


def _read_text(path: Path) -> WordList:
    try:
        text = read_text(path)
    except DataError as error:
        if "not text" in error.message or "NUL" in error.message:
            raise DataError(
                f"{path} is a binary file that is not known",
                "export it as text from the input method it belongs to, and import that",
            ) from error
        raise
    if is_rime(text) or path.name.endswith(SUFFIX):
        return read_rime(path, text)
    return read_lines(text, format_of(text), path.stem)
