"""The lab learns: the prediction asked for next knows what was committed, and dictionaries come and go as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.runs import lab_messages
from studio.runs.lab_messages import Request, Response
from studio.runs.personal import PersonalStore
from studio.runs.personal_requests import (
    DictionaryImported,
    ExportPhrases,
    ImportDictionary,
    Learn,
    PhrasesExported,
    PhrasesLearnt,
)
from studio.runs.requests import Predict, Predicted, Refused
from tests import tiny
from tests.worker.processes import Worker


@pytest.fixture
def lab(fresh_home: Path) -> Iterator[Worker]:
    tiny.finished_run()
    with Worker("lab") as worker:
        worker.until(lambda _: True)
        yield worker
        worker.hang_up()
        assert worker.close() == 0, worker.errors.decode()


def answer(lab: Worker, request: Request) -> Response:
    lab.say(lab_messages.encode_request(request))
    return lab_messages.decode_response(lab.until(lambda line: json.loads(line)["id"] == request.id))


def first(lab: Worker, text: str) -> str:
    found = answer(lab, Predict(id=f"p{text}", model=str(tiny.finished_run().path), text=text))
    assert isinstance(found, Predicted)
    return found.candidates[0].text


def test_the_next_prediction_knows_what_was_committed(lab: Worker) -> None:
    model = str(tiny.finished_run().path)
    assert first(lab, "kejin") != "氪金"
    commit = Learn(id="l1", model=model, letters="kejin", text="氪金", left="")
    assert answer(lab, commit) == PhrasesLearnt(id="l1", phrases=("氪金",))
    # Both are sent at once: whoever asks does not wait for what is learnt.
    lab.say(lab_messages.encode_request(Learn(id="l2", model=model, letters="kejin", text="氪金")))
    assert first(lab, "kejin") == "氪金"
    store = PersonalStore()
    store.enable(False)
    assert answer(lab, Learn(id="l3", model=model, letters="women", text="我们")) == PhrasesLearnt(
        id="l3", phrases=()
    )
    assert first(lab, "kejin") != "氪金"
    assert store.clock == 2
    store.close()


def test_a_damaged_store_keeps_nobody_from_typing(lab: Worker) -> None:
    store = PersonalStore()
    store.file.parent.mkdir(parents=True)
    store.file.write_bytes(b"nonsense " * 1000)
    assert first(lab, "jintian") == "今天"
    found = answer(lab, Learn(id="l", model=str(tiny.finished_run().path), letters="women", text="我们"))
    assert isinstance(found, Refused)
    assert "damaged" in found.message


def test_dictionaries_are_imported_and_exported(lab: Worker, tmp_path: Path) -> None:
    source = tmp_path / "terms.txt"
    source.write_text("氪金\tke jin\t7\n贝叶\tbei\n", encoding="utf-8")
    assert answer(lab, ImportDictionary(id="i", path=str(source))) == DictionaryImported(
        id="i",
        name="terms",
        format="plain",
        words=1,
        readings_added=0,
        set_aside=1,
        problems=("line 2: 1 syllables for 2 characters",),
    )
    target = tmp_path / "out.dict.yaml"
    done = answer(lab, ExportPhrases(id="e", path=str(target), dictionary="terms"))
    assert done == PhrasesExported(id="e", path=str(target), phrases=1)
    again = answer(lab, ImportDictionary(id="j", path=str(target), name="again"))
    assert isinstance(again, DictionaryImported)
    assert (again.format, again.name, again.words, again.set_aside) == ("rime", "again", 1, 0)
    refused = answer(lab, ImportDictionary(id="k", path=str(tmp_path / "none.txt")))
    assert isinstance(refused, Refused)
    assert refused.kind == "data"
    refused = answer(lab, ExportPhrases(id="m", path=str(tmp_path / "no folder" / "x.dict.yaml")))
    assert isinstance(refused, Refused)
    assert refused.kind == "disk"
