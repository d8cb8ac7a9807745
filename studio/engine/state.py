"""What a run needs besides its weights to go on exactly, as two files of a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from studio.engine.order import Position
from studio.engine.progress import Progress
from studio.tasks.model_folder import ModelFolderError, write_tensors

_TENSORS, _VALUES = "training_state.safetensors", "training_state.json"
_WEIGHTS, _OPTIMIZER = "weights.", "optimizer."


@dataclass(frozen=True)
class Learner:
    """What learns: everything that changes from step to step but the progress.

    Attributes:
        model: the one that is trained, whose average may be what is published.
        scaler: of losses, in half precision on a GPU.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    device: torch.device
    scaler: torch.amp.GradScaler | None = None


@dataclass(frozen=True)
class SavedState:
    """What was read from a checkpoint: the progress at once, the rest when `restore` is told where to."""

    progress: Progress
    folder: Path
    tensors: Mapping[str, Tensor]
    scalars: Mapping[str, float]
    scaler: Mapping[str, Any]

    def restore(self, learner: Learner) -> None:
        """Bring optimiser, loss scale and random state back; the model holds the folder's weights already.

        If those are an average, the model gets the ones behind it.

        Raises:
            ModelFolderError: if the state is damaged or of another model.
        """
        try:
            weights = {n.removeprefix(_WEIGHTS): v for n, v in self.tensors.items() if n.startswith(_WEIGHTS)}
            if weights:
                learner.model.load_state_dict(weights, strict=True)
            self._restore_optimizer(learner.optimizer)
            if learner.scaler is not None and self.scaler:
                learner.scaler.load_state_dict(dict(self.scaler))
            torch.set_rng_state(self.tensors["random.cpu"])
            if "random.cuda" in self.tensors and learner.device.type == "cuda":
                torch.cuda.set_rng_state(self.tensors["random.cuda"], learner.device)
        except (ValueError, KeyError, TypeError, RuntimeError) as error:
            raise _damaged(self.folder, error) from error

    def _restore_optimizer(self, optimizer: torch.optim.Optimizer) -> None:
        state: dict[int, dict[str, Any]] = {}
        for key, value in (*self.tensors.items(), *self.scalars.items()):
            if key.startswith(_OPTIMIZER):
                _, number, name = key.split(".", 2)
                state.setdefault(int(number), {})[name] = value
        whole = optimizer.state_dict()
        whole["state"] = state
        optimizer.load_state_dict(whole)


def read_state(folder: Path) -> SavedState:
    """The training state of a checkpoint.

    Raises:
        ModelFolderError: if it is missing or damaged.
    """
    try:
        values = json.loads((folder / _VALUES).read_text(encoding="utf-8"))
        progress = dict(values["progress"])
        progress["position"] = Position(**progress["position"])
        return SavedState(
            Progress(**progress),
            folder,
            load_file(folder / _TENSORS),
            dict(values["scalars"]),
            dict(values.get("scaler") or {}),
        )
    except FileNotFoundError:
        raise ModelFolderError(
            f"{folder} holds weights but no training state, so the run cannot go on from it exactly"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise _damaged(folder, error) from error


def write_state(folder: Path, learner: Learner, progress: Progress, *, weights: bool) -> None:
    """Write the training state into a checkpoint; `weights` where those of the checkpoint are an average."""
    tensors: dict[str, Tensor] = {"random.cpu": torch.get_rng_state()}
    if learner.device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state(learner.device)
    if weights:
        state = learner.model.state_dict().items()
        tensors |= {f"{_WEIGHTS}{name}": _stored(value) for name, value in state}
    scalars: dict[str, float] = {}
    for number, entries in learner.optimizer.state_dict()["state"].items():
        for name, value in entries.items():
            key = f"{_OPTIMIZER}{number}.{name}"
            if isinstance(value, Tensor):
                tensors[key] = _stored(value)
            elif value is not None:
                scalars[key] = value
    write_tensors(tensors, folder / _TENSORS)
    scaler = learner.scaler.state_dict() if learner.scaler is not None else None
    values = {"progress": asdict(progress), "scalars": scalars, "scaler": scaler}
    (folder / _VALUES).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def _stored(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().contiguous()


def _damaged(folder: Path, error: Exception) -> ModelFolderError:
    return ModelFolderError(f"the training state in {folder} is damaged: {error}")
