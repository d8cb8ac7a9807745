"""Beam search, held against every text that could be written."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from studio.models.attention_decoders import Memory, State
from studio.models.beam_search import BOUNDARY, beam_search, greedy

SYMBOLS = 6  # padding, unknown, boundary, and three that can be written


class Table:
    """Writes by a table: what follows depends on the text that is read and on the last two symbols."""

    def __init__(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.scores = 2 * torch.randn(3, SYMBOLS, SYMBOLS, SYMBOLS, generator=generator)

    def read(self, symbols: Tensor, lengths: Tensor) -> Memory:
        visible = torch.arange(symbols.shape[1]) < lengths[:, None]
        return Memory(symbols[..., None].float(), visible)

    def begin(self, memory: Memory) -> State:
        return [torch.full((len(memory.states),), BOUNDARY)]

    def step(self, memory: Memory, state: State, last: Tensor, place: int) -> tuple[Tensor, State, Tensor]:
        first = memory.states[:, 0, 0].long()
        weights = memory.visible.float() / memory.visible.sum(dim=1, keepdim=True)
        return self.scores[first, state[0], last], [last], weights


def every_text(table: Table, text: int, most: int, power: float) -> list[tuple[float, tuple[int, ...]]]:
    """All texts of one to `most` symbols with their scores, the best first."""

    def logs(before: int, last: int, *, first: bool) -> Tensor:
        scores = table.scores[text, before, last].clone()
        scores[[0, 1, 2] if first else [0, 1]] = -math.inf
        return scores.double().log_softmax(dim=-1)

    found = []
    for size in range(1, most + 1):
        for symbols in itertools.product(range(3, SYMBOLS), repeat=size):
            whole = (BOUNDARY, BOUNDARY, *symbols)
            log = sum(
                float(logs(whole[n], whole[n + 1], first=n == 0)[symbol]) for n, symbol in enumerate(symbols)
            )
            log += float(logs(whole[-2], whole[-1], first=False)[BOUNDARY])
            found.append((log / (size + 1) ** power, symbols))
    return sorted(found, reverse=True)


def asked(texts: list[int], most: int) -> tuple[Tensor, Tensor, Tensor]:
    symbols = torch.tensor([[text, 1] for text in texts])
    return symbols, torch.tensor([2 - text % 2 for text in texts]), torch.tensor([most] * len(texts))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from([0.0, 0.6, 1.0]))
def test_a_beam_that_is_wide_enough_finds_everything(seed: int, most: int, power: float) -> None:
    table, texts = Table(seed), [2, 0]
    found = beam_search(table, *asked(texts, most), width=60, power=power)
    for text, hypotheses in zip(texts, found, strict=True):
        wanted = every_text(table, text, most, power)
        assert [one.symbols for one in hypotheses] == [symbols for _, symbols in wanted]
        assert [one.score for one in hypotheses] == pytest.approx([score for score, _ in wanted])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 4))
def test_a_narrow_beam_finds_some_of_it(seed: int, width: int, most: int) -> None:
    table = Table(seed)
    (found,) = beam_search(table, *asked([1], most), width=width)
    scores = {symbols: score for score, symbols in every_text(table, 1, most, 1.0)}
    assert 1 <= len(found) <= width and len({one.symbols for one in found}) == len(found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert one.score == pytest.approx(scores[one.symbols])
        assert one.log == pytest.approx(one.score * (len(one.symbols) + 1))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_greedy_is_a_beam_of_one(seed: int, most: int) -> None:
    table, texts = Table(seed), [0, 1, 2, 1]
    found = beam_search(table, *asked(texts, most), width=1)
    written = greedy(table, *asked(texts, most))
    assert written == [list(one.symbols) for (one,) in found]
    assert written[1] == written[3], "rows do not disturb each other"


def test_rows_have_lengths_of_their_own_and_attention() -> None:
    symbols, lengths, _ = asked([0, 1], 4)
    found = beam_search(Table(3), symbols, lengths, torch.tensor([1, 4]), 4, attention=True)
    assert {len(one.symbols) for one in found[0]} == {1}
    for row, size in zip(found, lengths.tolist(), strict=True):
        for one in row:
            assert one.attention is not None and one.attention.shape == (len(one.symbols), size)
            assert one.attention.sum(dim=1).tolist() == pytest.approx([1.0] * len(one.symbols))


def test_it_can_be_broken_off() -> None:
    class EnoughError(Exception):
        pass

    def tick() -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        beam_search(Table(1), *asked([0], 3), width=2, tick=tick)
