"""The lab: every request is answered once, whatever is asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from studio.runs import lab_messages
from studio.runs.estimates import RunEstimated
from studio.runs.lab_messages import Request, Response
from studio.runs.requests import (
    CancelRequest,
    DataPreviewed,
    EstimateRun,
    ExportModel,
    ModelExported,
    Predict,
    Predicted,
    PreviewData,
    Ready,
    Refused,
)
from studio.worker.lab import Desk
from tests import tiny
from tests.worker import processes
from tests.worker.processes import Worker


@pytest.fixture(scope="module")
def lab() -> Iterator[Worker]:
    with Worker("lab") as worker:
        ready = lab_messages.decode_response(worker.until(lambda _: True))
        assert ready == Ready(pid=worker.process.pid)
        yield worker
        # It ends by itself when nobody listens any more.
        worker.hang_up()
        assert worker.close() == 0, worker.errors.decode()


def answer(lab: Worker, request: Request | str | bytes, id: str = "") -> Response:
    lab.say(request if isinstance(request, str | bytes) else lab_messages.encode_request(request))
    wanted = id or getattr(request, "id", "")
    return lab_messages.decode_response(lab.until(lambda line: json.loads(line)["id"] == wanted))


def test_predictions(lab: Worker) -> None:
    run = tiny.finished_run()
    found = answer(lab, Predict(id="p", model=str(run.path), text="jin tian", top_k=3))
    assert isinstance(found, Predicted)
    assert found.candidates[0].text == "今天"
    assert len(found.candidates) == 3
    assert [view.syllable for view in found.syllables] == ["jin", "tian"]
    assert (found.text, found.step, found.live) == ("jin tian", 6, False)
    empty = answer(lab, Predict(id="e", model=str(run.path), text=""))
    assert isinstance(empty, Predicted)
    assert empty.candidates == ()


def test_a_model_that_is_replaced_is_loaded_anew(lab: Worker, tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    first = answer(lab, Predict(id="1", model=str(run.path), text="jin"))
    index = json.loads(run.index.read_text())
    run.index.write_text(json.dumps({**index, "best": 3}))
    second = answer(lab, Predict(id="2", model=str(run.path), text="jin"))
    assert isinstance(first, Predicted)
    assert isinstance(second, Predicted)
    assert (first.step, second.step) == (6, 3)


def test_previews_and_estimates(lab: Worker) -> None:
    preview = answer(lab, PreviewData(id="d", recipe=tiny.values(), documents=3))
    assert isinstance(preview, DataPreviewed)
    assert preview.sources[0].documents == len(tiny.sentences())
    assert preview.rows[0].examples[0][0]
    tiny.finished_run()  # its data are prepared
    estimate = answer(lab, EstimateRun(id="e", recipe=tiny.values()))
    assert isinstance(estimate, RunEstimated)
    assert not estimate.exact
    assert "not_prepared" not in estimate.notes
    model = tiny.recipe().model
    table = model.ngram_buckets * model.ngram_width  # has no first moment
    assert estimate.memory["optimizer"] == 8 * estimate.parameters - 4 * table
    assert not estimate.tried
    other = tiny.values()
    other["data"]["splits"]["seed"] = 77
    guess = answer(lab, EstimateRun(id="g", recipe=other))
    assert isinstance(guess, RunEstimated)
    assert "not_prepared" in guess.notes
    assert guess.parameters > 0


@pytest.mark.timeout(300)
def test_a_trial_measures_and_holds_nothing_up(lab: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 200.0)  # it lets everything else on the machine go first
    tiny.finished_run()  # its data are prepared
    lab.say(lab_messages.encode_request(EstimateRun(id="trial", recipe=tiny.values(), trial=True)))
    preview = answer(lab, PreviewData(id="meanwhile", recipe=tiny.values(), documents=1))
    assert isinstance(preview, DataPreviewed)
    waiting = json.loads(lab.until(lambda line: json.loads(line)["id"] == "trial"))
    tried = lab_messages.decode_response(json.dumps(waiting))
    assert isinstance(tried, RunEstimated)
    assert tried.tried, tried.error
    assert tried.exact
    assert tried.seconds_total is not None
    assert tried.memory_total > 50_000_000


@pytest.mark.timeout(300)
def test_a_trial_can_be_taken_back(lab: Worker) -> None:
    lab.say(lab_messages.encode_request(EstimateRun(id="t2", recipe=tiny.values(), trial=True)))
    child = until_child(lab.process.pid)
    lab.say(lab_messages.encode_request(CancelRequest(id="t2")))
    refused = lab_messages.decode_response(lab.until(lambda line: json.loads(line)["id"] == "t2"))
    assert isinstance(refused, Refused)
    assert refused.kind == "cancelled"
    gone, _ = psutil.wait_procs([child], timeout=5)
    assert gone == [child]


def until_child(pid: int) -> psutil.Process:
    """The first child of a process, as soon as there is one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in psutil.Process(pid).children():
            return child
        time.sleep(0.02)
    raise AssertionError("the trial was not started")


def test_exports(lab: Worker, tmp_path: Path) -> None:
    target = tmp_path / "exported"
    request = ExportModel(id="x", model=str(tiny.finished_run().path), target=str(target))
    made = answer(lab, request)
    assert isinstance(made, ModelExported)
    assert Path(made.path) == target
    assert set(made.files) == {path.name for path in target.iterdir()}
    again = answer(lab, request)
    assert isinstance(again, Refused)
    assert again.kind == "export"
    found = answer(lab, Predict(id="p", model=str(target), text="jintian"))
    assert isinstance(found, Predicted)
    assert found.candidates[0].text == "今天"


def test_what_cannot_be_answered_is_refused(lab: Worker, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    bad = {**tiny.values(), "name": "", "modell": {}}
    gone = tiny.values(tmp_path / "gone.txt")
    run = str(tiny.finished_run().path)
    asked: list[tuple[Request, str, str]] = [
        (Predict(id="1", model=str(tmp_path / "none"), text="a"), "model", "no folder"),
        (PreviewData(id="2", recipe=bad), "recipe", "2 problems"),
        (EstimateRun(id="3", recipe=bad), "recipe", "2 problems"),
        (PreviewData(id="4", recipe=gone), "data", "gone.txt"),
        (ExportModel(id="5", model=run, target=str(tmp_path / "file" / "below")), "disk", "file"),
        (ExportModel(id="6", model=run, target=str(tmp_path)), "export", "no earlier export"),
    ]
    for request, kind, words in asked:
        refused = answer(lab, request)
        assert isinstance(refused, Refused), refused
        assert refused.kind == kind
        assert words in refused.message
        if kind == "recipe":
            assert len(refused.details) == 2


@pytest.mark.parametrize(
    ("line", "id"),
    [
        ("garbage", ""),
        (b"\xff\xfe\x00", ""),
        ("[]", ""),
        ('{"type": "dance", "id": "d1"}', "d1"),
        ('{"type": "predict", "id": "d2", "model": "m", "text": "t", "top_k": "many"}', "d2"),
        ('{"type": "predict", "id": 5}', ""),
    ],
)
def test_lines_that_are_no_requests_are_answered_by_their_id(line: str | bytes, id: str, lab: Worker) -> None:
    refused = answer(lab, line, id)
    assert isinstance(refused, Refused)
    assert refused.kind == "protocol"


# --- the desk ------------------------------------------------------------------------------------------


def predict(id: str, channel: str = "") -> Predict:
    return Predict(id=id, model="m", text=id, channel=channel)


@pytest.fixture
def sent() -> list[Response]:
    return []


@pytest.fixture
def desk(sent: list[Response]) -> Desk:
    return Desk(sent.append)


def kinds(sent: list[Response]) -> list[tuple[str, str]]:
    return [(item.id, item.kind) for item in sent if isinstance(item, Refused)]


def test_the_newest_keystroke_wins(desk: Desk, sent: list[Response]) -> None:
    for request in (predict("a"), predict("b"), predict("x", "probe"), predict("c")):
        desk.put(request)
    assert kinds(sent) == [("a", "superseded"), ("b", "superseded")]
    assert [desk.take("keys") for _ in range(2)] == [predict("x", "probe"), predict("c")]


def test_slow_work_is_done_in_order_and_apart(desk: Desk, sent: list[Response]) -> None:
    exports = [ExportModel(id=str(number), model="m", target="t") for number in range(3)]
    for request in (*exports, predict("a")):
        desk.put(request)
    assert desk.take("keys") == predict("a")
    assert [desk.take("slow") for _ in range(3)] == exports
    assert sent == []


def test_a_waiting_request_can_be_taken_back(desk: Desk, sent: list[Response]) -> None:
    desk.put(predict("a"))
    desk.put(ExportModel(id="b", model="m", target="t"))
    desk.put(CancelRequest(id="b"))
    desk.put(CancelRequest(id="a"))
    assert kinds(sent) == [("b", "cancelled"), ("a", "cancelled")]
    desk.close()
    assert desk.take("keys") is None
    assert desk.take("slow") is None


def test_a_request_under_way_can_be_taken_back(desk: Desk, sent: list[Response]) -> None:
    desk.put(predict("a"))
    assert desk.take("keys") == predict("a")
    assert not desk.is_cancelled("a")
    desk.put(CancelRequest(id="a"))
    assert desk.is_cancelled("a")
    assert sent == []


def test_closing_wakes_who_waits(desk: Desk) -> None:
    got: list[object] = []
    waiting = [
        threading.Thread(target=lambda lane=lane: got.append(desk.take(lane)))
        for lane in ("keys", "slow", "estimates")
    ]
    for thread in waiting:
        thread.start()
    desk.close()
    for thread in waiting:
        thread.join(5)
    assert got == [None, None, None]
