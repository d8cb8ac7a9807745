"""What the engine's tests share."""

from __future__ import annotations

import os

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting until a disk has everything is most of what a tiny run does."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run tell of every step, so that a test can act between two of them."""
    monkeypatch.setattr("studio.engine.meter._EVERY", 0.0)
