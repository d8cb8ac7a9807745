"""The lab looks for faults, and shows what steps and augmentation do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.data.augmentation.syllables import is_typed_syllable
from studio.data.errors import Cancelled, DataError
from studio.recipe import RecipeError
from studio.runs.doctor_requests import (
    DataExamined,
    ExaminationProgress,
    ExamineData,
    PreviewAugmentation,
    PreviewSteps,
)
from studio.runs.lab_messages import decode_request, decode_response, encode_request, encode_response
from studio.runs.requests import CancelRequest, Refused
from studio.worker.doctor import examined, preview_augmentation, preview_steps, room_of
from tests import tiny
from tests.worker.processes import Worker


def values(**data: Any) -> dict[str, Any]:
    made = tiny.values()
    made["data"] |= data
    return made


def never() -> bool:
    return False


def test_a_child_examines_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tiny.write_text(tmp_path, [*tiny.sentences(), "电话<b>13812345678</b>"])
    made = values(sources=[{"kind": "file", "path": str(path), "document": "line"}])
    made["training"] = {"max_steps": -1}  # not what is asked about
    told: list[Any] = []
    answer = examined(ExamineData(id="e", recipe=made), told.append)
    assert isinstance(answer, DataExamined)
    assert {finding.id for finding in answer.report.findings} == {"personal_data", "markup"}
    assert told
    assert all(isinstance(item, ExaminationProgress) and item.source == "text.txt" for item in told)
    assert decode_response(encode_response(answer)) == answer
    only = examined(ExamineData(id="e", recipe=made, only=("markup",)), told.append)
    assert isinstance(only, DataExamined)
    assert [finding.id for finding in only.report.findings] == ["markup"]


def test_an_examination_that_is_taken_back_or_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        examined(ExamineData(id="e", recipe=values()), lambda _: None, lambda: True)
    gone = values(sources=[{"kind": "file", "path": str(tmp_path / "gone.txt")}])
    answer = examined(ExamineData(id="e", recipe=gone), lambda _: None)
    assert isinstance(answer, Refused)
    assert (answer.kind, "gone.txt" in answer.message) == ("data", True)
    answer = examined(ExamineData(id="e", recipe=values(steps=[{"kind": "dance"}])), lambda _: None)
    assert isinstance(answer, Refused)
    assert (answer.kind, len(answer.details)) == ("recipe", 1)


def test_steps_are_shown_on_the_first_documents_or_on_given_texts() -> None:
    made = values(
        steps=[
            {"kind": "replace_pattern", "pattern": "今天", "replacement": "昨天"},
            {"kind": "filter_pattern", "pattern": "北京"},
        ],
        augmentation=[{"kind": "delete_characters"}],  # no matter here
    )
    shown = preview_steps(PreviewSteps(id="p", recipe=made, documents=5), never)
    assert [row.before for row in shown.rows] == tiny.sentences()[:5]
    assert all(row.source == "text.txt" for row in shown.rows)
    for row in shown.rows:
        wanted = None if "北京" in row.before else row.before.replace("今天", "昨天")
        assert row.after == wanted
    assert [(tally.kind, tally.seen) for tally in shown.tallies] == [
        ("replace_pattern", 5),
        ("filter_pattern", 5),
    ]
    alone = preview_steps(PreviewSteps(id="p", recipe=made, texts=("今天", "北京"), step=1), never)
    assert [(row.before, row.after) for row in alone.rows] == [("昨天", "昨天"), ("北京", None)]
    with pytest.raises(DataError, match="no step 3"):
        preview_steps(PreviewSteps(id="p", recipe=made, step=2), never)
    with pytest.raises(RecipeError, match="pattern is not understood"):
        preview_steps(
            PreviewSteps(id="p", recipe=values(steps=[{"kind": "filter_pattern", "pattern": "("}])), never
        )
    with pytest.raises(Cancelled):
        preview_steps(PreviewSteps(id="p", recipe=made), lambda: True)


def test_augmentation_is_shown_also_of_kinds_that_the_task_refuses() -> None:
    fuzzy = values(augmentation=[{"kind": "fuzzy_sounds", "share": 1.0, "rate": 1.0}])
    shown = preview_augmentation(PreviewAugmentation(id="a", recipe=fuzzy, documents=4), never)
    assert len(shown.rows) == 4
    assert all(len(row.before.split()) == len(row.after.split()) > 1 for row in shown.rows)
    assert any(row.changed for row in shown.rows)
    again = preview_augmentation(PreviewAugmentation(id="a", recipe=fuzzy, documents=4), never)
    assert again == shown
    other = values(augmentation=[{"kind": "repeat_characters", "share": 1.0, "rate": 1.0}])
    request = PreviewAugmentation(id="a", recipe=other, texts=("今天",), epoch=3)
    assert preview_augmentation(request, never).rows[0].after == "今今天天"
    slips = {"kind": "typing_slips", "share": 1.0, "rate": 1.0, "initials": 0.0}
    typed = preview_augmentation(
        PreviewAugmentation(id="a", recipe=values(augmentation=[slips]), documents=12), never
    )
    pairs = [
        pair
        for row in typed.rows
        for pair in zip(row.before.split(), row.after.split(), strict=True)
        if pair[0] != pair[1]
    ]
    assert (typed.slips, typed.fed) == (len(pairs), sum(is_typed_syllable(after) for _, after in pairs))
    assert 0 < typed.fed < typed.slips
    with pytest.raises(RecipeError) as caught:
        bad = values(augmentation=[{"kind": "repeat_characters", "rate": 7}])
        preview_augmentation(PreviewAugmentation(id="a", recipe=bad), never)
    assert caught.value.problems[0].path == "data.augmentation.0.rate"


def test_what_a_model_takes() -> None:
    assert room_of({"model": {"max_length": 64}}) == 64
    assert room_of({"model": {"family": "recurrent"}}) == room_of({}) > 64


def test_a_long_example_does_not_keep_texts_from_being_looked_at() -> None:
    made = values(cleaning={"max_length": 256})
    assert preview_steps(PreviewSteps(id="p", recipe=made, documents=1), never).rows


def test_the_lab_answers_them_all(tmp_path: Path) -> None:
    path = tiny.write_text(tmp_path, [*tiny.sentences(), "<b>13812345678</b>的电话"])
    made = values(
        sources=[{"kind": "file", "path": str(path), "document": "line"}],
        steps=[{"kind": "remove_markup"}],
        augmentation=[{"kind": "fuzzy_sounds"}],
    )
    with Worker("lab") as lab:
        for request in (
            ExamineData(id="1", recipe=made),
            PreviewSteps(id="2", recipe=made, texts=("<i>甲</i>",)),
            PreviewAugmentation(id="3", recipe=made, texts=("今天",)),
        ):
            lab.say(encode_request(request))
        answers = {}
        while len(answers) < 3:
            answer = decode_response(lab.until(lambda line: "id" in json.loads(line)))
            if not isinstance(answer, ExaminationProgress):
                answers[answer.id] = answer
        lab.say(encode_request(ExamineData(id="4", recipe=made)))
        lab.say(encode_request(CancelRequest(id="4")))
        taken_back = decode_response(
            lab.until(
                lambda line: json.loads(line).get("id") == "4" and json.loads(line)["type"] == "refused"
            )
        )
        lab.hang_up()
        assert lab.close() == 0, lab.errors.decode()
    assert isinstance(taken_back, Refused)
    assert taken_back.kind == "cancelled"
    assert [finding.id for finding in answers["1"].report.findings] == ["personal_data"]
    assert answers["2"].rows[0].after == "甲"
    assert answers["3"].rows[0].before == "jin tian"


def test_requests_travel() -> None:
    for request in (
        ExamineData(id="1", recipe=values(), only=("leaks",)),
        PreviewSteps(id="2", recipe=values(), texts=("甲",)),
        PreviewAugmentation(id="3", recipe=values(), epoch=2),
    ):
        assert json.loads(encode_request(request))["type"] == request.type
        assert decode_request(encode_request(request)) == request
