"""Accelerate as one run needs it: mixed precision, and the model of several processes wrapped."""

from __future__ import annotations

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.state import AcceleratorState

from studio.engine.team import Team


def accelerator(precision: str, device: torch.device, team: Team, threads: int) -> Accelerator:
    """One for a run of its own.

    Args:
        precision: fp32, bf16 or fp16.
        threads: of each process.
    """
    # Accelerate keeps one state a process; a second run in the same process may want another precision.
    AcceleratorState._reset_state(reset_partial_state=True)
    # What the buffers hold never changes while gradients are exchanged.
    wrapping = [DistributedDataParallelKwargs(broadcast_buffers=False)]
    with team.environment(threads):
        return Accelerator(
            mixed_precision={"fp32": "no"}.get(precision, precision),
            cpu=device.type == "cpu",
            kwargs_handlers=wrapping,
        )
