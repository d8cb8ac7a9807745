"""How decoders of the transformers library read and write text: with the tokenizer they come with, or one made here.

What is written has to be the text again, so nothing is read as something else: a character that a tokenizer would fold
into another one (capitals, wide commas, blanks that it leaves out) is a symbol with a row of its own.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from studio.data import subwords
from studio.data.dataset import Dataset
from studio.data.encoder_tokens import ROLES, EncoderTokens
from studio.data.errors import DataError
from studio.data.symbols import UNKNOWN
from studio.data.tokens import Tokens, Unit, require_room

_UNKNOWN, _BOUNDARY = subwords.RESERVED[1:]
_STRANGE = 0.5  # share of characters without a piece from which on a decoder is made for other texts
_LOOKED, _SAME = (
    200,
    0.9,
)  # texts that are cut and joined, and the share of them that has to come out as it went in


_INPUTS = {"model_input_names": ["input_ids", "attention_mask"]}  # GPT-2 would read types of tokens as pieces
NOT_YET = EncoderTokens("", {}, dict.fromkeys(ROLES, -1), 0)
"""In place of a tokenizer that is made when the training texts are there."""


def made_of(tokens: Tokens) -> tuple[EncoderTokens, Tokens]:
    """A tokenizer of the tokenizers library that cuts texts as a vocabulary does, and that vocabulary with it.

    Args:
        tokens: of characters or subwords.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

    if tokens.unit == "subword":
        tokenizer = subwords.opened(tokens.tokenizer)
    else:
        known = {text: number for number, text in enumerate((*subwords.RESERVED, *tokens.symbols.texts))}
        tokenizer = Tokenizer(models.WordLevel(known, unk_token=_UNKNOWN))
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        tokenizer.add_tokens([AddedToken(text, normalized=False) for text in tokens.special])
    tokenizer.add_special_tokens([AddedToken(text, special=True) for text in subwords.RESERVED])
    numbers = tokenizer.get_vocab(with_added_tokens=True)
    if tokenizer.decoder is None:
        tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{_BOUNDARY} $A", special_tokens=[(_BOUNDARY, numbers[_BOUNDARY])]
    )
    padding, unknown, boundary = (numbers[text] for text in subwords.RESERVED)
    special = {"padding": padding, "unknown": unknown, "first": boundary, "last": boundary, "mask": -1}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": subwords.RESERVED[0],
        "unk_token": _UNKNOWN,
        "bos_token": _BOUNDARY,
        "eos_token": _BOUNDARY,
        "clean_up_tokenization_spaces": False,
        **_INPUTS,
    }
    pieces = (padding, unknown, boundary, *(numbers[text] for text in tokens.symbols.texts))
    text = tokenizer.to_str()
    made = EncoderTokens(text, config, special, max(numbers.values()) + 1, pieces)
    return made, replace(tokens, tokenizer=text) if tokens.unit == "subword" else tokens


def fitted(
    tokens: EncoderTokens, dataset: Dataset, unit: Unit, least: int, what: str
) -> tuple[EncoderTokens, Tokens]:
    """The tokenizer that a decoder comes with, made to know what training texts hold at least `least` times.

    Raises:
        DataError: if it knows too little of them, or they do not come out as they went in; `what` names the decoder.
    """
    whole = _with_ends(tokens)
    if unit == "subword":
        return _own_pieces(whole, dataset, least, what)
    return _characters(whole, dataset, least, what)


def begins_as(tokens: EncoderTokens, piece: str) -> int:
    """The row that a piece's begins as that a tokenizer does not have: of what it would read; -1 if of nothing."""
    found = tokens.single([piece, unicodedata.normalize("NFKC", piece)])
    return next((number for number in found if number >= 0), -1)


def _with_ends(tokens: EncoderTokens) -> EncoderTokens:
    """With numbers for ends of texts and for what is not known, each its own."""
    special, more = dict(tokens.special), []
    if special["last"] < 0:
        special["last"] = special["first"]
    for role, piece in (("last", _BOUNDARY), ("unknown", _UNKNOWN)):
        if special[role] < 0 or (role == "unknown" and special[role] == special["last"]):
            special[role] = -1
            more.append((role, piece))
    made = tokens.with_more({}, [piece for _, piece in more])
    for role, piece in more:
        special[role] = made.number_of(piece)
    if special["first"] < 0:
        special["first"] = special["last"]
    called = {"last": "eos_token", "unknown": "unk_token"}
    config = {**made.config, **_INPUTS, **{called[role]: piece for role, piece in more}}
    return replace(made, special=special, config=config)


def _characters(
    tokens: EncoderTokens, dataset: Dataset, least: int, what: str
) -> tuple[EncoderTokens, Tokens]:
    points, counts = np.unique(dataset.train.text, return_counts=True)
    shown = [chr(point) for point in points]
    known = _literal(tokens, shown)
    without = np.array([not _is_read(tokens, ch) for ch in shown], bool)
    share = float(counts[without].sum() / max(1, counts.sum()))
    if share > _STRANGE:
        raise DataError(
            f"the network {what} has no pieces of their own for {share:.0%} of the characters of the training texts",
            "take one that was made for such texts, or set task.unit to subword, which feeds its tokenizer's pieces",
        )
    more = [ch for ch, count in zip(shown, counts, strict=True) if ch not in known and count >= least]
    made = tokens.with_more({}, more)
    own = {piece for piece in made.names if len(piece) == 1}
    numbers = _literal(made, sorted({*own, *shown}))
    ordered = sorted((number, ch) for ch, number in numbers.items())
    made, symbols = made.reading(ordered)
    return made, Tokens(symbols, "character", (), True)


def _is_read(tokens: EncoderTokens, ch: str) -> bool:
    return ch.isspace() or begins_as(tokens, ch) >= 0


def _literal(tokens: EncoderTokens, characters: Sequence[str]) -> dict[str, int]:
    """The number of each character that is a piece by itself, and is written as it is read."""
    spelt = subwords.bytes_of(tokens.opened)
    special = {*tokens.special.values()}
    found = {}
    for ch, read in zip(characters, tokens.single(characters), strict=True):
        same = read >= 0 and spelt is not None and spelt(tokens.names[read]) == ch.encode()
        number = read if same else -1 if _is_bytes(tokens) else tokens.number_of(ch)
        if number >= 0 and number not in special:
            found[ch] = number
    return found


def _is_bytes(tokens: EncoderTokens) -> bool:
    """Whether pieces are written with letters that stand for bytes."""
    return '"ByteLevel"' in json.dumps(json.loads(tokens.text).get("decoder"))


def _own_pieces(
    tokens: EncoderTokens, dataset: Dataset, least: int, what: str
) -> tuple[EncoderTokens, Tokens]:
    made = tokens.with_more({}, tokens.strange(dataset, least))
    made, read = made.own_pieces()
    read = replace(read, lossless=True)
    if subwords.bytes_of(made.opened) is None:
        raise DataError(
            f"the tokenizer of {what} falls back to bytes for what it does not know, which is not read here",
            "set task.unit to character",
        )
    require_room(read, dataset.train, what)
    texts = [dataset.train.text_of(number) for number in range(min(len(dataset.train), _LOOKED))]
    same = sum(_same(read, text) for text in texts)
    if same < _SAME * len(texts):
        raise DataError(
            f"the tokenizer of {what} does not give texts back as they were: {len(texts) - same} of {len(texts)} are "
            "others when their pieces are joined",
            "set task.unit to character, which keeps every character",
        )
    return made, read


def _same(read: Tokens, text: str) -> bool:
    """Whether a text comes out as it went in, a blank in front aside; one that is not known is not looked at."""
    symbols = read.read(text)
    if (symbols == UNKNOWN).any():
        return True
    return read.join(symbols.tolist()).removeprefix(" ") == text.removeprefix(" ")
