"""A model as a folder: `model.safetensors`, `config.json` and the task's vocabulary.

Checkpoints, published weights and exports are all such folders. Nothing in them is ever unpickled.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio import __version__, tasks
from studio.models.adapters import add_adapters, merge_adapters
from studio.models.library_encoder_decoder import LibraryEncoderDecoder
from studio.models.rounding import Precision, restored, rounded
from studio.recipe import Model, Recipe
from studio.recipe.pretrained import Lora
from studio.tasks.base import Metrics, Task
from studio.tasks.pair_files import write_beside
from studio.tasks.stored_names import from_file, to_file

FORMAT = 1
WEIGHTS, CONFIG = "model.safetensors", "config.json"
MODEL_TYPE = "hanzi_studio"
"""What `config.json` calls the studio's own networks, for libraries that look for a type."""
_sections: TypeAdapter[Model] = TypeAdapter(Model)
_OS_ERROR = re.compile(r"\(os error (\d+)\)")


class ModelFolderError(Exception):
    """A folder that holds no usable model; the message says what is wrong and what would be right."""


@dataclass(frozen=True)
class ModelConfig:
    """`config.json`: which task and network the weights belong to, and where they come from.

    Of a pretrained encoder the transformers library's configuration stands beside it. `adapters` are the recipe's,
    where weights are stored apart from what adapters beside them have learnt.
    """

    task: str
    model: dict[str, Any]
    step: int
    recipe: str
    metrics: Metrics = field(default_factory=dict)
    format: int = FORMAT
    studio: str = __version__
    adapters: dict[str, Any] = field(default_factory=dict)


_configs: TypeAdapter[ModelConfig] = TypeAdapter(ModelConfig)


def write_model(
    folder: Path,
    model: nn.Module,
    task: Task,
    recipe: Recipe,
    step: int,
    metrics: Metrics,
    *,
    half: bool = False,
) -> None:
    """Write weights, configuration and vocabulary into an existing folder.

    Args:
        half: store the floating-point weights in half precision; they come back as single precision.
    """
    lora = recipe.training.lora
    adapters = lora.model_dump(mode="json") if lora.rank else {}
    section = recipe.model.model_dump(mode="json")
    config = ModelConfig(task.name, section, step, recipe.name, metrics, adapters=adapters)
    write_parts(folder, model, task, config, "half" if half else "single")


def write_parts(
    folder: Path, model: nn.Module, task: Task, config: ModelConfig, precision: Precision
) -> None:
    """Write weights, a configuration that is known, and vocabulary into an existing folder.

    Raises:
        OSError: if the disk does not take them.
    """
    tensors = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    write_tensors(rounded(to_file(model, tensors), precision), folder / WEIGHTS)
    pretrained = getattr(task, "pretrained", None)
    known: Mapping[str, Any] = pretrained.config if pretrained else {"model_type": MODEL_TYPE}
    if isinstance(model, LibraryEncoderDecoder):
        known = model.architecture.config
    values = {**known, **asdict(config)}
    (folder / CONFIG).write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    task.save_vocabulary(folder)
    write_beside(folder, model, task)


def write_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """Write a safetensors file.

    Raises:
        OSError: if the disk does not take it, with the system's number for why.
    """
    try:
        save_file(tensors, path, metadata={"format": "pt"})
    except SafetensorError as error:
        number = _OS_ERROR.search(str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error


def round_weights(source: Path, target: Path, precision: Precision) -> None:
    """Write a model folder's weights into another folder, in fewer bits.

    Raises:
        OSError: if the disk does not take them.
    """
    write_tensors(rounded(restored(load_file(source / WEIGHTS)), precision), target / WEIGHTS)


def read_config(folder: Path) -> ModelConfig:
    """The configuration of a model folder.

    Raises:
        ModelFolderError: if there is none, or this studio cannot read it.
    """
    path = folder / CONFIG
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise TypeError("it holds no object")
        if "format" not in values and "model_type" in values:
            raise ModelFolderError(
                f"{folder} holds a network of the transformers library, not a model of this studio; name it in a "
                "recipe's model.source, with a model.family that begins with pretrained"
            )
        version = values["format"]
        if not isinstance(version, int) or version > FORMAT:
            raise ModelFolderError(
                f"{folder} holds a model of format {version}; this studio reads up to {FORMAT}: update Hanzi Studio"
            )
        return _configs.validate_python(values)
    except FileNotFoundError:
        raise ModelFolderError(
            f"{folder} holds no model: {CONFIG} is missing; choose a run, a checkpoint or an exported folder"
        ) from None
    except OSError as error:
        raise ModelFolderError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelFolderError(f"{path} is not a model's configuration: {where}: {first['msg']}") from error
    except KeyError as error:
        raise ModelFolderError(f"{path} is not a model's configuration: {error} is missing") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelFolderError(f"{path} is not a model's configuration: {error}") from error


def read_model(folder: Path, device: torch.device | str = "cpu") -> tuple[nn.Module, Any, ModelConfig]:
    """A model ready for prediction, its task (see `tasks.create`), and its configuration.

    Raises:
        ModelFolderError: if anything is missing, damaged, or does not fit together.
    """
    config = read_config(folder)
    try:
        section = _sections.validate_python(config.model)
        task = tasks.create(config.task)
        model = task.load(folder, section)
        if config.adapters:
            add_adapters(model, Lora.model_validate(config.adapters))
        load_weights(model, folder)
        if config.adapters:
            merge_adapters(model)
    except ValidationError as error:
        section_error = error.errors()[0]
        where = ".".join(map(str, section_error["loc"]))
        raise ModelFolderError(
            f"{folder / CONFIG} describes no network of this studio: {where}: {section_error['msg']}"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFolderError(f"the model in {folder} is damaged: {error}") from error
    return model.to(device).eval(), task, config


def load_weights(model: nn.Module, folder: Path) -> None:
    """Fill a model with a folder's weights.

    Raises:
        ModelFolderError: if the file is missing or damaged, or its tensors are not this model's.
    """
    path = folder / WEIGHTS
    try:
        model.load_state_dict(from_file(model, restored(load_file(path))), strict=True)
    except FileNotFoundError:
        raise ModelFolderError(f"{folder} holds no weights: {WEIGHTS} is missing") from None
    except (OSError, SafetensorError, RuntimeError) as error:
        # Of a whole list of tensors that do not fit, the first says enough.
        _, *details = str(error).splitlines() or [""]
        reason = details[0].strip() if details else str(error)
        raise ModelFolderError(f"{path} is damaged or belongs to another model: {reason}") from error
