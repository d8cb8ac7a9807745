"""Training what is queued, one run after another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from studio import paths
from studio.recipe import RecipeError, dump, load
from studio.runs import atomic
from studio.runs import commands as cmd
from studio.runs import events as ev
from studio.runs.folder import Outcome, RunError, RunFolder
from studio.runs.queue import QueueItem, RunQueue
from studio.series.child import Ending, train_in_child
from studio.series.interrupts import Interrupts

Tell = Callable[[QueueItem, str, str], None]
"""Gets an item, its state (`running` or how it ended) and a reason, which is empty when all is well."""


def run_queue(queue: RunQueue, interrupts: Interrupts, tell: Tell) -> bool:
    """Train until nothing waits or this process is asked to stop; what was added meanwhile is trained too.

    What an earlier process left half done is gone on with first. Asked to stop, the run that goes on is paused
    and stays next in the queue.

    Returns:
        whether every run that ended did so without failing.

    Raises:
        RunError: if another process trains the queue, or its file is damaged.
    """
    good = True
    with queue.only_runner():
        while not interrupts.asked:
            item = queue.next()
            if item is None:
                break
            try:
                good &= _train(queue, item, interrupts, tell) != "failed"
            except RecipeError as error:
                queue.end(item.id, "failed")
                tell(item, "failed", str(error))
                good = False
    return good


def _train(queue: RunQueue, item: QueueItem, interrupts: Interrupts, tell: Tell) -> str:
    run = RunFolder(Path(item.run)) if item.run else _begin(queue, item)
    if run is None:
        return ""
    if not run.path.is_dir():
        queue.end(item.id, "cancelled")
        tell(item, "cancelled", f"{run.path} was removed")
        return "cancelled"
    before = run.outcome()
    if before is not None and run.owner() is None and before.state in ("finished", "failed", "cancelled"):
        # It ended, but whoever trained it was killed before this could be noted.
        return _note(queue, item, before, tell)
    if not run.recipe.is_file():
        atomic.write_text(run.recipe, dump(load(queue.recipe_file(item.id))))
    tell(item, "running", str(run.path))

    def steer(_: ev.Event | None) -> Ending | None:
        return cmd.Pause() if interrupts.asked else None

    outcome = train_in_child(run, steer)
    if interrupts.asked and outcome.state in ("paused", "stopped"):
        tell(item, "paused", "")
        return "paused"
    return _note(queue, item, outcome, tell)


def _begin(queue: RunQueue, item: QueueItem) -> RunFolder | None:
    """Make the run folder. It is noted before there is a recipe in it: without one it is nobody's run."""
    load(queue.recipe_file(item.id))
    run = RunFolder.create(paths.runs_home(), item.name)
    try:
        queue.begin(item.id, run.path)
    except RunError:  # removed from the queue in this moment
        run.path.rmdir()
        return None
    return run


def _note(queue: RunQueue, item: QueueItem, outcome: Outcome, tell: Tell) -> str:
    queue.end(item.id, outcome.state)
    tell(item, outcome.state, f"{outcome.cause} {outcome.fix}".strip())
    return outcome.state
