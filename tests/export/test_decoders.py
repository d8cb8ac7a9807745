"""Exported language models that plain transformers opens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from studio.export.folder import export_folder
from studio.inference.opened import open_model
from studio.runs.folder import RunFolder
from tests import tiny_decoders
from tests.export.test_transformers import said_by

TEXT = "今天我们"
# What somebody without the studio does with a folder.
PLAIN = """
import json, sys
sys.modules["studio"] = None
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
model, told = AutoModelForCausalLM.from_pretrained(sys.argv[1], output_loading_info=True)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
read = tokenizer(sys.argv[2], return_tensors="pt")
ids = read["input_ids"][:, :int(sys.argv[3])]
made = model.eval().generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=4, do_sample=False)
print(json.dumps({"kind": type(model).__name__, "missing": sorted(told["missing_keys"]), "inputs": sorted(read),
    "others": sorted(told["unexpected_keys"]), "ids": ids.tolist(), "logits": model(input_ids=ids).logits.tolist(),
    "made": tokenizer.decode(made[0][ids.shape[1]:])}))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "length"), [(tiny_decoders.begun, 5), (tiny_decoders.tuned, 5)], ids=["gpt2", "pretrained"]
)
def test_a_decoder_without_the_studio(run: object, length: int, tmp_path: Path) -> None:
    """The same scores come out; one with adapters has them in its weights now."""
    trained: RunFolder = run()  # type: ignore[operator]
    made = export_folder(trained.path, tmp_path / "made")
    assert {"tokenizer.json", "tokenizer_config.json"} <= set(made.files)
    found = said_by(PLAIN, str(made.path), TEXT, str(length))
    assert found["kind"] == "GPT2LMHeadModel" and found["missing"] == []
    assert found["others"] == ["studio.network_share"] and found["inputs"] == ["attention_mask", "input_ids"]
    opened = open_model(made.path)
    symbols = torch.from_numpy(opened.task.read(TEXT).astype("int64"))[None]
    pieces = list(opened.task.pretrained.tokens.pieces)
    with torch.no_grad():
        ours = opened.model.scores(opened.model.hidden(symbols))  # type: ignore[operator]
    theirs = torch.tensor(found["logits"])[..., pieces]
    assert theirs.shape == ours.shape and torch.allclose(theirs[..., 1:], ours[..., 1:], atol=1e-4)
    assert isinstance(found["made"], str) and found["made"]


def test_what_is_written_into_a_folder(tmp_path: Path) -> None:
    made = export_folder(tiny_decoders.begun().path, tmp_path / "made").path
    config = json.loads((made / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "gpt2" and config["eos_token_id"] == config["bos_token_id"] == 2
    card = (made / "README.md").read_text(encoding="utf-8")
    assert "AutoModelForCausalLM.from_pretrained" in card and "- family: gpt2" in card
    assert "tokenizer" not in json.loads((made / "vocabulary.json").read_text(encoding="utf-8"))
    again = export_folder(made, tmp_path / "again").path
    for path in made.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()


def test_the_card_names_the_decoder(tmp_path: Path) -> None:
    made = export_folder(tiny_decoders.tuned().path, tmp_path / "made").path
    card = (made / "README.md").read_text(encoding="utf-8")
    assert (
        "the weights of the decoder decoder-gpt2, trained by others (licence as its folder states it: mit)"
        in card
    )
    assert "- source: decoder-gpt2" in card and str(tiny_decoders.folder("gpt2").parent) not in card


@pytest.mark.slow
def test_an_export_can_be_somebody_elses_decoder(tmp_path: Path) -> None:
    from tests import tiny_texts

    made = export_folder(tiny_decoders.begun().path, tmp_path / "made").path
    run = tiny_texts.run_of(tiny_decoders.pretrained("training.max_steps=1", source=made), tmp_path)
    opened = open_model(run.path)
    assert opened.task.pretrained.about.name == "made"
    first = open_model(made)
    symbols, numbers = opened.task.symbols, first.task.symbols
    assert {*symbols.texts} == {*numbers.texts}, "the same symbols, read by the tokenizer that was written"
