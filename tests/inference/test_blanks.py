"""Blanks filled by a masked language model."""

from __future__ import annotations

import pytest

from studio.data.symbols import MASK
from studio.inference import blanks
from studio.inference.blanks import Filler
from studio.inference.evaluation import evaluate_split
from studio.inference.opened import open_model
from studio.tasks.model_folder import ModelFolderError
from tests import tiny, tiny_texts


@pytest.fixture(scope="module")
def filler() -> Filler:
    return blanks.filler(open_model(tiny_texts.filled().path, "masked_language_model"))


def test_it_has_learnt(filler: Filler) -> None:
    (best,) = filler.fill(f"今{MASK}我们在", 5).blanks
    assert best[0].text == "天" and best[0].score > 0.5
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)
    assert len(best) == 5


def test_all_chances_make_one(filler: Filler) -> None:
    (best,) = filler.fill(f"今{MASK}", 100_000).blanks
    assert sum(one.score for one in best) == pytest.approx(1)
    assert MASK not in {one.text for one in best} and "" not in {one.text for one in best}


def test_each_blank_by_itself(filler: Filler) -> None:
    found = filler.fill(f"今{MASK}我们在北{MASK}", 3).blanks
    assert [best[0].text for best in found] == ["天", "京"]


@pytest.mark.parametrize("text", ["", "今", "今天" * 5000, "😀", "hello", "\x00"])
def test_without_a_blank(text: str, filler: Filler) -> None:
    found = filler.fill(text, 5)
    assert found.blanks == () and found.note == blanks.NO_BLANK


@pytest.mark.parametrize("around", ["😀", "hello", "龘", "\x00"])
def test_odd_surroundings(around: str, filler: Filler) -> None:
    found = filler.fill(around + MASK, 5)
    assert len(found.blanks) == 1 and len(found.blanks[0]) == 5
    assert bool(found.note) == (around != "\x00")


def test_many_blanks_in_a_long_text(filler: Filler) -> None:
    text = f"今天我{MASK}在北京吃饭。" * 1000
    found = filler.fill(text, 1).blanks
    assert len(found) == 1000
    alone = filler.fill(f"今天我{MASK}在北京吃饭。", 1).blanks[0][0].text
    assert [best[0].text for best in found].count(alone) > 900
    assert len(filler.fill(MASK * 2000, 2).blanks) == 2000


def test_figures() -> None:
    report = evaluate_split(open_model(tiny_texts.filled().path)).report
    assert report["mask_accuracy"] > 0.3 and report["split"] == "test"
    assert set(report["sources"]) == {tiny.text().name}


def test_other_tasks_are_told_apart() -> None:
    with pytest.raises(ModelFolderError, match="fills blanks in texts; choose a model that continues texts"):
        open_model(tiny_texts.filled().path, "language_model")
