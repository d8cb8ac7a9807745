"""What a run needs besides its weights to go on exactly, as two files of a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from studio.engine.order import Position
from studio.engine.progress import Progress
from studio.engine.sharding import like, whole
from studio.tasks.model_folder import ModelFolderError, write_tensors

_TENSORS, _VALUES = "training_state.safetensors", "training_state.json"
_WEIGHTS, _OPTIMIZER = "weights.", "optimizer."


@dataclass(frozen=True)
class Learner:
    """What learns: everything that changes from step to step but the progress.

    Attributes:
        model: the one that is trained, whose average may be what is published.
        scaler: of losses, in half precision on a GPU.
        sharded: whether each of several processes holds a part of the weights only.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    device: torch.device
    scaler: torch.amp.GradScaler | None = None
    sharded: bool = False


@dataclass(frozen=True)
class SavedState:
    """What was read from a checkpoint: the progress at once, the rest when `restore` is told where to."""

    progress: Progress
    folder: Path
    tensors: Mapping[str, Tensor]
    scalars: Mapping[str, float]
    scaler: Mapping[str, Any]

    def restore(self, learner: Learner, rank: int = 0) -> None:
        """Bring optimiser, loss scale and random state back; the model holds the folder's weights already.

        If those are an average, the model gets the ones behind it. The random state is that of the process `rank`.

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
            torch.set_rng_state(self.tensors[_random("cpu", rank)])
            cuda = self.tensors.get(_random("cuda", rank))
            if cuda is not None and learner.device.type == "cuda":
                torch.cuda.set_rng_state(cuda, learner.device)
        except (ValueError, KeyError, TypeError, RuntimeError) as error:
            raise _damaged(self.folder, error) from error

    def _restore_optimizer(self, optimizer: torch.optim.Optimizer) -> None:
        state: dict[int, dict[str, Any]] = {}
        for key, value in (*self.tensors.items(), *self.scalars.items()):
            if key.startswith(_OPTIMIZER):
                _, number, name = key.split(".", 2)
                state.setdefault(int(number), {})[name] = value
        values = optimizer.state_dict()
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        for place, entries in state.items():
            for name, value in entries.items():
                entries[name] = like(value, weights[place])
        values["state"] = state
        optimizer.load_state_dict(values)


def read_state(folder: Path) -> SavedState:
    """The training state of a checkpoint.

    Raises:
        ModelFolderError: if it is missing or damaged.
    """
    try:
        values = json.loads((folder / _VALUES).read_text(encoding="utf-8"))
        progress = dict(values["progress"])
        progress["position"] = Position(**progress["position"])
        progress.setdefault("filled_by", "characters")
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


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Where this process's random numbers stand, by kind of device."""
    found = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        found["cuda"] = torch.cuda.get_rng_state(device)
    return found


def _random(kind: str, rank: int) -> str:
    return f"random.{rank}.{kind}" if rank else f"random.{kind}"


def write_state(
    folder: Path,
    learner: Learner,
    progress: Progress,
    *,
    weights: bool,
    random: Sequence[Mapping[str, Tensor]] = (),
) -> None:
    """Write the training state into a checkpoint.

    Args:
        weights: write those of the model, too, where the ones in the checkpoint are an average.
        random: where the random numbers of each process stand, by rank; of this one alone if left out.
    """
    tensors: dict[str, Tensor] = {
        _random(kind, rank): value
        for rank, states in enumerate(random or [random_state(learner.device)])
        for kind, value in states.items()
    }
    if weights:
        state = learner.model.state_dict().items()
        tensors |= {f"{_WEIGHTS}{name}": _stored(value) for name, value in state}
    of_optimizer, scalars = optimizer_state(learner.optimizer)
    write_tensors({**tensors, **of_optimizer}, folder / _TENSORS)
    scaler = learner.scaler.state_dict() if learner.scaler is not None else None
    values = {"progress": asdict(progress), "scalars": scalars, "scaler": scaler}
    (folder / _VALUES).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def optimizer_state(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, float]]:
    """What an optimiser remembers, tensors and single numbers; all processes of a sharded model have to ask at once."""
    tensors: dict[str, Tensor] = {}
    scalars: dict[str, float] = {}
    for number, entries in optimizer.state_dict()["state"].items():
        for name, value in entries.items():
            key = f"{_OPTIMIZER}{number}.{name}"
            if isinstance(value, Tensor):
                tensors[key] = _stored(value)
            elif value is not None:
                scalars[key] = value
    return tensors, scalars


def _stored(tensor: Tensor) -> Tensor:
    return whole(tensor.detach()).cpu().contiguous()


def _damaged(folder: Path, error: Exception) -> ModelFolderError:
    return ModelFolderError(f"the training state in {folder} is damaged: {error}")
