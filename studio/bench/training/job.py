"""What a contestant is told, and what it says in the end. Light: the parent process knows it too."""

from __future__ import annotations

from dataclasses import dataclass

OURS, TRAINER, TRAINER_FULL_SOFTMAX, PLAIN = "ours", "trainer", "trainer_full_softmax", "plain"
RIVALS = (TRAINER, TRAINER_FULL_SOFTMAX, PLAIN)


@dataclass(frozen=True)
class Job:
    """One measurement.

    Attributes:
        contestant: OURS or one of the RIVALS.
        recipe: the file of the recipe, its token budget set.
        threads: for the arithmetic.
        seconds: for OURS, how long to measure after the warm-up.
        steps, warm_up: for RIVALS, how many optimiser steps in all, and after how many of them time counts.
    """

    contestant: str
    recipe: str
    threads: int
    seconds: float = 0.0
    steps: int = 0
    warm_up: int = 0


@dataclass(frozen=True)
class Measured:
    """What came out.

    Attributes:
        speed: real positions (padding not counted) a second after the warm-up.
        positions: trained in all, warm-up included; `loss` is measured after them.
        steps, warm_up: optimiser steps in all, and those before time counted.
        rows: mean number of examples in a batch.
        loss: nats a character on the recipe's validation sample.
    """

    contestant: str
    speed: float
    positions: int
    steps: int
    warm_up: int
    rows: float
    loss: float
    device: str
    precision: str
    threads: int
