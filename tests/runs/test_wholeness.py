"""Whether a checkpoint is whole is told from its files' names, sizes and headers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from studio.runs.wholeness import Damage, file_sizes, model_damage, state_damage


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    for name in ("model", "training_state", "ngrams"):
        save_file({"a": torch.zeros(50), "b": torch.ones(3)}, tmp_path / f"{name}.safetensors", {"x": "y"})
    for name in ("config", "training_state"):
        (tmp_path / f"{name}.json").write_text('{"step": 5}')
    (tmp_path / "vocabulary.json").write_text('["words", "words"]')
    return tmp_path


@pytest.mark.parametrize("sized", [False, True])
def test_a_whole_one(sized: bool, checkpoint: Path) -> None:
    sizes = file_sizes(checkpoint) if sized else {}
    assert len(file_sizes(checkpoint)) == 6
    assert model_damage(checkpoint, sizes) is None
    assert state_damage(checkpoint, sizes) is None


@pytest.mark.parametrize("sized", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.999])
@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "training_state.safetensors"])
def test_a_file_that_was_cut_off(name: str, share: float, sized: bool, checkpoint: Path) -> None:
    sizes = file_sizes(checkpoint) if sized else {}
    model_damage(checkpoint, sizes)  # what was whole a moment ago is looked at again
    content = (checkpoint / name).read_bytes()
    (checkpoint / name).write_bytes(content[: int(len(content) * share)])
    of_model, of_state = model_damage(checkpoint, sizes), state_damage(checkpoint, sizes)
    wanted = Damage(name, missing=False)
    assert (of_model, of_state) == ((None, wanted) if name.startswith("training") else (wanted, None))
    (checkpoint / name).unlink()
    found = state_damage(checkpoint, sizes) if of_model is None else model_damage(checkpoint, sizes)
    assert str(found) == f"{name} is missing"


@pytest.mark.parametrize("name", ["vocabulary.json", "ngrams.safetensors"])
def test_what_only_some_models_have_is_known_by_its_recorded_size(name: str, checkpoint: Path) -> None:
    sizes = file_sizes(checkpoint)
    with (checkpoint / name).open("ab") as file:
        file.write(b" ")
    assert model_damage(checkpoint, sizes) == Damage(name, missing=False)
    (checkpoint / name).unlink()
    assert model_damage(checkpoint, sizes) == Damage(name, missing=True)
    assert model_damage(checkpoint, {}) is None


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert model_damage(tmp_path / "step-000005", {}) == Damage("step-000005", missing=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_what_is_no_file_is_not_read(checkpoint: Path) -> None:
    (checkpoint / "config.json").unlink()
    os.mkfifo(checkpoint / "config.json")
    assert model_damage(checkpoint, {}) == Damage("config.json", missing=False)


def test_nothing_outside_the_folder_is_looked_at(checkpoint: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_bytes(b"x")
    found = model_damage(checkpoint, {str(outside.parent.parent / "elsewhere"): 1})
    assert found == Damage("elsewhere", missing=True)


@given(content=st.binary(max_size=200))
def test_any_content_is_borne(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("checkpoint")
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(content)
    found = model_damage(folder, {})
    assert found is None or found == Damage("model.safetensors", missing=False)
