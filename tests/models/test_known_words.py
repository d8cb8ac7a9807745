"""Words of a dictionary in what a network reads: where they are marked, and what is left out."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.models.known_words import LONGEST, KnownWords, keys_of

symbols = st.integers(0, 5)
words = st.sets(st.lists(symbols, min_size=1, max_size=LONGEST + 1).map(tuple), max_size=12)
rows = st.lists(symbols, min_size=1, max_size=12)


def table(known: set[tuple[int, ...]]) -> KnownWords:
    keys = keys_of([np.array(word) for word in known])
    made = KnownWords(len(keys), 4)
    made.keys[: len(keys)] = keys
    return made


@given(words, rows)
def test_marks_are_those_of_a_plain_loop(known: set[tuple[int, ...]], row: list[int]) -> None:
    expected = np.zeros((len(row), LONGEST - 1, 3), bool)
    for word in known:
        if not 2 <= len(word) <= LONGEST or min(word) <= 1:
            continue
        for at in range(len(row) - len(word) + 1):
            if tuple(row[at : at + len(word)]) == word:
                expected[at, len(word) - 2, 0] = True
                expected[at + 1 : at + len(word) - 1, len(word) - 2, 1] = True
                expected[at + len(word) - 1, len(word) - 2, 2] = True
    found = table(known).marks(torch.tensor([row])).view(expected.shape)
    assert np.array_equal(found.numpy(), expected)


def test_rows_do_not_touch_each_other() -> None:
    known = table({(2, 3), (3, 4, 5)})
    both = known.marks(torch.tensor([[2, 3, 4, 5], [4, 5, 2, 3]]))
    for row, text in enumerate(([2, 3, 4, 5], [4, 5, 2, 3])):
        assert torch.equal(both[row], known.marks(torch.tensor([text]))[0])
    assert both[0].any() and both[1].any()


def test_padding_behind_a_row_changes_nothing() -> None:
    known = table({(2, 3), (3, 2)})
    padded = known.marks(torch.tensor([[2, 3, 2, 0, 0]]))
    assert torch.equal(padded[:, :3], known.marks(torch.tensor([[2, 3, 2]])))
    assert not padded[:, 3:].any()


def test_the_table_is_no_weight() -> None:
    """It travels with the weights and is not learnt."""
    known = table({(2, 3)})
    assert [name for name, _ in known.named_parameters()] == ["project.weight"]
    again = KnownWords(1, 4)
    again.load_state_dict(known.state_dict())
    assert again.marks(torch.tensor([[2, 3]])).any()
