"""What the processes of one run say to each other: the leader's orders, sums, and what each has to save.

The leader (rank 0) takes every decision: it alone reads commands, looks at clocks, evaluates and writes. The
others wait for its order before each step, so that all of them make the same steps and leave at the same one.
Orders and counts travel over gloo, also where gradients travel over NCCL: nobody waits for a GPU because of them.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor
from torch import distributed as dist

What = Literal["step", "save", "weights", "end"]
_WHAT: tuple[What, ...] = get_args(What)
_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class ProcessLostError(Exception):
    """One of the processes of a run is gone, or no longer answers."""


@dataclass(frozen=True)
class Order:
    """What all processes do next; `rate` is the learning rate of a step."""

    what: What
    rate: float = 0.0


@dataclass
class Team:
    """The processes that train one model together; the usual one is a single process, which waits for nobody.

    Attributes:
        rank: of this process among `size`, from 0; `local_rank` among the `local_size` of this machine.
        address: host and port where the processes have met.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1
    address: tuple[str, int] = ("127.0.0.1", 0)
    _dismissed: bool = False

    @property
    def leads(self) -> bool:
        """Whether this process decides, tells and writes."""
        return self.rank == 0

    def order(self, what: What, rate: float = 0.0) -> None:
        """Tell the others what comes next; the leader only."""
        if self.size > 1 and not self._dismissed:
            dist.broadcast(torch.tensor([_WHAT.index(what), rate], dtype=torch.float64), 0)
            self._dismissed = what == "end"

    def obey(self) -> Order:
        """The leader's next order; waits for it."""
        message = torch.zeros(2, dtype=torch.float64)
        dist.broadcast(message, 0)
        return Order(_WHAT[int(message[0])], float(message[1]))

    def agree(self, choice: str, among: tuple[str, ...]) -> str:
        """The leader's choice, in every process."""
        if self.size == 1:
            return choice
        message = torch.tensor([among.index(choice) if self.leads else 0])
        dist.broadcast(message, 0)
        return among[int(message)]

    def total(self, count: int) -> int:
        """A count, added up over the processes."""
        if self.size == 1:
            return count
        message = torch.tensor([count])
        dist.all_reduce(message)
        return int(message)

    def add_up(self, value: Tensor) -> None:
        """Add a tensor up over the processes, in place and on its device."""
        if self.size > 1:
            dist.all_reduce(value)

    def collect(self, values: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
        """What each process holds under the same names and in the same shapes, by rank; empty but for the leader.

        The tensors lie in main memory.
        """
        if self.size == 1:
            return [dict(values)]
        found: list[dict[str, Tensor]] = [{} for _ in range(self.size)]
        for name in sorted(values):
            parts = [torch.empty_like(values[name]) for _ in range(self.size)] if self.leads else None
            dist.gather(values[name], parts, 0)
            for rank, part in enumerate(parts or ()):
                found[rank][name] = part
        return found if self.leads else []

    @contextlib.contextmanager
    def environment(self, threads: int) -> Iterator[None]:
        """The variables that Accelerate reads, as torchrun would have set them, while the block runs."""
        before = {name: os.environ.get(name) for name in (*_VARIABLES, "OMP_NUM_THREADS")}
        if self.size > 1:
            host, port = self.address
            values = (self.rank, self.size, self.local_rank, self.local_size, host, port)
            os.environ.update({name: str(value) for name, value in zip(_VARIABLES, values, strict=True)})
            # Else it would choose the number of threads itself.
            os.environ["OMP_NUM_THREADS"] = str(threads)
        else:
            for name in _VARIABLES:
                os.environ.pop(name, None)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
