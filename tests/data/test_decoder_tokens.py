"""How decoders of the transformers library read and write texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.data import decoder_tokens
from studio.data.dataset import Dataset
from studio.data.encoder_tokens import EncoderTokens, read_tokens
from studio.data.errors import DataError
from studio.data.prepare import prepare
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN
from studio.data.tokens import made_for
from studio.recipe.vocabulary import Vocabulary
from tests import tiny, tiny_decoders, tiny_texts
from tests.tiny_encoders import LEFT_OUT

MIXED = ["今天天气，很好。", "Abba 说 goo\n", f"{LEFT_OUT}论AB"] * 3


@pytest.fixture(scope="module")
def plain() -> Dataset:
    recipe = tiny_texts.language_model()
    return prepare(recipe.data, recipe.task)


@pytest.fixture(scope="module")
def theirs() -> EncoderTokens:
    folder = tiny_decoders.folder("gpt2")
    return read_tokens(folder, len((folder / "vocab.txt").read_text(encoding="utf-8").splitlines()))


def test_what_is_made_here_cuts_as_the_vocabulary_does(plain: Dataset) -> None:
    for section, unit in ((Vocabulary(), "character"), (Vocabulary(size=80), "subword")):
        vocabulary = made_for(plain, section, unit, 1, lossless=True)  # type: ignore[arg-type]
        made, read = decoder_tokens.made_of(vocabulary)
        assert len(made.pieces) == len(read) == len(vocabulary)
        for text in (*tiny.sentences()[:5], "今天\n x猫"):
            symbols = read.read(text)
            assert (symbols == vocabulary.read(text)).all()
            numbers = made.opened.encode(text).ids
            assert numbers[0] == made.special["first"], "a text begins with a boundary"
            assert numbers[1:] == [made.pieces[int(one)] for one in symbols]
        back = made.opened.decode(made.opened.encode("今天我们吃饭。").ids)
        assert back == "今天我们吃饭。"


def test_texts_that_are_kept_whole(plain: Dataset) -> None:
    vocabulary = made_for(plain, Vocabulary(special=("<人>",)), "character", 1, lossless=True)
    made, read = decoder_tokens.made_of(vocabulary)
    found = made.opened.encode("今<人>天").ids[1:]
    assert found == [made.pieces[int(one)] for one in read.read("今<人>天")] and len(found) == 3


def test_nothing_is_read_as_something_else(theirs: EncoderTokens) -> None:
    """Wide marks, capitals and blanks have rows, so that what is written is what was read."""
    text = "".join(MIXED)
    dataset = _Texts(text)
    made, read = decoder_tokens.fitted(theirs, dataset, "character", 1, "tiny")  # type: ignore[arg-type]
    assert not (read.read(text) == UNKNOWN).any()
    assert read.join(read.read(text).tolist()) == text
    assert len(set(made.pieces[UNKNOWN:])) == len(made.pieces) - 1, "no two symbols have one row"
    for ch in ("，", "\n", " ", LEFT_OUT):
        assert made.names[made.pieces[read.symbols.index[ch]]] == ch
        assert made.pieces[read.symbols.index[ch]] >= theirs.rows
    known = made.pieces[read.symbols.index["天"]]
    assert theirs.names[known] == "天"
    again, same = decoder_tokens.fitted(made, dataset, "character", 1, "tiny")  # type: ignore[arg-type]
    assert again.pieces == made.pieces and same.symbols == read.symbols


def test_rare_characters_are_unknown(theirs: EncoderTokens) -> None:
    dataset: Any = _Texts("".join(MIXED) + "猫")
    _, read = decoder_tokens.fitted(theirs, dataset, "character", 2, "tiny")
    assert read.read("猫").tolist() == [UNKNOWN] and read.read(LEFT_OUT).tolist() != [UNKNOWN]


def test_new_rows_begin_as_what_would_have_been_read(theirs: EncoderTokens) -> None:
    assert decoder_tokens.begins_as(theirs, "，") == theirs.names.index(",")
    assert decoder_tokens.begins_as(theirs, LEFT_OUT) == -1


def test_ends_of_texts(theirs: EncoderTokens) -> None:
    made, _ = decoder_tokens.fitted(theirs, _Texts("今天"), "character", 1, "tiny")  # type: ignore[arg-type]
    assert (made.special["first"], made.special["last"]) == (2, 3)
    assert (made.pieces[PADDING], made.pieces[UNKNOWN], made.pieces[BOUNDARY]) == (0, 1, 3)


def test_texts_that_a_decoder_was_not_made_for(theirs: EncoderTokens) -> None:
    strange: Any = _Texts("αβγδ" * 5)
    with pytest.raises(DataError, match=r"the network greek has no pieces of their own for 100%") as caught:
        decoder_tokens.fitted(theirs, strange, "character", 1, "greek")
    assert "task.unit" in caught.value.remedy


def test_pieces_that_lose_something_are_refused(theirs: EncoderTokens) -> None:
    blanks: Any = _Texts("今天 我们\n说")
    with pytest.raises(DataError, match="does not give texts back as they were: 1 of 1 are others") as caught:
        decoder_tokens.fitted(theirs, blanks, "subword", 1, "tiny")
    assert "task.unit" in caught.value.remedy


@pytest.fixture(scope="module")
def bytewise() -> EncoderTokens:
    """A byte-level tokenizer as GPT-2's, with one token for all that stands for no text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["今天我们说好，今天天气好。"] * 50, trainer)
    special = {"padding": 0, "unknown": 0, "first": 0, "last": 0, "mask": -1}
    return EncoderTokens(tokenizer.to_str(), {}, special, tokenizer.get_vocab_size())


def test_byte_level_pieces_are_its_own(bytewise: EncoderTokens) -> None:
    dataset: Any = _Texts("今天我们说好，今天天气好。\n A")
    made, read = decoder_tokens.fitted(bytewise, dataset, "subword", 1, "bytes")
    text = "今天我们说猫"
    symbols = read.read(text)
    assert read.join(symbols.tolist()) == text and len(symbols) < len(text) + 3
    assert [made.pieces[int(one)] for one in symbols] == bytewise.opened.encode(text).ids
    assert made.special["unknown"] != made.special["last"] == 0, "what is not known is not the end of a text"
    assert made.rows == bytewise.rows + 1 and max(made.pieces) == made.rows - 1


def test_byte_level_vocabularies_of_other_languages(bytewise: EncoderTokens) -> None:
    other: Any = _Texts("鼠牛虎兔龙蛇马羊猴鸡狗猪" * 4)
    with pytest.raises(DataError, match="knows these texts only byte by byte"):
        decoder_tokens.fitted(bytewise, other, "subword", 1, "bytes")
    with pytest.raises(DataError, match="no pieces of their own for 100%"):
        decoder_tokens.fitted(bytewise, other, "character", 1, "bytes")


def test_byte_level_characters(bytewise: EncoderTokens) -> None:
    """Those that are cut into bytes get rows of their own beside the others."""
    dataset: Any = _Texts("今天我们说好，今天天气好。" * 3 + "猫")
    made, read = decoder_tokens.fitted(bytewise, dataset, "character", 1, "bytes")
    symbols = read.read("今天说猫")
    assert read.join(symbols.tolist()) == "今天说猫" and len(symbols) == 4
    assert made.pieces[int(symbols[3])] >= bytewise.rows


class _Texts:
    """Just enough of a data set: one text to learn from."""

    def __init__(self, text: str) -> None:
        self.text = np.array([ord(ch) for ch in text], np.uint32)
        self.train = self
        self._whole = text

    def __len__(self) -> int:
        return 1

    def text_of(self, number: int) -> str:
        assert number == 0
        return self._whole
