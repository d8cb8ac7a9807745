"""Sentences with readings: labelled by words, or as their source gives them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data.dataset import Dataset, Split
from studio.data.prepare import cached, prepare
from studio.data.readings import GivenTones, Readings, readings_of
from studio.data.tagged import NOTHING
from studio.language.tones import digits, toned
from studio.recipe import Recipe, parse
from tests import tiny_tagging


def prepared(recipe: Recipe) -> Dataset:
    return prepare(recipe.data, recipe.task)


def pinyin(split: Split, place: int) -> str:
    start, stop = split.offsets[place : place + 2]
    return " ".join("-" if n == NOTHING else digits(int(n)) for n in split.tags[start:stop])


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return prepared(tiny_tagging.readings())


def test_each_hanzi_has_its_reading_and_marks_have_none(dataset: Dataset) -> None:
    place = next(i for i in range(len(dataset.train)) if "去银行，" in dataset.train.text_of(i))
    text, found = dataset.train.text_of(place), pinyin(dataset.train, place).split()
    assert len(text) == len(found)
    assert found[text.index("行")] == "hang2" and found[text.index("，")] == "-"
    for split in (dataset.train, dataset.validation, dataset.test):
        assert len(split.tags) == split.positions and not len(split.syllables)
    texts = [{s.text_of(i) for i in range(len(s))} for s in (dataset.train, dataset.validation, dataset.test)]
    assert not texts[0] & texts[1] and not texts[1] & texts[2] and not texts[0] & texts[2]


def test_the_cache_gives_back_what_was_made(dataset: Dataset) -> None:
    recipe = tiny_tagging.readings()
    again = cached(recipe.data, recipe.task)
    assert again is not None and np.array_equal(again.train.tags, dataset.train.tags)
    shorter = tiny_tagging.readings("task.max_length=8")
    assert prepared(shorter).fingerprint != dataset.fingerprint
    assert max(int(split.lengths.max(initial=0)) for split in prepared(shorter).splits().values()) <= 8


def test_words_of_lexicons_have_readings() -> None:
    values = tiny_tagging.readings().model_dump(mode="json")
    values["data"]["sources"].append({"kind": "builtin", "name": "lexicon_modern"})
    found = prepared(parse(values))
    assert len(found.lexicon.tags) == found.lexicon.positions > 10_000
    assert not len(found.lexicon.syllables)
    said = {found.lexicon.text_of(i): pinyin(found.lexicon, i) for i in range(len(found.lexicon))}
    assert said["音乐"] == "yin1 yue4"


@pytest.mark.parametrize(
    ("text", "given", "fits"),
    [
        ("他行！", "tā háng", True),
        ("他行！", "ta1 hang2", True),
        ("他行", "ta1 hang5", True),
        ("他行", "ta hang", False),
        ("他行", "ta1", False),
        ("他行", "ta1 zhong4", False),
        ("他行", "ta1 hang3", False),
        ("他行", "ta1 xx2", False),
        ("他行", "", False),
    ],
)
def test_given_readings(text: str, given: str, fits: bool) -> None:
    assert GivenTones(text, given).fits is fits


def test_a_table_gives_readings(tmp_path: Path) -> None:
    lines = tiny_tagging.polyphonic_lines()
    rows = [f"{line}\t" for line in lines[:-1]] + ["银行。行\tyín xíng háng"]
    path = tmp_path / "table.tsv"
    path.write_text("text\tpinyin\n" + "\n".join(rows) + "\n", encoding="utf-8")
    values = tiny_tagging.readings().model_dump(mode="json")
    values["data"]["sources"] = [{"kind": "table", "path": str(path), "pinyin": "pinyin"}]
    found = prepared(parse(values))
    said = [pinyin(split, i) for split in found.splits().values() for i in range(len(split))]
    assert "yin2 xing2 -" in said and "hang2" in said


def test_readings_by_how_often_they_are(dataset: Dataset) -> None:
    found = readings_of(dataset.train)
    row = int(found.rows[ord("行")])
    known = dict(zip(found.numbers[row - 1], found.counts[row - 1], strict=True))
    assert known[toned("háng")] > 0 and known[toned("xíng")] > 0
    assert list(known.values()) == sorted(known.values(), reverse=True)
    assert found.polyphones[row] and not found.polyphones[found.rows[ord("他")]]
    assert found.numbers[found.rows[ord("他")] - 1][0] == toned("tā")
    assert int(found.rows[ord("a")]) == int(found.rows[ord("😀")]) == 0
    assert Readings.restored(found.stored()) == found
    assert found.units.max() + 1 == len(found.of_units) == (found.units >= 0).sum()
    shares = np.exp(found.log_prior[1:]).sum(axis=1)
    assert np.allclose(shares, 1, atol=1e-5)


@pytest.mark.parametrize("stored", [{"行": ""}, {"行": "xing2"}, {"行行": "xing2 1"}, {"行": "xx2 1"}])
def test_damaged_readings(stored: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Readings.restored(stored)
