"""Weights in fewer bits come back nearly as they were."""

from __future__ import annotations

import pytest
import torch

from studio.models.rounding import Precision, restored, rounded


def tensors() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {
        "table": torch.randn(300, 32) * torch.logspace(-4, 1, 300)[:, None],
        "small": torch.randn(4, 4),
        "bias": torch.randn(300),
        "large": torch.tensor([1e6, 1.0]),
        "counts": torch.arange(5),
    }


@pytest.mark.parametrize(
    ("precision", "error", "bits"), [("single", 0, 32), ("half", 1e-3, 16), ("int8", 1 / 254, 8)]
)
def test_what_comes_back(precision: Precision, error: float, bits: int) -> None:
    before = tensors()
    stored = rounded(before, precision)
    after = restored(stored)
    assert set(after) == set(before)
    assert stored["table"].element_size() * 8 == bits
    for name, tensor in before.items():
        largest = tensor.abs().amax(dim=-1, keepdim=True).double()
        assert ((after[name].double() - tensor.double()).abs() <= largest * error * 1.001 + 1e-9).all(), name
    assert torch.equal(after["counts"], before["counts"])
    assert torch.equal(after["large"], before["large"]), "half precision has no number for it"


def test_a_row_of_zeros_stays_one() -> None:
    table = torch.zeros(128, 64)
    assert torch.equal(restored(rounded({"t": table}, "int8"))["t"], table)
