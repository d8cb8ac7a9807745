"""How pretrained encoders read texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.data.dataset import Dataset
from studio.data.encoder_tokens import EncoderTokens, read_tokens
from studio.data.errors import DataError
from studio.data.prepare import prepare
from studio.data.symbols import BOUNDARY, MASK, PADDING, UNKNOWN
from tests import tiny_encoders, tiny_texts


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    recipe = tiny_texts.classification()
    return prepare(recipe.data, recipe.task)


@pytest.fixture(scope="module")
def tokens() -> EncoderTokens:
    return read_tokens(tiny_encoders.folder(), rows_of_the_folder())


def rows_of_the_folder() -> int:
    return len((tiny_encoders.folder() / "vocab.txt").read_text(encoding="utf-8").splitlines())


def test_what_stands_for_no_text(tokens: EncoderTokens) -> None:
    assert tokens.special == {"padding": 0, "unknown": 1, "first": 2, "last": 3, "mask": 4}
    assert tokens.names[:5] == tiny_encoders.SPECIAL


def test_unknown_characters_are_folded_or_get_rows(tokens: EncoderTokens, dataset: Dataset) -> None:
    assert tokens.single(["房", "，", tiny_encoders.LEFT_OUT]) == [tokens.names.index("房"), -1, -1]
    fitted = tokens.fitted(dataset, 1, "tiny")
    comma, added = fitted.single(["，", tiny_encoders.LEFT_OUT])
    assert comma == tokens.names.index(","), "a wide comma is read as an ordinary one"
    assert added == tokens.rows == fitted.rows - 1 and fitted.names[added] == tiny_encoders.LEFT_OUT
    assert fitted.fitted(dataset, 1, "tiny") == fitted, "and then nothing is strange any more"
    rare = tokens.fitted(dataset, 10_000, "tiny")
    assert rare.rows == tokens.rows and rare.single(["，"]) == [-1]


def test_characters_one_by_one(tokens: EncoderTokens, dataset: Dataset) -> None:
    made, symbols = tokens.fitted(dataset, 1, "tiny").characters(dataset, mask=True)
    assert symbols.texts[0] == MASK and made.pieces[symbols.index[MASK]] == 4
    assert (made.pieces[PADDING], made.pieces[UNKNOWN], made.pieces[BOUNDARY]) == (0, 1, 3)
    assert len(made.pieces) == len(symbols)
    for ch in "房间，":
        assert made.pieces[symbols.index[ch]] == made.single([ch])[0]
    assert not any(len(text) > 1 for text in symbols.texts[1:]), "pieces of words are none of its symbols"
    again, same = made.fitted(dataset, 1, "tiny").characters(dataset, mask=True)
    assert again.pieces == made.pieces and same == symbols, "a run that goes on reads as before"


def test_its_own_pieces(tokens: EncoderTokens, dataset: Dataset) -> None:
    made, read = tokens.fitted(dataset, 1, "tiny").own_pieces()
    found = read.read("goo，讨房")
    assert [read.symbols.text_of(int(one)) for one in found] == ["g", "##o", "##o", ",", "讨", "房"]
    assert [made.names[made.pieces[int(one)]] for one in found] == ["g", "##o", "##o", ",", "讨", "房"]


def test_one_that_has_no_mask_gets_one(tokens: EncoderTokens, dataset: Dataset) -> None:
    values = {**tokens.special, "mask": -1}
    bare = EncoderTokens(tokens.text.replace("[MASK]", "[NONE]"), {}, values, tokens.rows)
    made, symbols = bare.characters(dataset, mask=True)
    assert made.special["mask"] == made.pieces[symbols.index[MASK]] == tokens.rows == made.rows - 1


def test_texts_that_it_was_not_made_for(tokens: EncoderTokens, dataset: Dataset) -> None:
    values = json.loads(tokens.text)
    kept = {piece: number for piece, number in values["model"]["vocab"].items() if number < 12}
    values["model"]["vocab"] = kept
    strange = EncoderTokens(json.dumps(values), {}, tokens.special, tokens.rows)
    with pytest.raises(DataError, match=r"the network small does not know \d+% of the characters"):
        strange.fitted(dataset, 1, "small")


def test_kept_and_read_again(tokens: EncoderTokens, dataset: Dataset, tmp_path: Path) -> None:
    made, _ = tokens.fitted(dataset, 1, "tiny").characters(dataset)
    made.save(tmp_path)
    assert EncoderTokens.restored(tmp_path, made.described()) == made
    with pytest.raises(ValueError, match="are not those of its tokenizer"):
        EncoderTokens.restored(tmp_path, {**made.described(), "rows": 3})
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match="no tokenizer"):
        EncoderTokens.restored(tmp_path, made.described())


def test_more_pieces_than_vectors() -> None:
    with pytest.raises(ValueError, match=r"has \d+ pieces, and its network vectors for 20"):
        read_tokens(tiny_encoders.folder(), 20)
