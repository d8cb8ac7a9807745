"""Widths, marks and characters that cannot be seen."""

from __future__ import annotations

import re
from typing import Literal

from studio.language.text import HANZI, fold_widths, join_blanks, strip_controls

_NUMERALS = "〇一二三四五六七八九十百千"
_CIRCLES = re.compile(f"(?<=[{_NUMERALS}])○+|○+(?=[{_NUMERALS}])")

_TO_CHINESE = str.maketrans(",;:?!", "，；：？！")
_MARKS = re.compile(f"(?<=[{HANZI}”’）》」』])[,;:?!]+(?!\\d)")
_STOP = re.compile(f"(?<=[{HANZI}”’）》」』])\\.(?![.\\w])")
LATIN_MARKS = re.compile(f"{_MARKS.pattern}|{_STOP.pattern}")
"""ASCII punctuation where Chinese text has its own."""
_BRACKETS = re.compile(f"\\(([^()\n]{{0,200}}[{HANZI}][^()\n]{{0,200}})\\)")
_TO_LATIN = str.maketrans("，；：？！（）。、～", ",;:?!().,~")


def normalise_widths(text: str, marks: Literal["keep", "chinese", "latin"] = "keep") -> str:
    """Ordinary letters and digits; marks as they are, as Chinese text has them, or as ASCII has them."""
    text = _CIRCLES.sub(lambda found: "〇" * len(found[0]), fold_widths(text))
    if marks == "latin":
        return text.translate(_TO_LATIN)
    if marks == "chinese":
        text = _MARKS.sub(lambda found: found[0].translate(_TO_CHINESE), text)
        text = _STOP.sub("。", text)
        text = _BRACKETS.sub(r"（\1）", text)
    return text


def remove_controls(text: str, *, spaces: bool = True) -> str:
    """One kind of line end and nothing that cannot be seen; blanks joined if that is wanted."""
    text = strip_controls(text)
    return "\n".join(line.strip(" ") for line in join_blanks(text).split("\n")) if spaces else text
