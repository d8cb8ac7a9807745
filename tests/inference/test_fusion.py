"""Imported models beside a trained one, in what it predicts."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from studio.data.language_models import store
from studio.export.folder import export_folder
from studio.inference.fusion import mixture
from studio.inference.load import load, stamp
from studio.runs import fusion, language_models
from studio.runs.folder import RunFolder
from studio.runs.fusion import Fusion
from studio.runs.language_models import ImportedModel
from tests import tiny

# Homophones among the tiny run's characters: 在/再 and 家/加 are hers; the words are what the tiny text never says.
WORDS = "北京\t1\n公园\t1\n唱歌\t1\n"


def silent(_done: int, _total: int) -> None:
    pass


def unlikely(run: RunFolder) -> tuple[str, str]:
    """Letters and what the tiny model makes of them that a word list can change."""
    loaded = load(run.path)
    vocabulary = loaded.task.vocabulary
    for syllable, candidates in zip(vocabulary.syllables, vocabulary.candidates, strict=True):
        if len(candidates) > 3:
            first = loaded.predictor.predict(syllable * 2).candidates[0].text
            other = next(ch for ch in candidates[1:] if ch * 2 != first)
            return syllable * 2, other * 2
    raise AssertionError


@pytest.fixture
def run(fresh_home: Path) -> RunFolder:
    return tiny.copied(fresh_home)


def imported(run: RunFolder, word: str, letters: str) -> ImportedModel:
    """A word list that knows one word."""
    path = run.path.parent / "words.txt"
    syllable = letters[: len(letters) // 2]
    path.write_text(f"{word}\t{syllable} {syllable}\t1000\n", encoding="utf-8")
    return store.add([path], silent, name="words", replace=True)


def test_an_imported_word_is_offered_once_its_list_is_fused(run: RunFolder) -> None:
    letters, word = unlikely(run)
    before = load(run.path)
    imported(run, word, letters)
    first = stamp(before.found)
    assert before.predictor.predict(letters).candidates[0].text != word
    fusion.write(before.found.folder, Fusion(network=0.0, imported={"words": 0.9}))
    after = load(run.path)
    assert after.predictor.predict(letters).candidates[0].text == word
    assert after.found.warning == ""
    assert stamp(after.found) != first  # whoever keeps it loaded sees that it has changed


def test_mixed_once_and_no_slower_than_one_model(run: RunFolder) -> None:
    letters, word = unlikely(run)
    model = imported(run, word, letters)
    loaded = load(run.path)
    own = loaded.task.ngrams_file
    assert own is not None
    weights = Fusion(imported={model.name: 0.3})
    first = mixture(own, loaded.task.vocabulary, weights)
    began = first.file.stat().st_mtime_ns
    assert mixture(own, loaded.task.vocabulary, weights) == first
    assert first.file.stat().st_mtime_ns == began
    assert mixture(own, loaded.task.vocabulary, Fusion(imported={model.name: 0.4})).file != first.file
    assert mixture(own, loaded.task.vocabulary, Fusion()).file == own


def test_what_is_no_longer_there_is_told_and_done_without(run: RunFolder) -> None:
    letters, word = unlikely(run)
    imported(run, word, letters)
    folder = load(run.path).found.folder
    alone = load(run.path).predictor.predict(letters)
    fusion.write(folder, Fusion(imported={"words": 0.5, "gone": 0.2}))
    assert "gone" in load(run.path).found.warning
    assert "words" not in load(run.path).found.warning.replace("the model", "")
    language_models.remove("words")
    loaded = load(run.path)
    assert "words, gone" in loaded.found.warning
    assert [c.text for c in loaded.predictor.predict(letters).candidates] == [
        c.text for c in alone.candidates
    ]


def test_a_damaged_table_and_damaged_weights_do_not_stop_typing(run: RunFolder) -> None:
    letters, word = unlikely(run)
    model = imported(run, word, letters)
    folder = load(run.path).found.folder
    fusion.write(folder, Fusion(imported={"words": 0.5}))
    (model.folder / "words.safetensors").write_bytes(b"\0" * 40)
    loaded = load(run.path)
    assert "left out" in loaded.found.warning
    assert loaded.predictor.predict(letters).candidates
    fusion.place_of(folder).write_text("{")
    assert "usual weights" in load(run.path).found.warning


def test_an_export_carries_its_weights(run: RunFolder) -> None:
    letters, word = unlikely(run)
    imported(run, word, letters)
    weights = Fusion(network=0.0, segmentation=0.9, imported={"words": 0.9})
    fusion.write(load(run.path).found.folder, weights)
    target = run.path.parent / "exported"
    assert "fusion.json" in export_folder(run.path, target).files
    shutil.rmtree(run.path)
    assert fusion.read(target) == weights
    assert load(target).predictor.predict(letters).candidates[0].text == word
    assert "fusion.json" in export_folder(target, target.with_name("again")).files
    export_folder(target.with_name("again"), target, overwrite=True)
    began = time.perf_counter()
    load(target).predictor.predict(letters)
    assert time.perf_counter() - began < 5
