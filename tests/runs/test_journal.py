"""Events on disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from studio.runs import atomic, journal
from studio.runs.events import (
    Candidate,
    CheckpointSaved,
    Event,
    Failed,
    Finished,
    Heartbeat,
    Paused,
    RunStarted,
    Sample,
    Step,
)
from studio.runs.folder import Outcome, RunFolder
from studio.runs.journal import read_events, recorded

STARTED = RunStarted(name="x", folder="f", pid=1, total_steps=5)
SAMPLE = Sample(step=1, input="ni hao", candidates=(Candidate(text="你好", score=0.5),))


def step(number: int) -> Step:
    return Step(
        step=number,
        epoch=0.5,
        loss=1.0,
        learning_rate=0.1,
        gradient_norm=None,
        positions_per_second=1.0,
        seconds=1.0,
    )


def write(run: RunFolder, *events: Event) -> list[Event]:
    return list(recorded(run, events))


def test_what_is_told_can_be_read_again(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    told = (STARTED, step(1), SAMPLE, Heartbeat(memory=5), Finished(step=5, reason="max_steps"))
    assert write(run, *told) == list(told)
    assert list(read_events(run.metrics)) == [told[0], told[1], told[4]]
    assert list(read_events(run.samples)) == [SAMPLE]


def test_events_are_on_disk_before_they_are_shown(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for shown in recorded(run, [step(1), step(2)]):
        assert list(read_events(run.metrics))[-1] == shown


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (Finished(step=5, reason="max_steps"), Outcome("finished", 5, reason="max_steps")),
        (Finished(step=5, reason="early_stopping"), Outcome("finished", 5, reason="early_stopping")),
        (Finished(step=5, reason="stopped"), Outcome("stopped", 5)),
        (Finished(step=5, reason="cancelled"), Outcome("cancelled", 5)),
        (Paused(step=5), Outcome("paused", 5)),
        (Failed(kind="k", cause="c", fix="f", trace="t", step=5), Outcome("failed", 5, "", "k", "c", "f", "t")),
    ],
)  # fmt: skip
def test_ends_are_outcomes(event: Event, outcome: Outcome, tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write(run, STARTED, event)
    assert run.outcome() == outcome


def test_an_earlier_outcome_is_not_that_of_a_run_that_went_on(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write(run, STARTED, Paused(step=2))
    stream = recorded(run, [STARTED, step(3)])
    next(stream)
    stream.close()  # as when the process is killed
    assert run.state() == "interrupted"


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write(run, step(1), step(2))
    content = run.metrics.read_bytes()
    run.metrics.write_bytes(content[:-10])
    assert [event.step for event in read_events(run.metrics) if isinstance(event, Step)] == [1]


def test_a_cut_off_line_does_not_swallow_the_next_one(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write(run, step(1), step(2))
    run.metrics.write_bytes(run.metrics.read_bytes()[:-10])
    write(run, step(3))
    assert [event.step for event in read_events(run.metrics) if isinstance(event, Step)] == [1, 3]


def test_lines_of_a_newer_studio_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"type":"dance"}\n\nnull\n\xff\xfe\n{"type":"paused","step":3,"at":1}\n')
    assert list(read_events(path)) == [Paused(step=3, at=1)]
    assert list(read_events(tmp_path / "none")) == []


def test_a_full_disk_does_not_stop_the_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullFile:
        def __init__(self, file: object) -> None:
            self._file = file

        def __getattr__(self, name: str) -> object:
            return getattr(self._file, name)

        def write(self, _data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run = RunFolder(tmp_path)
    write(run, step(1))
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: FullFile(opened(self, *a, **k)))
    monkeypatch.setattr(atomic, "write_text", full)
    told = [step(2), SAMPLE, Finished(step=2, reason="max_steps")]
    assert list(recorded(run, told)) == told
    monkeypatch.undo()
    assert [event.step for event in read_events(run.metrics) if isinstance(event, Step)] == [1]
    assert run.outcome() is None


def test_checkpoints_are_no_outcome() -> None:
    assert journal.outcome_of(CheckpointSaved(step=1, path="p", best=True, size=1)) is None
