"""Text files of any provenance read as text, block by block, or refused with a reason."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from studio.data.errors import DataError
from studio.data.tables import packing
from studio.language.text import is_hanzi

AUTO = "auto"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PROBE = 1 << 16
_BLOCK = 1 << 20
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
# A damaged UTF-8 file has few bad bytes; another encoding read as UTF-8 is bad nearly everywhere.
_DAMAGED_BELOW = 0.05
# Of Chinese text a third to a half are these; of word lists a quarter; of Big5 read as GB18030 at most a twenty-fifth.
FREQUENT = frozenset(
    "的一是不了有在人国我中大这和个上到年为要会很来以本好时就地还出也发们多作家对经生间行业说书没工他能看下过可都日用新房"
    "后小实得方部点成民电理开自务店全进子现天市于动面前比酒学主者高同分长去里而重服事月政机定当心住外建但感关产次员之文力展"
    "体价其么公合加度所问然道内总等设入着区最如法与些美社场起系化从记明觉想报种水提意济那制"
)
_FREQUENT_SHARE = 0.1
_ENOUGH = 40
_USUAL_SHARE = 0.6
_SAVE_AS = "save the file as UTF-8 text, or name its encoding in the recipe"


class TextFile:
    """A text file in an encoding that fits all of it. It is never held whole; it can be read any number of times."""

    errors = "strict"

    def __init__(self, path: Path, encoding: str = AUTO) -> None:
        """Find out how the file is to be read, by looking at all of it once or twice.

        Args:
            path: the file, plain or packed with gzip, bzip2 or xz.
            encoding: a Python codec's name, or "auto" for UTF-8 (with or without BOM), UTF-16 and UTF-32 with
                BOM, or GB18030 (GB2312 and GBK are parts of it).

        Raises:
            DataError: if the file is missing, a folder, unreadable, empty, not text, or not in this encoding.
        """
        self.path = path
        survey = _surveyed(path)
        if survey.blank:
            raise DataError(f"{path} is empty", "choose a file that holds text")
        auto = encoding.strip().lower() == AUTO
        self.codec = _recognised(path, survey) if auto else _named(path, survey, encoding)
        if not any(not block.isspace() for block in self.blocks()):
            raise DataError(f"{path} holds nothing but blanks", "choose a file that holds text")

    @classmethod
    def marked(cls, path: Path, codec: str) -> TextFile:
        """A file taken for text in an encoding, with U+FFFD for whatever does not fit it."""
        made = cls.__new__(cls)
        made.path, made.codec, made.errors = path, codec, "replace"
        return made

    def blocks(self) -> Iterator[str]:
        """The text in pieces, with `\\n` at its line ends and without a byte order mark."""
        decoder = codecs.getincrementaldecoder(self.codec)(self.errors)
        newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
        first = True
        with opened(self.path) as stream:
            while True:
                block = _read(stream, self.path)
                try:
                    text = newlines.decode(block, final=not block)
                except ValueError as error:
                    raise DataError(f"{self.path} changed while it was read: {error}", "try again") from error
                if first and text:
                    text, first = text.removeprefix("\ufeff"), False
                if text:
                    yield text
                if not block:
                    return

    def lines(self) -> Iterator[str]:
        """The lines of the text without their ends, as `str.split("\\n")` gives them."""
        rest: list[str] = []
        for block in self.blocks():
            *whole, last = block.split("\n")
            for line in whole:
                yield "".join([*rest, line]) if rest else line
                rest = []
            rest.append(last)
        yield "".join(rest)


def read_text(path: Path, encoding: str = AUTO) -> str:
    """The text of a file, with `\\n` at its line ends and without a byte order mark: all of it in memory.

    Args and raises as `TextFile`.
    """
    return "".join(TextFile(path, encoding).blocks())


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked if it is a gzip, bzip2 or xz file; DataError says why there are none."""
    with opened(path) as stream:
        return _read(stream, path, -1)


def beginning(path: Path, size: int) -> bytes:
    """The first bytes of a file, unpacked as `read_bytes` does it."""
    with opened(path) as stream:
        return _read(stream, path, size)


def misfits(path: Path, codec: str) -> int:
    """How many places of a file fit no character of an encoding."""
    return sum(block.count("\ufffd") for block in TextFile.marked(path, codec).blocks())


def fits(path: Path, codec: str) -> bool:
    """Whether all of a file can be decoded."""
    decoder = codecs.getincrementaldecoder(codec)()
    with opened(path) as stream:
        while True:
            block = _read(stream, path)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError:
                return False
            if not block:
                return True


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A file as a stream, unpacked if it is packed.

    Raises:
        DataError: if it cannot be opened; later, when it is read, if it is damaged.
    """
    file = open_bytes(path)
    kind = packing.packing(file.peek(16)[:16])
    if kind in packing.STREAMS:
        file = packing.unpacked(file, kind, str(path), path.stat().st_size)
    with file:
        yield file


def _read(stream: BufferedReader, path: Path, size: int = 0) -> bytes:
    try:
        return stream.read(size or _BLOCK)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", "check the disk") from error


def open_bytes(path: Path) -> BufferedReader:
    """Open a file for reading; DataError says why it cannot be."""
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder", "choose one text file in it")
        if path.exists() and not path.is_file():
            raise DataError(f"{path} is no ordinary file", "choose a text file")
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"there is no file {path}", "check the path, or choose the file again") from None
    except PermissionError:
        raise DataError(f"{path} may not be read", "ask for permission to read it, or copy it") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read: {reason}", "check the path and the disk") from error


@dataclass(frozen=True)
class _Survey:
    """What the bytes of a file say: its beginning, where its first NUL is (-1: none), whether all are blanks."""

    head: bytes
    nul: int
    blank: bool


def _surveyed(path: Path) -> _Survey:
    head, nul, blank, offset = b"", -1, True, 0
    with opened(path) as stream:
        while block := _read(stream, path):
            head += block[: _PROBE - len(head)]
            if nul < 0 and (place := block.find(0)) >= 0:
                nul = offset + place
            blank = blank and not block.strip()
            offset += len(block)
    return _Survey(head, nul, blank)


@dataclass(frozen=True)
class _Fault:
    """The first place at which a file does not fit an encoding; `inked`: something stands in front of it."""

    offset: int
    line: int
    byte: int
    inked: bool

    def __str__(self) -> str:
        return f"byte 0x{self.byte:02x} at offset {self.offset} (line {self.line})"


def _fault(path: Path, codec: str) -> _Fault | None:
    """Decode all of a file; where that fails first, or None.

    Raises:
        DataError: if it holds NUL characters in this encoding.
    """
    decoder = codecs.getincrementaldecoder(codec)()
    offset = lines = 0
    inked = False
    with opened(path) as stream:
        while True:
            block = _read(stream, path)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                kept = len(error.object) - len(
                    block
                )  # of the last block, waiting for the rest of a character
                line = lines + block.count(b"\n", 0, max(0, error.start - kept)) + 1
                front = inked or bool(error.object[: error.start].strip())
                return _Fault(offset - kept + error.start, line, error.object[error.start], front)
            if "\0" in text:
                raise DataError(
                    f"{path} holds NUL characters when read as {codec}, so it is no text", _SAVE_AS
                )
            if not block:
                return None
            inked = inked or not block.isspace()
            offset += len(block)
            lines += block.count(b"\n")


def _recognised(path: Path, survey: _Survey) -> str:
    for mark, codec in _BOMS:
        if survey.head.startswith(mark):
            return _fitting(path, codec, codec)
    _refuse_binary(path, survey)
    fault = _fault(path, "utf-8")
    if fault is None:
        return "utf-8"
    high = _high_bytes(survey.head)
    bad = survey.head.decode("utf-8", "replace").count("\ufffd")
    if fault.inked and bad <= _DAMAGED_BELOW * high:
        raise _wrong(path, "utf-8", fault)
    fault = _fault(path, "gb18030")
    if fault is not None:
        raise DataError(f"{path} is neither UTF-8 nor GB18030: {fault} fits neither", _SAVE_AS)
    sample = codecs.getincrementaldecoder("gb18030")().decode(survey.head)
    if not _plausible(sample):
        raise DataError(f"{path} is in an encoding that is not recognised", _SAVE_AS)
    return "gb18030"


def _named(path: Path, survey: _Survey, encoding: str) -> str:
    try:
        with contextlib.suppress(UnicodeDecodeError):
            b"ab".decode(encoding)  # complains of codecs that make no text
        codec = codecs.lookup(encoding).name
        codecs.getincrementaldecoder(codec)
    except LookupError:
        remedy = "use auto, utf-8, gb18030, big5, utf-16-le or another of Python's text codecs"
        raise DataError(f"{encoding!r}, given for {path}, is no text encoding", remedy) from None
    except ValueError as error:
        raise DataError(f"{path} cannot be read as {encoding}: {error}", _SAVE_AS) from error
    if codec in ("utf-16", "utf-32") and not any(
        survey.head.startswith(mark) and known == codec for mark, known in _BOMS
    ):
        codec += "-le"  # as Python takes it where no mark says otherwise
    return _fitting(path, codec, encoding)


def _fitting(path: Path, codec: str, shown: str) -> str:
    """The codec, if it fits the whole file."""
    try:
        fault = _fault(path, codec)
    except ValueError as error:
        raise DataError(f"{path} cannot be read as {shown}: {error}", _SAVE_AS) from error
    if fault is not None:
        raise _wrong(path, shown, fault)
    return codec


def _wrong(path: Path, encoding: str, fault: _Fault) -> DataError:
    return DataError(f"{path} is not valid {encoding}: {fault} cannot be decoded", _SAVE_AS)


def _refuse_binary(path: Path, survey: _Survey) -> None:
    probe = survey.head
    if survey.nul >= 0:
        even, odd = probe[::2].count(0), probe[1::2].count(0)
        codec = "utf-16-le" if odd > even else "utf-16-be"
        if max(even, odd) > 8 * min(even, odd) and _printable(probe, codec):
            raise DataError(f"{path} looks like UTF-16 without its mark", f"set its encoding to {codec}")
        raise DataError(f"{path} is not text: byte {survey.nul} is NUL", "choose a plain text file (.txt)")
    share = control_share(probe)
    if share * len(probe) > max(8, len(probe) // 50):
        raise DataError(
            f"{path} is not text: {share:.0%} of it are control characters", "choose a plain text file (.txt)"
        )


def control_share(probe: bytes) -> float:
    """The share of bytes that are control characters which no text has."""
    return (len(probe) - len(probe.translate(None, _CONTROL))) / max(1, len(probe))


def _printable(probe: bytes, codec: str) -> bool:
    try:
        return all(ch.isprintable() or ch.isspace() for ch in probe[: len(probe) & ~3].decode(codec))
    except UnicodeDecodeError:
        return False


def _high_bytes(probe: bytes) -> int:
    return len(probe) - len(probe.translate(None, bytes(range(128, 256))))


def _plausible(text: str) -> bool:
    """Whether what GB18030 made of some bytes is Chinese: of another encoding's bytes it makes characters too."""
    sample = text[:_PROBE]
    other = [ch for ch in sample if not ch.isascii()]
    usual = sum(in_gb2312(ch) if is_hanzi(ch) else ch.isprintable() for ch in other)
    if usual < _USUAL_SHARE * len(other):
        return False
    hanzi = [ch for ch in other if is_hanzi(ch)]
    return len(hanzi) < _ENOUGH or sum(map(FREQUENT.__contains__, hanzi)) >= _FREQUENT_SHARE * len(hanzi)


def in_gb2312(ch: str) -> bool:
    """Whether GB 2312 has a character."""
    try:
        ch.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
