"""How encoder-decoders of others read and write: texts come back as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.data.dataset import Dataset
from studio.data.encoder_tokens import EncoderTokens
from studio.data.pair_tokens import PairTokens, read_pair_tokens, reading, silent, with_symbols
from studio.data.prepare import prepare
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN
from tests import tiny_pairs, tiny_texts

CUTS = {"sentences": "t5", "characters": "bart", "bytes": "mvp", "mbart": "mbart", "nllb": "m2m_100"}


def opened(cut: str) -> tuple[EncoderTokens, PairTokens]:
    folder = tiny_pairs.folder(CUTS[cut])
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokens, _ = read_pair_tokens(folder, config["vocab_size"], config)
    made = with_symbols(tokens.with_more({}, [tiny_pairs.LEFT_OUT]) if cut != "bytes" else tokens)
    return made, reading(made)


@pytest.mark.parametrize(
    "cut", [one if one == "sentences" else pytest.param(one, marks=pytest.mark.slow) for one in CUTS]
)
def test_texts_come_back(cut: str) -> None:
    tokens, read = opened(cut)
    lines = [part for line in tiny_texts.paired_lines() for part in line.split("\t")]
    for text in (*lines, "歌我们歌", "我们 eat"):
        symbols = read.read(text)
        assert UNKNOWN not in symbols and PADDING not in symbols and BOUNDARY not in symbols
        wanted = text.replace(" ", "") if cut == "characters" and text.startswith("我们 ") else text
        assert read.join(symbols.tolist()).strip() == wanted
    assert read.unknown("囧我") == ([] if cut == "bytes" else ["囧"])
    never = {read.symbols.text_of(symbol) for symbol in silent(tokens)}
    assert all(one.startswith(("<", "[")) or "_" in one for one in never), never
    rows = sorted(tokens.pieces)
    assert rows == list(range(tokens.rows))
    assert [tokens.pieces[symbol] for symbol in (PADDING, UNKNOWN, BOUNDARY)] == [
        tokens.special[role] for role in ("padding", "unknown", "last")
    ]


def test_what_stands_around_texts() -> None:
    frames = {}
    for cut, kind in CUTS.items():
        folder = tiny_pairs.folder(kind)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tokens, frame = read_pair_tokens(folder, config["vocab_size"], config)
        names = tokens.names
        frames[cut] = [[names[row] for row in rows] for rows in (frame.before, frame.behind, frame.start)]
    assert frames == {
        "sentences": [[], ["</s>"], ["<pad>"]],
        "characters": [["[CLS]"], ["[SEP]"], ["[SEP]", "[CLS]"]],
        "bytes": [["<s>"], ["</s>"], ["</s>", "<s>"]],
        "mbart": [[], ["</s>", "zh_CN"], ["en_XX"]],
        "nllb": [["zho_Hans"], ["</s>"], ["</s>", "eng_Latn"]],
    }


def test_languages_can_be_said() -> None:
    folder = tiny_pairs.folder("mbart")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokens, frame = read_pair_tokens(folder, config["vocab_size"], config, ("en_XX", "zh_CN"))
    assert tokens.names[frame.behind[1]] == "en_XX" and tokens.names[frame.start[0]] == "zh_CN"
    with pytest.raises(ValueError, match="knows no language 'klingon'"):
        read_pair_tokens(folder, config["vocab_size"], config, ("klingon", ""))


def test_pieces_that_are_no_text_are_refused(tmp_path: Path) -> None:
    folder = tiny_pairs.write(tmp_path / "odd", weights=False)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    # The library makes a T5's own tokenizer anew, whatever its file says.
    said = folder / "tokenizer_config.json"
    known = json.loads(said.read_text(encoding="utf-8"))
    said.write_text(json.dumps({**known, "tokenizer_class": "PreTrainedTokenizerFast"}), encoding="utf-8")
    file = folder / "tokenizer.json"
    values = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(
        json.dumps({**values, "decoder": {"type": "BPEDecoder", "suffix": "</w>"}}), encoding="utf-8"
    )
    with pytest.raises(ValueError, match="does not say how pieces become text"):
        read_pair_tokens(folder, config["vocab_size"], config)
    file.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(ValueError, match="no signs of their own"):
        read_pair_tokens(folder, config["vocab_size"], {**config, "pad_token_id": 1})
    with pytest.raises(ValueError, match="has 50 pieces, and its network vectors for 40"):
        read_pair_tokens(folder, 40, config)


def test_what_the_texts_hold_gets_rows() -> None:
    recipe = tiny_pairs.recipe()
    dataset: Dataset = prepare(recipe.data, recipe.task)
    folder = tiny_pairs.folder()
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokens, _ = read_pair_tokens(folder, config["vocab_size"], config)
    fitted = tokens.fitted(dataset, 1, "it", folds=False)
    assert fitted.names[len(tokens.opened.get_vocab())] == tiny_pairs.LEFT_OUT
    made = with_symbols(fitted)
    kept = replace(reading(made), most=3)
    symbols, lengths = kept.encode(dataset.train)
    assert lengths.max() == 3 and len(symbols) == lengths.sum()
    assert np.array_equal(symbols[: lengths[0]], reading(made).read(dataset.train.text_of(0))[:3])


@pytest.mark.parametrize(
    "text",
    ["hello, world!", "it is 3.5 or 1,000 (or so).", "我有 iphone 吗？", "well-known", "a b c"],
)
def test_words_of_word_pieces_have_their_blanks(text: str, tmp_path: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    pieces = sorted({*"abcdefghijklmnopqrstuvwxyz0123456789", *text} - {" "})
    names = ["[UNK]", *pieces, *("##" + one for one in pieces)]
    cutter = Tokenizer(models.WordPiece({name: row for row, name in enumerate(names)}, unk_token="[UNK]"))
    cutter.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    cutter.decoder = decoders.WordPiece()
    ends = {"padding": len(names), "last": len(names) + 1}
    special = {"unknown": 0, "first": -1, "mask": -1, **ends}
    read = reading(with_symbols(EncoderTokens(cutter.to_str(), {}, special, len(names) + 2)))
    wanted = text.replace("有 iphone 吗", "有iphone吗")  # next to hanzi nothing says that there was one
    assert read.join(read.read(text).tolist()) == wanted
