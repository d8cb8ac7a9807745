"""Exports that the transformers library opens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.export.folder import export_folder
from studio.inference.opened import open_model
from studio.runs.folder import RunFolder
from studio.runs.processes import worker_environment
from tests import tiny, tiny_encoders, tiny_tagging, tiny_texts

# What somebody without the studio does with a folder.
PLAIN = """
import json, sys
sys.modules["studio"] = None
from transformers import AutoModel, AutoTokenizer
model, told = AutoModel.from_pretrained(sys.argv[1], output_loading_info=True)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
read = tokenizer(sys.argv[2], return_tensors="pt")
print(json.dumps({"kind": type(model).__name__, "missing": sorted(told["missing_keys"]),
    "others": sorted(told["unexpected_keys"]), "ids": read["input_ids"].tolist(),
    "hidden": model.eval()(**read).last_hidden_state.tolist()}))
"""


def said_by(script: str, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        env=worker_environment(),
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_an_encoder_without_the_studio(tmp_path: Path) -> None:
    """Trained with adapters, which are part of the weights now; the same vectors come out."""
    made = export_folder(tiny_encoders.tuned().path, tmp_path / "made")
    assert {"tokenizer.json", "tokenizer_config.json"} <= set(made.files)
    text = "房间很好，讨厌。"
    found = said_by(PLAIN, str(made.path), text)
    assert found["kind"] == "BertModel" and found["missing"] == []
    assert all(str(name).startswith("studio.") for name in found["others"])  # type: ignore[attr-defined]
    opened = open_model(made.path)
    symbols = torch.from_numpy(opened.task.read(text).astype("int64"))[None]
    with torch.no_grad():
        ours = opened.model.encode(symbols, torch.tensor([symbols.shape[1]]))
    theirs = torch.tensor(found["hidden"])
    assert theirs.shape[1] == ours.shape[1] + 2, "two more stand around the text"
    assert torch.allclose(theirs[:, 1:-1], ours, atol=1e-5)


def test_merged_adapters_say_what_they_said_apart(tmp_path: Path) -> None:
    made = export_folder(tiny_encoders.tuned().path, tmp_path / "made").path
    assert json.loads((made / "config.json").read_text(encoding="utf-8"))["adapters"] == {}
    one, other = open_model(tiny_encoders.tuned().path), open_model(made)
    symbols, lengths = torch.tensor([[5, 9, 12, 30]]), torch.tensor([4])
    with torch.no_grad():
        assert torch.equal(one.model.scores(symbols, lengths), other.model.scores(symbols, lengths))
    again = export_folder(made, tmp_path / "again").path
    for path in made.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()


def test_the_card_names_the_encoder(tmp_path: Path) -> None:
    card = (export_folder(tiny_encoders.tuned().path, tmp_path / "made").path / "README.md").read_text(
        "utf-8"
    )
    assert "the encoder encoder-bert-3, trained by others (licence as its folder states it: mit)" in card
    assert "- source: encoder-bert-3" in card and str(tiny_encoders.folder().parent) not in card
    assert "AutoTokenizer.from_pretrained" in card and "auto_classes" not in card
    small = export_folder(tiny_encoders.tuned().path, tmp_path / "small", precision="int8").path
    assert "AutoTokenizer" not in (small / "README.md").read_text("utf-8")
    assert open_model(small).task.labels == ("bad", "good")


def test_an_export_can_be_somebody_elses_encoder(tmp_path: Path) -> None:
    made = export_folder(tiny_encoders.tuned().path, tmp_path / "made").path
    recipe = tiny_encoders.recipe("sequence_labelling", "training.max_steps=1", source=made)
    run = tiny_texts.run_of(recipe, tmp_path)
    assert open_model(run.path).task.pretrained.about.name == "made"


slow = pytest.mark.slow


@pytest.mark.parametrize(
    "trained",
    [
        tiny.finished_run,
        tiny_texts.classified,
        pytest.param(tiny_texts.written, marks=slow),
        pytest.param(tiny_tagging.labelled, marks=slow),
    ],
)
def test_our_own_models_open_with_the_auto_classes(trained: Callable[[], RunFolder], tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModel

    import studio.export.auto_classes as auto

    made = export_folder(trained().path, tmp_path / "made").path
    assert "import studio.export.auto_classes" in (made / "README.md").read_text(encoding="utf-8")
    assert isinstance(AutoConfig.from_pretrained(made), auto.HanziStudioConfig)
    model = AutoModel.from_pretrained(made)
    assert isinstance(model, auto.HanziStudioModel)
    types = model.task.name == "pinyin_to_hanzi"
    with torch.no_grad():
        found = model(**model.read(["jin tian", "ta"] if types else ["今天", "他"]))
    begins = model.task.name == "language_model"  # with the symbol of a boundary
    assert found.last_hidden_state.shape[:2] == (2, 3 if begins else 2)
    assert (found.logits is not None) == (model.task.name == "text_classification")
    with pytest.raises(ValueError, match="empty"):
        model.read([" "])
    (made / "vocabulary.json").unlink()
    with pytest.raises(OSError, match="damaged"):
        AutoModel.from_pretrained(made)
