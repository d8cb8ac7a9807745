"""Sogou's cell dictionaries (`*.scel`), by the descriptions that others made of them.

All numbers are little-endian and 16 bits wide unless said otherwise, all text is UTF-16-LE. 0x124: words (32 bits);
0x130: the name; 0x1540: how many syllables there are, then two unused bytes, then of each its number, the bytes of
its letters, and these. Behind them the words: of each reading, how many words have it, the bytes of its syllables'
numbers, and these; of each of its words the bytes and the text, then the bytes of what else is known and that, of
which the first number seems to be a rank. A list of words to be deleted may follow, behind the mark `DELTBL`.
Known from https://nopdan.com/2022/05/02-sogou-scel and the converters that agree with it.
"""

from __future__ import annotations

import struct
from pathlib import Path

from studio.data.dictionaries.words import WordList
from studio.data.errors import DataError

MAGICS = (b"\x40\x15\x00\x00DCS\x01", b"\x40\x15\x00\x00ECS\x01", b"\x40\x15\x00\x00\xd2mS\x01")
_WORDS = 0x124
_NAME = slice(0x130, 0x338)
_SYLLABLES = 0x1540
_DELETED = "DELTBL".encode("utf-16-le")


def is_scel(raw: bytes) -> bool:
    """Whether these are the first bytes of such a file."""
    return raw.startswith(MAGICS)


def read_scel(path: Path, raw: bytes) -> WordList:
    """The words of a cell dictionary; problems count words from 1 instead of lines.

    Raises:
        DataError: if it is cut off or not laid out as described.
    """
    try:
        return _read(path, raw)
    except (struct.error, UnicodeDecodeError, KeyError, IndexError) as error:
        raise DataError(
            f"{path} is a damaged cell dictionary, or of a kind that is not known ({error})",
            "save it as text with Sogou's own program or a converter, and import that",
        ) from error


def _read(path: Path, raw: bytes) -> WordList:
    found = WordList("scel", _text(raw[_NAME]) or path.stem)
    (expected,) = struct.unpack_from("<I", raw, _WORDS)
    syllables, place = _syllables(raw)
    number = 0
    while number < expected and place < len(raw) and raw[place : place + len(_DELETED)] != _DELETED:
        same, length = struct.unpack_from("<HH", raw, place)
        place += 4
        reading = [syllables[n] for n in struct.unpack_from(f"<{length // 2}H", raw, place)]
        place += length
        for _ in range(same):
            number += 1
            text, place = _counted(raw, place)
            more, place = _counted(raw, place)
            del more  # what it means is not agreed upon
            found.add(number, text.decode("utf-16-le"), reading)
    if number < expected:
        raise IndexError(f"{number} of {expected} words")
    return found


def _syllables(raw: bytes) -> tuple[dict[int, str], int]:
    """The syllables by number, and where the words begin. Letters follow the syllables where words hold Latin ones."""
    (count,) = struct.unpack_from("<H", raw, _SYLLABLES)
    place = _SYLLABLES + 4
    table: dict[int, str] = {}
    for _ in range(count):
        (number,) = struct.unpack_from("<H", raw, place)
        letters, place = _counted(raw, place + 2)
        table[number] = letters.decode("utf-16-le")
    table.update((count + n, chr(ord("a") + n)) for n in range(26) if count + n not in table)
    return table, place


def _counted(raw: bytes, place: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<H", raw, place)
    start, stop = place + 2, place + 2 + length
    if stop > len(raw):
        raise IndexError(f"cut off at byte {len(raw)}")
    return raw[start:stop], stop


def _text(raw: bytes) -> str:
    return raw.decode("utf-16-le").partition("\0")[0].strip()
