"""What the lab answers with models that say something of each character."""

from __future__ import annotations

import pytest

from studio.runs.lab_messages import decode_request, decode_response, encode_request, encode_response
from studio.runs.tagging_requests import LabelledSpan, LabelText, ReadAloud, TextLabelled, TextRead
from studio.tasks.model_folder import ModelFolderError
from studio.worker.texts import TextModels
from tests import tiny, tiny_tagging


@pytest.fixture(scope="module")
def models() -> TextModels:
    return TextModels()


def never() -> bool:
    return False


def nothing(_: object) -> None:
    pass


def test_readings(models: TextModels) -> None:
    request = ReadAloud(id="1", model=str(tiny_tagging.read().path), text="他去银行㐀！")
    assert decode_request(encode_request(request)) == request
    found = models.answer(request, nothing, never)
    assert isinstance(found, TextRead)
    assert [one[0].text if one else "" for one in found.readings] == ["tā", "qù", "yín", "háng", "qiū", ""]
    assert found.unlearnt == (4,) and found.step > 0
    assert decode_response(encode_response(found)) == found


def test_spans(models: TextModels) -> None:
    request = LabelText(id="1", model=str(tiny_tagging.labelled().path), text="今天张伟在北京看书。")
    assert decode_request(encode_request(request)) == request
    found = models.answer(request, nothing, never)
    assert isinstance(found, TextLabelled)
    assert found.spans == (
        LabelledSpan(start=2, end=4, label="PER"),
        LabelledSpan(start=5, end=7, label="LOC"),
    )
    assert set(found.labels) == {"PER", "LOC"} and found.step > 0
    assert decode_response(encode_response(found)) == found


def test_models_of_other_tasks(models: TextModels) -> None:
    with pytest.raises(ModelFolderError, match="types pinyin"):
        models.answer(ReadAloud(id="1", model=str(tiny.finished_run().path), text="好"), nothing, never)
    with pytest.raises(ModelFolderError, match="gives texts their pinyin"):
        models.answer(LabelText(id="1", model=str(tiny_tagging.read().path), text="好"), nothing, never)
