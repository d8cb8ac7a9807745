"""One run's model, optimiser and figures, and the steps that move them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor

from studio.data.dataset import Dataset
from studio.engine.background import phases
from studio.engine.checkpoints import Progress, load_state, publish, save_checkpoint
from studio.engine.control import Control
from studio.engine.device import check_precision, choose_precision
from studio.engine.ema import WeightAverage
from studio.engine.failures import Diverged
from studio.engine.meter import Meter
from studio.engine.optimisation import make_optimizer, rate_at
from studio.engine.order import Position, TrainingOrder
from studio.engine.selection import note_checkpoint, note_evaluation
from studio.recipe import Recipe
from studio.runs import commands, events
from studio.runs.events import EndReason, Event
from studio.runs.folder import CheckpointIndex, RunFolder
from studio.tasks.base import Batch, Examples, Metrics, Task
from studio.tasks.model_folder import load_weights

Decode = Callable[[torch.nn.Module, Task, str, int], tuple[events.Candidate, ...]]
_PUBLISH_SECONDS = 8.0  # between publications for typing, besides those at evaluations
_CANDIDATES = 5


class Trainer:
    """Carries one run from its first step, or from where it was left, to its end."""

    def __init__(
        self,
        recipe: Recipe,
        run: RunFolder,
        task: Task,
        dataset: Dataset,
        device: torch.device,
        decode: Decode,
        control: Control,
    ) -> None:
        self._recipe, self._run, self._task, self._control, self._decode = recipe, run, task, control, decode
        self._training = recipe.training
        self._device = device
        self._dataset = dataset
        self._examples = task.examples(dataset, "train")
        self._validation = _sample(task.examples(dataset, "validation"), self._training.evaluation_examples)
        self._order = TrainingOrder(dataset, recipe)
        self._meter = Meter()
        self._published = -math.inf
        self._saved = -1
        self.progress = Progress()
        torch.manual_seed(self._training.seed)
        self._model = task.build_model(recipe).to(device)
        decay = self._training.ema_decay
        self._average = WeightAverage(self._model, decay) if decay else None
        # What is evaluated, published, saved for everyone and exported.
        self._judged = self._average.model if self._average else self._model
        self._optimizer = make_optimizer(self._model, self._training)
        self.parameters = sum(p.numel() for p in self._model.parameters())

    def start(self, index: CheckpointIndex) -> None:
        """Go back to the last checkpoint, if there is one, and choose the precision otherwise.

        Raises:
            ModelFolderError: if the checkpoint is damaged.
        """
        if index.last >= 0:
            folder = self._run.checkpoint(index.last)
            load_weights(self._model, folder)
            if self._average:
                load_weights(self._judged, folder)
            self.progress = load_state(folder, self._model, self._optimizer)
            self._saved = self.progress.step
        else:
            random = torch.get_rng_state()
            self.progress.precision = choose_precision(self._training.precision, self._device, self._trial)
            torch.set_rng_state(random)
        check_precision(self.progress.precision, self._device)
        # Accelerate keeps one state a process; a second run in the same process may want another precision.
        AcceleratorState._reset_state(reset_partial_state=True)
        precision = {"fp32": "no"}.get(self.progress.precision, self.progress.precision)
        self._accelerator = Accelerator(mixed_precision=precision, cpu=self._device.type == "cpu")
        self._wrapped, self._stepper = self._accelerator.prepare(self._model, self._optimizer)

    def run(self) -> Generator[Event, None, None]:
        """Step until the end, evaluating, publishing and saving on the way."""
        reason: EndReason = "max_steps"
        batches = self._order.follow(self.progress.position)
        self._model.train()
        yield events.Phase(name="training")
        while self.progress.step < self._training.max_steps:
            pending = self._control.take()
            if self._control.end != "cancelled":
                yield from self._carry_out(pending)
            if self._control.called_off():
                reason = self._control.end or reason
                break
            self._step(batches)
            if self._meter.due() or self._at(self._training.evaluate_every):
                yield self._tell()
            if (yield from self._look_up()):
                reason = "early_stopping"
                break
        yield from self._finish(reason)

    # --- one step ------------------------------------------------------------------------------------

    def _step(self, source: Iterator[tuple[np.ndarray, Position, float]]) -> None:
        began = time.perf_counter()
        progress, training = self.progress, self._training
        batches: list[Batch] = []
        for _ in range(training.accumulation):
            chosen, progress.position, progress.epoch = next(source)
            batches.append(self._task.collate(self._examples, chosen, training.label_smoothing))
        positions = sum(batch.positions for batch in batches)
        rate = rate_at(progress.step, training) * progress.rate_scale
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        total = torch.zeros((), device=self._device)
        for batch in batches:
            loss = self._wrapped(**batch.to(self._device).inputs)
            self._accelerator.backward(loss / max(positions, 1))
            total += loss.detach()
        norm: Tensor | None = None
        if training.clip_norm:
            norm = self._accelerator.clip_grad_norm_(self._wrapped.parameters(), training.clip_norm)
        self._stepper.step()
        self._stepper.zero_grad()
        progress.step += 1
        if self._average:
            self._average.update(progress.step)
        progress.metrics = {}
        seconds = time.perf_counter() - began
        progress.seconds += seconds
        self._meter.add(total, positions, norm, seconds)

    def _trial(self, precision: str) -> None:
        chosen, _, _ = next(self._order.follow(Position()))
        batch = self._task.collate(self._examples, chosen)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = self._model(**batch.inputs)
        (loss / max(batch.positions, 1)).backward()
        self._optimizer.zero_grad()

    def _tell(self) -> events.Step:
        loss, norm, speed = self._meter.read()
        progress, training = self.progress, self._training
        if not math.isfinite(loss):
            raise Diverged(f"The training loss is no longer a number at step {progress.step}.")
        left = training.max_steps - progress.step
        return events.Step(
            step=progress.step,
            epoch=progress.epoch,
            loss=loss,
            learning_rate=self._optimizer.param_groups[0]["lr"],
            gradient_norm=norm if norm is not None and math.isfinite(norm) else None,
            positions_per_second=speed,
            seconds=progress.seconds,
            remaining=self._meter.remaining(left, left // training.evaluate_every),
        )

    # --- between the steps ---------------------------------------------------------------------------

    def _at(self, every: int) -> bool:
        return self.progress.step % every == 0 or self.progress.step == self._training.max_steps

    def _look_up(self) -> Generator[Event, None, bool]:
        """Evaluate, publish and save where the recipe says so; true if early stopping ends the run."""
        stop = False
        saves = self._at(self._training.checkpoint_every)
        if saves or self._at(self._training.evaluate_every):
            yield from self._evaluate()
            stop = note_evaluation(self._training, self.progress)
        if saves:
            yield from self._save()
        if time.monotonic() - self._published > _PUBLISH_SECONDS:
            yield from self._publish()
        return stop

    def _evaluate(self) -> Generator[Event, None, None]:
        yield events.Phase(name="evaluating", total=len(self._validation))
        self._require_finite()
        began = time.perf_counter()
        figures = self._task.evaluate(self._judged, self._validation, self._device, self._control.tick)
        seconds = time.perf_counter() - began
        self._meter.evaluated(seconds)
        self.progress.metrics = _named(figures, "validation")
        yield events.Evaluation(
            step=self.progress.step,
            split="validation",
            metrics=self.progress.metrics,
            examples=len(self._validation),
            seconds=seconds,
        )
        yield from self._publish()
        for probe in self._training.probes:
            yield self._decoded(probe)
        yield events.Phase(name="training")

    def _decoded(self, text: str, id: str = "") -> events.Sample:
        was_training = self._judged.training
        self._judged.eval()
        try:
            candidates = self._decode(self._judged, self._task, text, _CANDIDATES)
        finally:
            self._judged.train(was_training)
        return events.Sample(step=self.progress.step, input=text, candidates=candidates, id=id)

    def _publish(self) -> Generator[Event, None, None]:
        self._require_finite()
        publish(self._run, self._recipe, self._task, self._judged, self.progress)
        self._published = time.monotonic()
        yield events.WeightsPublished(step=self.progress.step)

    def _save(self) -> Generator[Event, None, None]:
        yield events.Phase(name="saving")
        self._require_finite()
        best = note_checkpoint(self._training, self.progress)
        entry = save_checkpoint(
            self._run,
            self._recipe,
            self._task,
            self._judged,
            self._optimizer,
            self.progress,
            best=best,
            trained=self._model if self._average else None,
        )
        self._saved = self.progress.step
        yield events.CheckpointSaved(
            step=entry.step, path=entry.path, best=best, size=entry.size, metrics=entry.metrics
        )
        yield events.Phase(name="training")

    def _require_finite(self) -> None:
        """Keep weights that are spoilt from taking the place of good ones, whatever the loss said so far."""
        sums = torch.stack([parameter.detach().float().sum() for parameter in self._judged.parameters()])
        if not torch.isfinite(sums).all():
            raise Diverged(f"The weights are no longer numbers at step {self.progress.step}.")

    def _carry_out(self, pending: list[commands.Command]) -> Generator[Event, None, None]:
        for command in pending:
            if isinstance(command, commands.SaveNow):
                if not self.progress.metrics:
                    yield from self._evaluate()  # a checkpoint without figures cannot be the best one
                yield from self._save()
            elif isinstance(command, commands.EvaluateNow):
                yield from self._evaluate()
            elif isinstance(command, commands.PublishWeights):
                yield from self._publish()
            elif isinstance(command, commands.Probe):
                yield self._decoded(command.text, command.id)
            elif isinstance(command, commands.SetLearningRate):
                if command.value > 0 and math.isfinite(command.value):
                    self.progress.rate_scale = command.value / self._training.learning_rate
                else:
                    message = f"A learning rate of {command.value} was refused: it must be above 0."
                    yield events.Warned(kind="learning_rate", message=message, step=self.progress.step)

    # --- the end -------------------------------------------------------------------------------------

    def _finish(self, reason: EndReason) -> Generator[Event, None, None]:
        step = self.progress.step
        if reason == "cancelled":
            yield events.Finished(step=step, reason=reason, metrics=self.progress.metrics)
            return
        if self._saved != step and (step > 0 or reason == "paused"):
            yield from self._save()
        if reason == "paused":
            yield events.Paused(step=step)
            return
        metrics = dict(self.progress.metrics)
        if reason != "stopped":
            metrics |= yield from self._test()
        yield events.Finished(step=step, reason=reason, metrics=metrics)

    def _test(self) -> Generator[Event, None, Metrics]:
        """Judge the best checkpoint, which is the one that gets exported, on the split nothing was tuned on."""
        best = self._run.read_index().best
        if best not in (-1, self.progress.step):
            load_weights(self._judged, self._run.checkpoint(best))
        examples = self._task.examples(self._dataset, "test")
        began = time.perf_counter()

        def work(report: Callable[[str, int, int], None], give_up: Callable[[], bool]) -> Metrics:
            def tick(done: int, total: int) -> None:
                report("test", done, total)
                if give_up():
                    self._control.tick()

            return self._task.evaluate(self._judged, examples, self._device, tick)

        figures = yield from phases("evaluating", work, self._control.called_off)
        metrics = _named(figures, "test")
        yield events.Evaluation(
            step=max(best, 0),
            split="test",
            metrics=metrics,
            examples=len(examples),
            seconds=time.perf_counter() - began,
        )
        return metrics


def _named(figures: Metrics, split: str) -> Metrics:
    """The task's figures under the names that plots and recipes use: the loss says which split's it is."""
    return {f"{split}_loss" if name == "loss" else name: value for name, value in figures.items()}


def _sample(examples: Examples, limit: int) -> Examples:
    """At most `limit` examples, spread evenly over all; 0 takes all."""
    if not limit or len(examples) <= limit:
        return examples
    return examples.select(np.linspace(0, len(examples) - 1, limit).astype(np.int64))
