"""Networks of the transformers library as the studio asks them: the same scores, with a cache and without."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from studio.models.beam_search import beam_search, greedy
from studio.models.library_encoder_decoder import (
    TYPES,
    LibraryEncoderDecoder,
    PairArchitecture,
    architecture_of,
)
from studio.recipe import Model
from tests.tiny_pairs import OWN, STACKS, T5S

sections: TypeAdapter[Any] = TypeAdapter(Model)
ROWS = 12
# Symbols 0 to 2 are rows 1, 3 and 2; row 0 begins texts and is never written.
PIECES = (1, 3, 2, 0, *range(4, ROWS))
READ = torch.tensor([[4, 5, 6, 2], [7, 2, 0, 0]])
LENGTHS = torch.tensor([4, 2])
WRITTEN = torch.tensor([[2, 6, 7, 8, 9], [2, 9, 8, 4, 0]])


def built(kind: str, **more: Any) -> LibraryEncoderDecoder:
    config = {
        "model_type": kind,
        "vocab_size": ROWS,
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
        **(T5S if "t5" in kind else STACKS),
    }
    torch.manual_seed(3)
    around: dict[str, Any] = {"before": (0,), "behind": (2, 11), "start": (2, 0), "silent": (3, 11), **more}
    model = LibraryEncoderDecoder(PairArchitecture(config, PIECES, **around)).eval()
    with torch.no_grad():
        for name, weight in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("bias"):
                weight.normal_(std=0.3)
    return model


KINDS = [pytest.param(kind, marks=() if kind in ("t5", "bart") else pytest.mark.slow) for kind in TYPES]


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_scores_are_the_librarys_with_its_cache_and_without(kind: str) -> None:
    model = built(kind)
    rows = torch.tensor(PIECES)
    read = torch.tensor([[0, 4, 5, 6, 2, 11], [0, 7, 2, 11, 1, 1]])
    given = torch.cat([torch.tensor([[2, 0], [2, 0]]), rows[WRITTEN[:, 1:]]], dim=1)
    plain = model.pretrained(
        input_ids=read, attention_mask=(read != 1).long(), decoder_input_ids=given
    ).logits
    wanted = plain[:, 1:, rows]
    assert torch.allclose(model.scores(model.hidden(READ, LENGTHS, WRITTEN)), wanted, atol=1e-5)
    memory = model.read(READ, LENGTHS).repeated(2)
    state = model.begin(memory)
    for place in range(WRITTEN.shape[1] - 1):
        last = WRITTEN[:, place].repeat_interleave(2)
        logits, state, weights = model.step(memory, state, last, place)
        written = [symbol for symbol in range(ROWS) if symbol not in (3, 11)]
        assert torch.allclose(logits[::2, written], wanted[:, place, written], atol=1e-5)
        assert torch.isinf(logits[:, [3, 11]]).all()
        assert weights.shape == (4, 4) and torch.allclose(weights.sum(dim=1), torch.ones(4))
        assert (weights[2:, 2:] == 0).all()


@pytest.mark.parametrize("kind", ["t5", "bart"])
def test_the_loss_is_the_librarys_and_reaches_every_weight(kind: str) -> None:
    model = built(kind, before=(), behind=(2,), start=(2,), silent=())
    targets = torch.tensor([[6, 7, 8, 9, 2], [9, 8, 4, 2, 0]])
    loss = model(READ, LENGTHS, WRITTEN, targets)
    rows = torch.tensor(PIECES)
    labels = rows[targets].masked_fill(targets == 0, -100)
    mask = torch.arange(4) < LENGTHS[:, None]
    plain = model.pretrained(input_ids=rows[READ], attention_mask=mask.long(), labels=labels)
    assert loss.item() == pytest.approx(plain.loss.item() * int((targets > 0).sum()), rel=1e-5)
    loss.backward()
    assert all(weight.grad is not None for weight in model.parameters())


@torch.no_grad()
def test_what_is_written_is_what_the_library_generates() -> None:
    model = built("bart", before=(0,), behind=(2,), start=(2, 0), silent=(3,))
    model.pretrained.final_logits_bias[0, 0] = -100  # the library would write what begins texts as well
    found = greedy(model, READ, LENGTHS, torch.tensor([6, 6]))
    read = torch.tensor([[0, 4, 5, 6, 2], [0, 7, 2, 1, 1]])
    made = model.pretrained.generate(
        input_ids=read,
        attention_mask=(read != 1).long(),
        max_new_tokens=8,  # with the row that begins texts, and the end
        forced_bos_token_id=0,
        suppress_tokens=[1, 3],
        do_sample=False,
    )
    rows = [[row for row in line if row not in (0, 1, 2)] for line in made.tolist()]
    assert [[PIECES[symbol] for symbol in line] for line in found] == rows
    best = beam_search(model, READ, LENGTHS, torch.tensor([6, 6]), 1)
    assert [list(one.symbols) for (one,) in best] == found


@pytest.mark.parametrize("kind", ["t5", "bart"])
def test_weights_that_are_one_are_stored_once(kind: str) -> None:
    model = built(kind)
    stored = model.state_dict()
    assert len({tensor.data_ptr() for tensor in stored.values()}) == len(stored)
    assert not any("embed_tokens" in name or "lm_head" in name for name in stored)
    other = copy.deepcopy(built(kind))
    other.load_state_dict({name: tensor + 1 for name, tensor in stored.items()}, strict=True)
    assert other.output_table is other.table
    assert torch.equal(other.pretrained.get_encoder().embed_tokens.weight, model.table + 1)
    apart = built(kind, apart=True)
    assert apart.output_table is not apart.table
    assert len(apart.state_dict()) == len(stored) + 1


@pytest.mark.parametrize("family", sorted(OWN))
def test_networks_of_settings_are_the_librarys(family: str) -> None:
    section = sections.validate_python({**OWN[family], "layers": 3})
    model = LibraryEncoderDecoder(architecture_of(section, 20))
    config = model.pretrained.config
    assert (config.model_type, config.vocab_size, config.d_model) == (family, 20, 16)
    assert (
        len(model.pretrained.get_encoder().layers if family == "bart" else model.pretrained.encoder.block)
        == 3
    )
    assert (
        len(model.pretrained.get_decoder().layers if family == "bart" else model.pretrained.decoder.block)
        == 3
    )
    with torch.device("meta"):
        counted = LibraryEncoderDecoder(architecture_of(section, 20))
    assert sum(p.numel() for p in counted.parameters()) == sum(p.numel() for p in model.parameters())
