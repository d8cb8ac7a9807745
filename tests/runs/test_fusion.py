"""How the parts of a model are weighed, on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.runs import fusion
from studio.runs.fusion import Fusion, FusionError


def run_with_checkpoint(folder: Path) -> Path:
    checkpoint = folder / "checkpoints" / "step-000003"
    checkpoint.mkdir(parents=True)
    (folder / "recipe.toml").touch()
    (folder / "metrics.jsonl").touch()
    return checkpoint


def test_a_run_has_one_for_all_its_checkpoints(tmp_path: Path) -> None:
    checkpoint = run_with_checkpoint(tmp_path)
    assert fusion.read(checkpoint) == Fusion()
    made = Fusion(0.8, 0.4, {"libime": 0.3})
    assert fusion.write(checkpoint, made) == tmp_path / "fusion.json"
    assert fusion.read(checkpoint) == fusion.read(tmp_path) == made
    assert made.own == pytest.approx(0.7)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".json"] == ["fusion.json"]


def test_an_exported_folder_has_its_own(tmp_path: Path) -> None:
    exported = tmp_path / "models" / "mine"
    exported.mkdir(parents=True)
    (exported / "recipe.toml").touch()
    assert fusion.write(exported, Fusion(network=0.1)) == exported / "fusion.json"
    assert fusion.read(exported).network == 0.1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"fusion": {"network": -1}}', '{"fusion": {"imported": {"a": 0.7, "b": 0.6}}}']
)
def test_what_is_no_fusion_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "fusion.json").write_text(text)
    with pytest.raises(FusionError, match="damaged"):
        fusion.read(tmp_path)
    (tmp_path / "fusion.json").write_text('{"fusion": {}, "format": 99}')
    with pytest.raises(FusionError, match="update Hanzi Studio"):
        fusion.read(tmp_path)


def test_shares_too_small_to_matter_are_left_out() -> None:
    found = fusion.with_shares(Fusion(0.5, 0.7, {"old": 0.5}), {"a": 0.25, "b": 0.0001})
    assert found == Fusion(0.5, 0.7, {"a": 0.25})


def test_models_are_added_and_taken_away() -> None:
    tuned = Fusion(0.5, 0.7, {"a": 0.2, "b": 0.1})
    assert fusion.using(tuned, ["a"]) == Fusion(0.5, 0.7, {"a": 0.2})
    assert fusion.using(tuned, ["a", "c", "a"]) == Fusion(0.5, 0.7, {"a": 0.2, "c": 0.2})
    assert fusion.using(tuned, []) == Fusion(0.5, 0.7)
