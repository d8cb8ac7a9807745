"""Evaluations in the lab: in a process of their own, with progress, and killed when they are taken back."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from studio.runs import evaluations, lab_messages
from studio.runs.evaluations import EvaluationProgress, ModelEvaluated
from studio.runs.explanations import Explained
from studio.runs.requests import CancelRequest, EvaluateModel, Explain, Refused
from studio.worker import appraisal, child
from tests import tiny
from tests.worker.processes import Worker
from tests.worker.test_lab import answer, lab, until_child

__all__ = ["lab"]


def test_figures_and_progress(tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    told: list[EvaluationProgress] = []
    found = appraisal.appraise(EvaluateModel(id="e", model=str(run.path), limit=5), told.append)
    assert isinstance(found, ModelEvaluated), found
    assert (found.id, found.folder, found.kept) == ("e", str(run.path), True)
    assert found.decoded.sources["both"].sentences == 5
    assert evaluations.read(run.path) == [found.decoded]
    assert (told[0].total, told[-1].done, told[-1].total) == (0, 5, 5)
    assert told[-1].decoded is not None


@pytest.mark.timeout(300)
def test_the_lab_answers_keys_meanwhile_and_takes_it_back(lab: Worker, tmp_path: Path) -> None:
    run = tiny.copied(tmp_path)
    lab.say(lab_messages.encode_request(EvaluateModel(id="long", model=str(run.path), limit=0)))
    child = until_child(lab.process.pid)
    found = answer(lab, Explain(id="x", model=str(run.path), text="jintian"))
    assert isinstance(found, Explained)
    assert "".join(found.paths[0].texts) == "今天"
    lab.say(lab_messages.encode_request(CancelRequest(id="long")))
    is_answer = '"evaluation_progress"'
    line = lab.until(lambda line: json.loads(line)["id"] == "long" and is_answer not in str(line))
    refused = lab_messages.decode_response(line)
    assert isinstance(refused, Refused) and refused.kind == "cancelled"
    gone, _ = psutil.wait_procs([child], timeout=5)
    assert gone == [child]
    assert evaluations.read(run.path) == []


def test_what_cannot_be_evaluated_says_why(tmp_path: Path) -> None:
    nothing = appraisal.appraise(EvaluateModel(id="n", model=str(tmp_path)), lambda _: None)
    assert isinstance(nothing, Refused)
    assert (nothing.kind, nothing.id) == ("model", "n")
    run = tiny.finished_run()
    short = appraisal.appraise(
        EvaluateModel(id="s", model=str(run.path), shortest=99, longest=99), lambda _: None
    )
    assert isinstance(short, Refused)
    assert (short.kind, short.remedy) == ("data", "allow shorter or longer ones")


def test_a_child_that_dies_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    command = [sys.executable, "-c", "import sys; sys.exit('out of luck')"]
    monkeypatch.setattr(child, "worker_command", lambda *_: command)
    found = appraisal.appraise(EvaluateModel(id="d", model=str(tmp_path)), lambda _: None)
    assert isinstance(found, Refused)
    assert found.message == "the evaluation ended unexpectedly: out of luck"
