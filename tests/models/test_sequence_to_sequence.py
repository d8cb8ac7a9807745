"""Networks that read and write: symbol by symbol as all at once, and blind for what stands behind."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from studio.models.beam_search import BOUNDARY
from studio.models.sequence_to_sequence import SequenceToSequence, encoder_decoder_of
from studio.recipe import Model
from tests.tiny_texts import WRITERS

sections: TypeAdapter[Any] = TypeAdapter(Model)
KINDS = [
    *WRITERS.values(),
    {**WRITERS["recurrent_encoder_decoder"], "cell": "gru", "layers": 1},
    {**WRITERS["recurrent_encoder_decoder"], "cell": "rnn", "layers": 3, "tied": False},
    {**WRITERS["transformer_encoder_decoder"], "layers": 2, "tied": False},
]
SOURCES, TARGETS = 11, 9
READ = torch.tensor([[3, 4, 5, 2], [6, 2, 0, 0]])
LENGTHS = torch.tensor([4, 2])
WRITTEN = torch.tensor([[2, 5, 6, 7, 8], [2, 8, 7, 3, 0]])


def built(values: dict[str, Any], targets: int | None = TARGETS) -> SequenceToSequence:
    torch.manual_seed(3)
    return SequenceToSequence(sections.validate_python(values), SOURCES, targets).eval()


@pytest.mark.parametrize("values", KINDS)
@torch.no_grad()
def test_step_by_step_is_as_all_at_once(values: dict[str, Any]) -> None:
    model = built(values)
    wanted = model.scores(model.hidden(READ, LENGTHS, WRITTEN))
    memory = model.read(READ, LENGTHS)
    state = model.begin(memory)
    for place in range(WRITTEN.shape[1] - 1):
        logits, state, weights = model.step(memory, state, WRITTEN[:, place], place)
        assert torch.allclose(logits, wanted[:, place], atol=1e-5)
        assert torch.allclose(weights.sum(dim=1), torch.ones(2)) and (weights[1, 2:] == 0).all()


@pytest.mark.parametrize("values", KINDS[:2])
@torch.no_grad()
def test_nothing_behind_a_position_and_no_padding_counts(values: dict[str, Any]) -> None:
    model = built(values)
    before = model.hidden(READ, LENGTHS, WRITTEN)
    other = WRITTEN.clone()
    other[:, 3] = 4
    after = model.hidden(READ, LENGTHS, other)
    assert torch.allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert not torch.allclose(before[:, 3], after[:, 3], atol=1e-4)
    alone = model.hidden(READ[1:, :2], LENGTHS[1:], WRITTEN[1:])
    assert torch.allclose(before[1], alone[0], atol=1e-5)


@pytest.mark.parametrize("values", KINDS[:2])
def test_the_loss_is_that_of_the_symbols_asked_for(values: dict[str, Any]) -> None:
    model = built(values)
    targets = torch.tensor([[5, 6, 7, 8, BOUNDARY], [8, 7, 3, BOUNDARY, 0]])
    loss = model(READ, LENGTHS, WRITTEN, targets)
    logs = model.scores(model.hidden(READ, LENGTHS, WRITTEN)).log_softmax(dim=-1)
    wanted = -logs.gather(2, targets[..., None])[..., 0][targets > 0].sum()
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-5)
    loss.backward()
    assert all(weight.grad is not None for weight in model.parameters())


def test_what_is_shared_is_there_once() -> None:
    tied, apart = built(KINDS[0]), built({**KINDS[0], "tied": False})
    assert (
        sum(p.numel() for p in apart.parameters()) - sum(p.numel() for p in tied.parameters()) == TARGETS * 16
    )
    both = built(KINDS[0], None)
    assert both.written is None and both.scores(torch.zeros(1, 16)).shape == (1, SOURCES)
    assert len({id(one) for one in both.state_dict().values()}) == len(both.state_dict())


def test_other_networks_write_nothing() -> None:
    with pytest.raises(ValueError, match="text_cnn writes no text"):
        encoder_decoder_of(sections.validate_python({"family": "text_cnn"}))
