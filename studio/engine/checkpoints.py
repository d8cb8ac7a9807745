"""Checkpoints of a run: weights for everyone, and the whole training state for going on exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from studio.engine.progress import Progress
from studio.engine.state import Learner, write_state
from studio.recipe import Recipe, Training
from studio.runs import atomic
from studio.runs.folder import CheckpointEntry, CheckpointIndex, RunFolder, steps_in
from studio.runs.wholeness import file_sizes
from studio.tasks.base import Task
from studio.tasks.model_folder import write_model

_LIVE_KEPT = 2  # the newest, and the one a reader may just be opening


def save_checkpoint(
    run: RunFolder,
    recipe: Recipe,
    task: Task,
    model: nn.Module,
    learner: Learner,
    progress: Progress,
    *,
    best: bool,
    random: Sequence[Mapping[str, Tensor]] = (),
) -> CheckpointEntry:
    """Write a whole checkpoint, then the index, then remove what the recipe does not keep.

    Args:
        model: whose weights are for everyone: the one that learns, or its average.
        random: where the random numbers of each of several processes stand, by rank.

    Raises:
        OSError: if the disk does not take it; what was there before stays.
    """
    target = run.checkpoint(progress.step)
    with atomic.new_folder(target, replace=True) as folder:
        write_model(folder, model, task, recipe, progress.step, progress.metrics)
        averaged = model is not learner.model and not learner.sharded
        write_state(folder, learner, progress, weights=averaged, random=random)
    sizes = file_sizes(target)
    entry = CheckpointEntry(
        step=progress.step,
        path=str(target.relative_to(run.path).as_posix()),
        size=sum(sizes.values()),
        metrics=progress.metrics,
        files=sizes,
    )
    before = run.read_index()
    entries = (*(old for old in before.entries if old.step != entry.step), entry)
    index = CheckpointIndex(entries, entry.step if best or before.best < 0 else before.best, entry.step)
    keep = {index.best, *kept([item.step for item in entries], recipe.training)}
    run.write_index(CheckpointIndex(tuple(i for i in entries if i.step in keep), index.best, index.last))
    # Also what no index names: a process that was killed had not come to removing it.
    on_disk = steps_in(run.checkpoints)
    for old in on_disk[: on_disk.index(target)]:
        if old not in [run.checkpoint(step) for step in keep]:
            atomic.remove_folder(old)
    return entry


def kept(steps: Sequence[int], training: Training) -> set[int]:
    """Which checkpoints stay by age: the newest ones, and every n-th of the regular ones up to a limit."""
    rule = training.checkpoints
    ordered = sorted(steps)
    stay = set(ordered[-rule.keep :])
    if rule.every_nth:
        every = training.checkpoint_every * rule.every_nth
        stay.update([step for step in ordered if step and step % every == 0][-rule.limit :])
    return stay


def publish(run: RunFolder, recipe: Recipe, task: Task, model: nn.Module, progress: Progress) -> None:
    """Put the weights of this step into `live/step-...` for whoever types while the run goes on."""
    with atomic.new_folder(run.live / f"step-{progress.step:06d}", replace=True, durable=False) as folder:
        write_model(folder, model, task, recipe, progress.step, progress.metrics, half=True)
    for old in steps_in(run.live)[:-_LIVE_KEPT]:
        atomic.remove_folder(old)
