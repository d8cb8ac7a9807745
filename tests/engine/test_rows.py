"""Tables learnt row by row: the rule by its definition, and the same from sparse gradients as from dense ones."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from studio.engine.rows import RowAdamW, give_sparse_gradients, tables
from studio.models.ngrams import NgramEmbedding
from tests import tiny

RATE, BETAS, DECAY = 0.01, (0.9, 0.95), 0.1


def embedding(dropout: float = 0.0) -> NgramEmbedding:
    torch.manual_seed(4)
    return NgramEmbedding(512, 4, 6, dropout)


def optimizer_of(model: nn.Module) -> RowAdamW:
    groups = [{"params": list(model.parameters()), "weight_decay": DECAY}]
    return RowAdamW(groups, tables(model), lr=RATE, betas=BETAS)


def batch(number: int) -> torch.Tensor:
    symbols = torch.randint(1, 30, (3, 7), generator=torch.Generator().manual_seed(number))
    symbols[0, 4:] = 0
    return symbols


def loss(model: NgramEmbedding, symbols: torch.Tensor) -> torch.Tensor:
    return (model(symbols) * (symbols > 0)[..., None]).square().sum()


@pytest.mark.parametrize("accumulation", [1, 3])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_sparse_and_dense_gradients_teach_the_same(accumulation: int, dropout: float) -> None:
    results = []
    for sparse in (False, True):
        model = embedding(dropout)
        if sparse:
            give_sparse_gradients(model)
        optimizer = optimizer_of(model)
        torch.manual_seed(5)
        for step in range(10):
            optimizer.zero_grad()
            for part in range(accumulation):
                loss(model, batch(10 * step + part)).backward()
            gradient = model.table.grad
            assert gradient is not None
            assert gradient.is_sparse == sparse
            if sparse:
                model.table.grad = gradient.coalesce()
            optimizer.step()
        results.append(copy.deepcopy(model.state_dict()))
    for name, value in results[0].items():
        torch.testing.assert_close(results[1][name], value)


def test_one_batch_names_each_row_once_and_in_order() -> None:
    model = embedding()
    give_sparse_gradients(model)
    loss(model, batch(0)).backward()
    assert model.table.grad is not None
    rows = model.table.grad._indices()[0]
    assert (rows[1:] > rows[:-1]).all()


def test_rows_that_were_not_met_stay_as_they_are() -> None:
    model = embedding()
    optimizer = optimizer_of(model)
    before = model.table.detach().clone()
    loss(model, batch(1)).backward()
    assert model.table.grad is not None
    met = (model.table.grad != 0).any(dim=1)
    assert 0 < int(met.sum()) < len(met)
    optimizer.step()
    assert torch.equal(model.table[~met], before[~met])
    assert (model.table[met] != before[met]).any(dim=1).all()
    assert not optimizer.state[model.table]["exp_avg_sq"][~met].any()


def test_what_was_learnt_from_sparse_gradients_goes_on_with_dense_ones() -> None:
    """A run of one process that goes on with several."""
    results = []
    for switch in (3, 99):
        model = embedding()
        optimizer = optimizer_of(model)
        for step in range(8):
            for module in model.modules():
                module.sparse = step < switch  # type: ignore[assignment]
            optimizer.zero_grad()
            loss(model, batch(step)).backward()
            optimizer.step()
        results.append(model.table.detach().clone())
    torch.testing.assert_close(*results)


def test_rows_met_each_time_are_moved_as_by_adamw_without_momentum() -> None:
    ours, plain = embedding(), embedding()
    optimizers = [
        optimizer_of(ours),
        torch.optim.AdamW([plain.table], RATE, (0.0, BETAS[1]), weight_decay=DECAY),
    ]
    for step in range(8):
        slope = torch.randn(512, 4, generator=torch.Generator().manual_seed(step)) + 0.01
        for model, optimizer in zip((ours, plain), optimizers, strict=True):
            model.table.grad = slope.clone()
            optimizer.step()
    torch.testing.assert_close(ours.table, plain.table)


def test_a_step_that_is_left_out_on_the_device_changes_nothing() -> None:
    model = embedding()
    optimizer = optimizer_of(model)
    loss(model, batch(2)).backward()
    optimizer.step()
    kept = copy.deepcopy((model.state_dict(), optimizer.state[model.table]))
    nn.init.constant_(model.table.grad, float("nan"))  # type: ignore[arg-type]
    optimizer.found_inf = torch.ones(())  # type: ignore[attr-defined]
    optimizer.step()
    for name, value in model.state_dict().items():
        assert torch.equal(value, kept[0][name])
    for name, value in optimizer.state[model.table].items():
        assert torch.equal(value, kept[1][name])


def test_a_run_of_one_process_uses_sparse_gradients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    original = RowAdamW._move

    def look(self: RowAdamW, group: dict[str, Any], weight: nn.Parameter, gradient: torch.Tensor) -> None:
        seen.append(gradient.is_sparse)
        original(self, group, weight, gradient)

    monkeypatch.setattr(RowAdamW, "_move", look)
    recipe, run = tiny.new_run(tmp_path)
    for _ in tiny.training(recipe, run):
        pass
    assert seen
    assert all(seen)
