"""Hashed n-grams: golden values, since weights on disk depend on them, and what they must be blind to."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.models.ngrams import NgramEmbedding, hash_ngrams

SHAPES = ((-1, 0), (0, 1), (-1, 0, 1), (-2, -1, 0), (0, 1, 2))
GOLDEN = [
    [[15788, 31575, 31220, 5279, 24247], [9634, 26002, 10957, 5338, 27288], [4061, 356, 14002, 50624, 27432]]
]
PRIMES = (1_000_003, 998_244_353, 754_974_721)


def plain_hash(symbols: list[int], place: int, salt: int, buckets: int) -> int:
    """The hash in Python's own numbers; products wrap around at 64 bits, as tensors' do on every device."""
    value = salt * 7_919
    for offset, prime in zip(SHAPES[salt - 1], PRIMES, strict=False):
        there = place + offset
        symbol = symbols[there] if 0 <= there < len(symbols) else 0
        product = (value * 31 + symbol + 1) * prime
        value = ((product + 2**63) % 2**64 - 2**63) % 2_147_483_647
    return value % buckets


def test_golden_buckets() -> None:
    """Changing any of these makes every saved model worthless."""
    assert hash_ngrams(torch.tensor([[1, 2, 400]]), 65536).tolist() == GOLDEN


@given(
    st.lists(st.integers(0, 65_535), min_size=1, max_size=8), st.sampled_from([1, 7, 64, 65_536, 4_194_304])
)
def test_the_hash_is_what_it_says(symbols: list[int], buckets: int) -> None:
    found = hash_ngrams(torch.tensor([symbols]), buckets)[0]
    wanted = [
        [plain_hash(symbols, place, salt, buckets) for salt in range(1, 6)] for place in range(len(symbols))
    ]
    assert found.tolist() == wanted


@given(st.lists(st.integers(1, 400), min_size=1, max_size=10), st.integers(1, 5))
def test_padding_changes_nothing(symbols: list[int], padding: int) -> None:
    short = hash_ngrams(torch.tensor([symbols]), 4096)
    long = hash_ngrams(torch.tensor([symbols + [0] * padding]), 4096)
    assert torch.equal(short, long[:, : len(symbols)])


def test_features_do_not_collide_much() -> None:
    symbols = torch.arange(1, 401)
    pairs = torch.cartesian_prod(symbols, symbols)
    first = hash_ngrams(pairs, 2**22)[:, 1, 0]  # the feature of (first, second)
    assert len(first.unique()) > 0.97 * len(pairs)


def test_the_sum_of_five_rows_is_projected() -> None:
    torch.manual_seed(0)
    layer = NgramEmbedding(32, 4, 6)
    symbols = torch.tensor([[3, 1, 4], [1, 5, 0]])
    rows = layer.table[hash_ngrams(symbols, 32)].sum(dim=2)
    torch.testing.assert_close(layer(symbols), rows @ layer.project.weight.T)


def test_dropout_leaves_out_features_in_training_only() -> None:
    torch.manual_seed(0)
    embedding = NgramEmbedding(512, 8, 16, dropout=0.5)
    symbols = torch.randint(1, 400, (4, 9))
    embedding.eval()
    whole = embedding(symbols)
    torch.testing.assert_close(whole, embedding(symbols))
    embedding.train()
    drawn = torch.stack([embedding(symbols) for _ in range(400)])
    assert not torch.equal(drawn[0], drawn[1])
    # What is kept is scaled up, so that the mean over many draws is the sum of all features.
    torch.testing.assert_close(drawn.mean(dim=0), whole, atol=0.25, rtol=0)
