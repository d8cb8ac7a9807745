"""Simplified and traditional, by OpenCC's dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal

Script = Literal["simplified", "traditional"]
Region = Literal["standard", "taiwan", "hong_kong"]
_REGIONS = {"standard": "t", "taiwan": "tw", "hong_kong": "hk"}


@cache
def converter(script: Script, region: Region = "standard") -> Callable[[str], str]:
    """What writes a text in a script, word by word."""
    from opencc import OpenCC

    other = _REGIONS[region]
    convert = OpenCC(f"{other}2s" if script == "simplified" else f"s2{other}").convert

    def converted(text: str) -> str:
        try:
            return str(convert(text))
        except UnicodeEncodeError:  # a lone surrogate, which no script has
            return "".join(map(_converted_piece, text))

    def _converted_piece(ch: str) -> str:
        return ch if "\ud800" <= ch <= "\udfff" else str(convert(ch))

    return converted


@cache
def only_simplified() -> frozenset[str]:
    """Characters that traditional text writes otherwise."""
    return _told_apart()[0]


@cache
def only_traditional() -> frozenset[str]:
    """Characters that simplified text writes otherwise."""
    return _told_apart()[1]


@cache
def _told_apart() -> tuple[frozenset[str], frozenset[str]]:
    characters = [
        chr(code) for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF)) for code in range(first, last + 1)
    ]
    joined = "\n".join(characters)  # a line each, so that no two are taken for a word
    simple = converter("simplified")(joined).split("\n")
    full = converter("traditional")(joined).split("\n")
    rows = list(zip(characters, simple, full, strict=True))
    # 后 and 后妃, 乾 and 乾坤: what is right in both scripts tells nothing.
    return (
        frozenset(
            ch for ch, as_simple, as_full in rows if as_full != ch and as_simple == ch and ch not in _BOTH
        ),
        frozenset(
            ch for ch, as_simple, as_full in rows if as_simple != ch and as_full == ch and ch not in _BOTH
        ),
    )


# Written in both scripts, with different meanings: 干 (dry; to do), 后 (after; queen), 里 (in; mile), ...
_BOTH = frozenset("干后里面发只台云丑谷斗几系准卜征表余郁御愿沈冲了么乾著瞭幺夥藉於麽裡")
