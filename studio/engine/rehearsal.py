"""The trial of a recipe from its data to its first checkpoint, and the estimate that comes of it."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time

import numpy as np
import psutil
import torch
from torch import nn

from studio.data.dataset import Dataset, Split
from studio.data.prepare import cached
from studio.engine.control import Control
from studio.engine.device import choose_device, set_threads
from studio.engine.estimate import disk, disk_most, estimate, looks, saves
from studio.engine.judge import Decode
from studio.engine.room import forget_peak, own_bytes, peak_memory
from studio.engine.starting import task_for
from studio.engine.synthetic import synthetic
from studio.engine.trainer import Trainer
from studio.engine.trial import Plan, Stopwatch, enough
from studio.recipe import Recipe
from studio.recipe.pretrained import PretrainedEncoder
from studio.recipe.pretrained_decoder import PretrainedDecoder
from studio.recipe.pretrained_pairs import PretrainedEncoderDecoder
from studio.runs import events
from studio.runs.commands import CommandQueue
from studio.runs.estimates import RunEstimated
from studio.runs.folder import CheckpointIndex, RunFolder, steps_in
from studio.tasks.base import Batch, Examples, Metrics, Task, Tick

_OF_OTHERS = PretrainedEncoder | PretrainedDecoder | PretrainedEncoderDecoder
_NEVER = 100_000_000
_TESTED = 16_384  # positions of the test split that a trial evaluates: two batches, on a thread of their own
_EVALUATED = 1000  # validation examples of the trial; the time for more follows from their number
_OF_ENCODERS = 8  # pretrained ones take so much longer to read them that a part has to do
_TYPED = 30  # sentences of the trial, where evaluations type some; the first ones are the slowest
_ACCUMULATED = 4  # batches of a trial's step at the most
# A run's highest point over a trial's: what was freed and is kept, in pieces too small for the next batch. Runs of
# seven recipes went 4 to 32% above their trials.
_GROWTH = 1.1
_PUBLISH_SECONDS = 8.0  # as engine.trainer does between evaluations


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a trial found.

    Attributes:
        starting: seconds from the birth of the process to the first step.
        ordering: seconds to draw the batches of an epoch, and how many `batches` those are.
        batch, optimizer: seconds of one batch forward and backward, and of one optimiser step.
        spent: seconds of one evaluation, publication, round of probes and checkpoint by the type of event, and
            of the "test" of a part of its split; "typing" is what typing sentences took of the evaluation.
        process, held: bytes of the process before it had data, and by how much data and model have raised them.
        checkpoint, live: bytes of a folder of each kind.
    """

    starting: float
    ordering: float
    batches: int
    batch: float
    optimizer: float
    spent: dict[str, float]
    process: int
    held: int
    checkpoint: int
    live: int
    precision: str


def rehearse(recipe: Recipe, folder: RunFolder, decode: Decode, free: int) -> RunEstimated:
    """Try a recipe: a few steps, one evaluation, one checkpoint, some of the test. In a process of its own.

    Args:
        folder: an empty run folder, on the disk that runs are written to; to be thrown away.
        free: bytes of main memory that were free before this process began.

    Raises:
        DeviceError, DataError, RunError, OSError: as a run would.
    """
    device, _ = choose_device(recipe.compute), set_threads(recipe.compute)
    if device.type == "cuda":
        free = int(torch.cuda.mem_get_info(device)[0])
    process = psutil.Process().memory_info().rss
    found = cached(recipe.data, recipe.task)
    dataset = found or synthetic(recipe.data, recipe.task)
    task = task_for(recipe, dataset)
    counting = _learn(task, dataset) if found else 0.0
    guess = estimate(recipe, task, dataset)
    if found is None:
        guess = dataclasses.replace(guess, exact=False, notes=("not_prepared", *guess.notes))
    shorter = dataclasses.replace(dataset, test=_beginning(dataset.test, _part(recipe, _TESTED)))
    measured = _try(_tried(recipe), folder, task, shorter, device, decode, process)
    measured = dataclasses.replace(measured, starting=measured.starting - counting)
    return _composed(recipe, dataset, device, dataclasses.replace(guess, memory_free=free), measured)


def _learn(task: Task, dataset: Dataset) -> float:
    """Let the task count what it counts, and return the seconds: the run will find it done."""
    began = time.perf_counter()
    task.learn(dataset)
    forget_peak()
    return time.perf_counter() - began


def _part(recipe: Recipe, count: int) -> int:
    """How much of what is judged is judged in a trial."""
    return count // _OF_ENCODERS if isinstance(recipe.model, _OF_OTHERS) else count


def _tried(recipe: Recipe) -> Recipe:
    """The recipe with a step no longer than a few batches, which looks up when it is told to and not before."""
    training, most = recipe.training, _part(recipe, _EVALUATED)
    return recipe.model_copy(
        update={
            "training": training.model_copy(
                update={
                    "max_steps": max(training.max_steps, 1000),
                    "accumulation": min(training.accumulation, _ACCUMULATED),
                    "evaluate_every": _NEVER,
                    "checkpoint_every": _NEVER,
                    "evaluation_examples": min(training.evaluation_examples or most, most),
                    "typing_sentences": min(training.typing_sentences, _TYPED),
                }
            )
        }
    )


def _try(
    recipe: Recipe,
    folder: RunFolder,
    task: Task,
    dataset: Dataset,
    device: torch.device,
    decode: Decode,
    process: int,
) -> Measured:
    watch = Stopwatch(device)
    timed = _Timed(decode)
    trainer = Trainer(recipe, folder, task, dataset, device, timed, Control(CommandQueue()))
    began = watch.now()
    batches = trainer.order.epoch(0)
    ordering = watch.now() - began
    held = psutil.Process().memory_info().rss - process
    plan = Plan(batches, trainer.lengths, recipe.training.accumulation)
    collate = task.collate
    stepping = True

    def planned(examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        return collate(examples, plan.next_batch() if stepping else chosen, smoothing)

    def after_step() -> None:
        if enough(watch.steps):
            trainer.progress.step = recipe.training.max_steps  # this was the last one

    task.collate = planned  # type: ignore[method-assign]
    trainer.start(CheckpointIndex())
    starting = time.time() - psutil.Process().create_time()
    plan.begun = True
    size = 0
    spent: dict[str, float] = {}
    with watch.watching(after_step), contextlib.closing(trainer.run()) as run:
        clock = watch.now()
        for event in run:
            now = watch.now()
            if isinstance(event, events.WeightsPublished):
                watch.restart()
            if isinstance(event, events.Phase) and event.name == "evaluating":
                stepping = False
            elif isinstance(event, events.Evaluation) and event.split == "test":
                spent["test"] = event.seconds
            elif not stepping:
                spent[event.type] = spent.get(event.type, 0.0) + now - clock
            clock = watch.now()
            if isinstance(event, events.CheckpointSaved):
                size = own_bytes(folder.path / event.path)
    spent["typing"] = timed.seconds
    optimizer = float(np.median(watch.optimizer[1:] or watch.optimizer))
    batch = plan.batch_seconds(watch.steps, optimizer)
    # The first step does what is done once: compiling, filling caches, asking the system for memory.
    starting += max(0.0, watch.steps[0] - recipe.training.accumulation * batch - optimizer)
    return Measured(
        starting=starting,
        ordering=ordering,
        batches=len(batches),
        batch=batch,
        optimizer=optimizer,
        spent=spent,
        process=process,
        held=held,
        checkpoint=size,
        live=own_bytes(steps_in(folder.live)[-1]),
        precision=trainer.progress.precision,
    )


class _Timed:
    """A decoder that notes how long sentences are typed for."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self.seconds = 0.0

    def __call__(self, model: nn.Module, task: Task, text: str, count: int) -> tuple[events.Candidate, ...]:
        return self._decode(model, task, text, count)

    def typed(self, model: nn.Module, task: Task, split: Split, limit: int, tick: Tick) -> Metrics:
        began = time.perf_counter()
        figures = self._decode.typed(model, task, split, limit, tick)
        self.seconds += time.perf_counter() - began
        return figures


def _composed(
    recipe: Recipe, dataset: Dataset, device: torch.device, guess: RunEstimated, measured: Measured
) -> RunEstimated:
    """The estimate with what was measured in the place of what was guessed."""
    training, on_gpu = recipe.training, device.type == "cuda"
    step = training.accumulation * measured.batch + measured.optimizer
    epochs = training.max_steps * training.accumulation / measured.batches
    stepping = training.max_steps * step + math.ceil(epochs) * measured.ordering
    typing = measured.spent["typing"]
    evaluation = measured.spent.get("evaluation", 0.0) - typing
    typing *= training.typing_sentences / min(training.typing_sentences, _TYPED)
    publication = measured.spent.get("weights_published", 0.0)
    positions = _validated(dataset, training.evaluation_examples)
    seen = min(training.evaluation_examples or _NEVER, _part(recipe, _EVALUATED))
    rate = evaluation / max(1.0, _validated(dataset, seen))
    times = looks(training)
    between = math.floor(stepping / times / _PUBLISH_SECONDS) * times
    seconds = {
        "starting": measured.starting,
        "training": stepping + between * publication,
        "evaluating": times * (rate * positions + typing + publication + measured.spent.get("sample", 0.0)),
        "saving": saves(training) * measured.spent.get("checkpoint_saved", 0.0),
        "testing": measured.spent.get("test", 0.0)
        * dataset.test.positions
        / min(dataset.test.positions, _part(recipe, _TESTED)),
    }
    return dataclasses.replace(
        guess,
        tried=True,
        precision=measured.precision,
        step_seconds=step,
        seconds=seconds,
        disk=disk(recipe, measured.checkpoint, measured.live, stepping),
        disk_most=disk_most(recipe, measured.checkpoint, measured.live),
        memory=_memory(guess, measured, device),
        memory_held=torch.cuda.max_memory_reserved(device) if on_gpu else 0,
        main_memory=peak_memory() if on_gpu else 0,
    )


def _memory(guess: RunEstimated, measured: Measured, device: torch.device) -> dict[str, int]:
    """Bytes by part at the highest point; what is not known by counting is called activations."""
    counted = {name: guess.memory[name] for name in ("weights", "gradients", "optimizer", "average")}
    if device.type == "cuda":
        return counted | {
            "activations": max(0, torch.cuda.max_memory_allocated(device) - sum(counted.values()))
        }
    data = max(0, measured.held - counted["weights"] - counted["average"])
    known = {"process": measured.process, "data": data, **counted}
    return {**known, "activations": max(0, round(_GROWTH * peak_memory()) - sum(known.values()))}


def _beginning(split: Split, positions: int) -> Split:
    """The first examples of a split, of about so many positions together."""
    count = max(1, int(np.searchsorted(split.offsets, positions)))
    end = int(split.offsets[min(count, len(split))])
    return Split(
        text=split.text[:end],
        syllables=split.syllables[:end],
        label=split.label[:count],
        tags=split.tags[:end],
        target=split.target[: split.target_offsets[: count + 1].max(initial=0)],
        target_offsets=split.target_offsets[: count + 1],
        offsets=split.offsets[: count + 1],
        source=split.source[:count],
        weight=split.weight[:count],
    )


def _validated(dataset: Dataset, examples: int) -> float:
    """Positions of an evaluation on so many examples; 0 takes all."""
    have = len(dataset.validation)
    return dataset.validation.positions * min(examples or have, have) / max(1, have)
