"""Texts with labels: what is read, how it is split, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data import prepare as preparation
from studio.data.dataset import Dataset
from studio.data.errors import DataError
from studio.data.labelled import cleaned, parsed, shortened
from studio.data.prepare import cached, prepare
from studio.recipe import Cleaning, Recipe
from tests import tiny_texts


def prepared(recipe: Recipe) -> Dataset:
    return prepare(recipe.data, recipe.task)


def pairs(dataset: Dataset) -> dict[str, dict[str, str]]:
    """The label of each text, by split."""
    return {
        name: {split.text_of(i): dataset.labels[split.label[i]] for i in range(len(split))}
        for name, split in dataset.splits().items()
        if name != "lexicon"
    }


def test_texts_keep_their_labels_and_no_two_splits_share_one() -> None:
    dataset = prepared(tiny_texts.classification())
    assert dataset.labels == ("bad", "good")
    said = dict(reversed(line.split("\t")) for line in tiny_texts.labelled_lines())
    found = pairs(dataset)
    assert all(len(texts) for texts in found.values())
    assert {text: label for texts in found.values() for text, label in texts.items()} == said
    assert sum(map(len, found.values())) == len(said)
    assert not len(dataset.lexicon)


def test_the_cache_gives_back_what_was_made() -> None:
    recipe = tiny_texts.classification("data.splits.seed=7")
    made = prepared(recipe)
    again = cached(recipe.data, recipe.task)
    assert again is not None and again.labels == made.labels
    assert np.array_equal(again.train.label, made.train.label)
    assert cached(recipe.data) is None, "pinyin makes other examples of the same texts"


def test_what_shapes_examples_names_the_data_set() -> None:
    base = prepared(tiny_texts.classification()).fingerprint
    assert prepared(tiny_texts.classification("task.max_length=8")).fingerprint != base
    assert prepared(tiny_texts.classification("task.pooling=mean")).fingerprint == base


def test_a_long_text_keeps_its_two_ends(tmp_path: Path) -> None:
    assert shortened("一二三四五六七八九", 8) == "一二三四六七八九"
    assert shortened("一二三", 8) == "一二三"
    long = "很好" * 3000
    path = tmp_path / "long.tsv"
    path.write_text(tiny_texts.labelled().read_text(encoding="utf-8") + f"good\t{long}\n", encoding="utf-8")
    dataset = prepared(tiny_texts.classification(path=path))
    assert max(int(split.lengths.max(initial=0)) for split in dataset.splits().values()) == 32


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("good\t很好", ("good", "很好")),
        (" good \t 很\t好 ", ("good", "很\t好")),
        ("很好", ("", "")),
        ("\t很好", ("", "")),
        ("good\t ", ("", "")),
    ],
)
def test_lines(line: str, pair: tuple[str, str]) -> None:
    assert parsed(line) == pair


def test_cleaning_joins_lines_and_folds_widths() -> None:
    assert cleaned("ＡＢ<br>很\u200b好\n\n", Cleaning()) == "AB 很好"


def test_lines_without_labels_are_set_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "some.tsv"
    text = tiny_texts.labelled().read_text(encoding="utf-8")
    path.write_text(f"没有标签的一行\n\n{text}", encoding="utf-8")
    dataset = prepared(tiny_texts.classification(path=path))
    assert any("1 text without a label" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("没有标签\n一行也没有\n", "has no labels"),
        ("".join(f"good\t第{i}条都很好啊{chr(0x4E00 + i)}\n" for i in range(60)), "nothing to tell apart"),
    ],
)
def test_what_cannot_be_learnt(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=reason):
        prepared(tiny_texts.classification(path=path))


def test_labels_that_training_lacks_are_no_examples(tmp_path: Path) -> None:
    """A label of one text: wherever that falls, the labels are those of the training split."""
    path = tmp_path / "rare.tsv"
    text = tiny_texts.labelled().read_text(encoding="utf-8")
    path.write_text(
        text + "".join(f"rare{i}\t{chr(0x5000 + i)}很少见\n" for i in range(40)), encoding="utf-8"
    )
    dataset = prepared(tiny_texts.classification(path=path))
    trained = {dataset.labels[number] for number in dataset.train.label}
    assert set(dataset.labels) == trained
    assert 0 < sum(label.startswith("rare") for label in dataset.labels) < 40
    assert any("no training text has their label" in note for note in dataset.notes)


def test_progress_and_a_stop(tmp_path: Path) -> None:
    recipe = tiny_texts.classification("data.splits.seed=11")
    phases: list[str] = []
    prepare(recipe.data, recipe.task, progress=lambda phase, *_: phases.append(phase))
    assert {preparation.READING, preparation.LABELLING, preparation.WRITING} <= set(phases)
    again = tiny_texts.classification("data.splits.seed=12")
    with pytest.raises(preparation.Cancelled):
        prepare(again.data, again.task, cancelled=lambda: True)
    assert cached(again.data, again.task) is None
