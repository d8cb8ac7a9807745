"""How a run can fail, in words: what happened, why, and what to do."""

from __future__ import annotations

import errno
import traceback

import torch

from studio.data.errors import DataError
from studio.engine.device import DeviceError
from studio.recipe import RecipeError
from studio.runs.events import Failed
from studio.runs.folder import RunError
from studio.tasks.model_folder import ModelFolderError

# What torch says where it has no error of its own for it, by system.
_NO_MEMORY = ("not enough memory", "can't allocate memory")


class Diverged(Exception):  # noqa: N818 - the word says it
    """The loss or the gradients are no longer numbers."""


def describe(error: BaseException, step: int) -> Failed:
    """The event that tells of an error."""
    kind, cause, fix = _explain(error)
    trace = "".join(traceback.format_exception(error))
    return Failed(kind=kind, cause=cause, fix=fix, trace=trace, step=step)


def _explain(error: BaseException) -> tuple[str, str, str]:
    saved = "The last saved checkpoint is whole and can be used."
    if isinstance(error, DataError):
        return "data", error.message, error.remedy or "Mend the data or choose another source."
    if isinstance(error, RecipeError):
        return "recipe", str(error), "Mend the recipe; `studio recipe check` lists what is wrong."
    if isinstance(error, DeviceError):
        return "device", f"{error}.", error.remedy
    if isinstance(error, ModelFolderError | RunError):
        return "run_folder", str(error), "Start a new run, or repair the folder from a copy."
    if isinstance(error, Diverged):
        return (
            "not_a_number",
            str(error),
            f"Lower training.learning_rate or raise training.warmup_steps. {saved}",
        )
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or any(w in str(error) for w in _NO_MEMORY):
        return (
            "out_of_memory",
            f"Memory ran out: {str(error).splitlines()[0] if str(error) else 'no more could be had'}",
            f"Halve training.token_budget and double training.accumulation, or choose a smaller model. {saved}",
        )
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "disk_full", f"The disk is full{where}.", f"Free some space, then start again. {saved}"
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return (
                "read_only",
                f"The run folder cannot be written{where}: {error.strerror}.",
                f"Make it writable. {saved}",
            )
        return (
            "disk",
            f"Reading or writing failed{where}: {error.strerror or error}.",
            f"Check the disk. {saved}",
        )
    return (
        "internal",
        f"{type(error).__name__}: {error}",
        f"This is a fault of the studio: report it with the trace. {saved}",
    )
