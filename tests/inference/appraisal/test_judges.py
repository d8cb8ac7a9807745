"""Items judged one by one amount to what the engine reports of them together, whatever the task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.data.dataset import Split
from studio.inference.appraisal.appraise import judge, summed
from studio.inference.appraisal.classes import ClassCounts, counts_by_item
from studio.inference.appraisal.items import Items
from studio.inference.appraisal.judge import Decisions
from studio.inference.appraisal.judges import JUDGES
from studio.inference.appraisal.labelling import _aligned
from studio.inference.appraisal.scores import SCORINGS
from studio.inference.evaluation import evaluate_split, kept, own_data
from studio.inference.opened import Opened, open_model
from studio.runs import appraisals
from studio.runs.appraisal_requests import Item, Wanted
from studio.runs.folder import RunFolder
from studio.tasks.schemes import Spans
from tests import tiny, tiny_tagging, tiny_texts

RUNS: dict[str, Callable[[], RunFolder]] = {
    "pinyin_to_hanzi": tiny.finished_run,
    "text_classification": tiny_texts.classified,
    "language_model": tiny_texts.written,
    "hanzi_to_pinyin": tiny_tagging.read,
    "sequence_labelling": tiny_tagging.labelled,
    "masked_language_model": tiny_texts.filled,
    "correction": tiny_texts.corrected,
}
# Beside what the engine reports; that of the network alone, which it tells as well, is left out.
NEW = {"next_accuracy", "macro_precision", "macro_recall", "macro_f1"}


def examples_of(opened: Opened, split: Split) -> Any:
    return opened.task.encode([split] if opened.config.task == "pinyin_to_hanzi" else split)


@pytest.fixture(params=RUNS)
def opened(request: pytest.FixtureRequest) -> Opened:
    return open_model(RUNS[request.param]().path)


def every(opened: Opened, folder: Path) -> tuple[Any, list[Item]]:
    """An evaluation of the test split, and its items in the order of the data."""
    dataset, _ = own_data(opened)
    task, path = opened.config.task, folder / "items.parquet"
    scoring, part = SCORINGS[task], dataset.test
    found = judge(JUDGES[task](opened, part), scoring, part, path=path, sources=("a source",))
    return summed(task, 1, found, "test", sources=("a source",)), list(
        Items(path).every(Wanted(order="number"))
    )


def test_the_figures_are_the_engines(opened: Opened, tmp_path: Path) -> None:
    dataset, _ = own_data(opened)
    told = opened.task.evaluate(opened.model, examples_of(opened, dataset.test), torch.device("cpu"))
    told = {name: value for name, value in told.items() if not name.startswith("network_")}
    made, items = every(opened, tmp_path)
    assert set(made.figures) - NEW <= set(told) <= set(made.figures)
    for name, value in told.items():
        figure = made.figures[name]
        assert figure.value == pytest.approx(value, rel=1e-5, abs=1e-7), name
        assert figure.low is not None and figure.high is not None
        assert figure.low <= figure.value + 1e-12 and figure.value - 1e-12 <= figure.high
    assert made.items == made.kept == len(items)
    for name, value in made.sources["a source"].items():
        assert made.figures[name].value == pytest.approx(value)


@pytest.mark.parametrize(
    ("run", "figure", "with_network"),
    [
        (tiny_texts.written, "network_loss", "loss"),
        (tiny_texts.filled, "network_accuracy", "mask_accuracy"),
    ],
    ids=["language_model", "masked_language_model"],
)
def test_where_counts_stand_beside_a_network_it_is_told_alone(
    run: Callable[[], RunFolder], figure: str, with_network: str, tmp_path: Path
) -> None:
    opened = open_model(run().path)
    without, _ = every(opened, tmp_path)
    assert figure not in without.figures
    task, (dataset, _) = opened.task, own_data(opened)
    task.section = task.section.model_copy(update={"counted": 3})
    task.learn(dataset)
    task.evaluate(opened.model, task.examples(dataset, "validation"), torch.device("cpu"))
    made, _ = every(opened, tmp_path)
    told = task.evaluate(opened.model, examples_of(opened, dataset.test), torch.device("cpu"))
    assert made.figures[with_network].value == pytest.approx(told[with_network], rel=1e-5)
    assert made.figures[figure].value == pytest.approx(without.figures[with_network].value, rel=1e-5)
    assert made.figures[figure].low is not None
    if figure in told:
        assert made.figures[figure].value == pytest.approx(told[figure], rel=1e-5)
        assert made.figures["loss"].value != made.figures[figure].value


def test_items_say_what_was_read_and_what_came_of_it(opened: Opened, tmp_path: Path) -> None:
    made, items = every(opened, tmp_path)
    with_right = opened.config.task != "language_model"
    for item in items:
        assert (
            item.input and item.wanted and item.source == "a source" and item.document > 0 and item.line > 0
        )
        assert (item.right is None) is not with_right
        if with_right:
            assert item.right == (item.wanted == item.given)
            assert item.confidence is not None and 0 <= item.confidence <= 1
        assert item.loss is not None and item.loss >= 0
    if "accuracy" in made.figures and opened.config.task == "text_classification":
        share = sum(bool(item.right) for item in items) / len(items)
        assert made.figures["accuracy"].value == pytest.approx(share)
    assert made.calibration is not None and 0 <= made.calibration.error <= 1
    assert sum(one.count for one in made.calibration.bins) == made.calibration.count


def test_an_evaluation_is_kept_and_found_again(tmp_path: Path) -> None:
    run = tiny_texts.copied(tiny_texts.classified(), tmp_path)
    opened = open_model(run.path)
    assert kept(run.path, "test") is None
    found = evaluate_split(opened)
    assert found.items is not None and not found.trouble
    again = kept(run.path, "test")
    assert again is not None and again[0] == found.items and again[1].figures == found.appraisal.figures
    assert kept(run.path, "test", 5) is None and kept(run.path, "validation") is None
    part = evaluate_split(opened, "validation", 5)
    assert part.report["examples"] == 5 and part.report["split"] == "validation"
    assert {one.split for one in appraisals.read(run.path)} == {"test", "validation"}
    assert not list((run.path / appraisals.FOLDER).glob(".partial*"))


def test_a_folder_that_may_not_be_written_still_has_figures(tmp_path: Path) -> None:
    run = tiny_texts.copied(tiny_texts.classified(), tmp_path)
    (run.path / appraisals.FOLDER).write_text("in the way", encoding="utf-8")
    found = evaluate_split(open_model(run.path))
    assert found.trouble and found.items is None and found.appraisal.records == ""
    assert found.report["accuracy"] > 0.9


def test_intervals_are_drawn_by_documents_where_these_have_several_items(tmp_path: Path) -> None:
    opened = open_model(tiny.finished_run().path)
    dataset, _ = own_data(opened)
    split = dataset.test
    whole = Split(
        split.text,
        split.syllables,
        split.offsets,
        split.source,
        split.weight,
        document=np.arange(len(split), dtype=np.uint32) // 5,
        line=np.zeros(len(split), np.uint32),
    )
    found = judge(JUDGES["pinyin_to_hanzi"](opened, whole), SCORINGS["pinyin_to_hanzi"], whole)
    made = summed("pinyin_to_hanzi", 1, found, "test")
    assert made.documents == 12 and found.by_document


def test_both_readings_of_a_sentence_are_drawn_together(tmp_path: Path) -> None:
    """A correction reads each sentence with errors and as it is: two items of one example."""
    opened = open_model(tiny_texts.corrected().path)
    made, items = every(opened, tmp_path)
    assert made.items == 2 * len(own_data(opened)[0].test)
    assert made.documents == len(own_data(opened)[0].test)
    assert sum(item.input == item.wanted for item in items) >= made.items // 2


def test_choices_between_classes_are_counted() -> None:
    """A b for an a, a missed a, a b too many, and a b that is right, in two items."""
    decisions = Decisions(np.array([0, 0, 1, 1]), np.array([0, 0, -1, 1]), np.array([1, -1, 1, 1]))
    counts = ClassCounts(few=True)
    counts.add(decisions, 2)
    assert counts.numbers().tolist() == [0, 1]
    assert counts.totals(counts.numbers()).tolist() == [[2, 0, 0], [1, 3, 1]]
    each = counts.by_item(counts.numbers())
    assert each is not None and each.tolist() == [[[2, 0, 0], [0, 1, 0]], [[0, 0, 0], [1, 2, 1]]]
    pairs = {(one.wanted, one.given): one.count for one in counts.confused("ab".__getitem__)}
    assert pairs == {("a", "b"): 1, ("a", ""): 1, ("", "b"): 1, ("b", "b"): 1}
    assert counts_by_item(np.zeros((3, 0), np.int64), 2, np.zeros(0, np.int64)).shape == (2, 0, 3)


def test_spans_are_set_side_by_side() -> None:
    """One with another label, one that is missed, one that is too long."""
    gold = Spans(np.array([0, 3, 6]), np.array([2, 5, 7]), np.array([0, 1, 1]))
    found = Spans(np.array([0, 6]), np.array([2, 8]), np.array([1, 1]))
    made = _aligned(gold, found, np.array([0] * 5 + [1] * 5))
    rows = sorted(zip(made.item.tolist(), made.wanted.tolist(), made.given.tolist(), strict=True))
    assert rows == [(0, 0, 1), (0, 1, -1), (1, -1, 1), (1, 1, -1)]
