"""What `studio bench window` looks with: the pulse of the event loop, and the stand-in for a day of training."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

from PySide6.QtCore import QTimer

from studio.gui.bench.feed import PORTION, STEPS_PER_HOUR, told
from studio.gui.bench.heartbeat import Heartbeat
from studio.runs import events as ev


def test_a_stall_is_seen_and_explained(qtbot: Any) -> None:
    heartbeat = Heartbeat(explain=True)

    def sleepy() -> None:
        heartbeat.doing = "sleeping"
        time.sleep(0.4)

    heartbeat.start()
    QTimer.singleShot(50, sleepy)
    qtbot.waitUntil(lambda: heartbeat.doing == "sleeping" and heartbeat.longest > 300, timeout=20_000)
    heartbeat.stop()
    seen = [stall for stall in heartbeat.worst if stall.doing == "sleeping" and "sleepy" in stall.where]
    assert seen and seen[0].ms > 300
    assert heartbeat.worst[0].ms == heartbeat.longest
    assert (
        heartbeat.percentile(0) <= heartbeat.percentile(50) <= heartbeat.percentile(100) == heartbeat.longest
    )
    assert heartbeat.beats > 2


def test_the_feed_tells_what_a_run_tells() -> None:
    events = [event for step in range(1, 201) for event in told(step, 1000)]
    steps = [event.step for event in events if isinstance(event, ev.Step)]
    assert steps == list(range(1, 201))
    assert sum(isinstance(event, ev.Evaluation) for event in events) == 2
    assert sum(isinstance(event, ev.Sample) for event in events) == 6
    assert sum(isinstance(event, ev.CheckpointSaved) for event in events) == 1
    assert all(ev.decode(ev.encode(event)) == event for event in events)


def test_the_feed_waits_to_be_told_to_go_on() -> None:
    assert STEPS_PER_HOUR % PORTION == 0
    feed = subprocess.Popen(
        [sys.executable, "-m", "studio.gui.bench.feed", "--hours", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert feed.stdin is not None and feed.stdout is not None
    newest = 0
    while newest < PORTION:
        event = ev.decode(feed.stdout.readline())
        newest = event.step if isinstance(event, ev.Step) else newest
    assert feed.poll() is None
    feed.stdin.close()
    rest = [event for line in feed.stdout if isinstance(event := ev.decode(line), ev.Step)]
    feed.stdout.close()
    assert (feed.wait(timeout=20), rest) == (0, [])
