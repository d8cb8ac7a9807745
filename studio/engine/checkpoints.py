"""Checkpoints of a run: weights for everyone, and the whole training state for going on exactly."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from studio.engine.order import Position
from studio.recipe import Recipe
from studio.runs import atomic
from studio.runs.folder import CheckpointEntry, CheckpointIndex, RunFolder, steps_in
from studio.tasks.base import Metrics, Task
from studio.tasks.model_folder import ModelFolderError, write_model, write_tensors

_TENSORS, _STATE = "training_state.safetensors", "training_state.json"
_WEIGHTS = "weights."
_LIVE_KEPT = 2  # the newest, and the one a reader may just be opening


@dataclass
class Progress:
    """Where a run stands; everything in it is saved with each checkpoint.

    Attributes:
        step: optimiser steps done.
        position: the next batch.
        epoch: epochs seen, with fraction.
        seconds: training time, evaluations left out.
        precision: chosen once a run, because another one would change the figures.
        rate_scale: what the schedule's rate is multiplied with after a change by hand.
        best: the best value so far of the figure that decides on the best checkpoint; None before the first.
        waiting: evaluations without improvement, for early stopping.
        watched: the best value so far of the figure that early stopping watches.
        metrics: figures of the weights of this very step; empty if they were not evaluated.
    """

    step: int = 0
    position: Position = field(default_factory=Position)
    epoch: float = 0.0
    seconds: float = 0.0
    precision: str = "fp32"
    rate_scale: float = 1.0
    best: float | None = None
    waiting: int = 0
    watched: float | None = None
    metrics: Metrics = field(default_factory=dict)


def save_checkpoint(
    run: RunFolder,
    recipe: Recipe,
    task: Task,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    *,
    best: bool,
    trained: nn.Module | None = None,
) -> CheckpointEntry:
    """Write a whole checkpoint, then the index, then remove what the recipe does not keep.

    Args:
        model: whose weights are for everyone.
        trained: the model that training goes on with, where it is another one: `model` is its average then.

    Raises:
        OSError: if the disk does not take it; what was there before stays.
    """
    target = run.checkpoint(progress.step)
    with atomic.new_folder(target, replace=True) as folder:
        write_model(folder, model, task, recipe, progress.step, progress.metrics)
        _write_state(folder, optimizer, progress, trained)
    entry = CheckpointEntry(
        step=progress.step,
        path=str(target.relative_to(run.path).as_posix()),
        size=sum(file.stat().st_size for file in target.iterdir()),
        metrics=progress.metrics,
    )
    before = run.read_index()
    entries = (*(old for old in before.entries if old.step != entry.step), entry)
    index = CheckpointIndex(entries, entry.step if best or before.best < 0 else before.best, entry.step)
    keep = {index.best, *sorted(item.step for item in entries)[-recipe.training.checkpoints.keep :]}
    run.write_index(CheckpointIndex(tuple(i for i in entries if i.step in keep), index.best, index.last))
    for old in entries:
        if old.step not in keep:
            shutil.rmtree(run.path / old.path, ignore_errors=True)
    return entry


def publish(run: RunFolder, recipe: Recipe, task: Task, model: nn.Module, progress: Progress) -> None:
    """Put the weights of this step into `live/step-...` for whoever types while the run goes on."""
    with atomic.new_folder(run.live / f"step-{progress.step:06d}", replace=True, durable=False) as folder:
        write_model(folder, model, task, recipe, progress.step, progress.metrics, half=True)
    for old in steps_in(run.live)[:-_LIVE_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def load_state(folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> Progress:
    """Bring optimiser, random state and progress back to where a checkpoint was written.

    The model has to hold the folder's weights already; if those are an average, it gets the ones behind it.

    Raises:
        ModelFolderError: if the state is missing, damaged, or of another model.
    """
    try:
        values = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        tensors = load_file(folder / _TENSORS)
        behind = {n.removeprefix(_WEIGHTS): v for n, v in tensors.items() if n.startswith(_WEIGHTS)}
        if behind:
            model.load_state_dict(behind, strict=True)
        _restore_optimizer(optimizer, tensors, values["scalars"])
        torch.set_rng_state(tensors["random.cpu"])
        if "random.cuda" in tensors and torch.cuda.is_available():
            torch.cuda.set_rng_state(tensors["random.cuda"])
        progress = dict(values["progress"])
        progress["position"] = Position(**progress["position"])
        return Progress(**progress)
    except FileNotFoundError:
        raise ModelFolderError(
            f"{folder} holds weights but no training state, so the run cannot go on from it exactly"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ModelFolderError(f"the training state in {folder} is damaged: {error}") from error


def _write_state(
    folder: Path, optimizer: torch.optim.Optimizer, progress: Progress, trained: nn.Module | None
) -> None:
    tensors: dict[str, Tensor] = {"random.cpu": torch.get_rng_state()}
    if trained is not None:
        weights = trained.state_dict().items()
        tensors |= {f"{_WEIGHTS}{name}": value.detach().cpu().contiguous() for name, value in weights}
    if torch.cuda.is_available():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    scalars: dict[str, float] = {}
    for number, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            key = f"optimizer.{number}.{name}"
            if isinstance(value, Tensor):
                tensors[key] = value.detach().cpu().contiguous()
            elif value is not None:
                scalars[key] = value
    write_tensors(tensors, folder / _TENSORS)
    values = {"progress": asdict(progress), "scalars": scalars}
    (folder / _STATE).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def _restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], scalars: Mapping[str, float]
) -> None:
    state: dict[int, dict[str, Any]] = {}
    for key, value in (*tensors.items(), *scalars.items()):
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            state.setdefault(int(number), {})[name] = value
    whole = optimizer.state_dict()
    whole["state"] = state
    optimizer.load_state_dict(whole)
