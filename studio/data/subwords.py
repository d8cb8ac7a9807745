"""Pieces of words learnt from text, with the tokenizers library: byte-pair encoding, Unigram and WordPiece.

Hanzi of a run, letters, digits and blanks are cut apart by pieces; marks stand alone. A character that is too rare is
one unknown symbol by itself, whichever way of cutting is chosen: without that WordPiece would lose the run around it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from studio import paths
from studio.data.dataset import Dataset, Split
from studio.data.errors import DataError
from studio.data.sources import package_version
from studio.recipe.vocabulary import SUBWORDS, Vocabulary
from studio.runs import atomic

TRAINING = 2
"""Counts up whenever the code would learn other pieces of the same text."""

RESERVED = ("<|padding|>", "<|unknown|>", "<|boundary|>")
"""The first symbols, as `studio.data.symbols` numbers them."""
_PATTERN = r"[A-Za-z]+|\d+|\s+|\p{Han}+|[\s\S]"
_CHUNK = 2048  # texts that are cut at once
_LONGEST = 16  # characters of a piece
_SAMPLE = 300_000  # characters that Unigram learns from: the time it takes grows much faster than the text


def learnt(dataset: Dataset, section: Vocabulary, least: int) -> str:
    """The tokenizer of a data set's training split as JSON, from the cache where it was learnt before.

    Args:
        least: characters that come less often are unknown, pairs are not joined.

    Raises:
        DataError: if there is nothing to learn from.
    """
    asked = [dataset.fingerprint, section.size, section.algorithm, section.special, least]
    asked += [TRAINING, package_version("tokenizers")]
    name = hashlib.blake2b(json.dumps(asked).encode(), digest_size=12).hexdigest()
    path = paths.cache_home() / "tokenizers" / f"{name}.json"
    try:
        text = path.read_text(encoding="utf-8")
        opened(text)
        return text
    except (OSError, ValueError):
        pass
    text = train(dataset.train, section, least)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_text(path, text)
    except OSError:
        pass  # it is learnt again next time, with the same result
    return text


def train(split: Split, section: Vocabulary, least: int) -> str:
    """Learn pieces.

    Raises:
        DataError: if no character comes often enough.
    """
    # One thread gives the same result every time: sums of several depend on who is first.
    before = os.environ.get("TOKENIZERS_PARALLELISM")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    try:
        return _train(split, section, least)
    finally:
        if before is None:
            del os.environ["TOKENIZERS_PARALLELISM"]
        else:
            os.environ["TOKENIZERS_PARALLELISM"] = before


def _train(split: Split, section: Vocabulary, least: int) -> str:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    size = max(section.size or SUBWORDS, len(RESERVED) + len(section.special) + 1)
    points, counts = np.unique(split.text, return_counts=True)
    order = np.lexsort((points, -counts))
    room = size - len(RESERVED) - len(section.special)
    known = {int(point) for point in points[order[counts[order] >= least]][:room]} - {0}
    if not known:
        raise DataError(
            f"no character comes {least} times in the training texts", "lower the least count, or add text"
        )
    shared: dict[str, Any] = {
        "vocab_size": size,
        "special_tokens": [*RESERVED, *section.special],
        "show_progress": False,
    }
    model: Any
    trainer: Any
    every = 1
    if section.algorithm == "unigram":
        model = models.Unigram()
        alphabet = [chr(point) for point in sorted(known)]
        trainer = trainers.UnigramTrainer(
            **shared, unk_token=RESERVED[1], max_piece_length=_LONGEST, initial_alphabet=alphabet
        )
        every = -(-split.positions // _SAMPLE)
    elif section.algorithm == "wordpiece":
        model = models.WordPiece(unk_token=RESERVED[1], max_input_chars_per_word=1 << 20)
        trainer = trainers.WordPieceTrainer(**shared, min_frequency=least, continuing_subword_prefix="")
    else:
        model = models.BPE(unk_token=RESERVED[1])
        trainer = trainers.BpeTrainer(**shared, min_frequency=least, max_token_length=_LONGEST)
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_PATTERN), "isolated")
    tokenizer.train_from_iterator(_known_parts(split, known, every), trainer)
    values = json.loads(tokenizer.to_str())
    alone = {"type": "Split", "pattern": {"Regex": _outside(known)}, "behavior": "Isolated", "invert": False}
    values["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [values["pre_tokenizer"], alone]}
    if section.algorithm == "wordpiece":
        values["model"]["continuing_subword_prefix"] = ""
    return json.dumps(values, ensure_ascii=False)


def _known_parts(split: Split, known: set[int], every: int = 1) -> Iterator[str]:
    """The texts of a split (or every so many of them) without the characters that are not known, cut at those."""
    table = dict.fromkeys({int(p) for p in np.unique(split.text)} - known, "\x00")
    for number in range(0, len(split), every):
        for part in split.text_of(number).translate(table).split("\0"):
            if part:
                yield part


def _outside(known: set[int]) -> str:
    """A pattern for every character that is not among these."""
    ordered = sorted(known)
    ranges: list[list[int]] = []
    for point in ordered:
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    inside = "".join(
        f"\\x{{{low:x}}}" if low == high else f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges
    )
    return f"[^{inside}]"


def opened(text: str) -> Any:
    """The tokenizer of a JSON text.

    Raises:
        ValueError: if it is none.
    """
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_str(text)
    except Exception as error:  # the library raises nothing more precise
        raise ValueError(f"no tokenizer that can be read: {error}") from error


def cut_all(tokenizer: Any, texts: Iterable[str]) -> Iterator[list[int]]:
    """The numbers of the pieces of each text, as the tokenizer has them."""
    chunk: list[str] = []
    for text in texts:
        chunk.append(text)
        if len(chunk) == _CHUNK:
            yield from _numbers(tokenizer, chunk)
            chunk = []
    if chunk:
        yield from _numbers(tokenizer, chunk)


def _numbers(tokenizer: Any, texts: list[str]) -> Iterator[list[int]]:
    for found in tokenizer.encode_batch(texts, add_special_tokens=False):
        yield found.ids


def tokens_of(tokenizer: Any) -> list[str]:
    """The pieces in the order of their numbers."""
    numbers = tokenizer.get_vocab(with_added_tokens=True)
    return sorted(numbers, key=numbers.__getitem__)


def bytes_of(tokenizer: Any) -> Callable[[str], bytes] | None:
    """What a piece stands for in running text as UTF-8, by how the tokenizer joins pieces; None if that is not known.

    A piece of a byte-level tokenizer may be part of a character: only pieces that follow one another are text.
    """
    decoder = json.loads(tokenizer.to_str()).get("decoder") or {}
    kinds = [decoder, *decoder.get("decoders", ())]
    names = {str(kind.get("type")) for kind in kinds if kind}
    if "ByteFallback" in names:
        return None
    if "ByteLevel" in names:
        added = {str(token.content) for token in tokenizer.get_added_tokens_decoder().values()}
        table = _byte_of_letter()
        return lambda piece: (
            piece.encode()
            if piece in added or not set(piece) <= table.keys()
            else bytes(map(table.get, piece))  # type: ignore[arg-type]
        )
    if "WordPiece" in names:
        prefix = next(str(kind.get("prefix") or "##") for kind in kinds if kind.get("type") == "WordPiece")
        return lambda piece: piece.removeprefix(prefix).encode()
    if "Metaspace" in names:
        return lambda piece: piece.replace("▁", " ").encode()
    return lambda piece: piece.encode()


@cache
def _byte_of_letter() -> dict[str, int]:
    """The letters that byte-level tokenizers write bytes with: those that can be seen as themselves, others behind."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(256 + place): byte for place, byte in enumerate(others)}


def read_tokenizer(path: Path) -> str:
    """A `tokenizer.json` of Hugging Face, checked.

    Raises:
        DataError: if it cannot be read or is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
        opened(text)  # the library refuses JSON that is too deep for Python
        text = _without_first_blank(text)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", "check the path and the disk") from error
    except ValueError as error:
        raise DataError(
            f"{path} holds no tokenizer that can be read",
            "give a folder whose tokenizer.json was written by the tokenizers library",
        ) from error
    return text


def _without_first_blank(text: str) -> str:
    """A tokenizer that puts no blank of its own before a text: what is cut has to give the text again."""
    values = json.loads(text)
    first = values.get("pre_tokenizer") or {}
    kinds = [kind for kind in (first, *first.get("pretokenizers", ())) if kind.get("type") == "ByteLevel"]
    if not any(kind.get("add_prefix_space") for kind in kinds):
        return text
    for kind in kinds:
        kind["add_prefix_space"] = False
    return json.dumps(values, ensure_ascii=False)
