"""The training worker: one run, its events on standard output, its commands on standard input."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from studio.engine.hardware import GpuGauge
from studio.engine.threads import share_the_cores
from studio.recipe import RecipeError, load
from studio.runs import commands, events
from studio.runs.control import obeying
from studio.runs.folder import RunError, RunFolder
from studio.runs.journal import recorded
from studio.runs.tensorboard import mirrored
from studio.worker.awake import awake
from studio.worker.channel import Channel
from studio.worker.priority import step_aside

_BEAT = 1.0  # seconds between heartbeats
_GRACE = 15.0  # seconds to save in once nobody listens any more
_NICENESS = 10  # the window and the lab go first


def serve(folder: Path, *, unattended: bool = False) -> int:
    """Train the recipe that lies in a run folder; 0 if it ended in order, 3 if it failed.

    Of several processes only the first tells anything; the others take part until it lets them go.

    Args:
        unattended: nobody speaks on standard input, as under a cluster's scheduler; SIGTERM or a request in the
            folder ends the run.
    """
    if os.environ.get("RANK", "0") != "0":
        share_the_cores()
        # The first process is told to stop; it lets the others go when it has saved.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        step_aside(_NICENESS)
        from studio.engine.follow import follow

        return follow(RunFolder(folder))
    channel = Channel()
    run = RunFolder(folder)
    queue = commands.CommandQueue()
    ended = threading.Event()

    def handle(line: bytes) -> None:
        try:
            queue.put(commands.decode(line))
        except ValueError as error:
            channel.send(events.encode(events.Warned(kind="command", message=str(error))))

    def closed() -> None:
        # Whoever started this process is gone. Save and end; and end in any case.
        queue.put(commands.StopAndSave())
        if not ended.wait(_GRACE):
            os._exit(3)

    for number in (signal.SIGTERM, signal.SIGINT):
        # Ctrl-C in the terminal that the window was started from reaches its children too.
        signal.signal(number, lambda *_: queue.put(commands.StopAndSave()))
    if unattended:
        threading.Thread(
            target=_call_when_orphaned, args=(closed,), name="studio-parent", daemon=True
        ).start()
    else:
        channel.read_in_background(handle, closed)
    beat = threading.Thread(target=_beat, args=(channel, ended), name="studio-heartbeat", daemon=True)
    beat.start()
    step_aside(_NICENESS)
    failed = False
    try:
        for event in _events(run, queue):
            failed = isinstance(event, events.Failed)
            channel.send(events.encode(event))
    finally:
        ended.set()
        beat.join()
    return 3 if failed else 0


def _call_when_orphaned(closed: Callable[[], None]) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(_BEAT)
    closed()


def _events(run: RunFolder, queue: commands.CommandQueue) -> Iterator[events.Event]:
    try:
        with run.locked(), obeying(run, queue, os.getpid()), awake():
            share_the_cores()
            # Said before torch is loaded, which takes a while.
            yield events.Phase(name="starting")
            yield from recorded(run, _attempt(run, queue))
    except RunError as error:
        # The folder is another process's or cannot be written to: nothing is written into it.
        yield events.Failed(kind="run_folder", cause=str(error), fix="Wait for that run, or start a new one.")
    except OSError as error:
        yield events.Failed(
            kind="disk", cause=f"{run.path}: {error.strerror}", fix="Make room or make the folder writable."
        )
    sys.stderr.flush()


def _attempt(run: RunFolder, queue: commands.CommandQueue) -> Iterator[events.Event]:
    try:
        recipe = load(run.recipe)
    except RecipeError as error:
        yield events.Failed(kind="recipe", cause=str(error), fix="Start a new run from a good recipe.")
        return
    from studio.engine.loop import train
    from studio.inference.probe import decode

    yield from mirrored(run, recipe, train(recipe, run, queue, decode=decode))


def _beat(channel: Channel, ended: threading.Event) -> None:
    process, gauge = psutil.Process(), GpuGauge()
    while not ended.wait(_BEAT):
        beat = events.Heartbeat(memory=process.memory_info().rss, gpu=gauge.read())
        channel.send(events.encode(beat))
    gauge.close()
