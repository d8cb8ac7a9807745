"""The encoding of a text file, told from its beginning.

UTF-8 tells itself by its form. GB18030, Big5 and UTF-16 without a mark accept most bytes, so what each of them makes
of the bytes is looked at: the right one gives usual characters, of which a third are the most frequent of the
language; wrong ones give rare characters all over the table.
"""

from __future__ import annotations

import codecs
import contextlib
from dataclasses import dataclass

from studio.data.errors import DataError
from studio.data.reading import AUTO, FREQUENT, control_share, in_gb2312
from studio.language.text import is_hanzi

PROBE = 1 << 18
"""Bytes of a file that are looked at."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
"""Codecs, by Python's names, in which a line end is more than one byte."""

# The most frequent characters of traditional text that simplified text has not, and some that both have.
_TRADITIONAL = frozenset(
    "這個們來為國說時會對過發後裡種經麼學現當沒動還進樣開從實問關點機義間無與長電應見體該軍數將興業員條將氣讓給話聽"
    "請謝愛買賣書車門東馬魚鳥語詞讀寫頭臉覺歡錢飯館課題號樓葉節歲週總統臺灣區縣黨產農鄉廠場廣處備變聲壓陽陰際險險"
)
_USUAL = FREQUENT | _TRADITIONAL
_DAMAGED_BELOW = 0.05  # of the bytes above 127; another encoding read as UTF-8 is bad nearly everywhere
_CHARACTERS = 20_000
_ENOUGH = 30  # different hanzi from which on the frequent ones must show
_FREQUENT_SHARE = 0.08
_USUAL_SHARE = 0.6
_MOST_BAD = 0.02
# What stands beside hanzi in Chinese text: Latin and Greek letters, marks, arrows and boxes, kana, full widths, emoji.
_BESIDE_HANZI = (
    (0xA0, 0x3FF),
    (0x2000, 0x27BF),
    (0x3000, 0x312F),
    (0xFE0F, 0xFE4F),
    (0xFF00, 0xFFEF),
    (0x1F300, 0x1FAFF),
)
_DOUBT = 5  # how much less an encoding that makes no plausible text counts against the best one
_BINARY = 0.02  # share of control characters that no text has
_REMEDY = "save it as UTF-8, or name its encoding (gb18030, big5, utf-16-le ...)"


@dataclass(frozen=True)
class Encoding:
    """How a file's bytes become text.

    Attributes:
        codec: Python's name for it.
        certainty: from 0 to 1.
        why: what it was recognised by.
        mark: bytes of the byte order mark at its beginning.
    """

    codec: str
    certainty: float
    why: str
    mark: int = 0


def recognise(head: bytes, name: str, *, whole: bool, given: str = AUTO) -> Encoding:
    """The encoding of a file.

    Args:
        head: its beginning.
        name: of the file, for messages.
        whole: whether that is all of it.
        given: a codec's name, or "auto".

    Raises:
        DataError: if it is no text, or in no encoding that is recognised; if `given` is no text encoding.
    """
    marked = next(((len(mark), codec) for mark, codec in _MARKS if head.startswith(mark)), (0, ""))
    if given.strip().lower() != AUTO:
        codec = _named(given, name)
        length = marked[0] if codec == marked[1] or (codec, marked[1]) == ("utf-8-sig", "utf-8") else 0
        if codec in ("utf-16", "utf-32"):
            length, codec = marked if marked[1].startswith(codec) else (0, f"{codec}-le")
        return Encoding("utf-8" if codec == "utf-8-sig" else codec, 1.0, "named in the recipe", length)
    if marked[0]:
        return Encoding(marked[1], 1.0, "byte order mark", marked[0])
    if head.isascii() and not head.count(0):
        _refuse_binary(head, name)
        return Encoding("utf-8", 1.0 if whole else 0.9, "nothing but ASCII")
    form = _utf8(head, whole)
    if form is not None and not head.count(0):
        _refuse_binary(head, name)
        return form
    judged = sorted((_judge(head, codec, whole) for codec in _candidates(head)), key=lambda one: -one.merit)
    best = judged[0] if judged else None
    if best is None or not best.plausible:
        if form is not None or head.isascii():
            _refuse_binary(head, name)
            return form or Encoding("utf-8", 0.9, "nothing but ASCII")
        _refuse_binary(head, name)
        raise DataError(f"{name} is in an encoding that is not recognised", _REMEDY)
    others = [one for one in judged if one.codec != best.codec]
    rival = max((one.merit if one.plausible else one.merit / _DOUBT for one in others), default=0.0)
    certainty = round(min(0.99, best.merit / (best.merit + rival + 1e-9)), 2)
    return Encoding(best.codec, certainty, f"{best.frequent:.0%} of its hanzi are among the most frequent")


@dataclass(frozen=True)
class _Judged:
    codec: str
    bad: float
    usual: float
    frequent: float
    types: int

    @property
    def merit(self) -> float:
        """The more, the likelier."""
        return max(0.0, self.usual + 3 * self.frequent - 10 * self.bad)

    @property
    def plausible(self) -> bool:
        enough = self.types < _ENOUGH or self.frequent >= _FREQUENT_SHARE
        return self.bad <= _MOST_BAD and self.usual >= _USUAL_SHARE and enough


def _named(given: str, name: str) -> str:
    try:
        with contextlib.suppress(UnicodeDecodeError):
            b"ab".decode(given)  # complains of codecs that make no text
        return codecs.lookup(given).name
    except (LookupError, ValueError):
        raise DataError(
            f"{given!r}, given for {name}, is no text encoding",
            "use auto, utf-8, gb18030, big5, utf-16-le or another of Python's text codecs",
        ) from None


def _utf8(head: bytes, whole: bool) -> Encoding | None:
    """UTF-8, if nearly all of the bytes fit it."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head, final=whole)
    bad = text.count("\ufffd") - head.count("\ufffd".encode())
    above = len(head) - len(head.translate(None, bytes(range(128, 256))))
    if not bad:
        return Encoding("utf-8", 1.0 if above >= 12 else 0.95, "every byte fits its form")
    if bad > _DAMAGED_BELOW * above:
        return None
    return Encoding("utf-8", 0.9, f"all but {bad:,} bytes fit its form")


def _candidates(head: bytes) -> tuple[str, ...]:
    wide = ("utf-16-le", "utf-16-be")
    if head.count(0) > len(head) // 50:
        return wide
    return ("gb18030", "big5hkscs", *wide)


def _judge(head: bytes, codec: str, whole: bool) -> _Judged:
    text = codecs.getincrementaldecoder(codec)("replace").decode(head, final=whole)[:_CHARACTERS]
    bad = text.count("\ufffd") + sum(map(text.count, ("\0", "\x7f")))
    other = [ch for ch in text if not ch.isascii() and ch != "\ufffd"]
    hanzi = [ch for ch in other if is_hanzi(ch)]
    usual = sum(_in_use(ch) for ch in other)
    return _Judged(
        "big5" if codec == "big5hkscs" and not bad and _fits(head, "big5", whole) else codec,
        bad / max(1, len(text)),
        usual / max(1, len(other)),
        sum(map(_USUAL.__contains__, hanzi)) / max(1, len(hanzi)),
        len(set(hanzi)),
    )


def _fits(head: bytes, codec: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _in_use(ch: str) -> bool:
    """Whether a character is one that ordinary Chinese text may hold."""
    if not is_hanzi(ch):
        code = ord(ch)
        return any(first <= code <= last for first, last in _BESIDE_HANZI)
    if in_gb2312(ch):
        return True
    try:
        return ch.encode("big5")[0] < 0xC9  # its first level, the characters in use
    except UnicodeEncodeError:
        return False


def _refuse_binary(head: bytes, name: str) -> None:
    share = control_share(head)
    if share > _BINARY and len(head) * share > 8:
        raise DataError(
            f"{name} is not text: {share:.0%} of it are control characters",
            "choose a text file, or one of a format that is read (.csv, .jsonl, .parquet, .xlsx ...)",
        )
