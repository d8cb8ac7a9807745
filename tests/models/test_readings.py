"""The network that gives characters their readings."""

from __future__ import annotations

import torch

from studio.models.readings import ReadingTagger
from studio.recipe.model import Recurrent

# Character 1 has one reading, character 2 two, character 3 three; row 0 is no character.
UNITS = torch.tensor([[-1, -1, -1], [-1, -1, -1], [0, 1, -1], [2, 3, 4]])
PRIOR = torch.tensor([0.7, 0.3, 0.2, 0.5, 0.3]).log()


def model() -> ReadingTagger:
    torch.manual_seed(1)
    section = Recurrent(family="recurrent", width=16, layers=1, ngram_buckets=64, ngram_width=8, dropout=0)
    return ReadingTagger(section, 10, UNITS, PRIOR).eval()


def test_a_character_has_its_own_readings_and_no_others() -> None:
    symbols, lengths = torch.tensor([[4, 5, 6, 7]]), torch.tensor([4])
    characters = torch.tensor([[0, 1, 2, 3]])
    shares = model().shares(symbols, lengths, characters)
    assert torch.allclose(shares.sum(dim=-1), torch.ones(1, 4), atol=1e-6)
    assert shares[0, 0].tolist() == shares[0, 1].tolist() == [1, 0, 0], "one reading is always right"
    assert shares[0, 2, 2] == 0 and (shares[0, 2, :2] > 0).all() and (shares[0, 3] > 0).all()


def test_without_training_the_most_frequent_reading_is_taken() -> None:
    fresh = model()
    torch.nn.init.zeros_(fresh.weight)
    shares = fresh.shares(torch.tensor([[4, 5]]), torch.tensor([2]), torch.tensor([[2, 3]]))
    assert torch.allclose(shares[0, 0, :2], torch.tensor([0.7, 0.3]), atol=1e-6)
    assert torch.allclose(shares[0, 1], torch.tensor([0.2, 0.5, 0.3]), atol=1e-6)


def test_the_loss_is_that_of_the_right_readings() -> None:
    network = model()
    symbols, lengths = torch.tensor([[4, 5, 6], [7, 8, 0]]), torch.tensor([3, 2])
    characters, units = torch.tensor([[2, 1, 3], [3, 2, 0]]), torch.tensor([[1, -1, 4], [2, -1, -1]])
    shares = network.shares(symbols, lengths, characters)
    expected = -(shares[0, 0, 1].log() + shares[0, 2, 2].log() + shares[1, 0, 0].log())
    assert torch.allclose(network(symbols, lengths, characters, units), expected, atol=1e-5)
    spread = shares[0, 0, :2].log().mean() + shares[0, 2].log().mean() + shares[1, 0].log().mean()
    smooth = network(symbols, lengths, characters, units, smoothing=0.2)
    assert torch.allclose(smooth, 0.8 * expected - 0.2 * spread, atol=1e-5)


def test_nothing_to_decide_is_no_loss() -> None:
    network = model().train()
    none = torch.tensor([[-1, -1]])
    loss = network(torch.tensor([[4, 5]]), torch.tensor([2]), torch.tensor([[1, 2]]), none)
    loss.backward()
    assert loss.item() == 0 and torch.isfinite(network.weight.grad).all()


def test_gradients_are_numbers() -> None:
    network = model().train()
    units = torch.tensor([[0, 3]])
    network(torch.tensor([[4, 5]]), torch.tensor([2]), torch.tensor([[2, 3]]), units, 0.1).backward()
    assert all(torch.isfinite(one.grad).all() for one in network.parameters() if one.grad is not None)
    assert network.weight.grad[1].abs().sum() > 0, "the other readings of the character are pushed away"
