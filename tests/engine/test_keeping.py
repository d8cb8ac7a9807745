"""Which checkpoints stay, and that a scaled loss's state is part of them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from studio.engine.checkpoints import kept
from studio.engine.progress import Progress
from studio.engine.state import Learner, read_state, write_state
from studio.recipe import Training
from studio.runs import events
from studio.tasks.model_folder import ModelFolderError
from tests import tiny


@pytest.mark.parametrize(
    ("rule", "stay"),
    [
        ({"keep": 2}, {9, 10}),
        ({"keep": 1, "every_nth": 2}, {4, 8, 10}),
        ({"keep": 1, "every_nth": 2, "limit": 1}, {8, 10}),
        ({"keep": 1, "every_nth": 1}, {2, 4, 6, 8, 10}),
        ({"keep": 99}, {0, 2, 3, 4, 6, 8, 9, 10}),
    ],
)
def test_what_stays(rule: dict[str, int], stay: set[int]) -> None:
    """Those made by hand are no regular ones: they stay while they are recent."""
    training = Training.model_validate({"checkpoint_every": 2, "checkpoints": rule})
    assert kept([10, 0, 2, 3, 4, 6, 8, 9], training) == stay


def test_a_run_keeps_every_nth_with_best_and_last(tmp_path: Path) -> None:
    recipe, run = tiny.new_run(
        tmp_path,
        "training.max_steps=8",
        "training.checkpoint_every=1",
        "training.checkpoints={ keep = 1, every_nth = 3 }",
    )
    assert isinstance(list(tiny.training(recipe, run))[-1], events.Finished)
    index = run.read_index()
    assert {entry.step for entry in index.entries} == {3, 6, 8, index.best}
    assert {int(path.name[5:]) for path in run.checkpoints.iterdir()} == {3, 6, 8, index.best}


def learner(scale: float) -> Learner:
    model = nn.Linear(2, 1)
    scaler = torch.amp.GradScaler("cpu", init_scale=scale, growth_interval=3)
    return Learner(model, torch.optim.SGD(model.parameters(), lr=0.1), torch.device("cpu"), scaler)


def test_the_scale_of_losses_is_saved_and_brought_back(tmp_path: Path) -> None:
    before = learner(1024.0)
    assert before.scaler is not None
    for factor in (1.0, math.inf, 1.0, 1.0):
        before.scaler.scale(before.model(torch.ones(1, 2)).sum() * factor).backward()
        before.scaler.step(before.optimizer)
        before.scaler.update()
        before.optimizer.zero_grad()
    assert before.scaler.get_scale() == 512.0
    write_state(tmp_path, before, Progress(step=4), weights=False)
    after = learner(65536.0)
    saved = read_state(tmp_path)
    saved.restore(after)
    assert saved.progress == Progress(step=4)
    assert after.scaler is not None
    assert after.scaler.state_dict() == before.scaler.state_dict()


def test_a_state_of_another_model_is_refused(tmp_path: Path) -> None:
    write_state(tmp_path, learner(1.0), Progress(), weights=True)
    other = nn.Linear(3, 1)
    with pytest.raises(ModelFolderError, match="damaged"):
        read_state(tmp_path).restore(
            Learner(other, torch.optim.SGD(other.parameters(), lr=0.1), torch.device("cpu"))
        )
