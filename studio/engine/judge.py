"""What a model is worth: figures on validation and test, and what it makes of single inputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from torch import nn

from studio.data.dataset import Dataset, Split
from studio.engine.background import Interrupted, phases
from studio.engine.control import Control
from studio.recipe import Training
from studio.runs import events
from studio.runs.events import Phase
from studio.tasks.base import Examples, Metrics, Task, Tick

_CANDIDATES = 5


class Decode(Protocol):
    """What inference lends to the engine, which imports none of it: decoding with the weights of the moment.

    Models are in evaluation mode when they are handed over.
    """

    def __call__(
        self, model: nn.Module, task: Task, text: str, count: int, /
    ) -> tuple[events.Candidate, ...]:
        """The best answers to a probe."""
        ...

    def typed(self, model: nn.Module, task: Task, split: Split, limit: int, tick: Tick, /) -> Metrics:
        """The figures `studio.recipe.task.TYPED` of at most `limit` sentences that are typed as raw letters.

        They are a function of weights and split alone. `tick` may raise to break off.
        """
        ...


class Judge:
    """Judges one model: the one that is trained, or the average of its weights.

    Attributes:
        model: what is evaluated, published, saved for everyone and exported.
    """

    def __init__(
        self,
        model: nn.Module,
        task: Task,
        dataset: Dataset,
        training: Training,
        device: torch.device,
        decode: Decode,
        control: Control,
    ) -> None:
        self.model = model
        self._task, self._dataset, self._device = task, dataset, device
        self._decode, self._control = decode, control
        self._typing = training.typing_sentences if training.types else 0
        self._validation = _sample(task.examples(dataset, "validation"), training.evaluation_examples)

    @property
    def validation_size(self) -> int:
        """Examples that each evaluation takes."""
        return len(self._validation)

    def validate(self, step: int) -> events.Evaluation:
        """Figures on the validation split; broken off by a cancel."""
        began = time.perf_counter()
        figures = self._task.evaluate(self.model, self._validation, self._device, self._control.tick)
        if self._typing:
            split, tick = self._dataset.validation, self._control.tick
            with self._evaluating():
                figures |= self._decode.typed(self.model, self._task, split, self._typing, tick)
        return events.Evaluation(
            step=step,
            split="validation",
            metrics=_named(figures, "validation"),
            examples=len(self._validation),
            seconds=time.perf_counter() - began,
        )

    def test(self, step: int) -> Generator[Phase, None, events.Evaluation]:
        """Figures on the split nothing was tuned on; anything that ends the run breaks it off."""
        examples = self._task.examples(self._dataset, "test")
        began = time.perf_counter()

        def work(report: Callable[[str, int, int], None], give_up: Callable[[], bool]) -> Metrics:
            def tick(done: int, total: int) -> None:
                report("test", done, total)
                if give_up():
                    raise Interrupted  # all that was learnt is saved by then, so a stop need not wait either

            return self._task.evaluate(self.model, examples, self._device, tick)

        figures = yield from phases("evaluating", work, self._control.called_off)
        return events.Evaluation(
            step=step,
            split="test",
            metrics=_named(figures, "test"),
            examples=len(examples),
            seconds=time.perf_counter() - began,
        )

    def sample(self, step: int, text: str, id: str = "") -> events.Sample:
        """What the model makes of a text."""
        with self._evaluating():
            candidates = self._decode(self.model, self._task, text, _CANDIDATES)
        return events.Sample(step=step, input=text, candidates=candidates, id=id)

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        was_training = self.model.training
        self.model.eval()
        try:
            yield
        finally:
            self.model.train(was_training)


def _named(figures: Metrics, split: str) -> Metrics:
    """The task's figures under the names that plots and recipes use: the loss says which split's it is."""
    return {f"{split}_loss" if name == "loss" else name: value for name, value in figures.items()}


def _sample(examples: Examples, limit: int) -> Examples:
    """At most `limit` examples, spread evenly over all; 0 takes all."""
    if not limit or len(examples) <= limit:
        return examples
    return examples.select(np.linspace(0, len(examples) - 1, limit).astype(np.int64))
