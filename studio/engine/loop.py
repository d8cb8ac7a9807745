"""The training loop: a generator of events that owns nothing but the run it is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator

from studio.data.dataset import Dataset
from studio.data.errors import Cancelled
from studio.data.prepare import prepare
from studio.engine import failures
from studio.engine.background import Interrupted, Report, phases
from studio.engine.control import Control
from studio.engine.device import choose_device, set_threads
from studio.engine.environment import changed_data, recorded_fingerprint, write_environment
from studio.engine.hub import download, is_here
from studio.engine.launch import Crew, gathered, local_device
from studio.engine.starting import begin, refused
from studio.engine.trainer import Decode, Trainer
from studio.models.hugging_face import PretrainedError
from studio.recipe import Recipe, dump
from studio.runs import atomic
from studio.runs.commands import CommandQueue
from studio.runs.events import Event, Finished, ModelBuilt, Paused, Phase, RunStarted, Warned
from studio.runs.folder import CheckpointIndex, RunFolder
from studio.runs.tensorboard import require_writer
from studio.tasks.base import Task
from studio.tasks.model_folder import ModelFolderError


def train(recipe: Recipe, run: RunFolder, commands: CommandQueue, *, decode: Decode) -> Iterator[Event]:
    """Train a recipe in a run folder and tell what happens.

    A folder that holds checkpoints of an earlier, unfinished attempt is gone on with from the last of them,
    on a CPU bit for bit as if it had never stopped.

    Args:
        recipe: what to train.
        run: the folder, which exists and which nobody else writes to.
        commands: looked at before every step and during long preparations.
        decode: makes candidates of a probe, given model, task, text and how many are wanted.

    Yields:
        events; the last one is `Finished`, `Paused` or `Failed`. Errors become `Failed` and are not raised.
    """
    control = Control(commands)
    step = 0
    try:
        for event in _train(recipe, run, control, decode):
            step = event.from_step if isinstance(event, RunStarted) else getattr(event, "step", step)
            yield event
    except (Interrupted, Cancelled):
        # Before the first step there is nothing to go on with later, and a pause is an end.
        if control.end == "paused" and step:
            yield Paused(step=step)
        else:
            yield Finished(step=step, reason="stopped" if control.saves else "cancelled")
    except Exception as error:
        yield failures.describe(error, step, recipe)


def _train(recipe: Recipe, run: RunFolder, control: Control, decode: Decode) -> Generator[Event, None, None]:
    for folder in (run.path, run.checkpoints, run.live):
        atomic.sweep(folder)
    index = run.read_index()
    if not run.recipe.is_file():
        atomic.write_text(run.recipe, dump(recipe))
    yield RunStarted(
        name=recipe.name,
        folder=str(run.path),
        pid=os.getpid(),
        total_steps=recipe.training.max_steps,
        from_step=max(index.last, 0),
    )
    yield from _losses(run, index)
    require_writer(recipe)
    with gathered(recipe, run) as crew:
        yield from _lead(recipe, run, index, control, decode, crew)


def _lead(
    recipe: Recipe, run: RunFolder, index: CheckpointIndex, control: Control, decode: Decode, crew: Crew
) -> Generator[Event, None, None]:
    team = crew.team
    device = choose_device(recipe.compute) if team.size == 1 else local_device(recipe, team)
    threads = set_threads(recipe.compute, team.local_size)
    yield from _fetching(recipe, index, control)
    start = begin(recipe, run, index.last)
    yield Phase(name="preparing_data")
    dataset = yield from phases("preparing_data", _preparation(recipe), control.called_off)
    before = recorded_fingerprint(run)
    if index.last >= 0 and before not in (None, dataset.fingerprint):
        raise changed_data(run, recipe)
    checkpoint = run.checkpoint(index.last) if index.last >= 0 else None
    task = start.task(recipe, dataset, checkpoint)
    yield from phases("preparing_data", _counting(task, dataset), control.called_off)
    if team.size > 1:
        plan = {"fingerprint": dataset.fingerprint, "last": index.last}
        yield from phases("starting", crew.meet(plan), control.called_off)
    yield Phase(name="building_model")
    trainer = Trainer(recipe, run, task, dataset, device, decode, control, team, threads, start)
    trainer.start(index)
    write_environment(run, recipe, dataset, device, threads, trainer.progress.precision)
    yield ModelBuilt(
        parameters=trainer.parameters,
        trainable=trainer.trainable,
        device=str(device),
        precision=trainer.progress.precision,
        train_examples=len(dataset.train),
        train_positions=int(dataset.train.lengths.sum()),
    )
    if trainer.passed is not None:
        yield start.told(run, trainer.passed)
    del start  # with it goes the model that the weights were taken from
    yield from trainer.run()


def _losses(run: RunFolder, index: CheckpointIndex) -> Iterator[Event]:
    """Tell of checkpoints that were saved once and cannot be used any more.

    Raises:
        ModelFolderError: if there is none left to go on from.
    """
    for lost in index.lost:
        where = run.checkpoint(lost.step)
        if index.last < 0:
            raise ModelFolderError(f"{where} is not whole ({lost.damage}), and there is no other checkpoint")
        message = f"The checkpoint of step {lost.step} is not whole: {lost.damage}."
        if lost.step > index.last:
            message += f" The run goes on from that of step {index.last}."
        yield Warned(kind="checkpoint", message=message, step=index.last)


def _fetching(recipe: Recipe, index: CheckpointIndex, control: Control) -> Generator[Event, None, None]:
    """Download the encoder that a recipe names on the hub, unless it is here or not needed any more.

    Raises:
        RecipeError: if it cannot be had.
    """
    source = getattr(recipe.model, "source", "")
    if not source or recipe.training.start_from or index.last >= 0 or is_here(source):
        return
    yield Phase(name="downloading", detail=source)

    def work(report: Report, give_up: Callable[[], bool]) -> None:
        download(source, report, give_up)

    try:
        yield from phases("downloading", work, control.called_off)
    except PretrainedError as error:
        raise refused(error) from error


def _preparation(recipe: Recipe) -> Callable[[Report, Callable[[], bool]], Dataset]:
    def work(report: Report, give_up: Callable[[], bool]) -> Dataset:
        return prepare(recipe.data, recipe.task, progress=report, cancelled=give_up)

    return work


def _counting(task: Task, dataset: Dataset) -> Callable[[Report, Callable[[], bool]], None]:
    def work(report: Report, give_up: Callable[[], bool]) -> None:
        def tick(done: int, total: int) -> None:
            report("n-grams", done, total)
            if give_up():
                raise Cancelled

        task.learn(dataset, tick)

    return work
