"""Text files of any provenance read as text, or refused with a reason."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import zlib
from io import BufferedReader
from pathlib import Path

from studio.data.errors import DataError
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
_PACKED = ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\xfd7zXZ\0", lzma.decompress))
_SAVE_AS = "save the file as UTF-8 text, or name its encoding in the recipe"


def read_text(path: Path, encoding: str = AUTO) -> str:
    """The text of a file, with `\\n` at its line ends and without a byte order mark.

    Args:
        path: the file.
        encoding: a Python codec's name, or "auto" for UTF-8 (with or without BOM), UTF-16 and UTF-32 with
            BOM, or GB18030 (GB2312 and GBK are parts of it).

    Raises:
        DataError: if the file is missing, a folder, unreadable, empty, not text, or not in this encoding.
    """
    raw = read_bytes(path)
    if not raw.strip():
        raise DataError(f"{path} is empty", "choose a file that holds text")
    text = _decode_auto(path, raw) if encoding.strip().lower() == AUTO else _decode(path, raw, encoding)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(f"{path} holds nothing but blanks", "choose a file that holds text")
    return text


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked if it is a gzip, bzip2 or xz file; DataError says why there are none."""
    with open_bytes(path) as file:
        try:
            raw = file.read()
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error.strerror}", "check the disk") from error
    for magic, unpack in _PACKED:
        if raw.startswith(magic):
            try:
                return unpack(raw)
            except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
                raise DataError(
                    f"{path} is damaged: {error}", "unpack it yourself, or copy it again"
                ) from error
    return raw


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


def _decode_auto(path: Path, raw: bytes) -> str:
    for mark, codec in _BOMS:
        if raw.startswith(mark):
            return _decode(path, raw, codec)
    _refuse_binary(path, raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        high = _high_bytes(raw)
        bad = raw[:_PROBE].decode("utf-8", "replace").count("\ufffd")
        if raw[: error.start].strip() and bad <= _DAMAGED_BELOW * high:
            raise _wrong(path, raw, "utf-8", error) from None
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        where = _place(raw, error.start)
        raise DataError(f"{path} is neither UTF-8 nor GB18030: {where} fits neither", _SAVE_AS) from None
    if not _plausible(text):
        raise DataError(f"{path} is in an encoding that is not recognised", _SAVE_AS)
    return text


def _decode(path: Path, raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise _wrong(path, raw, encoding, error) from None
    except LookupError:
        remedy = "use auto, utf-8, gb18030, big5, utf-16-le or another of Python's text codecs"
        raise DataError(f"{encoding!r}, given for {path}, is no text encoding", remedy) from None
    except ValueError as error:
        raise DataError(f"{path} cannot be read as {encoding}: {error}", _SAVE_AS) from error
    if "\0" in text:
        raise DataError(f"{path} holds NUL characters when read as {encoding}, so it is no text", _SAVE_AS)
    return text


def _refuse_binary(path: Path, raw: bytes) -> None:
    probe = raw[:_PROBE]
    nul = raw.find(0)
    if nul >= 0:
        even, odd = probe[::2].count(0), probe[1::2].count(0)
        codec = "utf-16-le" if odd > even else "utf-16-be"
        if max(even, odd) > 8 * min(even, odd) and _printable(probe, codec):
            raise DataError(f"{path} looks like UTF-16 without its mark", f"set its encoding to {codec}")
        raise DataError(f"{path} is not text: byte {nul} is NUL", "choose a plain text file (.txt)")
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


def _high_bytes(raw: bytes) -> int:
    probe = raw[:_PROBE]
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


def _wrong(path: Path, raw: bytes, encoding: str, error: UnicodeDecodeError) -> DataError:
    return DataError(
        f"{path} is not valid {encoding}: {_place(raw, error.start)} cannot be decoded", _SAVE_AS
    )


def _place(raw: bytes, offset: int) -> str:
    line = raw.count(b"\n", 0, offset) + 1
    return f"byte 0x{raw[offset]:02x} at offset {offset} (line {line})"
