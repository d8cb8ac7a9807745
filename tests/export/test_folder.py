"""Export as a folder with a model card."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from studio.data.language_models import store
from studio.export.folder import ExportError, export_folder
from studio.inference.load import load
from studio.runs import fusion, language_models
from studio.tasks.model_folder import ModelFolderError
from tests import tiny

FILES = {
    "README.md",
    "config.json",
    "model.safetensors",
    "ngrams.safetensors",
    "recipe.toml",
    "vocabulary.json",
}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_an_export_is_a_model_with_its_papers(tmp_path: Path) -> None:
    made = export_folder(tiny.finished_run().path, tmp_path / "made")
    assert made.path == tmp_path / "made"
    assert set(made.files) == names(made.path) == FILES
    assert made.size == sum(path.stat().st_size for path in made.path.iterdir())
    assert load(made.path).predictor.predict("jintian").candidates[0].text == "今天"


def test_the_card_says_what_it_is_and_where_it_comes_from(tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    environment = json.loads(run.environment.read_text(encoding="utf-8"))
    environment["data"]["sources"].append(
        {"title": "A dictionary", "entries": 12345, "characters": 0, "licence": "CC-BY-SA 4.0"}
    )
    run.environment.write_text(json.dumps(environment), encoding="utf-8")
    card = (export_folder(run.path, tmp_path / "made").path / "README.md").read_text(encoding="utf-8")
    config = load(run.path).config
    assert config.metrics["character_accuracy"] is not None
    for words in (
        "# tiny",
        "step 6",
        "family: transformer_encoder",
        f"{config.metrics['character_accuracy']:.2%}",
        "text.txt",
        "the user's own",
        "12,345 words",
        "CC-BY-SA 4.0",
        "## Limits",
    ):
        assert words in card


@pytest.mark.parametrize("content", [None, "{", "[]", '{"data": 5}', '{"data": {"sources": [1]}}'])
def test_without_a_record_the_card_says_so(content: str | None, tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    run.environment.unlink()
    if content is not None:
        run.environment.write_text(content)
    made = export_folder(run.checkpoint(3), tmp_path / "made")
    assert "not known here" in (made.path / "README.md").read_text(encoding="utf-8")


def test_an_export_of_an_export_keeps_its_card(tmp_path: Path) -> None:
    first = export_folder(tiny.finished_run().path, tmp_path / "first").path
    second = export_folder(first, tmp_path / "second").path
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    export_folder(first, first, overwrite=True)
    assert names(first) == FILES


def test_an_earlier_export_is_replaced_when_asked(tmp_path: Path) -> None:
    target = tmp_path / "made"
    run = tiny.finished_run()
    export_folder(run.checkpoint(3), target)
    with pytest.raises(ExportError, match="earlier export"):
        export_folder(run.checkpoint(6), target)
    assert load(target).config.step == 3
    export_folder(run.checkpoint(6), target, overwrite=True)
    assert load(target).config.step == 6
    assert names(tmp_path) == {"made"}


@pytest.mark.parametrize("added", ["thesis.tex", "training_state.json", "photos/"])
def test_what_is_more_than_an_export_is_never_replaced(added: str, tmp_path: Path) -> None:
    target = tmp_path / "made"
    export_folder(tiny.finished_run().path, target)
    if added.endswith("/"):
        (target / added).mkdir()
    else:
        (target / added).touch()
    before = names(target)
    with pytest.raises(ExportError, match="no earlier export"):
        export_folder(tiny.finished_run().path, target, overwrite=True)
    assert names(target) == before


def test_other_peoples_models_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ExportError, match="no earlier export"):
        export_folder(tiny.finished_run().path, tmp_path, overwrite=True)
    (tmp_path / "file").touch()
    with pytest.raises(ExportError):
        export_folder(tiny.finished_run().path, tmp_path / "file", overwrite=True)


def test_an_empty_folder_and_the_current_one_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    run = tiny.finished_run().path
    assert names(export_folder(run, Path()).path) == FILES
    assert names(tmp_path / "empty") == FILES


def test_a_damaged_model_is_not_exported(tmp_path: Path) -> None:
    damaged = Path(shutil.copytree(tiny.finished_run().checkpoint(6), tmp_path / "damaged"))
    (damaged / "model.safetensors").write_bytes(b"short")
    with pytest.raises(ModelFolderError):
        export_folder(damaged, tmp_path / "made")
    assert names(tmp_path) == {"damaged"}


def test_a_full_disk_leaves_the_earlier_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "made"
    export_folder(tiny.finished_run().checkpoint(3), target)

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        export_folder(tiny.finished_run().checkpoint(6), target, overwrite=True)
    assert load(target).config.step == 3
    assert names(tmp_path) == {"made"}


def test_a_small_export_types_the_same(tmp_path: Path) -> None:
    run = tiny.finished_run().path
    whole = export_folder(run, tmp_path / "whole")
    small = export_folder(run, tmp_path / "small", precision="int8", ngrams=20)
    file = "model.safetensors"
    assert (small.path / file).stat().st_size < 0.4 * (whole.path / file).stat().st_size
    size = {made: (made.path / "ngrams.safetensors").stat().st_size for made in (whole, small)}
    assert size[small] < size[whole]
    for letters in ("jintian", "laoshi", "beijing"):
        best = [load(made.path).predictor.predict(letters).candidates[0].text for made in (whole, small)]
        assert best[0] == best[1]
    again = export_folder(small.path, tmp_path / "again", precision="half")
    assert load(again.path).predictor.predict("jintian").candidates[0].text == "今天"


def test_imported_models_are_mixed_in_with_their_licences(tmp_path: Path, fresh_home: Path) -> None:
    run = tiny.copied(tmp_path / "run")
    words = tmp_path / "words.txt"
    words.write_text("今天\t100\n老师\t50\n金田\t900\n", encoding="utf-8")
    store.add([words], lambda *_: None, name="words", licence="LGPL-3.0")
    fusion.write(run.path, fusion.Fusion(0.3, 0.5, {"words": 0.4}))
    whole = export_folder(run.path, tmp_path / "whole")
    made = export_folder(run.path, tmp_path / "made", fused=True)
    assert names(made.path) == FILES | {"fusion.json", "LICENCE-words.txt"}
    card = (made.path / "README.md").read_text(encoding="utf-8")
    assert "words (words.txt)" in card
    assert "LGPL-3.0" in card
    letters = "jintian"
    expected = load(whole.path).predictor.predict(letters).candidates
    language_models.remove("words")
    assert "words" in load(whole.path).found.warning
    alone = load(made.path)
    assert alone.found.warning == ""
    found = alone.predictor.predict(letters).candidates
    assert [c.text for c in found] == [c.text for c in expected]
    assert found[0].score == pytest.approx(expected[0].score, rel=0.05)
    again = export_folder(made.path, tmp_path / "again")
    assert names(again.path) == names(made.path)
    with pytest.raises(ExportError, match="words"):
        export_folder(run.path, tmp_path / "none", fused=True)
