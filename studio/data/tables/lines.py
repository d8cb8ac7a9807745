"""Lines of a stream, one after the other: those that cannot be used are set aside with their numbers."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.data.tables.encodings import WIDE, Encoding
from studio.data.tables.problems import Problems

LONGEST = 8 << 20
"""Bytes (of UTF-16 and UTF-32: characters) of a line; a longer one is set aside, so that memory stays bounded."""

_BLOCK = 1 << 20
_TOO_LONG = f"it is longer than {LONGEST:,} bytes"
_NUL = "it holds a NUL character"
_SURROGATE = re.compile("[\ud800-\udfff]")
# Codecs whose text never holds half of a surrogate pair.
_SOUND = frozenset({"utf-8", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp950", "ascii"})
_BROKEN = "\udc80"  # stands where something could not be decoded
_HANDLER = "studio.broken"

codecs.register_error(_HANDLER, lambda error: (_BROKEN, error.end))  # type: ignore[attr-defined]


def lines(stream: io.BufferedIOBase, encoding: Encoding, problems: Problems) -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers, counted from 1, without line ends.

    `\\n`, `\\r\\n` and `\\r` end a line. Lines that are not in the encoding, hold NUL or half of a surrogate pair,
    or are longer than `LONGEST` are told to `problems` and left out.

    Raises:
        DataError: if the stream is damaged.
    """
    stream.read(encoding.mark)
    return (_wide if encoding.codec in WIDE else _narrow)(stream, encoding.codec, problems)


def _narrow(stream: io.BufferedIOBase, codec: str, problems: Problems) -> Iterator[tuple[int, str]]:
    """Encodings in which the byte 10 is nothing but a line end: blocks of whole lines are decoded at once."""
    number = 1
    rest = b""
    while block := stream.read(_BLOCK):
        data = rest + block
        cut = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1
        if cut:
            rest = data[cut:]
            for line in _decoded(data[:cut], codec):
                if isinstance(line, str):
                    yield number, line
                else:
                    problems.add(number, line.reason)
                number += 1
        elif len(data) <= LONGEST:
            rest = data
        else:
            problems.add(number, _TOO_LONG)
            rest = _behind_line(stream)
            number += 1
    for line in _decoded(rest, codec) if rest else ():
        if isinstance(line, str):
            yield number, line
        else:
            problems.add(number, line.reason)
        number += 1


def _behind_line(stream: io.BufferedIOBase) -> bytes:
    """Read past the next line end; what was read behind it."""
    while block := stream.read(_BLOCK):
        end = block.find(b"\n") + 1
        if end:
            return block[end:]
    return b""


@dataclass(frozen=True)
class _Bad:
    """Stands for a line that cannot be used."""

    reason: str


def _decoded(data: bytes, codec: str) -> Sequence[str | _Bad]:
    """The lines of some bytes that end with a line end, or with the file."""
    text = _text(data, codec)
    if text is not None and "\0" not in text:
        return _split(text)
    found: list[str | _Bad] = []
    for raw in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n"):
        line = _text(raw, codec)
        if line is None:
            found.append(_Bad(_why_not(raw, codec)))
        elif "\0" in line:
            found.append(_Bad(_NUL))
        else:  # a codec with escapes of its own may make line ends
            found.append(line.replace("\r", " ").replace("\n", " "))
    return found


def _text(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
    except ValueError:
        return None
    return None if codec not in _SOUND and _SURROGATE.search(text) else text


def _split(text: str) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removesuffix("\n").split("\n")


def _why_not(raw: bytes, codec: str) -> str:
    try:
        raw.decode(codec)
    except UnicodeDecodeError as error:
        return f"byte 0x{raw[error.start]:02x} at place {error.start + 1} is not {codec}"
    except ValueError:
        return f"it is not {codec}"
    return "it holds half of a surrogate pair"


def _wide(stream: io.BufferedIOBase, codec: str, problems: Problems) -> Iterator[tuple[int, str]]:
    decoder = codecs.getincrementaldecoder(codec)(_HANDLER)
    number = 1
    rest = ""
    while True:
        block = stream.read(_BLOCK)
        rest += decoder.decode(block, final=not block)
        cut = (rest.rfind("\n") + 1 or rest.rfind("\r", 0, len(rest) - 1) + 1) if block else len(rest)
        if cut:
            for line in _split(rest[:cut]):
                if _BROKEN in line or "\0" in line:
                    problems.add(number, f"it is not {codec}" if _BROKEN in line else _NUL)
                elif len(line) > LONGEST:
                    problems.add(number, _TOO_LONG)
                else:
                    yield number, line
                number += 1
            rest = rest[cut:]
        elif len(rest) > LONGEST:
            rest = rest[: LONGEST + 1]  # too long already: what follows need not be kept
        if not block:
            return
