"""A model of any task, opened from a path that a person gives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from studio.inference.finding import Found, find
from studio.tasks.model_folder import ModelConfig, ModelFolderError, read_config, read_model

# What a model of each task does, for whoever wanted another.
_DOES = {
    "pinyin_to_hanzi": "types pinyin",
    "text_classification": "classifies texts",
    "language_model": "continues texts",
    "hanzi_to_pinyin": "gives texts their pinyin",
    "sequence_labelling": "marks words and names",
    "masked_language_model": "fills blanks in texts",
    "correction": "corrects texts",
    "sequence_to_sequence": "writes a text for a text",
}


@dataclass(frozen=True)
class Opened:
    """A model, its task and where it came from."""

    found: Found
    model: nn.Module
    task: Any
    config: ModelConfig

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device


def task_of(path: Path) -> str:
    """The name of the task that the model at a path was trained for.

    Raises:
        ModelFolderError: if there is no model.
    """
    return read_config(find(path).folder).task


def open_model(path: Path, task: str = "", device: torch.device | str = "cpu") -> Opened:
    """Open the model that `find` finds.

    Args:
        task: the only one that will do; empty for any.

    Raises:
        ModelFolderError: if there is no model, it is damaged, or it is one of another task.
    """
    found = find(path)
    _require(found, task)
    try:
        model, made, config = read_model(found.folder, device)
    except ModelFolderError:
        # Published weights are replaced while a run goes on; what was just removed has a successor.
        again = find(path)
        if again == found:
            raise
        found = again
        model, made, config = read_model(found.folder, device)
    return Opened(found, model, made, config)


def _require(found: Found, task: str) -> None:
    have = read_config(found.folder).task if task else ""
    if have != task:
        does = _DOES.get(have, f"is made for {have}")
        wanted = _DOES.get(task, f"is made for {task}")
        raise ModelFolderError(
            f"the model in {found.folder} {does}; choose a model that {wanted}, or use this one for {have}"
        )
