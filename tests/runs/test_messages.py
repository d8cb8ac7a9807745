"""Events, commands and requests as lines of JSON."""

from __future__ import annotations

import dataclasses
import json
import math
import threading
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.runs import commands, events, lab_messages, requests

EVENTS = get_args(events.Event)
COMMANDS = get_args(commands.Command)
REQUESTS = get_args(lab_messages.Request)
RESPONSES = get_args(lab_messages.Response)


def of(*kinds: type) -> st.SearchStrategy[Any]:
    return st.one_of(*(st.builds(kind) for kind in kinds))


def finite(value: Any) -> Any:
    """A value as it travels: what is not a number becomes None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return value


def optional(kind: type, name: str) -> bool:
    return (kind, name) in {(events.Step, "loss"), (events.Step, "gradient_norm"), (events.Step, "remaining")}


@given(of(*EVENTS))
def test_events_travel(event: events.Event) -> None:
    figures = [(f.name, getattr(event, f.name)) for f in dataclasses.fields(event)]
    changes = {}
    for name, value in figures:
        if isinstance(value, float) and not math.isfinite(value) and not optional(type(event), name):
            changes[name] = 0.0
        elif isinstance(value, tuple):
            changes[name] = tuple(c for c in value if math.isfinite(getattr(c, "score", 0.0)))
    event = dataclasses.replace(event, **changes)
    line = events.encode(event)
    assert "\n" not in line
    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    back = events.decode(line)
    wanted = {f.name: finite(getattr(event, f.name)) for f in dataclasses.fields(event)}
    assert {f.name: getattr(back, f.name) for f in dataclasses.fields(back)} == wanted


@given(of(*COMMANDS))
def test_commands_travel(command: commands.Command) -> None:
    if isinstance(command, commands.SetLearningRate) and not math.isfinite(command.value):
        return
    line = commands.encode(command)
    assert "\n" not in line
    assert commands.decode(line) == command


@given(st.builds(requests.Predict) | st.builds(requests.ExportModel) | st.builds(requests.CancelRequest))
def test_requests_travel(request: lab_messages.Request) -> None:
    assert lab_messages.decode_request(lab_messages.encode_request(request)) == request


@given(st.builds(requests.Refused) | st.builds(requests.ModelExported) | st.builds(requests.Ready))
def test_responses_travel(response: lab_messages.Response) -> None:
    assert lab_messages.decode_response(lab_messages.encode_response(response)) == response


@pytest.mark.parametrize(
    "line", ["", "{}", "null", "[]", '{"type": "dance"}', '{"type": "probe"}', "{" * 9999, b"\xff"]
)
def test_garbage_is_a_value_error(line: str | bytes) -> None:
    for decode in (events.decode, commands.decode, lab_messages.decode_request, lab_messages.decode_response):
        with pytest.raises(ValueError, match=r"^not an? "):
            decode(line)


def test_every_message_has_a_type_of_its_own() -> None:
    for union in (EVENTS, COMMANDS, REQUESTS, RESPONSES):
        types = [{f.name: f.default for f in dataclasses.fields(kind)}["type"] for kind in union]
        assert len(set(types)) == len(types)
        assert all(isinstance(name, str) for name in types)


def test_a_queue_gives_each_command_once_and_in_order() -> None:
    queue = commands.CommandQueue()

    def fill() -> None:
        for number in range(500):
            queue.put(commands.Probe(text="", id=str(number)))

    filler = threading.Thread(target=fill)
    filler.start()
    got: list[commands.Command] = []
    while len(got) < 500:
        got += queue.poll()
    filler.join()
    assert [command.id for command in got if isinstance(command, commands.Probe)] == list(
        map(str, range(500))
    )
    assert queue.poll() == []
