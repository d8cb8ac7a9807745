"""The tagger in NumPy says what the one in torch says, to rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.models.plain_tagger import PlainTagger, plain
from studio.models.tagger import SyllableTagger
from studio.recipe import Recurrent, TransformerEncoder

STARTS = torch.tensor([0, 3, 4, 4, 9, 15])  # the third syllable has no characters
SYLLABLES = len(STARTS) - 1


def tagger(**changes: int) -> SyllableTagger:
    torch.manual_seed(5)
    section = TransformerEncoder(
        **{
            "width": 32,
            "layers": 2,
            "heads": 4,
            "feed_forward": 48,
            "ngram_buckets": 97,
            "ngram_width": 8,
            **changes,
        }
    )
    made = SyllableTagger(section, STARTS, torch.randn(15), torch.zeros(SYLLABLES + 1, SYLLABLES + 1))
    return made.eval()


def said(model: SyllableTagger, spans: list[list[int]]) -> list[np.ndarray]:
    found = []
    for span in spans:
        symbols = torch.tensor([span]) + 1
        units, logs = model.candidates(symbols, torch.tensor([len(span)]))
        found += [log[unit >= 0].numpy() for unit, log in zip(units, logs, strict=True)]
    return found


SPANS = st.lists(st.lists(st.integers(0, SYLLABLES - 1), min_size=1, max_size=9), min_size=1, max_size=4)


@pytest.mark.parametrize("changes", [{}, {"ngram_buckets": 0}, {"heads": 1, "layers": 1}], ids=str)
@settings(max_examples=15)
@given(spans=SPANS)
def test_both_say_the_same(changes: dict[str, int], spans: list[list[int]]) -> None:
    model = tagger(**changes)
    quick = plain(model)
    assert isinstance(quick, PlainTagger)
    ours, theirs = quick.logs(spans), said(model, spans)
    assert len(ours) == sum(map(len, spans))
    for one, other in zip(ours, theirs, strict=True):
        if len(other):
            assert one == pytest.approx(other, abs=1e-4)
        else:
            assert np.isneginf(one).all()


def test_nothing_asked() -> None:
    quick = plain(tagger())
    assert quick is not None and quick.logs([]) == [] and quick.logs([[], []]) == []


def test_what_it_is_not_made_for() -> None:
    recurrent = SyllableTagger(
        Recurrent(width=16, layers=1, ngram_buckets=0), STARTS, torch.zeros(15), torch.zeros(6, 6)
    )
    assert plain(recurrent) is None
    assert plain(tagger().half()) is None
    assert plain(torch.nn.Linear(2, 2)) is None
