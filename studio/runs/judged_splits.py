"""On which parts of its own data a model may be judged."""

from __future__ import annotations

from typing import Literal, get_args

SplitName = Literal["validation", "test"]
SPLITS: tuple[SplitName, ...] = get_args(SplitName)
