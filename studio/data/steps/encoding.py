"""Mojibake: UTF-8 that was read as something else, turned back.

Read as Latin-1 or Windows-1252, 文 becomes æ–‡; read as GBK, 我们 becomes 鎴戜滑. Both keep the bytes, so that they
can be read again. What is not Chinese after that stays as it is.
"""

from __future__ import annotations

import re

from studio.language.text import is_hanzi

# Byte -> the characters that Latin-1 and Windows-1252 show for it.
_BYTES: dict[str, int] = {chr(byte): byte for byte in range(0x80, 0x100)}
for _byte in range(0x80, 0xA0):
    _shown = bytes([_byte]).decode("cp1252", "ignore")
    if _shown:
        _BYTES[_shown] = _byte
_CONTINUATION = "[" + re.escape("".join(shown for shown, byte in _BYTES.items() if byte < 0xC0)) + "]"
_LATIN = re.compile(
    f"(?:[\u00c2-\u00df]{_CONTINUATION}|[\u00e0-\u00ef]{_CONTINUATION}{{2}}|[\u00f0-\u00f4]{_CONTINUATION}{{3}})+"
)

# What GBK makes of the first two bytes of a hanzi or a Chinese mark in UTF-8.
_LEADS = "".join(
    bytes([lead, second]).decode("gbk", "ignore")
    for lead in (*range(0xE3, 0xEA), 0xEF)
    for second in range(0x80, 0xC0)
)
_LEAD = re.compile("[" + re.escape(_LEADS) + "]")
_WIDE = re.compile("[^\x00-\x7f]{3,}")
_LEAST = 2  # hanzi or Chinese marks that must come of a stretch


def is_suspect(text: str) -> bool:
    """Whether there may be something to repair: told fast, and never wrong where it says no."""
    return _LATIN.search(text) is not None or _LEAD.search(text) is not None


def repair(text: str) -> str:
    """A text in which what was read in the wrong encoding is read again as UTF-8."""
    if _LATIN.search(text):
        text = _LATIN.sub(_from_latin, text)
    if _LEAD.search(text):
        text = _WIDE.sub(_from_gbk, text)
    return text


def _from_latin(found: re.Match[str]) -> str:
    try:
        made = bytes(_BYTES[ch] for ch in found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]
    return made if any(map(_is_chinese, made)) else found[0]


def _from_gbk(found: re.Match[str]) -> str:
    try:
        raw = found[0].encode("gb18030")
    except UnicodeEncodeError:
        return found[0]
    try:
        made, lost = raw.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        if len(raw) - error.start > 2:
            return found[0]
        # An odd number of bytes: the last character did not survive.
        made, lost = raw[: error.start].decode("utf-8"), "\ufffd"
    chinese = sum(map(_is_chinese, made))
    return made + lost if chinese >= _LEAST and chinese == len(made) else found[0]


def _is_chinese(ch: str) -> bool:
    return is_hanzi(ch) or "\u3000" <= ch <= "\u303f" or "\uff00" <= ch <= "\uffef" or ch in "“”‘’…—·"
