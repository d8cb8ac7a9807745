"""Whether a run can be gone on with, and if not, why: told from small files, without loading anything."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from studio.runs.folder import CheckpointIndex, RunFolder
from studio.runs.wholeness import LostCheckpoint

Kind = Literal["running", "finished", "no_checkpoint", "not_whole", "no_state", "state_damaged", "read_only"]
_WORDS: dict[Kind, str] = {
    "running": "is being written by another process",
    "finished": "is finished; there is nothing to go on with",
    "no_checkpoint": "has no checkpoint to go on from; start a new run",
    "not_whole": "has no whole checkpoint: of that of step {step}, {file} is damaged or missing; start a new run",
    "no_state": "has weights at step {step} but no training state; it can be typed with and exported{older}",
    "state_damaged": "cannot be gone on with: in the checkpoint of step {step}, {file} is damaged; it can be typed "
    "with and exported{older}",
    "read_only": "cannot be written; make the folder writable",
}


@dataclass(frozen=True)
class Obstacle:
    """Why a run cannot be gone on with.

    Attributes:
        step: of the checkpoint that is in the way; -1 if none is.
        file: what is wrong with it.
        older: the step of an older checkpoint that could be gone on from if this one were removed; -1 for none.
    """

    kind: Kind
    step: int = -1
    file: str = ""
    older: int = -1

    def __str__(self) -> str:
        older = f". Remove that checkpoint to go on from step {self.older}" if self.older >= 0 else ""
        return _WORDS[self.kind].format(step=self.step, file=self.file, older=older)


def obstacle(run: RunFolder) -> Obstacle | None:
    """What keeps a run from being gone on with, or None."""
    state = run.state()
    if state == "running":
        return Obstacle("running")
    if state == "finished":
        return Obstacle("finished")
    index = run.read_index()
    if index.last < 0:
        newest = index.lost[-1] if index.lost else None
        return Obstacle("not_whole", newest.step, newest.damage.file) if newest else Obstacle("no_checkpoint")
    damage = run.state_damage(index.last)
    if damage is not None:
        return Obstacle(
            "no_state" if damage.missing else "state_damaged", index.last, damage.file, _older(run, index)
        )
    return None if os.access(run.path, os.W_OK) else Obstacle("read_only")


def passed_over(run: RunFolder) -> LostCheckpoint | None:
    """The newest checkpoint, if it is not whole and an older one is gone on from instead."""
    index = run.read_index()
    newest = index.lost[-1] if index.lost else None
    return newest if newest is not None and newest.step > index.last >= 0 else None


def _older(run: RunFolder, index: CheckpointIndex) -> int:
    steps = [entry.step for entry in index.entries if entry.step < index.last]
    return max((step for step in steps if run.state_damage(step) is None), default=-1)
