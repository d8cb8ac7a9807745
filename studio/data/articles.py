"""Where articles begin in the tagged People's Daily, whose file does not say.

A short line that ends without a sentence mark is a headline, and the first headline after running text may
begin an article, or a section of the same one. The words tell: sections of one article share names and terms
that two articles do not. Doubtful cases are kept together, since two articles in one document harm nothing,
while one article in two splits would flatter the scores.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator

_SENTENCE_MARK = re.compile(r"[。！？；：，、…”』」）)》—]$")
_NUMBERED = re.compile(r"^[（(]?[一二三四五六七八九十\d０-９]{1,3}[）)、．.]")
_PICTURE = re.compile(r"（附?(?:图片|照片|图表)[^）]{0,6}）$")
_HANZI = re.compile("[\u3400-\u9fff]")
_HEADLINE = 40
# Names, times and numbers alone are a byline, a signature or a date, never the beginning of an article.
_BYLINE_TAGS = frozenset({"nr", "t", "m", "w", "q"})
_FUNCTION_TAGS = frozenset("wumqpcfrkyoedt")
# Likeness of two neighbouring stretches. Halves of one article: 0.035 or more in nine of ten cases; stretches
# far from each other: below 0.035 in 95 of 100.
_SAME_ARTICLE = 0.035
_ASCII_BUT_NEWLINE = bytes(code for code in range(128) if code != 10)


def articles(tagged: str) -> Iterator[str]:
    """The articles of lines `word/tag  word/tag`, as lines of text without tags.

    Args:
        tagged: the whole file. All that is ASCII in it belongs to tags; the words are printed full-width.
    """
    for article in tagged_articles(tagged):
        yield "\n".join(line for _, line in article)


def tagged_articles(tagged: str) -> Iterator[list[tuple[list[str], str]]]:
    """The same articles, each line with its words and their tags as they stand, and as text."""
    tokens = [line.split() for line in tagged.split("\n")]
    lines = tagged.encode("utf-8").translate(None, _ASCII_BUT_NEWLINE).decode("utf-8").split("\n")
    kept = [(words, line) for words, line in zip(tokens, lines, strict=True) if line]
    starts = [*_starts(kept), len(kept)]
    sections = [kept[start:stop] for start, stop in itertools.pairwise(starts)]
    terms = _Terms([{word for words, _ in section for word in words} for section in sections])
    article: list[tuple[list[str], str]] = []
    for place, section in enumerate(sections):
        if place and terms.likeness(place - 1, place) < _SAME_ARTICLE:
            yield article
            article = []
        article.extend(section)
    if article:
        yield article


def _starts(lines: list[tuple[list[str], str]]) -> Iterator[int]:
    """Places of the first headlines after running text, and of the very first line."""
    in_headlines = False
    for place, (words, line) in enumerate(lines):
        byline = len(line) <= _HEADLINE and all(word.rpartition("/")[2] in _BYLINE_TAGS for word in words)
        headline = not byline and _is_headline(line)
        if place == 0 or (headline and not in_headlines):
            yield place
        in_headlines = headline or (in_headlines and byline)


def _is_headline(line: str) -> bool:
    if len(line) > _HEADLINE + 10:
        return False
    line = _PICTURE.sub("", line)
    return (
        len(line) <= _HEADLINE
        and not _SENTENCE_MARK.search(line)
        and not _NUMBERED.match(line)
        and _HANZI.search(line) is not None
    )


class _Terms:
    """The content words of sections, two characters and longer, weighted by how few sections have them."""

    def __init__(self, sections: list[set[str]]) -> None:
        spread: Counter[str] = Counter()
        for words in sections:
            spread.update(words)
        # Words of a single section, half of them, say nothing about two.
        self._weight = {
            word: math.log(len(sections) / n) ** 2
            for word, n in spread.items()
            if n > 1 and _is_content(word)
        }
        self._own = math.log(max(2, len(sections))) ** 2
        known = set(self._weight)
        once = {word for word, n in spread.items() if n == 1 and _is_content(word)}
        self._shared = [words & known for words in sections]
        self._norm = [
            math.sqrt(sum(map(self._weight.__getitem__, shared)) + self._own * len(words & once)) or 1.0
            for words, shared in zip(sections, self._shared, strict=True)
        ]

    def likeness(self, a: int, b: int) -> float:
        """The cosine of two sections, 0 to 1."""
        common = sum(map(self._weight.__getitem__, self._shared[a] & self._shared[b]))
        return common / (self._norm[a] * self._norm[b])


def _is_content(token: str) -> bool:
    word, _, tag = token.rpartition("/")
    return len(word) > 1 and tag[:1] not in _FUNCTION_TAGS
