"""Characters or words by number, for tasks that read text as it stands."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.dataset import Split
from studio.language.text import is_hanzi
from studio.language.words import vocabulary as known_words

FORMAT = 1
PADDING, UNKNOWN, BOUNDARY = 0, 1, 2
"""Symbols that stand for no text; BOUNDARY is where a text begins or ends."""
_FIRST = 3
MASK = "[MASK]"
"""What stands for a character that is to be guessed; a symbol of the tasks that guess some, of no other."""
_RANGE = 0x110000  # one past the largest code point
_PIECE = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Symbols:
    """The vocabulary of a task: symbol `3 + i` is `texts[i]`, a character or a word."""

    texts: tuple[str, ...]

    def __len__(self) -> int:
        return _FIRST + len(self.texts)

    @cached_property
    def index(self) -> dict[str, int]:
        """The symbol of each text."""
        return {text: number for number, text in enumerate(self.texts, _FIRST)}

    @cached_property
    def _by_point(self) -> np.ndarray:
        table = np.full(_RANGE, UNKNOWN, np.int32)
        for text, number in self.index.items():
            if len(text) == 1:
                table[ord(text)] = number
        return table

    def of_points(self, points: np.ndarray) -> np.ndarray:
        """The symbols of code points, int32 of the same shape."""
        return self._by_point[points]

    def of_words(self, words: Iterable[str]) -> np.ndarray:
        """The symbols of words, int32 [words]; a word that is not known is unknown as a whole."""
        found = self.index.get
        return np.fromiter((found(word, UNKNOWN) for word in words), np.int32)

    def text_of(self, symbol: int) -> str:
        """What a symbol stands for; empty for those that stand for no text."""
        return self.texts[symbol - _FIRST] if symbol >= _FIRST else ""


def characters_of(split: Split, least: int, known: Sequence[str] = ()) -> Symbols:
    """The characters that a split holds at least `least` times, the most frequent first.

    Args:
        known: texts that come before them in this order, so that they keep the numbers they have elsewhere.
    """
    points, counts = np.unique(split.text, return_counts=True)
    order = np.lexsort((points, -counts))
    found = (chr(point) for point in points[order[counts[order] >= least]])
    return Symbols(tuple(dict.fromkeys((*known, *found))))


def words_of(texts: Iterable[list[str]], least: int) -> Symbols:
    """The words that cut texts hold at least `least` times, the most frequent first."""
    counts = Counter(word for words in texts for word in words)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Symbols(tuple(word for word, count in ordered if count >= least))


def cut(text: str) -> list[str]:
    """A text as words: hanzi by jieba's counts, Latin words and numbers whole, marks alone, blanks left out."""
    words: list[str] = []
    run: list[str] = []
    for piece in _PIECE.findall(text):
        if is_hanzi(piece):
            run.append(piece)
            continue
        if run:
            words.extend(known_words().cut("".join(run)))
            run.clear()
        if not piece.isspace():
            words.append(piece.lower())
    return words + (known_words().cut("".join(run)) if run else [])


def save(path: Path, symbols: Symbols, more: dict[str, Any]) -> None:
    """Write `vocabulary.json`, with what else a task has to know."""
    values = {"format": FORMAT, **more, "symbols": list(symbols.texts)}
    path.write_text(json.dumps(values, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def load(path: Path) -> tuple[Symbols, dict[str, Any]]:
    """Read what `save` wrote.

    Raises:
        OSError, ValueError: if it is not there, or damaged.
    """
    values = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError(f"{path.name} is no vocabulary that this studio reads")
    texts = values.get("symbols")
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"{path.name} holds no list of symbols")
    if len(set(texts)) != len(texts):
        raise ValueError(f"{path.name} holds a symbol twice")
    return Symbols(tuple(texts)), values
