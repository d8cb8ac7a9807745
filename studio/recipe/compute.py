"""What the run is computed on, and what it may keep."""

from __future__ import annotations

from typing import Literal

from studio.recipe.fields import Section, setting


class Compute(Section):
    """Device, threads and processes."""

    device: str = setting(
        "auto",
        title="Device",
        help="'auto' takes the first GPU, else the CPU; or cpu, cuda, cuda:1, mps.",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
    )
    threads: int = setting(
        0,
        title="CPU threads",
        help="Threads for the arithmetic; 0 takes one for each core.",
        ge=0,
        le=1024,
        advanced=True,
    )
    compile: bool = setting(
        False,
        title="Compile the model",
        help="Let torch.compile make faster code for the model. The first steps take minutes, and a C++ compiler is "
        "needed.",
        advanced=True,
    )
    processes: int = setting(
        1,
        title="Processes",
        help="Training processes on each machine: one a GPU, or some on the CPU. A step learns from as many "
        "batches as there are processes, times the accumulation.",
        ge=1,
        le=1024,
        advanced=True,
    )
    nodes: int = setting(
        1,
        title="Nodes",
        help="Machines that train together; above 1, torchrun has to start the run on each of them.",
        ge=1,
        le=4096,
        advanced=True,
    )
    strategy: Literal["auto", "ddp", "fsdp"] = setting(
        "auto",
        title="Strategy",
        help="How several processes share a model: 'ddp' gives each the whole, 'fsdp' a part of the weights and of "
        "the optimiser's state, which takes less memory and more traffic. 'auto' is ddp.",
        advanced=True,
    )


class Privacy(Section):
    """What a run records about the machine it ran on."""

    record_hostname: bool = setting(
        False, title="Record host name", help="Write this machine's name into the run folder."
    )
