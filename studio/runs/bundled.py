"""Models that come with the studio, so that there is something to type with before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from studio import paths

_CONFIG = "config.json"


@cache  # asked for with every key that is typed; what came with the studio stays
def bundled() -> Mapping[str, Path]:
    """Their folders by name."""
    home = paths.resources() / "checkpoints"
    return MappingProxyType({path.parent.name: path.parent for path in sorted(home.glob(f"*/{_CONFIG}"))})


def default_model() -> Path | None:
    """What is typed with while no run has weights, if it is there."""
    return next(iter(bundled().values()), None)
