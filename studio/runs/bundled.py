"""Models that come with the studio, so that there is something to type with before anything is trained."""

from __future__ import annotations

from pathlib import Path

from studio import paths

_CONFIG = "config.json"


def bundled() -> dict[str, Path]:
    """Their folders by name."""
    home = paths.resources() / "checkpoints"
    return {path.parent.name: path.parent for path in sorted(home.glob(f"*/{_CONFIG}"))}


def default_model() -> Path | None:
    """What is typed with while no run has weights, if it is there."""
    return next(iter(bundled().values()), None)
