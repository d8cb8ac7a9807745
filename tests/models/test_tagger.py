"""The encoders: blind to padding and to their neighbours in the batch, and rotary positions that only differ."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from studio.models.tagger import SyllableTagger
from studio.models.transformer import rotary_angles, rotate
from studio.recipe import Model, Recurrent, TransformerEncoder

STARTS = torch.tensor([0, 2, 5, 9, 10])
SECTIONS: dict[str, Model] = {
    "transformer": TransformerEncoder(
        width=16,
        layers=2,
        heads=2,
        feed_forward=32,
        max_length=16,
        dropout=0.3,
        ngram_buckets=64,
        ngram_width=4,
    ),
    "odd heads": TransformerEncoder(
        width=18, layers=1, heads=6, feed_forward=32, max_length=16, ngram_buckets=0
    ),
    "lstm": Recurrent(width=16, layers=2, cell="lstm", dropout=0.3, ngram_buckets=64, ngram_width=4),
    "gru": Recurrent(width=16, layers=1, cell="gru", ngram_buckets=0),
    "rnn": Recurrent(width=16, layers=1, cell="rnn", ngram_buckets=64, ngram_width=4),
}
ROWS = ([1, 2, 3, 4, 1, 2], [3, 3], [4])


@pytest.fixture(params=SECTIONS)
def model(request: pytest.FixtureRequest) -> SyllableTagger:
    torch.manual_seed(5)
    return SyllableTagger(SECTIONS[request.param], STARTS, torch.zeros(10), torch.zeros(5, 5)).eval()


def batch(rows: tuple[list[int], ...], padding: int = 0) -> tuple[Tensor, Tensor]:
    longest = max(map(len, rows)) + padding
    symbols = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    return symbols, torch.tensor([len(row) for row in rows])


@torch.no_grad()
def test_padding_changes_nothing(model: SyllableTagger) -> None:
    short, long = (model.encode(*batch(ROWS, padding)) for padding in (0, 5))
    for row, symbols in enumerate(ROWS):
        torch.testing.assert_close(short[row, : len(symbols)], long[row, : len(symbols)])
    for a, b in zip(model.candidates(*batch(ROWS)), model.candidates(*batch(ROWS, 5)), strict=True):
        torch.testing.assert_close(a, b)


@torch.no_grad()
def test_rows_do_not_see_each_other(model: SyllableTagger) -> None:
    together = model.encode(*batch(ROWS))
    for row, symbols in enumerate(ROWS):
        alone = model.encode(*batch((symbols,)))
        torch.testing.assert_close(together[row, : len(symbols)], alone[0])


@torch.no_grad()
def test_every_position_sees_both_ends(model: SyllableTagger) -> None:
    base = model.encode(*batch(([1, 2, 3, 2, 1, 2],)))[0]
    other_end = model.encode(*batch(([1, 2, 3, 2, 1, 4],)))[0]
    other_start = model.encode(*batch(([4, 2, 3, 2, 1, 2],)))[0]
    assert (base[0] - other_end[0]).abs().max() > 1e-6
    assert (base[-1] - other_start[-1]).abs().max() > 1e-6


def test_the_loss_is_the_sum_over_known_positions(model: SyllableTagger) -> None:
    symbols, lengths = batch(ROWS, 2)
    units = torch.where(symbols > 0, STARTS[(symbols - 1).clamp(min=0)], -1)
    units[0, 2] = -1
    logs = {}
    found, scores = model.candidates(symbols, lengths)
    for row, (place, unit) in enumerate(
        zip((symbols > 0).nonzero().tolist(), units[symbols > 0].tolist(), strict=True)
    ):
        if unit >= 0:
            logs[tuple(place)] = float(scores[row][found[row] == unit])
    assert len(logs) == 8
    assert float(model(symbols, lengths, units).detach()) == pytest.approx(-sum(logs.values()), rel=1e-5)


def test_a_batch_without_a_known_position_teaches_nothing(model: SyllableTagger) -> None:
    symbols, lengths = batch(ROWS)
    loss = model(symbols, lengths, torch.full_like(symbols, -1))
    loss.backward()
    assert float(loss.detach()) == 0
    assert all(p.grad is None or not p.grad.any() for p in model.parameters())


def test_every_parameter_learns(model: SyllableTagger) -> None:
    symbols, lengths = batch(ROWS)
    units = torch.where(symbols > 0, STARTS[(symbols - 1).clamp(min=0)], -1)
    model(symbols, lengths, units).backward()
    still = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not still


def test_dropout_is_off_in_evaluation_and_on_in_training() -> None:
    torch.manual_seed(1)
    model = SyllableTagger(SECTIONS["transformer"], STARTS, torch.zeros(10), torch.zeros(5, 5))
    first, second = (model.train().encode(*batch(ROWS)) for _ in range(2))
    assert not torch.equal(first, second)
    first, second = (model.eval().encode(*batch(ROWS)) for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("size", [8, 6, 3])
def test_rotary_products_depend_on_the_distance_alone(size: int) -> None:
    torch.manual_seed(2)
    cosine, sine = rotary_angles(32, size)
    query, key = torch.randn(size), torch.randn(size)
    queries, keys = (rotate(v.expand(32, size), cosine, sine) for v in (query, key))
    products = queries @ keys.T
    for distance in (-7, 0, 3):
        line = products.diagonal(distance)
        torch.testing.assert_close(line, line[:1].expand_as(line), rtol=1e-4, atol=1e-5)
    assert (products[0, 1:5] - products[0, 0]).abs().max() > 1e-3
    torch.testing.assert_close(queries.norm(dim=1), query.norm().expand(32))


def test_rotary_turns_by_the_published_angles() -> None:
    cosine, sine = rotary_angles(3, 4)
    turned = rotate(torch.tensor([1.0, 1.0, 0.0, 0.0]).expand(3, 4), cosine, sine)
    angles = torch.tensor([[0.0, 0.0], [1.0, 0.01], [2.0, 0.02]])
    torch.testing.assert_close(turned, torch.cat([angles.cos(), angles.sin()], dim=1))
