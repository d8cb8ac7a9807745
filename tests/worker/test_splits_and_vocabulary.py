"""What the lab says of splits and vocabularies, from its child processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.data.prepare import prepare
from studio.recipe import dump, parse
from studio.runs.doctor_requests import ExaminationProgress
from studio.runs.lab_messages import decode_response, encode_response
from studio.runs.requests import Refused
from studio.runs.split_requests import ShowSplits, SplitsShown
from studio.runs.vocabulary_requests import InspectVocabulary, VocabularyInspected
from studio.worker import vocabulary
from studio.worker.splits import shown
from studio.worker.vocabulary import Vocabularies
from tests import tiny, tiny_texts


def plain(recipe: Any) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(dump(recipe))


def test_splits_before_and_after_they_are_prepared(fresh_home: Path) -> None:
    recipe = tiny_texts.classification("data.splits.by=label")
    told: list[Any] = []
    before = shown(ShowSplits(id="s", recipe=plain(recipe)), told.append)
    assert isinstance(before, SplitsShown)
    assert all(isinstance(item, ExaminationProgress) for item in told)
    assert [split.name for split in before.splits] == ["train", "validation", "test"]
    assert [name for name, _ in before.labels.items] == ["good", "bad"]
    assert before.label_examples == ()
    prepare(recipe.data, recipe.task)
    after = shown(ShowSplits(id="s", recipe=plain(recipe)), told.append)
    assert isinstance(after, SplitsShown)
    assert after.label_examples == tuple(numbers[0] for _, numbers in after.labels.items)
    assert after.source_examples == (sum(after.label_examples),)
    assert decode_response(encode_response(after)) == after


def test_splits_that_cannot_be_made(fresh_home: Path) -> None:
    answer = shown(ShowSplits(id="s", recipe=plain(tiny.recipe("data.splits.by=date"))), lambda _: None)
    assert isinstance(answer, Refused)
    assert answer.kind == "data"
    assert answer.message.startswith("the documents cannot be divided by date")


@pytest.mark.parametrize("task", ["pinyin", "language_model", "subword"])
def test_a_vocabulary_is_counted_once_and_paged(
    task: str, fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = {
        "pinyin": tiny.recipe(),
        "language_model": tiny_texts.language_model(),
        "subword": tiny_texts.language_model("task.unit=subword", "task.vocabulary.size=90"),
    }[task]
    values = plain(recipe)
    lab = Vocabularies()
    unprepared = lab.inspect(InspectVocabulary(id="v", recipe=values), lambda: False)
    assert isinstance(unprepared, Refused)
    assert unprepared.kind == "unprepared"
    prepare(recipe.data, recipe.task)
    whole = lab.inspect(InspectVocabulary(id="v", recipe=values, count=2000), lambda: False)
    assert isinstance(whole, VocabularyInspected)
    monkeypatch.setattr(vocabulary, "asked_child", lambda *_: pytest.fail("counted again"))
    for one in (lab, Vocabularies()):
        part = one.inspect(InspectVocabulary(id="v", recipe=values, offset=3, count=4), lambda: False)
        assert isinstance(part, VocabularyInspected)
        assert part.rows == whole.rows[3:7]
        assert part.total == whole.total
    found = lab.inspect(InspectVocabulary(id="v", recipe=values, search="今"), lambda: False)
    assert isinstance(found, VocabularyInspected)
    assert found.rows and all("今" in row.text for row in found.rows)
    assert decode_response(encode_response(found)) == found


def test_a_vocabulary_that_cannot_be_taken(fresh_home: Path) -> None:
    recipe = tiny_texts.language_model(f"task.vocabulary.source={fresh_home}/nowhere")
    prepare(recipe.data, recipe.task)
    answer = Vocabularies().inspect(InspectVocabulary(id="v", recipe=plain(recipe)), lambda: False)
    assert isinstance(answer, Refused)
    assert "there is no folder" in answer.message
    assert parse(plain(recipe)) == recipe
