"""How a task reads text: a vocabulary, and how texts are cut into its symbols."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from studio.data import subwords
from studio.data.dataset import Dataset, Split
from studio.data.errors import DataError
from studio.data.symbols import UNKNOWN, Symbols, characters_of, cut, words_of
from studio.language.text import is_hanzi
from studio.language.words import vocabulary as known_words
from studio.recipe.vocabulary import Vocabulary

Unit = Literal["character", "word", "subword"]
_FIRST = 3
_LOOKED = 1000  # texts by which it is told whether there is room for what is made of them
_WHOLE = re.compile(r"[A-Za-z]+|\d+|\n|[^\S\n]+|.", re.DOTALL)


@dataclass(frozen=True)
class Tokens:
    """A vocabulary and how texts are cut into it.

    Attributes:
        symbols: the vocabulary.
        unit: what a symbol is.
        special: texts that are kept whole.
        lossless: blanks and cases stay, and unknown words are spelt in characters, so that texts can be written.
        tokenizer: of subwords, as JSON of the tokenizers library; else empty.
    """

    symbols: Symbols
    unit: Unit = "character"
    special: tuple[str, ...] = ()
    lossless: bool = False
    tokenizer: str = ""
    _kept: list[tuple[Split, list[list[str]]]] = field(default_factory=list, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.symbols)

    # --- reading -------------------------------------------------------------------------------------

    def read(self, text: str) -> np.ndarray:
        """The symbols of one text, int32 [symbols]."""
        if self.unit == "subword":
            return self._of_numbers(next(subwords.cut_all(self._cutter, [text])), len(text))
        if self.unit == "word":
            return self._of_words(self._words_of(text))
        return self._of_characters(text)

    def encode(self, split: Split) -> tuple[np.ndarray, np.ndarray]:
        """The symbols of a split's texts end to end, int32 [positions], and how many each has [examples]."""
        if self.unit == "character" and not self.special:
            return self.symbols.of_points(np.asarray(split.text)), np.asarray(split.lengths)
        found: list[np.ndarray]
        if self.unit == "subword":
            texts = (split.text_of(number) for number in range(len(split)))
            cuts = zip(subwords.cut_all(self._cutter, texts), split.lengths.tolist(), strict=True)
            found = [self._of_numbers(numbers, length) for numbers, length in cuts]
        elif self.unit == "word":
            found = [self._of_words(words) for words in self.words(split)]
        else:
            found = [self._of_characters(split.text_of(number)) for number in range(len(split))]
        lengths = np.array([len(symbols) for symbols in found], np.int64)
        return (np.concatenate(found) if found else np.zeros(0, np.int32)).astype(np.int32), lengths

    def text_of(self, symbol: int) -> str:
        """What a symbol stands for in running text; empty for those that stand for none.

        One that stands for part of a character is shown as bytes, such as <0xE4><0xBD>: see `join`.
        """
        spelt = self._spelt[symbol]
        try:
            return spelt.decode("utf-8")
        except UnicodeDecodeError:
            return "".join(f"<0x{byte:02X}>" for byte in spelt)

    def bytes_of(self, symbol: int) -> bytes:
        """The same as UTF-8."""
        return self._spelt[symbol]

    def join(self, symbols: Iterable[int]) -> str:
        """What symbols stand for that follow one another."""
        return b"".join(self._spelt[symbol] for symbol in symbols).decode("utf-8", "replace")

    def unknown(self, text: str) -> list[str]:
        """The different characters of a text that no symbol stands for."""
        found = dict.fromkeys(ch for ch in text if not ch.isspace())
        return [ch for ch in found if (self.read(ch) == UNKNOWN).any()]

    @cached_property
    def widths(self) -> np.ndarray:
        """How many characters each symbol stands for: 0 for padding, 1 for the unknown one and boundaries; int64.

        A symbol that is part of a character counts for one if it begins it, so that sums are right.
        """
        sizes = np.array([sum(byte & 0xC0 != 0x80 for byte in spelt) for spelt in self._spelt], np.int64)
        sizes[UNKNOWN:_FIRST] = 1
        return sizes

    @cached_property
    def _spelt(self) -> list[bytes]:
        own = subwords.bytes_of(self._cutter) if self.unit == "subword" else None
        return [b""] * _FIRST + [own(text) if own else text.encode() for text in self.symbols.texts]

    # --- inside --------------------------------------------------------------------------------------

    @cached_property
    def _cutter(self) -> Any:
        return subwords.opened(self.tokenizer)

    @cached_property
    def _by_number(self) -> np.ndarray:
        """The symbol of each of the tokenizer's numbers."""
        index = self.symbols.index
        return np.array([index.get(piece, UNKNOWN) for piece in subwords.tokens_of(self._cutter)], np.int32)

    def _of_numbers(self, numbers: list[int], most: int) -> np.ndarray:
        """Symbols of a tokenizer's numbers: one at least, and no more than characters, for which there is room."""
        return self._by_number[numbers[:most]] if numbers else np.array([UNKNOWN], np.int32)

    @cached_property
    def _special(self) -> re.Pattern[str] | None:
        ordered = sorted(self.special, key=len, reverse=True)
        return re.compile(f"({'|'.join(map(re.escape, ordered))})") if ordered else None

    def _parts(self, text: str) -> Iterator[tuple[str, bool]]:
        """A text cut at what is kept whole, each part with whether it is that."""
        if self._special is None:
            yield text, False
            return
        for place, part in enumerate(self._special.split(text)):
            if part:
                yield part, place % 2 == 1

    def _of_characters(self, text: str) -> np.ndarray:
        found = [
            np.array([self.symbols.index[part]], np.int32)
            if whole
            else self.symbols.of_points(np.array([ord(ch) for ch in part], np.int64))
            for part, whole in self._parts(text)
        ]
        return np.concatenate(found).astype(np.int32) if found else np.zeros(0, np.int32)

    def _of_words(self, words: list[str]) -> np.ndarray:
        if not self.lossless:
            return self.symbols.of_words(words) if words else np.array([UNKNOWN], np.int32)
        index = self.symbols.index
        found: list[int] = []
        for word in words:
            known = index.get(word)
            found += [known] if known is not None else [index.get(ch, UNKNOWN) for ch in word]
        return np.array(found or [UNKNOWN], np.int32)

    def _words_of(self, text: str) -> list[str]:
        words: list[str] = []
        for part, whole in self._parts(text):
            words += [part] if whole else (whole_words(part) if self.lossless else cut(part))
        return words

    def words(self, split: Split) -> list[list[str]]:
        """The words of a split's texts; cutting takes seconds, so that it is done once."""
        if not self._kept or self._kept[0][0] is not split:
            self._kept[:] = [(split, [self._words_of(split.text_of(i)) for i in range(len(split))])]
        return self._kept[0][1]

    # --- on the disk ---------------------------------------------------------------------------------

    def described(self) -> dict[str, Any]:
        """What `vocabulary.json` says beside the symbols; nothing of what is usual."""
        made: dict[str, Any] = {}
        if self.special:
            made["special"] = list(self.special)
        if self.tokenizer:
            made["tokenizer"] = json.loads(self.tokenizer)
        return made

    @classmethod
    def restored(cls, symbols: Symbols, values: dict[str, Any], unit: Unit, *, lossless: bool) -> Tokens:
        """What `described` said, with its symbols.

        Raises:
            ValueError: if the tokenizer is missing or damaged.
        """
        special = tuple(str(text) for text in values.get("special", ()))
        tokenizer = values.get("tokenizer")
        if unit == "subword" and not isinstance(tokenizer, dict):
            raise ValueError("it has no tokenizer for its subwords")
        text = json.dumps(tokenizer, ensure_ascii=False) if unit == "subword" else ""
        made = cls(symbols, unit, special, lossless, text)
        if text:
            made._cutter  # noqa: B018 - says now what is wrong with it
        return made


def whole_words(text: str) -> list[str]:
    """A text as words that give the text when they are joined: hanzi by jieba's counts, letters, digits and blanks."""
    words: list[str] = []
    run: list[str] = []
    for piece in _WHOLE.findall(text):
        if is_hanzi(piece):
            run.append(piece)
            continue
        if run:
            words += known_words().cut("".join(run))
            run.clear()
        words.append(piece)
    return words + (known_words().cut("".join(run)) if run else [])


def made_for(
    dataset: Dataset,
    section: Vocabulary,
    unit: Unit,
    least: int,
    *,
    lossless: bool = False,
    known: Sequence[str] = (),
) -> Tokens:
    """The vocabulary of a data set's training split, or the one that the recipe names.

    Args:
        least: what comes less often is unknown.
        lossless: see `Tokens`.
        known: characters that come first, so that they keep the numbers they have elsewhere.

    Raises:
        DataError: if it cannot be made or taken over.
    """
    if section.source:
        from studio.data.taken_vocabulary import taken

        tokens = taken(section.source, unit, lossless=lossless)
        require_room(tokens, dataset.train, section.source)
        return tokens
    if unit == "subword":
        text = subwords.learnt(dataset, section, least)
        pieces = subwords.tokens_of(subwords.opened(text))
        symbols = Symbols(tuple(piece for piece in pieces if piece not in subwords.RESERVED))
        return Tokens(symbols, unit, section.special, lossless, text)
    made = Tokens(Symbols(section.special), unit, section.special, lossless)
    if unit == "word":
        words = made.words(dataset.train)
        symbols = _words_and_characters(words, least) if lossless else words_of(words, least)
    else:
        symbols = characters_of(dataset.train, least, known)
    texts = tuple(dict.fromkeys((*section.special, *symbols.texts)))
    if section.size:
        texts = texts[: max(section.size - _FIRST, len(section.special) + 1)]
    return replace(made, symbols=Symbols(texts), _kept=made._kept)


def _words_and_characters(texts: list[list[str]], least: int) -> Symbols:
    """Words, and the characters that those are spelt in that are none, the most frequent first."""
    counts = Counter(word for words in texts for word in words)
    characters: Counter[str] = Counter()
    for word, count in counts.items():
        for ch in word:
            characters[ch] += count
    whole = {word: count for word, count in counts.items() if count >= least}
    for ch, count in characters.items():
        if count >= least:
            whole[ch] = max(whole.get(ch, 0), count)
    return Symbols(tuple(sorted(whole, key=lambda word: (-whole[word], word))))


def require_text(tokens: Tokens, where: str) -> None:
    """See to it that it is known what symbols stand for.

    Raises:
        DataError: if it is not.
    """
    if tokens.unit == "subword" and subwords.bytes_of(tokens._cutter) is None:
        raise DataError(
            f"the tokenizer in {where} falls back to bytes for what it does not know, which is not read here",
            "take one that keeps characters whole, or leave the vocabulary to be made from the texts",
        )


def require_room(tokens: Tokens, split: Split, where: str) -> None:
    """See to it that texts have no more symbols than characters, for which there is room.

    Raises:
        DataError: if symbols of many are parts of characters.
    """
    if tokens.unit != "subword":
        return
    texts = [split.text_of(number) for number in range(min(len(split), _LOOKED))]
    symbols = sum(map(len, subwords.cut_all(tokens._cutter, texts)))
    characters = max(sum(map(len, texts)), 1)
    if symbols > characters:
        raise DataError(
            f"the tokenizer in {where} knows these texts only byte by byte: it makes "
            f"{symbols / characters:.1f} symbols of a character, and there is room for one",
            "take one that was made for Chinese, or leave the vocabulary to be made from the texts",
        )
