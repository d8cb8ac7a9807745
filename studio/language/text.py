"""Raw Chinese text made clean, and cut at its punctuation.

Everything here is a pure function of the text. Punctuation survives `clean`, because it says where sentences
and clauses end; the cutting functions take it off.
"""

from __future__ import annotations

import html
import re
import unicodedata

# Unified ideographs with extensions, compatibility ideographs, and the zero 〇, which is written among hanzi.
HANZI = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003347f"
_RUN = re.compile(f"[{HANZI}]+")
_SENTENCE_END = re.compile(r"[。！？!?…]+[”’」』）)》\"']*|\n+|(?<=[^\d\s])\.(?=\s|$)")
_WORD = re.compile(r"\w")

TAG = re.compile(r"<(?:/?([A-Za-z][A-Za-z\d]*)(?:[\s/][^<>]{0,300})?|!--.{0,2000}?--)>", re.DOTALL)
# These tags begin a new line where they are shown; the others stand inside words and sentences.
_BLOCK_NAMES = """
address article blockquote body br caption center dd div dl dt footer form h1 h2 h3 h4 h5 h6 head header hr html li
main nav ol option p pre script section style table tbody td tfoot th thead title tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[\x21-\x7e]+|www\.[\x21-\x7e]+|[\w.+-]+@[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)+"
    r"|(?<![A-Za-z\d])(?:[A-Za-z\d-]+\.)+(?:com|cn|net|org|edu|gov)\b(?:/[\x21-\x7e]*)?",
    re.ASCII,
)
_MAYBE_ADDRESS = re.compile(r"[A-Za-z\d][.:@]")
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffc\ufffd]"
)
_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029]")
_BLANK = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BETWEEN_HANZI = re.compile(f"(?<=[{HANZI}]) (?=[{HANZI}])")

# A text with a space after every word is a segmented one, and its spaces mean nothing; in ordinary prose a
# space between two hanzi stands where a comma could. Segmented Chinese has 1.5 to 2 hanzi a word.
_SEGMENTED_BELOW = 3.0

# Sentence marks keep their full width: they are Chinese punctuation, not Latin letters printed wide.
_KEEP_WIDE = frozenset("！（），：；？～")
_FOLDED_RANGES = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0xFF01, 0xFFEE), (0x3000, 0x3000))
_FOLD = {
    code: folded
    for first, last in _FOLDED_RANGES
    for code in range(first, last + 1)
    if chr(code) not in _KEEP_WIDE and (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}
# Newspapers set the zero of Chinese numerals as a circle.
_CIRCLE_ZERO = re.compile("(?<=[〇一二三四五六七八九十百千○])○|○(?=[〇一二三四五六七八九十百千])")


def is_hanzi(ch: str) -> bool:
    """Whether a single character is a Chinese character; false for anything else, longer strings included."""
    return len(ch) == 1 and _RUN.match(ch) is not None


def clean(text: str, *, simplify_widths: bool = True, strip_markup: bool = True) -> str:
    """Take out of a text what is not language.

    Args:
        text: any text; line ends of any kind.
        simplify_widths: full-width letters, digits and symbols, compatibility characters and radicals become
            the ordinary ones (as NFKC does; Chinese punctuation keeps its width).
        strip_markup: HTML tags, comments and entities, web and mail addresses go.

    Returns:
        The text with `\\n` between its lines, blanks joined into one space, no control characters, and no
        spaces between hanzi if the line was written with a space after every word.
    """
    if strip_markup:
        text = untag(text)
    text = strip_controls(text)
    if simplify_widths:
        text = fold_widths(text)
    text = join_blanks(text)
    return "\n".join(_clean_line(line, strip_markup) for line in text.split("\n"))


def untag(text: str) -> str:
    """A text without HTML tags and comments, its entities written as characters."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = TAG.sub(_untagged, text)
    return text


def strip_controls(text: str) -> str:
    """A text without characters that cannot be seen, and with `\\n` at the ends of its lines."""
    return CONTROL.sub("", _BREAK.sub("\n", text))


def fold_widths(text: str) -> str:
    """A text with ordinary letters, digits and symbols; Chinese punctuation keeps its width."""
    text = text.translate(_FOLD)
    return _CIRCLE_ZERO.sub("〇", text) if "○" in text else text


def join_blanks(text: str) -> str:
    """A text whose blanks within lines are single ordinary spaces."""
    return _BLANK.sub(" ", text)


def strip_addresses(line: str) -> str:
    """A line without web and mail addresses."""
    return _BLANK.sub(" ", _ADDRESS.sub(" ", line)).strip(" ") if _MAYBE_ADDRESS.search(line) else line


def _untagged(tag: re.Match[str]) -> str:
    return "\n" if (tag[1] or "").lower() in _BLOCKS else ""


def _clean_line(line: str, strip_markup: bool) -> str:
    line = _join_segmented(line.strip(" "))
    # After joining, so that what stood on both sides of an address is not taken for one word.
    return strip_addresses(line) if strip_markup else line


def _join_segmented(line: str) -> str:
    gaps = len(_BETWEEN_HANZI.findall(line)) if " " in line else 0
    if not gaps:
        return line
    runs = _RUN.findall(line)
    segmented = sum(map(len, runs)) / len(runs) < _SEGMENTED_BELOW
    return _BETWEEN_HANZI.sub("", line) if segmented else line


def sentences(text: str) -> list[str]:
    """Cut at 。！？… and line ends; marks stay with their sentence, blanks around it go, empty ones are left out."""
    found: list[str] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        found.append(text[start : match.end()].strip())
        start = match.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if _WORD.search(sentence)]


def clauses(text: str) -> list[str]:
    """Cut at every punctuation mark, symbol and space, which are left out; letters and digits stay inside."""
    return _CLAUSE.findall(text)


_CLAUSE = re.compile(r"[^\W_]+(?:[.％%][^\W_]+)*")


def hanzi_runs(text: str) -> list[str]:
    """The longest stretches of nothing but hanzi, in order."""
    return _RUN.findall(text)


def hanzi_spans(text: str) -> list[tuple[int, int]]:
    """Where the longest stretches of nothing but hanzi begin and end, in order."""
    return [run.span() for run in _RUN.finditer(text)]


def all_hanzi(text: str) -> bool:
    """Whether a text is hanzi from end to end, and not empty."""
    return _RUN.fullmatch(text) is not None


def hanzi_only(text: str) -> str:
    """The hanzi of a text without anything between them."""
    return "".join(_RUN.findall(text))
