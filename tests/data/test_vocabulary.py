"""Which characters a syllable can be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data.dataset import Dataset, Split, SplitBuilder
from studio.data.vocabulary import PinyinVocabulary, build
from studio.language.syllables import INDEX


def _split(*examples: tuple[str, str, float]) -> Split:
    builder = SplitBuilder()
    for text, pinyin, weight in examples:
        builder.add(text, np.array([INDEX[s] for s in pinyin.split()], np.uint16), 0, weight)
    return builder.build()


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    train = _split(
        ("今天", "jin tian", 1), ("今天好", "jin tian hao", 1), ("金", "jin", 1), ("镕基", "rong ji", 1)
    )
    lexicon = _split(("愛你", "ai ni", 50.0), ("长大", "zhang da", 10.0), ("长大", "chang da", 1.0))
    nothing = _split()
    return Dataset(train, lexicon, nothing, nothing, (), "test")


def test_the_most_frequent_character_comes_first(dataset: Dataset) -> None:
    vocabulary, counts = build(dataset)
    assert vocabulary.candidates[INDEX["jin"]][:2] == "今金"
    low, high = vocabulary.starts[INDEX["jin"]], vocabulary.starts[INDEX["jin"] + 1]
    assert np.exp(counts.log_prior[low:high]).sum() == pytest.approx(1, abs=1e-5)
    assert (np.diff(counts.log_prior[low:high]) <= 0).all()


def test_what_running_text_holds_is_known_and_what_only_a_word_list_holds_is_not(dataset: Dataset) -> None:
    vocabulary, _ = build(dataset)
    assert "镕" in vocabulary.candidates[INDEX["rong"]], "seen in training, though outside GB 2312"
    assert "愛" not in vocabulary.candidates[INDEX["ai"]]
    assert {"长"} <= set(vocabulary.candidates[INDEX["zhang"]]) & set(vocabulary.candidates[INDEX["chang"]])


def test_units_lead_back_to_their_characters(dataset: Dataset) -> None:
    vocabulary, _ = build(dataset)
    units = vocabulary.units(dataset.train.text, dataset.train.syllables)
    assert "".join(vocabulary.characters[unit] for unit in units) == "今天今天好金镕基"
    owners = np.searchsorted(vocabulary.starts, units, side="right") - 1
    assert owners.tolist() == dataset.train.syllables.tolist()
    stranger = vocabulary.units(np.array([ord("愛")], np.uint32), np.array([INDEX["ai"]], np.uint16))
    assert stranger.tolist() == [-1]


def test_transitions_are_distributions_that_prefer_what_was_seen(dataset: Dataset) -> None:
    _, counts = build(dataset)
    chances = np.exp(counts.transitions.astype(np.float64))
    assert chances.sum(axis=1) == pytest.approx(1, abs=1e-4)
    edge = len(chances) - 1
    assert chances[INDEX["jin"]].argmax() == INDEX["tian"]
    assert chances[edge].argmax() == INDEX["jin"]
    assert chances[INDEX["hao"]].argmax() == edge


def test_a_saved_vocabulary_comes_back_equal(dataset: Dataset, tmp_path: Path) -> None:
    vocabulary, _ = build(dataset)
    vocabulary.save(tmp_path / "vocabulary.json")
    assert PinyinVocabulary.load(tmp_path / "vocabulary.json") == vocabulary


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(ValueError, match="no vocabulary of format"):
        PinyinVocabulary.load(path)
