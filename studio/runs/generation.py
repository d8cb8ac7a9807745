"""How text is drawn from a language model: what the window and the command line say of it."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 4_000


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """What decides which of the likely characters is taken.

    Attributes:
        temperature: below 1 the likely ones are preferred, above 1 the unlikely ones gain; 0 takes the likeliest.
        top_k: only so many of the likeliest are drawn from; 0 takes all.
        top_p: only the likeliest that together have this probability (Holtzman et al. 2020).
        length: characters at the most.
        stop: the text ends before this; empty for none.
        seed: the same seed draws the same text.
    """

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 0.95
    length: int = 60
    stop: str = ""
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= 10:
            raise ValueError(f"a temperature of {self.temperature} is not between 0 and 10")
        if self.top_k < 0:
            raise ValueError(f"{self.top_k} is no number of characters to choose among; 0 takes all")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top-p {self.top_p} is not above 0 and at most 1")
        if not 1 <= self.length <= LONGEST:
            raise ValueError(f"a length of {self.length} is not between 1 and {LONGEST}")
