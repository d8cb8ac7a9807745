"""The lab client: answers find their askers, cancelling takes back, a crash is survived and said."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from studio.gui.lab import LabClient
from studio.runs import lab_messages
from studio.runs import requests as rq
from tests.gui.conftest import FAKE


def predict(lab: LabClient, text: str) -> rq.Predict:
    return rq.Predict(id=lab.new_id(), model="m", text=text)


def test_many_at_once(run_async: Any, fresh_home: Path) -> None:
    async def work() -> list[lab_messages.Response]:
        lab = LabClient([*FAKE, "lab"])
        answers = await asyncio.gather(*(lab.ask(predict(lab, f"t{number}")) for number in range(200)))
        await lab.close()
        assert lab.state == "off" and lab.pid is None
        return answers

    answers = run_async(work())
    assert [answer.text for answer in answers] == [f"t{number}" for number in range(200)]


def test_cancelling_the_task_takes_the_request_back(run_async: Any, fresh_home: Path) -> None:
    async def work() -> None:
        lab = LabClient([*FAKE, "lab"])
        request = predict(lab, "hang")
        task = asyncio.ensure_future(lab.ask(request))
        await lab.start()
        await asyncio.sleep(0.1)
        task.cancel()
        answer = await lab.ask(predict(lab, "jintian"))
        assert isinstance(answer, rq.Predicted) and answer.candidates[0].text == "今天"
        assert (fresh_home / "cancelled").read_text() == request.id
        await lab.close()

    run_async(work())


def test_a_crash_refuses_and_restarts(run_async: Any, fresh_home: Path) -> None:
    async def work() -> None:
        lab = LabClient([*FAKE, "lab"])
        states: list[str] = []
        lab.changed.connect(states.append)
        answer = await lab.ask(predict(lab, "die"))
        assert isinstance(answer, rq.Refused) and answer.kind == "lab_crashed"
        assert any("told to die" in line for line in answer.details)
        again = await lab.ask(predict(lab, "jintian"))
        assert isinstance(again, rq.Predicted)
        assert lab.pid is not None
        os.kill(lab.pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        assert isinstance(await lab.ask(predict(lab, "ni")), rq.Predicted)
        assert states == ["starting", "ready", "crashed", "starting", "ready", "crashed", "starting", "ready"]
        await lab.close()

    run_async(work())


def test_a_lab_that_cannot_start_refuses_at_once(run_async: Any, fresh_home: Path) -> None:
    async def work() -> None:
        lab = LabClient(["/nowhere/python"])
        for _ in range(6):
            answer = await lab.ask(predict(lab, "ni"))
            assert isinstance(answer, rq.Refused) and answer.kind == "lab_crashed"
        await lab.close()

    run_async(work())
