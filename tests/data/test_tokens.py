"""Vocabularies: characters, words and pieces of them, made from text or taken from elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.data import subwords, symbols
from studio.data.dataset import Dataset, SplitBuilder
from studio.data.errors import DataError
from studio.data.symbols import UNKNOWN
from studio.data.taken_vocabulary import taken
from studio.data.tokens import Tokens, made_for, whole_words
from studio.data.vocabulary_table import of_tokens
from studio.language.text import is_hanzi
from studio.recipe.vocabulary import Vocabulary
from tests import tiny

TEXTS = [line for line in tiny.sentences() for _ in range(2)]
OTHER = ["今天鳜鱼很好。", "龘龘 Hello 123"]


def dataset_of(texts: list[str], judged: list[str], name: str = "tokens") -> Dataset:
    def split(lines: list[str]) -> Any:
        builder = SplitBuilder()
        for line in lines:
            builder.add(line, (), 0, label=3)
        return builder.build()

    return Dataset(split(texts), split([]), split(judged), split(judged), (), name)


DATA = dataset_of(TEXTS, OTHER)
ALGORITHMS = ("bpe", "unigram", "wordpiece")


def subword(algorithm: str = "bpe", size: int = 120, **more: Any) -> Vocabulary:
    return Vocabulary.model_validate({"algorithm": algorithm, "size": size, **more})


def joined(tokens: Tokens, text: str) -> str:
    return "".join(tokens.text_of(int(symbol)) for symbol in tokens.read(text))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_subwords_give_back_the_text(algorithm: str, fresh_home: Path) -> None:
    tokens = made_for(DATA, subword(algorithm), "subword", 1, lossless=True)
    assert len(tokens) <= 120
    for text in TEXTS[:40]:
        assert joined(tokens, text) == text
    found, lengths = tokens.encode(DATA.train)
    assert lengths.sum() == len(found)
    assert len(found) < 0.8 * DATA.train.positions, "nothing was joined"
    assert int(tokens.widths[found].sum()) == DATA.train.positions


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_rare_character_is_unknown_by_itself(algorithm: str, fresh_home: Path) -> None:
    tokens = made_for(DATA, subword(algorithm), "subword", 1)
    read = tokens.read("今天鳜鱼在学校")
    assert (read == UNKNOWN).sum() == 2
    assert joined(tokens, "今天鳜鱼在学校") == "今天在学校"
    assert tokens.unknown("今天鳜鱼在学校鳜") == ["鳜", "鱼"]


@pytest.mark.parametrize("algorithm", ["bpe", "wordpiece"])
def test_the_same_text_gives_the_same_pieces_in_another_process(algorithm: str) -> None:
    """Unigram's may differ, since the library sums in no fixed order: runs that go on read their checkpoint's."""
    code = (
        "import sys, zlib; from tests.data.test_tokens import DATA, subword; from studio.data import subwords; "
        f"sys.stdout.write(str(zlib.crc32(subwords.train(DATA.train, subword({algorithm!r}), 1).encode())))"
    )
    here = zlib.crc32(subwords.train(DATA.train, subword(algorithm), 1).encode())
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout == str(here)


def test_pieces_are_learnt_once(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = subwords.learnt(DATA, subword(), 1)
    monkeypatch.setattr(subwords, "train", lambda *_: pytest.fail("learnt again"))
    assert subwords.learnt(DATA, subword(), 1) == first
    with pytest.raises(pytest.fail.Exception):
        subwords.learnt(DATA, subword(size=90), 1)


def test_unigram_knows_characters_that_its_sample_does_not_hold(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subwords, "_SAMPLE", 200)
    tokens = made_for(DATA, subword("unigram", 150), "subword", 1)
    assert (tokens.encode(DATA.train)[0] != UNKNOWN).all()


def test_nothing_often_enough(fresh_home: Path) -> None:
    with pytest.raises(DataError, match="no character comes 100000 times"):
        made_for(DATA, subword(), "subword", 100_000)


def test_what_is_kept_whole(fresh_home: Path) -> None:
    data = dataset_of([*TEXTS, "[人名]今天在学校"], OTHER, "whole")
    for unit in ("character", "word", "subword"):
        section = subword(size=0 if unit != "subword" else 120, special=("[人名]",))
        tokens = made_for(data, section, unit, 1, lossless=True)
        read = tokens.read("[人名]今天[人名]")
        assert tokens.text_of(int(read[0])) == "[人名]", unit
        assert tokens.text_of(int(read[-1])) == "[人名]", unit
        assert joined(tokens, "[人名]今天[人名]") == "[人名]今天[人名]"


def test_words_of_a_language_model_give_back_the_text() -> None:
    text = "Hello 今天，我们 去学校。\n明天呢？"
    assert "".join(whole_words(text)) == text
    data = dataset_of([*TEXTS, text], OTHER, "words")
    tokens = made_for(data, Vocabulary(), "word", 1, lossless=True)
    assert joined(tokens, text) == text
    assert len(tokens.read("今天我们")) < 4
    spelt = tokens.read("天今")  # no word of the text, spelt in characters
    assert UNKNOWN not in spelt
    assert len(spelt) == 2


def test_the_most_frequent_stay_where_the_size_is_bounded() -> None:
    whole = made_for(DATA, Vocabulary(), "character", 1)
    small = made_for(DATA, Vocabulary(size=13), "character", 1)
    assert len(small) == 13
    assert small.symbols.texts == whole.symbols.texts[:10]


def test_without_anything_new_characters_are_what_they_were() -> None:
    tokens = made_for(DATA, Vocabulary(), "character", 2)
    known = symbols.characters_of(DATA.train, 2)
    assert tokens.symbols == known
    found, lengths = tokens.encode(DATA.train)
    assert np.array_equal(found, known.of_points(DATA.train.text))
    assert np.array_equal(lengths, DATA.train.lengths)
    assert tokens.described() == {}


# --- taken from elsewhere ------------------------------------------------------------------------------


def saved(tokens: Tokens, folder: Path, unit: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    symbols.save(folder / "vocabulary.json", tokens.symbols, {"task": {"unit": unit}, **tokens.described()})
    return folder


@pytest.mark.parametrize("unit", ["character", "word", "subword"])
def test_a_vocabulary_of_a_run(unit: Any, tmp_path: Path, fresh_home: Path) -> None:
    made = made_for(DATA, subword(size=120 if unit == "subword" else 0), unit, 1)
    run = tmp_path / "run"
    saved(replace(made), run / "checkpoints" / "step-000100", unit)
    section = Vocabulary(source=str(run), size=20)
    again = made_for(dataset_of(["别的文本"], OTHER, "other"), section, unit, 5)
    assert again.symbols == made.symbols
    assert np.array_equal(again.read(TEXTS[0]), made.read(TEXTS[0]))


def byte_level(folder: Path, texts: list[str], size: int) -> Path:
    """A byte-level tokenizer as GPT-2's: every byte is a symbol, and what often stands together is one."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, special_tokens=special, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def hugging_face(folder: Path, texts: list[str]) -> Path:
    """A WordPiece tokenizer as others write it: characters of their own, ## for what goes on."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "今", "##天", "##年", "学", "##校", "在"]
    model = models.WordPiece({piece: n for n, piece in enumerate(pieces)}, unk_token="[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_a_tokenizer_of_a_hugging_face_folder(tmp_path: Path) -> None:
    tokens = taken(str(hugging_face(tmp_path / "bert", TEXTS)), "subword", lossless=True)
    assert joined(tokens, "今天") == "今天"
    assert len(tokens) == 3 + 8
    read = tokens.read("今天 学校 没有")
    assert (read == UNKNOWN).sum() == 1
    restored = Tokens.restored(tokens.symbols, tokens.described(), "subword", lossless=True)
    assert np.array_equal(restored.read("今天 学校"), tokens.read("今天 学校"))


def test_what_cannot_be_taken(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no folder"):
        taken(str(tmp_path / "nowhere"), "character", lossless=False)
    with pytest.raises(DataError, match="holds no vocabulary"):
        taken(str(tmp_path), "character", lossless=False)
    folder = hugging_face(tmp_path / "bert", TEXTS)
    with pytest.raises(DataError, match=r"is made of subwords.*; set task\.unit to subword"):
        taken(str(folder), "character", lossless=False)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="holds no tokenizer that can be read"):
        taken(str(tmp_path / "bad"), "subword", lossless=False)
    (tmp_path / "pinyin").mkdir()
    (tmp_path / "pinyin" / "vocabulary.json").write_text('{"format": 1, "candidates": {}}', encoding="utf-8")
    with pytest.raises(DataError, match="cannot be used here"):
        taken(str(tmp_path / "pinyin"), "character", lossless=False)
    values = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    values["decoder"] = {"type": "ByteFallback"}
    (folder / "tokenizer.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(DataError, match="falls back to bytes"):
        taken(str(folder), "subword", lossless=False)


def test_a_byte_level_tokenizer_whose_symbols_may_be_parts_of_characters(tmp_path: Path) -> None:
    folder = byte_level(tmp_path / "gpt", TEXTS * 5, 480)
    tokens = taken(str(folder), "subword", lossless=True)
    for text in (*TEXTS, *OTHER, "第一 second 😀\n龘"):
        symbols = subwords_of(tokens, text)
        assert tokens.join(symbols) == text
        assert int(tokens.widths[symbols].sum()) == len(text)
        assert not (symbols == UNKNOWN).any()
    part = next(n for n in range(3, len(tokens)) if tokens.bytes_of(n) == b"\xe4")
    assert tokens.text_of(part) == "<0xE4>"
    assert any(is_hanzi(tokens.text_of(n)[:1]) for n in range(3, len(tokens)) if tokens.text_of(n))
    assert tokens.text_of(tokens.symbols.index["<|endoftext|>"]) == "<|endoftext|>"
    restored = Tokens.restored(tokens.symbols, tokens.described(), "subword", lossless=True)
    assert np.array_equal(restored.read(TEXTS[0]), tokens.read(TEXTS[0]))
    section = Vocabulary(source=str(folder))
    assert made_for(DATA, section, "subword", 1, lossless=True).symbols == tokens.symbols
    assert of_tokens(tokens, DATA).coverage[0].unknown == 0


def test_a_byte_level_tokenizer_that_has_no_room_for_hanzi(tmp_path: Path) -> None:
    section = Vocabulary(source=str(byte_level(tmp_path / "english", ["hello world"], 270)))
    with pytest.raises(DataError, match=r"only byte by byte: it makes [23]\.\d symbols of a character"):
        made_for(DATA, section, "subword", 1, lossless=True)


def subwords_of(tokens: Tokens, text: str) -> np.ndarray:
    """All symbols of a text, also where there are more than characters."""
    numbers = next(subwords.cut_all(subwords.opened(tokens.tokenizer), [text]))
    pieces = subwords.tokens_of(subwords.opened(tokens.tokenizer))
    return np.array([tokens.symbols.index[pieces[number]] for number in numbers])


# --- as a table ----------------------------------------------------------------------------------------


def test_what_becomes_unknown_is_named_with_a_place() -> None:
    table = of_tokens(made_for(DATA, Vocabulary(), "character", 1), DATA)
    train, validation, _ = table.coverage
    assert (train.unknown, train.kinds) == (0, 0)
    assert validation.unknown == sum(ch not in "".join(TEXTS) for ch in "".join(OTHER))
    unknown = {row.text: row for row in table.unknown}
    assert unknown["鳜"].counts == (0, 1, 1)
    assert unknown["鳜"].example == OTHER[0]
    assert unknown["龘"].counts == (0, 2, 2)
    counts = [row.counts[0] for row in table.known]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == DATA.train.positions
    assert [row.text for row in table.chosen("在", "frequency", known=True)] == ["在"]
    assert table.chosen("", "rarity", known=True)[0] == table.known[-1]


def test_unknown_words_of_a_classification() -> None:
    table = of_tokens(made_for(DATA, Vocabulary(), "word", 1), DATA)
    assert {"鳜鱼", "hello", "123"} <= {row.text for row in table.unknown}
    assert next(row for row in table.unknown if row.text == "hello").example == OTHER[1]
