"""JSON as rows: an object a line, or a list of objects in one document; nested objects become columns `a.b`."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from studio.data.errors import DataError
from studio.data.tables.encodings import Encoding
from studio.data.tables.lines import LONGEST
from studio.data.tables.problems import Problems, shown

Item = tuple[int, dict[str, str]]
"""The number of the line, or of the item of a list, and its cells by column."""

_DEPTH = 4  # of nested objects that become columns; what is below stays JSON
_KEYS = 200  # columns of one object
_BLOCK = 1 << 18
_EXPONENT = 3
_BLANK = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = json.JSONDecoder()


class NotARowError(ValueError):
    """A value that makes no row; the message says why."""


def cells_of(value: Any) -> dict[str, str]:
    """The cells of one JSON value: of an object by its keys, of a list by its places, of a text as `text`.

    Raises:
        NotARowError: if it has too many columns, or text that is none.
    """
    cells: dict[str, str] = {}
    if isinstance(value, dict):
        _flatten(value, "", cells, _DEPTH)
    elif isinstance(value, list):
        _flatten({str(place): one for place, one in enumerate(value, start=1)}, "", cells, 1)
    else:
        cells["text"] = as_text(value)
    if any(_SURROGATE.search(cell) or "\0" in cell for cell in cells.values()):
        raise NotARowError("it holds half of a surrogate pair or a NUL character")
    return cells


def _flatten(value: dict[str, Any], prefix: str, cells: dict[str, str], depth: int) -> None:
    for key, inner in value.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(inner, dict) and inner and depth > 1:
            _flatten(inner, name, cells, depth - 1)
        else:
            cells[name] = as_text(inner)
        if len(cells) > _KEYS:
            raise NotARowError(f"it has more than {_KEYS} columns")


def as_text(value: Any) -> str:
    """A JSON value as a cell: lists and objects as JSON again, nothing for null."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits
        raise NotARowError(str(error)) from error


def from_lines(lines: Iterator[tuple[int, str]], problems: Problems) -> Iterator[Item]:
    """A row for each line that holds a JSON value; blank lines are passed over, others told to `problems`."""
    for number, line in lines:
        if not line or line.isspace():
            continue
        try:
            value = json.loads(line)
        except RecursionError:
            problems.add(number, "it is nested too deeply")
        except json.JSONDecodeError as error:
            problems.add(number, f"it is not JSON: {_reason(error)}")
        except ValueError as error:
            problems.add(number, str(error))
        else:
            try:
                yield number, cells_of(value)
            except NotARowError as error:
                problems.add(number, str(error))


def from_document(
    stream: io.BufferedIOBase, encoding: Encoding, name: str, problems: Problems
) -> Iterator[Item]:
    """The rows of a document: the items of its list, or of the first list of objects in its object.

    Only one item at a time is kept. An object without such a list is one row.

    Raises:
        DataError: where the document is not JSON; what came before has been given.
    """
    stream.read(encoding.mark)
    text = _Text(stream, encoding.codec, name)
    opening = text.peek()
    if opening == "[":
        text.skip(1)
        yield from _items(text, problems)
    elif opening == "{":
        text.skip(1)
        yield from _of_object(text, problems)
    elif opening:
        yield from _rows([text.value()], problems, 1)
    if text.peek():
        raise text.broken("something follows its end")


def _items(text: _Text, problems: Problems) -> Iterator[Item]:
    number = 0
    while text.peek() != "]":
        if number:
            text.expect(",")
        number += 1
        yield from _rows([text.value()], problems, number)
    text.skip(1)


def _of_object(text: _Text, problems: Problems) -> Iterator[Item]:
    single: dict[str, Any] = {}
    listed = first = False
    while text.peek() != "}":
        if first:
            text.expect(",")
        first = True
        key = text.value()
        text.expect(":")
        if text.peek() == "[" and not listed and text.peek_in_list() == "{":
            listed = True
            text.skip(1)
            yield from _items(text, problems)
        else:
            value = text.value()
            if not listed and len(single) <= _KEYS:
                single[str(key)] = value
    text.skip(1)
    if not listed:
        yield from _rows([single], problems, 1)


def _rows(values: list[Any], problems: Problems, number: int) -> Iterator[Item]:
    for value in values:
        try:
            yield number, cells_of(value)
        except NotARowError as error:
            problems.add(number, str(error))


class _Text:
    """Decoded text of which only what is being parsed is kept."""

    def __init__(self, stream: io.BufferedIOBase, codec: str, name: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._codec = codec
        self._name = name
        self._buffer = ""
        self._place = 0
        self._line = 1
        self._ended = False

    def _more(self, size: int = 0) -> bool:
        """Read on, so many bytes or a block; false at the end."""
        if self._ended:
            return False
        block = self._stream.read(size or _BLOCK)
        self._ended = not block
        try:
            new = self._decoder.decode(block, final=self._ended)
        except ValueError as error:
            raise self.broken(f"it is not {self._codec}: {error}") from error
        self._line += self._buffer.count("\n", 0, self._place)
        self._buffer = self._buffer[self._place :] + new
        self._place = 0
        return bool(new) or not self._ended

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            self._place = _BLANK.match(self._buffer, self._place).end()  # type: ignore[union-attr]
            if self._place < len(self._buffer):
                return self._buffer[self._place]
            if not self._more():
                return ""

    def peek_in_list(self) -> str:
        """Of a list that begins here: the first character in it that is no blank."""
        while True:
            place = _BLANK.match(self._buffer, self._place + 1).end()  # type: ignore[union-attr]
            if place < len(self._buffer):
                return self._buffer[place]
            if len(self._buffer) - self._place > LONGEST or not self._more():
                return ""

    def skip(self, count: int) -> None:
        """Go on behind some characters that were seen."""
        self._place += count

    def expect(self, mark: str) -> None:
        """Go on behind a mark.

        Raises:
            DataError: if something else stands here.
        """
        found = self.peek()
        if found != mark:
            raise self.broken(f"{mark!r} is missing before {shown(found)}" if found else "it ends too early")
        self._place += 1

    def value(self) -> Any:
        """The JSON value that begins here.

        Raises:
            DataError: if there is none, or it is longer than can be kept.
        """
        self.peek()
        size = _BLOCK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._place)
            except RecursionError:
                raise self.broken("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                if len(self._buffer) - self._place > LONGEST:
                    raise self.broken(f"one item is longer than {LONGEST:,} characters") from None
                # What is cut off at the end of the buffer may be right with what follows.
                if not self._more(size):
                    raise self.broken(_reason(error)) from None
            except ValueError as error:
                raise self.broken(str(error)) from error
            else:
                length = end - self._place
                # A number near the end of the buffer may go on behind it: 1 as 1e+5.
                if end + _EXPONENT <= len(self._buffer) or not self._more(size):
                    self._place += length
                    return value
            size *= 2

    def broken(self, reason: str) -> DataError:
        """What is said of a document that is not JSON here."""
        line = self._line + self._buffer.count("\n", 0, self._place)
        return DataError(
            f"{self._name} is not JSON from line {line} on: {reason}",
            "repair it, or save it with one object a line (.jsonl), of which broken ones are set aside",
        )


def _reason(error: json.JSONDecodeError) -> str:
    return f"{error.msg[:1].lower()}{error.msg[1:]} at place {error.colno}"
