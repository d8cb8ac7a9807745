"""The candidate head against the same figures computed plainly."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from studio.models import candidates
from studio.models.candidates import CandidateHead

STARTS = torch.tensor([0, 3, 4, 4, 9])  # syllable 2 has no candidates
SYLLABLES = torch.tensor([3, 0, 3, 1, 0, 3])
UNITS = torch.tensor([8, 0, 4, 3, 2, 6])


def make_head(width: int = 5) -> CandidateHead:
    torch.manual_seed(3)
    head = CandidateHead(width, STARTS, torch.randn(9))
    torch.nn.init.normal_(head.weight)
    return head


def plain_loss(head: CandidateHead, hidden: Tensor, smoothing: float) -> Tensor:
    """Cross entropy position by position: log-softmax over the syllable's slice alone."""
    total = torch.zeros(())
    for vector, syllable, unit in zip(hidden, SYLLABLES.tolist(), UNITS.tolist(), strict=True):
        low, high = int(STARTS[syllable]), int(STARTS[syllable + 1])
        logs = (head.weight[low:high] @ vector + head.bias[low:high]).log_softmax(dim=0)
        total = total - (1 - smoothing) * logs[unit - low] - smoothing * logs.mean()
    return total


@pytest.fixture(params=["a product a syllable", "shared products", "one product"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """All ways to compute: those of a processor, for large and for small batches, and the one of a GPU."""
    monkeypatch.setattr(candidates, "prefers_small_products", lambda _: request.param != "one product")
    monkeypatch.setattr(candidates, "_BLOCK", 1 if request.param == "a product a syllable" else 20)
    return str(request.param)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_loss_and_gradients_are_those_of_plain_cross_entropy(path: str, smoothing: float) -> None:
    head = make_head()
    figures = []
    for compute in ("ours", "plain"):
        head.zero_grad()
        hidden = torch.linspace(-1, 1, 30).view(6, 5).requires_grad_()
        loss = (
            head.loss(hidden, SYLLABLES, UNITS, smoothing)
            if compute == "ours"
            else plain_loss(head, hidden, smoothing)
        )
        (3 * loss).backward()
        figures.append((loss.detach(), hidden.grad, head.weight.grad, head.bias.grad))
    for ours, plain in zip(*figures, strict=True):
        torch.testing.assert_close(ours, plain)


def test_candidates_are_the_syllables_own_and_add_up_to_one(path: str) -> None:
    units, logs = make_head()(torch.randn(6, 5), SYLLABLES)
    assert units.shape == logs.shape == (6, 5)
    for row, syllable in enumerate(SYLLABLES.tolist()):
        own = list(range(int(STARTS[syllable]), int(STARTS[syllable + 1])))
        assert units[row].tolist() == own + [-1] * (5 - len(own))
        assert torch.isneginf(logs[row, len(own) :]).all()
    torch.testing.assert_close(logs.exp().sum(dim=1), torch.ones(6))


def test_candidates_agree_with_the_loss(path: str) -> None:
    head, hidden = make_head(), torch.randn(6, 5)
    units, logs = head(hidden, SYLLABLES)
    right = logs[units == UNITS[:, None]].sum()
    torch.testing.assert_close(-right, head.loss(hidden, SYLLABLES, UNITS))


def test_a_syllable_without_candidates_has_none(path: str) -> None:
    units, logs = make_head()(torch.randn(2, 5), torch.tensor([2, 1]))
    assert units.tolist() == [[-1], [3]]
    assert logs.tolist() == [[float("-inf")], [0.0]]
    units, logs = make_head()(torch.randn(1, 5), torch.tensor([2]))
    assert (units.tolist(), logs.tolist()) == ([[-1]], [[float("-inf")]])


def test_a_single_candidate_costs_nothing(path: str) -> None:
    loss = make_head().loss(torch.randn(1, 5), torch.tensor([1]), torch.tensor([3]), 0.3)
    assert float(loss.detach()) == pytest.approx(0, abs=1e-6)


def test_half_precision_states_give_half_precision_gradients(path: str) -> None:
    head = make_head()
    hidden = torch.linspace(-1, 1, 30).view(6, 5)
    exact = float(head.loss(hidden, SYLLABLES, UNITS).detach())
    coarse = hidden.bfloat16().requires_grad_()
    loss = head.loss(coarse, SYLLABLES, UNITS)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(exact, rel=0.02)
    assert coarse.grad is not None
    assert coarse.grad.dtype == torch.bfloat16
    assert head.weight.grad is not None
    assert head.weight.grad.dtype == torch.float32


def test_autocast_changes_little(path: str) -> None:
    head = make_head()
    hidden = torch.linspace(-1, 1, 30).view(6, 5)
    exact = head.loss(hidden, SYLLABLES, UNITS, 0.1)
    exact.backward()
    assert head.bias.grad is not None
    slope = head.bias.grad.clone()
    head.zero_grad()
    with torch.autocast("cpu", torch.bfloat16):
        coarse = head.loss(hidden.bfloat16(), SYLLABLES, UNITS, 0.1)
    coarse.backward()
    torch.testing.assert_close(coarse, exact, rtol=0.02, atol=0.02)
    torch.testing.assert_close(head.bias.grad, slope, rtol=0.05, atol=0.05)


def test_huge_scores_do_not_overflow(path: str) -> None:
    loss = make_head().loss(torch.full((6, 5), 1e4), SYLLABLES, UNITS)
    assert torch.isfinite(loss)


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.integers(1, 12),
    st.integers(1, 60),
    st.integers(0, 2**20),
)
def test_both_ways_agree_on_any_layout(sizes: list[int], positions: int, block: int, seed: int) -> None:
    torch.manual_seed(seed)
    starts = torch.tensor([0, *sizes]).cumsum(0)
    head = CandidateHead(4, starts, torch.randn(int(starts[-1])))
    hidden = torch.randn(positions, 4)
    syllables = torch.randint(len(sizes), (positions,))
    units = starts[syllables] + (torch.rand(positions) * torch.tensor(sizes)[syllables]).long()
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for small in (True, False):
            patch.setattr(candidates, "prefers_small_products", lambda _, small=small: small)
            patch.setattr(candidates, "_BLOCK", block)
            found.append((head.loss(hidden, syllables, units, 0.1), *head(hidden, syllables)))
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b)
