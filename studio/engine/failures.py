"""How a run can fail, in words: what happened, why, and what to do; and what in the recipe would likely help."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import NamedTuple

import torch

from studio.data.errors import DataError
from studio.engine.broken import Diverged
from studio.engine.device import DeviceError
from studio.engine.room import peak_memory
from studio.engine.team import ProcessLostError
from studio.recipe import BuiltinSource, Recipe, RecipeError
from studio.runs.events import Failed
from studio.runs.folder import RunError
from studio.tasks.model_folder import ModelFolderError

# What torch says where it has no error of its own for it, by system.
_NO_MEMORY = ("not enough memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
# After any of these the process cannot use its device any more.
_LOST = (
    "device-side assert",
    "unspecified launch failure",
    "illegal memory access",
    "illegal instruction was encountered",
    "GPU is lost",
    "no CUDA-capable device",
    "all CUDA-capable devices are busy or unavailable",
    "uncorrectable ECC error",
    "launch timed out",
    "driver shutting down",
    "CUDA error: unknown error",
)
# What a recipe can do without where this machine cannot do it.
_SWITCHES = ("training.tensorboard",)
_SAVED = "The last saved checkpoint is whole and can be used."
# What to do when one of several processes is gone.
LOST_FIX = (
    "Resume the run from its last checkpoint. If it happens again, worker.log in the run folder says more."
)
_MOST_ACCUMULATED = 1024  # as the recipe allows


class _Told(NamedTuple):
    kind: str
    cause: str
    fix: str
    remedy: tuple[str, ...] = ()


def describe(error: BaseException, step: int, recipe: Recipe | None = None) -> Failed:
    """The event that tells of an error; with the recipe it also says which changes would likely help."""
    told = _explain(error, recipe)
    trace = "".join(traceback.format_exception(error))
    return Failed(kind=told.kind, cause=told.cause, fix=told.fix, trace=trace, step=step, remedy=told.remedy)


def _explain(error: BaseException, recipe: Recipe | None) -> _Told:
    text = str(error)
    if isinstance(error, DataError):
        return _Told("data", error.message, error.remedy or "Mend the data or choose another source.")
    if isinstance(error, RecipeError):
        off = [f"{problem.path}=false" for problem in error.problems if problem.path in _SWITCHES]
        fix = "Mend the recipe; `studio recipe check` lists what is wrong."
        return _Told("recipe", text, fix, tuple(off))
    if isinstance(error, DeviceError):
        return _Told("device", f"{error}.", error.remedy)
    if isinstance(error, ModelFolderError | RunError):
        return _Told("run_folder", text, "Start a new run, or repair the folder from a copy.")
    if isinstance(error, ProcessLostError):
        return _Told("process_lost", f"{text}.", LOST_FIX)
    if isinstance(error, Diverged):
        return _diverged(error, recipe)
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or any(word in text for word in _NO_MEMORY):
        return _out_of_memory(error, recipe)
    if isinstance(error, RuntimeError) and any(word in text for word in _LOST):
        return _Told(
            "device",
            f"The device is lost: {_first_line(error)}",
            "Resume the run: a new process may get the device back. If it fails again, restart the machine, or set "
            f"compute.device to cpu. {_SAVED}",
        )
    if type(error).__module__.startswith(("torch._dynamo", "torch._inductor")):
        return _Told(
            "device",
            f"The model could not be compiled: {_first_line(error)}",
            "Set compute.compile to false, or install a C++ compiler.",
            ("compute.compile=false",),
        )
    if isinstance(error, OSError):
        return _on_disk(error, recipe)
    return _Told(
        "internal",
        f"{type(error).__name__}: {error}",
        f"This is a fault of the studio: report it with the trace. {_SAVED}",
    )


def _diverged(error: Diverged, recipe: Recipe | None) -> _Told:
    remedy = (f"training.learning_rate={recipe.training.learning_rate / 2:.6g}",) if recipe else ()
    fix = f"Lower training.learning_rate or raise training.warmup_steps. {_SAVED}"
    return _Told("not_a_number", str(error), fix, remedy)


def _out_of_memory(error: BaseException, recipe: Recipe | None) -> _Told:
    taken = torch.cuda.max_memory_allocated() if torch.cuda.is_initialized() else peak_memory()
    where = "the GPU" if torch.cuda.is_initialized() else "this process"
    reason = _first_line(error).rstrip(".") or "no more could be had"
    cause = f"Memory ran out: {reason}. At its peak {where} held {taken / 2**20:,.0f} MiB."
    remedy = smaller_batches(recipe) if recipe else ()
    if recipe is None or any(change.startswith("training.token_budget") for change in remedy):
        fix = "Halve training.token_budget and double training.accumulation, or choose a smaller model."
    else:
        fix = "A batch holds no more than one of the longest examples already: choose a smaller model or a lower "
        fix += "data.cleaning.max_length."
        if remedy:
            fix += " Gradient checkpointing takes less memory, too."
    return _Told("out_of_memory", cause, f"{fix} {_SAVED}", remedy)


def smaller_batches(recipe: Recipe) -> tuple[str, ...]:
    """Changes that need less memory and learn alike: half the batch, twice as often.

    A batch below the longest example is made of single examples, so that halving it saves nothing any more; what
    is left then is to keep less of what the layers compute.
    """
    training = recipe.training
    budget = training.token_budget // 2
    if budget >= recipe.data.cleaning.max_length and 2 * training.accumulation <= _MOST_ACCUMULATED:
        return (f"training.token_budget={budget}", f"training.accumulation={2 * training.accumulation}")
    return () if training.gradient_checkpointing else ("training.gradient_checkpointing=true",)


def _on_disk(error: OSError, recipe: Recipe | None) -> _Told:
    where = f" ({error.filename})" if error.filename else ""
    if _is_source(error, recipe):
        reason = "is no longer there" if error.errno == errno.ENOENT else f"cannot be read: {error.strerror}"
        return _Told(
            "data", f"{error.filename} {reason}.", f"Put the file back, then resume the run. {_SAVED}"
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _Told("disk_full", f"The disk is full{where}.", f"Free some space, then start again. {_SAVED}")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _Told(
            "read_only",
            f"The run folder cannot be written{where}: {error.strerror}.",
            f"Make it writable. {_SAVED}",
        )
    return _Told(
        "disk", f"Reading or writing failed{where}: {error.strerror or error}.", f"Check the disk. {_SAVED}"
    )


def _is_source(error: OSError, recipe: Recipe | None) -> bool:
    if recipe is None or not isinstance(error.filename, str):
        return False
    places = [Path(source.path) for source in recipe.data.sources if not isinstance(source, BuiltinSource)]
    # A file below a folder that is a source is one of its files.
    return any(place in (Path(error.filename), *Path(error.filename).parents) for place in places)


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else ""
