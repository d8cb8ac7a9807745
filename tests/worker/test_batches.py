"""What the window is shown of prepared data: batches as they are fed, where examples come from, and counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.data.errors import Cancelled, DataError
from studio.data.prepare import prepare
from studio.engine.order import TrainingOrder
from studio.recipe import parse
from studio.runs.batch_requests import (
    BatchShown,
    DataPrepared,
    ExampleFound,
    FindExample,
    PreparationProgress,
    PrepareData,
    ShowBatch,
)
from studio.runs.count_requests import CountData, DataCounted
from studio.runs.requests import Refused
from studio.tasks import create
from studio.worker.batches import Shelf, found
from studio.worker.counts import Counter
from studio.worker.preparation import prepared
from tests import tiny, tiny_texts


def values(**data: Any) -> dict[str, Any]:
    made = tiny.values()
    made["data"] |= data
    return made


def test_data_that_are_not_prepared_are_not_prepared_by_looking(fresh_home: Path) -> None:
    for answer in (
        Shelf().show(ShowBatch(id="b", recipe=values())),
        Counter().count(CountData(id="c", recipe=values()), lambda: False),
    ):
        assert isinstance(answer, Refused)
        assert answer.kind == "unprepared"
    assert not list((fresh_home / "cache" / "datasets").glob("*/meta.json"))


def test_a_child_prepares_and_tells_how_far_it_is(fresh_home: Path) -> None:
    told: list[Any] = []
    answer = prepared(PrepareData(id="p", recipe=values()), told.append)
    assert isinstance(answer, DataPrepared)
    assert {type(item) for item in told} == {PreparationProgress}
    assert [item.phase for item in told][-1] == "writing"
    shown = Shelf().show(ShowBatch(id="b", recipe=values()))
    assert isinstance(shown, BatchShown)
    assert shown.examples == answer.examples


def test_a_preparation_that_is_taken_back_or_cannot_be_made(fresh_home: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        prepared(PrepareData(id="p", recipe=values()), lambda _: None, lambda: True)
    lost = {"sources": [{"kind": "file", "path": str(tmp_path / "gone.txt")}]}
    answer = prepared(PrepareData(id="p", recipe=values(**lost)), lambda _: None)
    assert isinstance(answer, Refused)
    assert answer.kind == "data" and "gone.txt" in answer.message


def test_batches_are_those_of_the_engine() -> None:
    lexicon = {"sources": [*tiny.values()["data"]["sources"], {"kind": "builtin", "name": "lexicon_modern"}]}
    made = values(**lexicon, lexicon_share=0.3)
    recipe = parse(made)
    dataset = prepare(recipe.data)
    task = create("pinyin_to_hanzi").prepare(dataset)
    examples = task.examples(dataset, "train")
    batches = TrainingOrder(dataset, recipe).epoch(1)
    shelf = Shelf()
    words = 0
    for number in (0, 3, len(batches) + 50):
        shown = shelf.show(ShowBatch(id="b", recipe=made, epoch=1, batch=number))
        assert isinstance(shown, BatchShown)
        assert shown.batch == min(number, len(batches) - 1) and shown.batches == len(batches)
        batch = task.collate(examples, batches[shown.batch])
        assert np.array_equal([row.ids for row in shown.rows], batch.inputs["symbols"])
        assert np.array_equal([row.target_ids for row in shown.rows], batch.inputs["units"])
        assert shown.asked == batch.positions
        assert shown.filled == sum(len(row.text) for row in shown.rows)
        for row in shown.rows:
            assert "".join(row.targets) == row.text or "" in row.targets
            assert len(row.tokens) == len(row.text)
            assert shown.sources[row.source] == ("lexicon_modern" if row.word else "text.txt")
        words += shown.words
    assert words


def test_texts_with_labels_and_running_text(tmp_path: Path) -> None:
    path = tmp_path / "labelled.txt"
    lines = [f"{'好' if n % 3 else '差'}\t第{n}天的<b>天气</b>" + "很不错" * (n % 4) for n in range(120)]
    path.write_text("\n".join(lines), encoding="utf-8")
    made = values(sources=[{"kind": "file", "path": str(path), "document": "line"}])
    del made["model"]
    labelled = made | {"task": {"name": "text_classification"}}
    assert isinstance(prepared(PrepareData(id="p", recipe=labelled), lambda _: None), DataPrepared)
    shown = Shelf().show(ShowBatch(id="b", recipe=labelled))
    assert isinstance(shown, BatchShown)
    assert shown.asked == shown.row_count and {row.label for row in shown.rows} == {"好", "差"}
    assert all(not row.targets and len(row.tokens) == len(row.text) for row in shown.rows)
    assert shown.rows[0].tokens[0] in (shown.rows[0].text[0], "\ufffd")
    place = found(FindExample(id="f", recipe=labelled, source=0, text=shown.rows[0].text), lambda: False)
    assert place.line == place.document + 1
    counts = Counter().count(CountData(id="c", recipe=labelled), lambda: False)
    assert isinstance(counts, DataCounted)
    assert counts.rankings[0].name == "labels" and counts.rankings[0].items[0][0] == "好"
    running = made | {"task": {"name": "language_model"}}
    prepared(PrepareData(id="p", recipe=running), lambda _: None)
    shown = Shelf().show(ShowBatch(id="b", recipe=running))
    assert isinstance(shown, BatchShown) and shown.asked == shown.filled
    for row in shown.rows:
        assert row.tokens[1:] == row.targets[:-1], "what is asked at a position is read at the next"


def test_varied_syllables_are_fed_and_the_right_ones_asked_for() -> None:
    sound = {"kind": "fuzzy_sounds", "share": 1.0, "rate": 1.0}
    prepare(parse(values()).data)
    shown = [
        Shelf().show(ShowBatch(id="b", recipe=values(**data))) for data in ({}, {"augmentation": [sound]})
    ]
    plain, varied = (item.rows for item in shown if isinstance(item, BatchShown))
    assert [row.targets for row in plain] == [row.targets for row in varied]
    assert [row.tokens for row in plain] != [row.tokens for row in varied]


def test_rows_come_in_portions() -> None:
    prepare(parse(values()).data)
    whole = Shelf().show(ShowBatch(id="b", recipe=values()))
    part = Shelf().show(ShowBatch(id="b", recipe=values(), first_row=2, rows=3))
    assert isinstance(whole, BatchShown) and isinstance(part, BatchShown)
    assert part.rows == whole.rows[2:5] and part.row_count == len(whole.rows)


def test_an_example_leads_to_its_line(tmp_path: Path) -> None:
    path = tiny.write_text(tmp_path, ["春天来了。", "", "他说：<b>花</b>开了，我们走吧。", "再见。"])
    made = values(sources=[{"kind": "file", "path": str(path), "document": "line"}])
    answer = found(FindExample(id="f", recipe=made, source=0, text="我们走吧"), lambda: False)
    assert isinstance(answer, ExampleFound)
    assert (answer.line, answer.document) == (3, 1)
    assert answer.text[answer.start : answer.end] == "我们走吧"
    broken = found(FindExample(id="f", recipe=made, source=0, text="花开了"), lambda: False)
    assert (broken.line, broken.start, broken.end) == (3, 0, 0)
    with pytest.raises(DataError, match="no longer"):
        found(FindExample(id="f", recipe=made, source=0, text="秋天"), lambda: False)
    with pytest.raises(Cancelled):
        found(FindExample(id="f", recipe=made, source=0, text="秋天"), lambda: True)
    with pytest.raises(DataError, match="no source 3"):
        found(FindExample(id="f", recipe=made, source=2, text="秋天"), lambda: False)


def test_words_are_found_in_their_lists() -> None:
    made = values(sources=[{"kind": "builtin", "name": "lexicon_modern"}, *tiny.values()["data"]["sources"]])
    answer = found(FindExample(id="f", recipe=made, source=0, text="我们"), lambda: False)
    assert answer.source == "lexicon_modern" and answer.text[: answer.end] == "我们"


def test_counts_of_splits_and_sources() -> None:
    recipe = parse(values())
    dataset = prepare(recipe.data)
    answer = Counter().count(CountData(id="c", recipe=values()), lambda: False)
    assert isinstance(answer, DataCounted)
    groups = {group.name: group for group in answer.groups}
    assert set(groups) == {"train", "validation", "test"}
    text = "".join(dataset.train.text_of(i) for i in range(len(dataset.train)))
    assert groups["train"].characters == len(text) and groups["train"].distinct == len(set(text))
    for group, counts in zip(answer.groups, answer.lengths.counts, strict=True):
        assert sum(counts) == group.examples
    rankings = {ranking.name: ranking for ranking in answer.rankings}
    character, counts = rankings["characters"].items[0]
    assert counts[0] == text.count(character)
    assert rankings["characters"].total == sum(group.characters for group in answer.groups)
    assert ("北京" in dict(rankings["words"].items)) and "unknown" not in rankings
    only = Counter().count(CountData(id="c", recipe=values(), source=0), lambda: False)
    assert isinstance(only, DataCounted) and only.groups == answer.groups
    with pytest.raises(DataError):
        Counter().count(CountData(id="c", recipe=values(), source=1), lambda: False)
    with pytest.raises(Cancelled):
        Counter().count(CountData(id="c", recipe=values()), lambda: True)


def test_what_is_written_stands_beside_what_is_read() -> None:
    recipe = tiny_texts.translation("task.direction=target_to_text").model_dump(mode="json")
    prepared(PrepareData(id="p", recipe=recipe), lambda _: None)
    shown = Shelf().show(ShowBatch(id="b", recipe=recipe))
    assert isinstance(shown, BatchShown)
    pairs = {tuple(reversed(line.split("\t"))) for line in tiny_texts.paired_lines()}
    assert {(row.text, row.label) for row in shown.rows} <= pairs and shown.rows[0].tokens[-1] == "▮"
    assert all(not row.targets for row in shown.rows)
    place = found(FindExample(id="f", recipe=recipe, source=0, text=shown.rows[0].text), lambda: False)
    assert place.line > 0 and place.text == shown.rows[0].label
