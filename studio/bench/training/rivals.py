"""What else one could train the same model with: `transformers.Trainer`, and a plain PyTorch loop.

Both do as a competent user would by the documentation: shuffled batches of a fixed number of examples, padded to
the longest, fp32, AdamW as it comes. Rate and warm-up are the recipe's, so that losses can be compared.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from studio.bench.training.job import PLAIN, TRAINER_FULL_SOFTMAX, Job, Measured
from studio.bench.training.material import IGNORED, Material, pad_to_longest
from studio.engine.device import choose_device
from studio.recipe import Recurrent, TransformerEncoder, load


class Counted(nn.Module):
    """A model as `Trainer` wants one: its loss a position. Counts the positions it is shown in training."""

    def __init__(self, model: nn.Module, smoothing: float) -> None:
        super().__init__()
        self.model = model
        self.smoothing = smoothing
        self.register_buffer("positions", torch.zeros((), dtype=torch.int64), persistent=False)
        self.positions: Tensor

    def forward(self, symbols: Tensor, lengths: Tensor, units: Tensor) -> dict[str, Tensor]:
        """The mean loss under the key that `Trainer` looks for."""
        count = (units != IGNORED).sum()
        self.positions += count
        loss = self.model(symbols=symbols, lengths=lengths, units=units, smoothing=self.smoothing)
        return {"loss": loss / count}


class FullSoftmax(nn.Module):
    """The same encoder under the usual head: one softmax over all characters at every cell, padding ignored."""

    def __init__(self, tagger: nn.Module, characters: str, width: int) -> None:
        super().__init__()
        alphabet, places = np.unique(list(characters), return_inverse=True)
        self.register_buffer("character_of", torch.from_numpy(places.astype(np.int64)), persistent=False)
        self.character_of: Tensor
        tagger.head = nn.Identity()
        self.tagger = tagger
        self.head = nn.Linear(width, len(alphabet))

    def forward(self, symbols: Tensor, lengths: Tensor, units: Tensor, smoothing: float = 0.0) -> Tensor:
        """The summed loss, as the tagger's own."""
        logits = self.head(self.tagger.encode(symbols, lengths))  # type: ignore[operator]
        targets = torch.where(units == IGNORED, IGNORED, self.character_of[units])
        return functional.cross_entropy(
            logits.flatten(0, 1),
            targets.flatten(),
            ignore_index=IGNORED,
            label_smoothing=smoothing,
            reduction="sum",
        )


class _Watch:
    """Takes the time and the count of positions at the end of the warm-up and of the last step."""

    def __init__(self, job: Job, model: Counted, device: torch.device) -> None:
        self._marks: list[tuple[float, int]] = []
        self._at = (job.warm_up, job.steps)
        self._model = model
        self._device = device

    def step_done(self, step: int) -> None:
        """Look at the clock if this is one of the two steps."""
        if step in self._at:
            if self._device.type == "cuda":
                torch.cuda.synchronize(self._device)
            self._marks.append((time.perf_counter(), int(self._model.positions)))

    @property
    def speed(self) -> float:
        """Positions a second between the two."""
        (began, before), (ended, after) = self._marks
        return (after - before) / (ended - began)


def run(job: Job) -> Measured:
    """Measure one of the rivals."""
    torch.set_num_threads(job.threads)
    recipe = load(Path(job.recipe))
    device = choose_device(recipe.compute)
    material = Material(recipe)
    network = material.model()
    if job.contestant == TRAINER_FULL_SOFTMAX:
        assert isinstance(recipe.model, TransformerEncoder | Recurrent)
        network = FullSoftmax(network, material.task.vocabulary.characters, recipe.model.width)
    model = Counted(network, recipe.training.label_smoothing).to(device)
    watch = _Watch(job, model, device)
    train = _plain if job.contestant == PLAIN else _trainer
    train(material, model, job, watch, device)
    trained = int(model.positions)
    if job.contestant == TRAINER_FULL_SOFTMAX:
        loss = _full_softmax_loss(material, network, device)
    else:
        loss = material.loss(network, device)
    return Measured(
        contestant=job.contestant,
        speed=watch.speed,
        positions=trained,
        steps=job.steps,
        warm_up=job.warm_up,
        rows=material.rows,
        loss=loss,
        device=str(device),
        precision="fp32",
        threads=torch.get_num_threads(),
    )


def _trainer(material: Material, model: Counted, job: Job, watch: _Watch, device: torch.device) -> None:
    from transformers import Trainer, TrainerCallback, TrainingArguments

    class Ticks(TrainerCallback):
        def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
            watch.step_done(state.global_step)

    training = material.recipe.training
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
        arguments = TrainingArguments(
            output_dir=home,
            per_device_train_batch_size=material.rows,
            max_steps=job.steps,
            learning_rate=training.learning_rate,
            lr_scheduler_type="constant_with_warmup",
            warmup_steps=training.warmup_steps,
            seed=training.seed,
            use_cpu=device.type == "cpu",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,  # the columns are ours; Trainer would look for them by other names
        )
        Trainer(
            model=model,
            args=arguments,
            train_dataset=material.training_set(),
            data_collator=pad_to_longest,
            callbacks=[Ticks()],
        ).train()


def _plain(material: Material, model: Counted, job: Job, watch: _Watch, device: torch.device) -> None:
    training = material.recipe.training
    loader = DataLoader(
        material.training_set(), batch_size=material.rows, shuffle=True, collate_fn=pad_to_longest
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=training.learning_rate)
    warm = max(1, training.warmup_steps)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / warm))
    model.train()
    step = 0
    while step < job.steps:
        for batch in loader:
            optimizer.zero_grad()
            loss = model(**{name: value.to(device) for name, value in batch.items()})["loss"]
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            watch.step_done(step)
            if step == job.steps:
                return


@torch.no_grad()
def _full_softmax_loss(material: Material, model: nn.Module, device: torch.device) -> float:
    """Nats a character among all characters: not to be compared with a loss among a syllable's own."""
    model.eval()
    examples = material.validation()
    total, count = 0.0, 0
    for chosen in np.array_split(np.arange(len(examples)), max(1, len(examples) // 64)):
        batch = material.task.collate(examples, chosen).to(device)
        total += float(model(**batch.inputs))
        count += batch.positions
    return total / max(count, 1)
