"""What the lab answers with classifiers and language models."""

from __future__ import annotations

import pytest

from studio.data.errors import Cancelled
from studio.runs.generation import Sampling
from studio.runs.lab_messages import decode_request, decode_response, encode_request, encode_response
from studio.runs.text_requests import Classified, Classify, NextCharacters, NextShown, TextWritten, WriteOn
from studio.runs.translation_requests import Translate, Translated
from studio.tasks.model_folder import ModelFolderError
from studio.worker.texts import TextModels
from tests import tiny, tiny_texts


@pytest.fixture(scope="module")
def models() -> TextModels:
    return TextModels()


def never() -> bool:
    return False


def nothing(_: object) -> None:
    pass


def test_labels_and_what_mattered(models: TextModels) -> None:
    model = str(tiny_texts.classified().path)
    plain = models.answer(Classify(id="1", model=model, text="早餐很好"), nothing, never)
    assert isinstance(plain, Classified)
    assert plain.scores[0].text == "good" and not plain.weights
    weighed = models.answer(Classify(id="2", model=model, text="早餐很好", weigh=True), nothing, never)
    assert isinstance(weighed, Classified) and len(weighed.weights) == 4
    empty = models.answer(Classify(id="3", model=model, text=" ", weigh=True), nothing, never)
    assert isinstance(empty, Classified) and not empty.scores and empty.note


def test_next_characters_and_texts(models: TextModels) -> None:
    model = str(tiny_texts.written().path)
    chances = models.answer(NextCharacters(id="1", model=model, text="今x", count=4), nothing, never)
    assert isinstance(chances, NextShown)
    assert len(chances.characters) == 4 and chances.unknown == "x"
    request = WriteOn(id="2", model=model, text="今天", sampling=Sampling(length=6))
    written = models.answer(request, nothing, never)
    assert isinstance(written, TextWritten) and 0 < len(written.text) <= 6
    again = models.answer(request, nothing, never)
    assert isinstance(again, TextWritten) and again.text == written.text


def test_growing_texts_are_told_and_can_be_left(models: TextModels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.worker.texts._TOLD_EVERY", -1)
    model = str(tiny_texts.written().path)
    request = WriteOn(id="3", model=model, text="", sampling=Sampling(length=30, top_p=1, temperature=2))
    grown: list[str] = []
    models.answer(request, lambda told: grown.append(told.text), never)
    assert grown == sorted(grown, key=len) and len(grown) > 3
    looks = iter([False] * 4)
    with pytest.raises(Cancelled):
        models.answer(request, nothing, lambda: next(looks, True))


def test_models_of_other_tasks(models: TextModels) -> None:
    with pytest.raises(ModelFolderError, match="types pinyin"):
        models.answer(Classify(id="1", model=str(tiny.finished_run().path), text="好"), nothing, never)


def test_messages_come_through() -> None:
    request = WriteOn(id="1", model="m", text="今", sampling=Sampling(temperature=0, stop="。"))
    assert decode_request(encode_request(request)) == request
    answer = TextWritten(id="1", text="天", ended="stop", seconds=0.5)
    assert decode_response(encode_response(answer)) == answer
    with pytest.raises(ValueError):
        decode_request(encode_request(request).replace('"temperature":0', '"temperature":-1'))


def test_texts_for_texts(models: TextModels) -> None:
    model = str(tiny_texts.translated().path)
    asked = Translate(id="1", model=model, text="今天我们吃饭。", count=2)
    answer = models.answer(asked, nothing, never)
    assert isinstance(answer, Translated)
    assert answer.candidates[0].text == "we eat today." and len(answer.looks) == 2
    assert decode_response(encode_response(answer)) == answer
    assert decode_request(encode_request(asked)) == asked
    long = models.answer(Translate(id="2", model=model, text="今天我们吃饭。" * 20), nothing, never)
    assert isinstance(long, Translated) and long.rest == 8 * 7 and not long.looks
    calls = iter([False, False, True])
    with pytest.raises(Cancelled):
        models.answer(asked, nothing, lambda: next(calls))
