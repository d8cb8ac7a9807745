"""Where a run is computed, with how many threads, and in which precision."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import torch

from studio.recipe import Compute

_TRIALS = 3
# bf16 has to win clearly: it rounds more coarsely, and a tie is noise.
_WORTHWHILE = 1.15


class DeviceError(Exception):
    """Something that the recipe asks for and this machine cannot do; `remedy` says what would be right."""

    def __init__(self, message: str, remedy: str = "Set compute.device to auto or cpu.") -> None:
        self.remedy = remedy
        super().__init__(message)


def choose_device(compute: Compute) -> torch.device:
    """The device of a recipe's compute section.

    Raises:
        DeviceError: if it is not there.
    """
    wanted = compute.device
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        have = f"it has {torch.cuda.device_count()}" if torch.cuda.is_available() else "it has none"
        raise DeviceError(f"{wanted} asks for a CUDA device and {have} on this machine")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("mps asks for an Apple GPU and this machine has none")
    return torch.device("cuda", 0) if wanted == "cuda" else device


def set_threads(compute: Compute, sharing: int = 1) -> int:
    """Use as many CPU threads as the recipe says; 0 takes one for each core this process may use.

    Args:
        sharing: processes of the run on this machine, which share its cores.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = min(compute.threads or max(1, cores // sharing), cores)
    torch.set_num_threads(threads)
    return threads


def choose_precision(wanted: str, device: torch.device, trial: Callable[[str], None]) -> str:
    """The precision to train in.

    Args:
        wanted: the recipe's word; anything but "auto" is taken as it is.
        trial: runs one forward and backward pass in the precision it is given and changes no weights.
    """
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if device.type != "cpu" or not cpu_multiplies_bf16():
        return "fp32"
    timings = {}
    for precision in ("fp32", "bf16"):
        trial(precision)
        start = time.perf_counter()
        for _ in range(_TRIALS):
            trial(precision)
        timings[precision] = time.perf_counter() - start
    return "bf16" if timings["fp32"] > _WORTHWHILE * timings["bf16"] else "fp32"


def check_precision(precision: str, device: torch.device) -> None:
    """Refuse a precision that cannot be trained in on a device.

    Raises:
        DeviceError: for fp16 on a processor, which has no use for it and no scaling of losses.
    """
    if precision == "fp16" and device.type == "cpu":
        raise DeviceError(
            "fp16 can be trained in on a GPU only", "Set training.precision to auto, fp32 or bf16."
        )


def cpu_multiplies_bf16() -> bool:
    """Whether the processor has bf16 products; elsewhere they are emulated and slower than fp32."""
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(bool(getattr(torch.cpu, probe, lambda: False)()) for probe in probes)
