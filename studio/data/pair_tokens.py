"""How an encoder-decoder of others reads and writes: its own tokenizer on both sides, and what stands around texts.

Symbols are all the rows that the network has, so that its scores are what the library's are; those of the padding, of
what is unknown and of the end of a text have changed places with the first three.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from studio.data import subwords
from studio.data.dataset import Split
from studio.data.encoder_tokens import EncoderTokens, read_tokens
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN, Symbols
from studio.data.tokens import Tokens

_FIRST = 3
_JOINED = ("ByteLevel", "Metaspace", "WordPiece", "Fuse")  # by which it is known how pieces become text
_CLOSING, _OPENING, _INSIDE = ",;:!?.)]}%", "([{", ".,:"


@dataclass(frozen=True)
class Frame:
    """What stands around texts, as rows of the network.

    Attributes:
        before, behind: around one that is read; the first one behind is the end of a text.
        start: what a decoder has been given before it writes.
    """

    before: tuple[int, ...]
    behind: tuple[int, ...]
    start: tuple[int, ...]


@dataclass(frozen=True)
class PairTokens(Tokens):
    """The tokenizer's pieces as symbols.

    Attributes:
        rows: the network's row of each symbol [symbols].
        most: pieces of a text that are kept; 0 for all.
    """

    rows: tuple[int, ...] = ()
    most: int = 0

    def read(self, text: str) -> np.ndarray:
        return self._kept_of(next(subwords.cut_all(self._cutter, [text])))

    def encode(self, split: Split) -> tuple[np.ndarray, np.ndarray]:
        texts = (split.text_of(number) for number in range(len(split)))
        found = [self._kept_of(numbers) for numbers in subwords.cut_all(self._cutter, texts)]
        lengths = np.array([len(symbols) for symbols in found], np.int64)
        return (np.concatenate(found) if found else np.zeros(0, np.int32)).astype(np.int32), lengths

    def join(self, symbols: Iterable[int]) -> str:
        written = list(symbols)
        if "WordPiece" in self._decoders:
            return _of_word_pieces([self._names[symbol] for symbol in written], self._prefix)
        parts = [self._spelt[symbol] for symbol in written]
        if "Metaspace" in self._decoders:
            _drop_blanks(parts, [symbol in self._added for symbol in written])
        return b"".join(parts).decode("utf-8", "replace")

    @cached_property
    def _names(self) -> list[str]:
        return ["", "", "", *self.symbols.texts]

    @cached_property
    def _decoders(self) -> frozenset[str]:
        return decoders(self._cutter)

    @cached_property
    def _prefix(self) -> str:
        kinds = _kinds(self._cutter)
        return next(str(one.get("prefix") or "##") for one in kinds if one["type"] == "WordPiece")

    @cached_property
    def _of_rows(self) -> np.ndarray:
        """The symbol of each row."""
        found = np.full(len(self.rows), UNKNOWN, np.int32)
        found[np.array(self.rows)] = np.arange(len(self.rows))
        return found

    @cached_property
    def _added(self) -> frozenset[int]:
        added = self._cutter.get_added_tokens_decoder()
        return frozenset(int(self._of_rows[row]) for row, token in added.items() if not token.special)

    def _kept_of(self, numbers: list[int]) -> np.ndarray:
        if not numbers:
            return np.array([UNKNOWN], np.int32)
        kept: np.ndarray = self._of_rows[numbers[: self.most or None]]
        return kept


def _drop_blanks(parts: list[bytes], added: list[bool]) -> None:
    """Take blanks out that a tokenizer puts behind what was added to it, where none is written: in front of hanzi."""
    for place in range(1, len(parts)):
        if not added[place - 1] or not parts[place].startswith(b" "):
            continue
        behind = b"".join(parts[place : place + 2]).decode("utf-8", "replace").lstrip(" ")
        if behind and _is_wide(behind[0]):
            parts[place] = parts[place][1:]


def _of_word_pieces(pieces: list[str], prefix: str) -> str:
    """Words with blanks between them as they are usually written: the pieces do not say where there were any."""
    made = ""
    for piece in pieces:
        if piece.startswith(prefix) and len(piece) > len(prefix):
            made += piece.removeprefix(prefix)
        else:
            made += (" " if made and piece and _apart(made, piece) else "") + piece
    return made


def _apart(before: str, piece: str) -> bool:
    left, right = before[-1], piece[0]
    if _is_wide(left) or _is_wide(right):
        return False
    if right.isalnum():
        if left in _INSIDE and right.isdigit() and before[-2:-1].isdigit():
            return False
        return left.isalnum() or left in _CLOSING
    return right in _OPENING and (left.isalnum() or left in _CLOSING)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _kinds(tokenizer: Any) -> list[dict[str, Any]]:
    decoder = json.loads(tokenizer.to_str()).get("decoder") or {}
    return [kind for kind in (decoder, *decoder.get("decoders", ())) if kind.get("type")]


def decoders(tokenizer: Any) -> frozenset[str]:
    """By what a tokenizer makes text of its pieces."""
    return frozenset(str(kind["type"]) for kind in _kinds(tokenizer))


def read_pair_tokens(
    folder: Path, rows: int, config: Mapping[str, Any], languages: tuple[str, str] = ("", "")
) -> tuple[EncoderTokens, Frame]:
    """The tokenizer of a folder that the transformers library has written, and what stands around texts.

    Args:
        rows: how many the network has.
        config: of the network.
        languages: what the tokenizer calls the one that is read and the one that is written; empty for what the folder
            says.

    Raises:
        ValueError: if it cannot be read, or not be used for writing.
    """
    said = {name: code for name, code in zip(("src_lang", "tgt_lang"), languages, strict=True) if code}
    tokens = read_tokens(folder, rows)
    known = tokens.names
    for code in said.values():
        if code not in known:
            raise ValueError(f"its tokenizer knows no language {code!r}")
    if said:
        tokens = read_tokens(folder, rows, **said)
    tokenizer = subwords.opened(tokens.text)
    if "ByteFallback" in decoders(tokenizer) or not decoders(tokenizer) & set(_JOINED):
        raise ValueError("its tokenizer does not say how pieces become text in a way that is known here")
    end = _number(config.get("eos_token_id"), tokens.special["last"])
    padding = _number(config.get("pad_token_id"), tokens.special["padding"])
    tokens = replace(tokens, special={**tokens.special, "last": end, "padding": padding})
    tokens = tokens.having("unknown", "<unk>")
    if end < 0 or len({end, padding, tokens.special["unknown"]}) < _FIRST:
        raise ValueError("its tokenizer has no signs of their own for padding and the end of a text")
    return tokens, _frame(folder, said, config, tokens)


def _number(value: Any, otherwise: int) -> int:
    found = value[0] if isinstance(value, list) and value else value
    return int(found) if isinstance(found, int) else otherwise


def _frame(folder: Path, said: Mapping[str, str], config: Mapping[str, Any], tokens: EncoderTokens) -> Frame:
    from transformers import AutoTokenizer

    found: Any = AutoTokenizer.from_pretrained(
        str(folder), trust_remote_code=False, local_files_only=True, **said
    )
    end = tokens.special["last"]
    before, behind = _around(found, {"text": "a"})
    first, after = _around(found, {"text_target": "a"})
    languages = tuple(row for row in after if row != end)
    if languages:  # as mBART has it: the language stands behind a text, and at the decoder's start
        start = languages
    else:
        begin = _number(config.get("decoder_start_token_id"), _start_of(folder))
        if begin < 0:
            begin = tokens.special["padding"] if "t5" in str(config.get("model_type")) else end
        start = (begin, *first)
    return Frame(before, (end, *(row for row in behind if row != end)), start)


def _around(tokenizer: Any, text: dict[str, str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What a tokenizer puts before and behind a text."""
    whole = list(tokenizer(**text)["input_ids"])
    bare = list(tokenizer(**text, add_special_tokens=False)["input_ids"])
    for place in range(len(whole) - len(bare) + 1):
        if whole[place : place + len(bare)] == bare:
            return tuple(whole[:place]), tuple(whole[place + len(bare) :])
    return (), ()


def _start_of(folder: Path) -> int:
    try:
        values = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
        return _number(values.get("decoder_start_token_id"), -1)
    except (OSError, ValueError, AttributeError):
        return -1


def with_symbols(tokens: EncoderTokens) -> EncoderTokens:
    """The same with a row for each symbol of a task."""
    pieces = list(range(tokens.rows))
    for symbol, role in ((PADDING, "padding"), (UNKNOWN, "unknown"), (BOUNDARY, "last")):
        other = pieces.index(tokens.special[role])
        pieces[symbol], pieces[other] = pieces[other], pieces[symbol]
    return replace(tokens, pieces=tuple(pieces))


def reading(tokens: EncoderTokens, most: int = 0) -> PairTokens:
    """What `with_symbols` made, as a task reads and writes by it.

    Args:
        most: pieces of a text that are kept; 0 for all.
    """
    names = tokens.names
    symbols = Symbols(tuple(names[row] for row in tokens.pieces[_FIRST:]))
    return PairTokens(symbols, "subword", (), True, tokens.text, rows=tokens.pieces, most=most)


def silent(tokens: EncoderTokens) -> tuple[int, ...]:
    """Symbols of `with_symbols` that stand for no text: special ones, and rows that the tokenizer does not have."""
    tokenizer = subwords.opened(tokens.text)
    special = {row for row, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    known = set(tokenizer.get_vocab(with_added_tokens=True).values())
    return tuple(
        symbol
        for symbol, row in enumerate(tokens.pieces)
        if symbol >= _FIRST and (row in special or row not in known)
    )
