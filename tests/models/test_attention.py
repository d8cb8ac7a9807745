"""Attention in coarse numbers on a processor."""

from __future__ import annotations

import torch
from torch.nn import functional

from studio.models.transformer import attend


def test_coarse_attention_is_that_of_fine_numbers_rounded() -> None:
    torch.manual_seed(0)
    coarse = [torch.randn(3, 2, 5, 8, dtype=torch.bfloat16, requires_grad=True) for _ in range(3)]
    mask = (torch.arange(5) < torch.tensor([5, 3, 1])[:, None])[:, None, None, :]
    found = attend(coarse[0], coarse[1], coarse[2], mask)
    expected = functional.scaled_dot_product_attention(
        *(tensor.detach().float() for tensor in coarse), attn_mask=mask
    )
    assert found.dtype == torch.bfloat16
    assert torch.equal(found, expected.bfloat16())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(attend(coarse[0], coarse[1], coarse[2], mask), found)
    found.float().sum().backward()
    assert all(tensor.grad is not None and bool(tensor.grad.isfinite().all()) for tensor in coarse)
