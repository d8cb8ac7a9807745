"""What a run is expected to take, before it is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["fits", "tight", "too_large"]
Note = Literal["not_prepared", "may_stop_early", "too_large_to_try", "trial_failed", "trial_slow"]
_TIGHT = 0.8  # share of what is free above which other programs will feel it


@dataclass(frozen=True, kw_only=True)
class NetworkPart:
    """A part of a network, in the order in which it is gone through.

    Attributes:
        kind: what it is, as words of `engine.outline`; "other" where that has none.
        name: as the weights call it.
        shape: from which size to which, or of what: "4,347 → 256".
        parameters, learnt: how many numbers it has, and how many of them are learnt; of one, where there are several.
        times: how many alike follow each other.
        parts: what it is made of, if that says more.
    """

    kind: str
    name: str
    shape: str
    parameters: int
    learnt: int
    times: int = 1
    parts: tuple[NetworkPart, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunEstimated:
    """The answer to `EstimateRun`.

    Attributes:
        parameters, trainable: how many numbers the model has, and how many of them are learnt.
        device, precision: in words; the precision is empty while it is to be found out.
        steps, step_seconds: how many, and the mean duration of one; None before a trial.
        memory: bytes at the highest point by part: process, data, weights, gradients, optimizer, average,
            activations. On a GPU its own memory alone, without process and data.
        memory_held: bytes that the allocator of a GPU keeps at the highest point; 0 elsewhere.
        main_memory: bytes of main memory that a run on a GPU takes besides; 0 elsewhere.
        seconds: by part: starting, training, evaluating, saving, testing; empty before a trial.
        disk: bytes at the end by part: checkpoints, live, records.
        disk_most: bytes while a checkpoint is written and none is removed yet, the best one being an old one.
        memory_free, disk_free: bytes that there are for it.
        exact: the vocabulary and the lengths of the examples are those of the data, and no guess.
        tried: steps were made and measured; otherwise the activations are a rule of thumb.
        notes: what else to know, as words of `Note`.
        error: why there was no trial, for people; empty if there was one or none was asked for.
        outline: of the network.
    """

    type: Literal["run_estimated"] = "run_estimated"
    id: str
    parameters: int
    device: str
    steps: int
    memory: dict[str, int]
    disk: dict[str, int]
    disk_most: int
    memory_free: int
    disk_free: int
    precision: str = ""
    step_seconds: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    memory_held: int = 0
    main_memory: int = 0
    exact: bool = True
    tried: bool = False
    notes: tuple[str, ...] = ()
    error: str = ""
    trainable: int = 0
    outline: tuple[NetworkPart, ...] = ()

    @property
    def memory_total(self) -> int:
        """Bytes at the highest point."""
        return sum(self.memory.values())

    @property
    def disk_total(self) -> int:
        """Bytes that the run folder holds at the end."""
        return sum(self.disk.values())

    @property
    def seconds_total(self) -> float | None:
        """From the start to the end of the run, preparation of data left out; None before a trial."""
        return sum(self.seconds.values()) if self.seconds else None

    @property
    def memory_verdict(self) -> Verdict:
        """Whether there is room for it in memory."""
        return verdict(max(self.memory_total, self.memory_held), self.memory_free)

    @property
    def disk_verdict(self) -> Verdict:
        """Whether there is room for it on the disk."""
        return verdict(max(self.disk_total, self.disk_most), self.disk_free)

    @property
    def verdict(self) -> Verdict:
        """The worse of the two."""
        order: tuple[Verdict, ...] = ("fits", "tight", "too_large")
        return max(self.memory_verdict, self.disk_verdict, key=order.index)


def verdict(wanted: int, free: int) -> Verdict:
    """Whether so many bytes fit where so many are free."""
    if wanted > free:
        return "too_large"
    return "tight" if wanted > _TIGHT * free else "fits"
