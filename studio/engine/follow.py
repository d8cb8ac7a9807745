"""A process of a run that does not lead: it makes the steps that the leader orders, tells nothing, writes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from datetime import timedelta
from typing import Any

from torch import distributed as dist

from studio.data.prepare import prepare
from studio.engine.control import Control
from studio.engine.device import set_threads
from studio.engine.launch import CHILD, connect, from_environment, local_device, meeting_place, uses_gpu
from studio.engine.starting import begin
from studio.engine.team import Team
from studio.engine.trainer import Trainer
from studio.recipe import load
from studio.runs.commands import CommandQueue
from studio.runs.events import Candidate
from studio.runs.folder import CheckpointIndex, RunFolder
from studio.tasks.base import Metrics

_UNTIL_PREPARED = timedelta(days=1)  # the leader may have much to download and to clean
_POLL = 1.0  # seconds between looks at the parent
_GRACE = 15.0  # seconds, as the training worker takes them


def follow(run: RunFolder) -> int:
    """Take part in the run that lies in a folder until its leader ends it; 0 if all went well, 3 if not.

    Raises:
        RuntimeError: if neither torchrun nor another process of the run has started this one.
    """
    team = from_environment()
    if team is None:
        raise RuntimeError("RANK and WORLD_SIZE are not set")
    end_with_parent()
    store = meeting_place(team)
    try:
        _take_part(run, team, store)
    except Exception as error:
        traceback.print_exc()
        with contextlib.suppress(RuntimeError):
            said = str(error).splitlines()
            store.set(f"failed/{team.rank}", f"{type(error).__name__}: {said[0] if said else ''}")
        sys.stderr.flush()
        # Not by way of Python's end: threads of the process group may wait for those that are gone.
        os._exit(3)
    if dist.is_initialized():
        dist.destroy_process_group()
    return 0


def end_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however that came about."""
    parent = os.getppid()

    def until_gone() -> None:
        if CHILD in os.environ:
            while os.read(0, 4096):
                pass
        else:
            while os.getppid() == parent:
                time.sleep(_POLL)
            time.sleep(_GRACE)  # the leader, whose parent is gone as well, saves with the help of all
        os._exit(3)

    threading.Thread(target=until_gone, name="studio-parent", daemon=True).start()


def _take_part(run: RunFolder, team: Team, store: Any) -> None:
    store.wait(["plan"], _UNTIL_PREPARED)
    plan = json.loads(store.get("plan"))
    recipe = load(run.recipe)
    device, threads = local_device(recipe, team), set_threads(recipe.compute, team.local_size)
    dataset = prepare(recipe.data, recipe.task)
    if dataset.fingerprint != plan["fingerprint"]:
        raise ValueError(
            "this machine's data are not those of the first: the same texts and versions are needed"
        )
    checkpoint = run.checkpoint(plan["last"]) if plan["last"] >= 0 else None
    start = begin(recipe, run, plan["last"])
    task = start.task(recipe, dataset, checkpoint)
    store.set(f"ready/{team.rank}", "")
    store.wait(["go"], _UNTIL_PREPARED)
    connect(team, store, "cuda" if uses_gpu(recipe) else "cpu")
    control = Control(CommandQueue())
    trainer = Trainer(recipe, run, task, dataset, device, _NothingSaid(), control, team, threads, start)
    trainer.start(CheckpointIndex(last=plan["last"]))
    trainer.follow()


class _NothingSaid:
    """A decoder for a process that is never asked: the leader alone judges."""

    def __call__(self, *_: object) -> tuple[Candidate, ...]:
        return ()

    def typed(self, *_: object) -> Metrics:
        return {}
