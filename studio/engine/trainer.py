"""One run from its first step, or from where it was left, to its end: what happens between the steps."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Generator, Iterator

import numpy as np
import torch
from torch import Tensor

from studio.data.dataset import Dataset
from studio.engine.accelerated import accelerator
from studio.engine.ahead import Supply
from studio.engine.broken import BrokenSteps, Diverged
from studio.engine.checkpoints import publish, save_checkpoint
from studio.engine.control import Control
from studio.engine.device import DeviceError, check_precision, choose_precision
from studio.engine.ema import WeightAverage
from studio.engine.freezing import adapt, freeze
from studio.engine.judge import Decode, Judge
from studio.engine.meter import Meter
from studio.engine.optimisation import make_optimizer, rate_at
from studio.engine.order import Position, TrainingOrder
from studio.engine.progress import Progress
from studio.engine.recompute import recompute_layers
from studio.engine.rows import give_sparse_gradients
from studio.engine.selection import has_stopped_early, note_checkpoint, note_evaluation, note_plateau
from studio.engine.sharding import copy_whole, shard
from studio.engine.starting import Start
from studio.engine.state import Learner, optimizer_state, random_state, read_state
from studio.engine.step import Stepper
from studio.engine.team import Team
from studio.recipe import Problem, Recipe, RecipeError
from studio.runs import commands, events
from studio.runs.events import EndReason, Event
from studio.runs.folder import CheckpointIndex, RunFolder
from studio.tasks.base import Batch, Metrics, Task
from studio.tasks.model_folder import load_weights
from studio.tasks.varying import varying

__all__ = ["Decode", "Trainer"]

_PRECISIONS = ("fp32", "bf16", "fp16")
_PUBLISH_SECONDS = 8.0  # between publications for typing, besides those at evaluations


class Trainer:
    """Carries one run from its first step, or from where it was left, to its end.

    Of several processes the leader's is iterated with `run` and decides everything; the others' `follow`.
    """

    def __init__(
        self,
        recipe: Recipe,
        run: RunFolder,
        task: Task,
        dataset: Dataset,
        device: torch.device,
        decode: Decode,
        control: Control,
        team: Team | None = None,
        threads: int = 1,
        start: Start | None = None,
    ) -> None:
        self._team, self._threads = team or Team(), threads
        self._sharded = self._team.size > 1 and recipe.compute.strategy == "fsdp"
        self._recipe, self._run, self._task, self._control = recipe, run, task, control
        self._training = recipe.training
        self._device = device
        self._examples = task.examples(dataset, "train")
        self._dataset = dataset
        self.order = TrainingOrder(dataset, recipe, self._examples.lengths)
        self._vary = varying(task, dataset, recipe)
        self._meter = Meter()
        self._published = -math.inf
        self._saved = self._whole_at = -1
        self.progress = Progress()
        torch.manual_seed(self._training.seed)
        self._model = task.build_model(recipe).to(device)
        self.passed = start.fill(self._model, task) if start else None
        adapt(self._model, self._training.lora)
        freeze(self._model, self._training.frozen)
        alone = self._team.size == 1 and not recipe.compute.compile
        if alone and device.type == "cpu" and self._training.optimizer == "adamw":
            give_sparse_gradients(self._model)
        decay = self._training.ema_decay
        self._average = WeightAverage(self._model, decay) if decay and self._team.leads else None
        judged = self._average.model if self._average else self._model
        if self._sharded and self._team.leads:
            judged = copy.deepcopy(self._model)  # whole, as those in the processes are not
        self._judge = Judge(judged, task, dataset, self._training, device, decode, control)
        self._optimizer = make_optimizer(self._model, self._training)
        self.parameters = sum(p.numel() for p in self._model.parameters())
        self.trainable = sum(p.numel() for p in self._model.parameters() if p.requires_grad)

    @property
    def lengths(self) -> np.ndarray:
        """Symbols of each training example [examples]."""
        return self._examples.lengths

    def start(self, index: CheckpointIndex) -> None:
        """Go back to the last checkpoint, if there is one, and choose the precision otherwise.

        Raises:
            ModelFolderError: if the checkpoint is damaged.
        """
        saved = None
        if index.last >= 0:
            folder = self._run.checkpoint(index.last)
            for model in {self._model, self._judge.model}:
                load_weights(model, folder)
            saved = read_state(folder)
            self.progress = saved.progress
            if self.progress.filled_by == "characters":
                self.order = TrainingOrder(self._dataset, self._recipe)
            self._saved = self.progress.step
        else:
            random, precision = torch.get_rng_state(), "fp32"
            if self._team.leads:
                precision = choose_precision(self._training.precision, self._device, self._trial)
            self.progress.precision = self._team.agree(precision, _PRECISIONS)
            torch.set_rng_state(random)
        check_precision(self.progress.precision, self._device)
        if self._sharded:
            self._shard()
        precise = accelerator(self.progress.precision, self._device, self._team, self._threads)
        self._learner = Learner(
            self._model, self._optimizer, self._device, precise.scaler, sharded=self._sharded
        )
        self._stepper = Stepper(self._training, self._learner, precise, self._average, self._team)
        self._broken = BrokenSteps(self._training, self.progress)
        if saved is not None:
            saved.restore(self._learner, self._team.rank)
        elif not self._team.leads:
            # All have begun with the same weights; each leaves out others when there is dropout.
            torch.manual_seed(self._training.seed + self._team.rank)
        self._recomputed = recompute_layers(self._model) if self._training.gradient_checkpointing else None
        if self._recipe.compute.compile:
            # Batches have many lengths: made for each of them, the code would never be done.
            self._stepper.model.compile(dynamic=True)

    def _shard(self) -> None:
        if self.progress.precision == "fp16":
            message = "half precision with scaled losses and FSDP do not go together"
            raise DeviceError(message, "Set training.precision to bf16 or compute.strategy to ddp.")
        shard(self._model, self._device, self._team.size)
        self._optimizer = make_optimizer(self._model, self._training)
        if self._training.optimizer == "sgd":
            for group in self._optimizer.param_groups:
                group["fused"] = False  # torch has no fused kernel of it for divided weights

    def follow(self) -> None:
        """Make the steps that the leader orders, until it ends the run."""
        supply = self._supply()
        self._model.train()
        try:
            while (order := self._team.obey()).what != "end":
                if order.what == "step":
                    self._learn(supply, order.rate)
                elif order.what == "save":
                    self._gather_state()
                    if self._sharded:
                        optimizer_state(self._optimizer)
                else:
                    copy_whole(self._model, None)
        finally:
            supply.close()

    def run(self) -> Generator[Event, None, None]:
        """Step until the end, evaluating, publishing and saving on the way."""
        if self._recomputed == 0:
            message = "Gradient checkpointing does nothing here: the layers of this network are not apart."
            yield events.Warned(kind="gradient_checkpointing", message=message, step=self.progress.step)
        supply = self._supply()
        try:
            reason = yield from self._steps(supply)
        finally:
            supply.close()
        yield from self._finish(reason)

    def _steps(self, supply: Supply) -> Generator[Event, None, EndReason]:
        self._model.train()
        yield events.Phase(name="training")
        if has_stopped_early(self._training, self.progress):
            return "early_stopping"
        while self.progress.step < self._training.max_steps:
            pending = self._control.take()
            if self._control.end != "cancelled":
                yield from self._carry_out(pending)
            if self._control.called_off():
                return self._control.end or "cancelled"
            self._step(supply)
            if self._meter.due() or self._at(self._training.evaluate_every):
                yield from self._tell()
            if (yield from self._look_up()):
                return "early_stopping"
        return "max_steps"

    # --- one step ------------------------------------------------------------------------------------

    def _step(self, supply: Supply) -> None:
        progress = self.progress
        rate = rate_at(progress.step, self._training) * progress.rate_scale * progress.plateau_scale
        self._team.order("step", rate)
        self._learn(supply, rate)

    def _learn(self, supply: Supply, rate: float) -> None:
        began = time.perf_counter()
        progress = self.progress
        prepared = [supply.next() for _ in range(self._training.accumulation)]
        progress.position, progress.epoch = prepared[-1].position, prepared[-1].epoch
        progress.step += 1
        result = self._stepper.step([item.batch for item in prepared], rate, progress.step)
        progress.metrics = {}
        seconds = time.perf_counter() - began
        progress.seconds += seconds
        if self._team.leads:
            self._meter.add(result, seconds)

    def _supply(self) -> Supply:
        team = self._team
        start, device = self.progress.position, self._device
        return Supply(self.order, start, self._collate, device, team.rank, team.size, self._vary)

    def _collate(self, chosen: np.ndarray) -> Batch:
        return self._task.collate(self._examples, chosen, self._training.label_smoothing)

    def _trial(self, precision: str) -> None:
        chosen, _, _ = next(self.order.follow(Position()))
        batch = self._task.collate(self._examples, chosen)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = self._model(**batch.inputs)
        (loss / max(batch.positions, 1)).backward()
        self._optimizer.zero_grad()

    def _tell(self) -> Iterator[Event]:
        yield from self._broken.note(self._meter.broken())
        reading = self._meter.read()
        progress, training = self.progress, self._training
        left = training.max_steps - progress.step
        yield events.Step(
            step=progress.step,
            epoch=progress.epoch,
            loss=reading.loss,
            learning_rate=self._optimizer.param_groups[0]["lr"],
            gradient_norm=reading.norm,
            positions_per_second=reading.speed,
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
            note_plateau(self._training, self.progress)
            stop = note_evaluation(self._training, self.progress)
        if saves:
            yield from self._save()
        if time.monotonic() - self._published > _PUBLISH_SECONDS:
            yield from self._publish()
        return stop

    def _evaluate(self) -> Generator[Event, None, None]:
        yield events.Phase(name="evaluating", total=self._judge.validation_size)
        self._require_finite()
        evaluation = self._judge.validate(self.progress.step)
        self._meter.evaluated(evaluation.seconds)
        self.progress.metrics = evaluation.metrics
        yield evaluation
        self._require_figures(evaluation.metrics)
        yield from self._publish()
        for probe in self._training.probes:
            yield self._judge.sample(self.progress.step, probe)
        yield events.Phase(name="training")

    def _require_figures(self, metrics: Metrics) -> None:
        rules = {
            "early_stopping.metric": self._training.early_stopping.metric,
            "checkpoints.best_metric": self._training.checkpoints.best_metric,
        }
        problems = [
            Problem(f"training.{path}", f"no evaluation reports {metric!r}", f"one of {', '.join(metrics)}")
            for path, metric in rules.items()
            if metric not in metrics
        ]
        if problems:
            raise RecipeError(problems)

    def _publish(self) -> Generator[Event, None, None]:
        self._require_finite()
        publish(self._run, self._recipe, self._task, self._judge.model, self.progress)
        self._published = time.monotonic()
        yield events.WeightsPublished(step=self.progress.step)

    def _save(self) -> Generator[Event, None, None]:
        yield events.Phase(name="saving")
        # What is saved has to know of every step before it, told or not.
        yield from self._broken.note(self._meter.broken())
        self._require_finite()
        best = note_checkpoint(self._training, self.progress)
        self._team.order("save")
        random = self._gather_state()
        entry = save_checkpoint(
            self._run,
            self._recipe,
            self._task,
            self._judge.model,
            self._learner,
            self.progress,
            best=best,
            random=random,
        )
        self._saved = self.progress.step
        yield events.CheckpointSaved(
            step=entry.step, path=entry.path, best=best, size=entry.size, metrics=entry.metrics
        )
        yield events.Phase(name="training")

    def _require_finite(self) -> None:
        """Keep weights that are spoilt from taking the place of good ones, whatever the loss said so far."""
        self._make_whole()
        sums = torch.stack([parameter.detach().float().sum() for parameter in self._judge.model.parameters()])
        if not torch.isfinite(sums).all():
            raise Diverged(f"The weights are no longer numbers at step {self.progress.step}.")

    def _gather_state(self) -> list[dict[str, Tensor]]:
        """What only all processes together can say of themselves: see `write_state`."""
        return self._team.collect(random_state(self._device))

    def _make_whole(self) -> None:
        """Give the model that is judged the weights of this step, where each process holds a part of them."""
        if self._sharded and self._whole_at != self.progress.step:
            self._team.order("weights")
            copy_whole(self._model, self._judge.model)
            self._whole_at = self.progress.step

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
                self._make_whole()
                yield self._judge.sample(self.progress.step, command.text, command.id)
            elif isinstance(command, commands.SetLearningRate):
                if command.value > 0 and math.isfinite(command.value):
                    self.progress.rate_scale = command.value / self._training.learning_rate
                    self.progress.plateau_scale, self.progress.plateau_waiting = 1.0, 0
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
        self._team.order("end")  # the rest is the leader's alone
        metrics = dict(self.progress.metrics)
        if reason != "stopped":
            metrics |= yield from self._test()
        yield events.Finished(step=step, reason=reason, metrics=metrics)

    def _test(self) -> Generator[Event, None, Metrics]:
        """Judge the best checkpoint, which is the one that gets exported, on the split nothing was tuned on."""
        best = self._run.read_index().best
        if best not in (-1, self.progress.step):
            load_weights(self._judge.model, self._run.checkpoint(best))
        evaluation = yield from self._judge.test(max(best, 0))
        yield evaluation
        return evaluation.metrics
