"""Exported encoder-decoders, opened with the transformers library alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.export.folder import export_folder
from studio.inference.opened import open_model
from studio.models.beam_search import greedy
from studio.models.library_encoder_decoder import LibraryEncoderDecoder
from studio.recipe import Recipe
from tests import tiny_pairs
from tests.engine.test_pretrained_pairs import ADAPTERS, trained

TEXTS = ("明天他们唱歌！", "老师看书")
SHORT = ("training.max_steps=4", "training.evaluate_every=4", "training.checkpoint_every=4")


def of(what: str) -> Recipe:
    kind, _, how = what.partition(" ")
    if kind == "own":
        family, _, unit = how.partition(" ")
        return tiny_pairs.own(family, *SHORT, unit=unit)
    more = (ADAPTERS,) if how == "adapters" else ()
    cut = "bytes" if how == "bytes" else ""
    return tiny_pairs.recipe(*SHORT, *more, source=tiny_pairs.folder(kind, cut))


SLOW = ("t5 adapters", "bart", "bart bytes", "mbart", "m2m_100", "own t5 character", "own bart subword")


@pytest.mark.parametrize("what", ["t5", *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW)])
def test_the_library_writes_what_the_studio_does(what: str, tmp_path: Path) -> None:
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    recipe = of(what)
    run, events = trained(recipe, tmp_path)
    assert run.state() == "finished", events[-1]
    made = export_folder(run.path, tmp_path / "made")
    assert {"tokenizer.json", "tokenizer_config.json", "generation_config.json"} <= set(made.files)
    theirs, told = AutoModelForSeq2SeqLM.from_pretrained(made.path, output_loading_info=True)
    assert not told["missing_keys"] and not told["unexpected_keys"] and not told["mismatched_keys"]
    tokenizer: Any = AutoTokenizer.from_pretrained(made.path)
    opened = open_model(made.path)
    task, model = opened.task, opened.model
    assert isinstance(model, LibraryEncoderDecoder)
    for text in TEXTS:
        symbols = torch.tensor([[*task.tokens.read(text).tolist(), 2]])
        lengths = torch.tensor([symbols.shape[1]])
        (ours,) = greedy(model, symbols, lengths, task.most(lengths))
        read = tokenizer(text, return_tensors="pt")
        written = theirs.generate(
            input_ids=read["input_ids"],
            attention_mask=read["attention_mask"],
            num_beams=1,
            do_sample=False,
            forced_eos_token_id=None,
            max_new_tokens=int(task.most(lengths)) + len(model.architecture.start) - 1,
        )
        rows = model.architecture.pieces
        end = model.architecture.behind[0]
        start = len(model.architecture.start)
        found = [row for row in written[0, start:].tolist() if row != end]
        assert found == [rows[symbol] for symbol in ours]
        if (
            "bart" not in what or "own" in what
        ):  # BERT's and byte-level tokenizers put blanks in or take some out
            plain = tokenizer.decode(found, skip_special_tokens=True)
            assert "".join(plain.split()) == "".join(task.text_of(ours).split())


@pytest.mark.slow
def test_the_card_says_where_it_comes_from(tmp_path: Path) -> None:
    run, _ = trained(tiny_pairs.recipe(*SHORT), tmp_path)
    made = export_folder(run.path, tmp_path / "made")
    card = (made.path / "README.md").read_text(encoding="utf-8")
    assert "AutoModelForSeq2SeqLM" in card and "the encoder-decoder pair-t5-usual" in card and "mit" in card
    assert str(tiny_pairs.folder().parent) not in card
    again = export_folder(made.path, tmp_path / "again")
    assert set(again.files) == set(made.files)
    plain = tiny_pairs.write(tmp_path / "plain", weights=False)
    run, _ = trained(tiny_pairs.recipe(*SHORT, source=plain), tmp_path)
    made = export_folder(run.path, tmp_path / "begun")
    card = (made.path / "README.md").read_text(encoding="utf-8")
    assert "Its shape and its tokenizer are those of plain; its weights began at random." in card


@pytest.mark.slow
def test_words_have_no_tokenizer_of_the_library(tmp_path: Path) -> None:
    run, _ = trained(tiny_pairs.own("bart", *SHORT, unit="word"), tmp_path)
    made = export_folder(run.path, tmp_path / "made")
    assert "tokenizer.json" not in made.files
    config = json.loads((made.path / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "bart" and config["architectures"] == ["BartForConditionalGeneration"]
