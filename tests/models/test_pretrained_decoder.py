"""Decoders of the transformers library under a task's symbols."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.engine.recompute import recompute_layers
from studio.models.adapters import add_adapters, merge_adapters
from studio.models.depth import BELOW, layers_of
from studio.models.pretrained import PREFIX, Architecture, quiet
from studio.models.pretrained_decoder import DECODERS, PretrainedLanguageModel, gpt2_config, longest
from studio.models.remembered import Remembered
from studio.recipe.pretrained import Lora
from studio.recipe.pretrained_decoder import Gpt2
from tests import tiny_decoders

KINDS = [
    kind if kind in ("gpt2", "llama") else pytest.param(kind, marks=pytest.mark.slow) for kind in DECODERS
]
PIECES = (0, 1, 3, 7, 8, 9, 5)  # of padding, the unknown, the end of a text, and four characters
FIRST = 2  # stands before a text
LINES = torch.tensor([[2, 3, 4, 3, 6], [2, 5, 5, 4, 3]])


def built(kind: str, **more: Any) -> PretrainedLanguageModel:
    torch.manual_seed(1)
    config = tiny_decoders.config(kind, 20, **more)
    made = PretrainedLanguageModel(Architecture(config, PIECES, FIRST, 3, 0.0))
    with torch.no_grad():  # at random norms and biases are ones and zeros
        for weight in made.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return made.eval()


def theirs(model: PretrainedLanguageModel, kind: str, parent: Path) -> Any:
    """The same network as the library itself opens it."""
    from transformers import AutoModelForCausalLM

    with quiet():
        model.encoder.pretrained.save_pretrained(parent / kind)
        return AutoModelForCausalLM.from_pretrained(parent / kind).eval()


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_scores_are_the_librarys(kind: str, tmp_path: Path) -> None:
    model = built(kind)
    ours = model.scores(model.hidden(LINES))
    read = torch.tensor(PIECES)[LINES]
    read[:, 0] = FIRST
    expected = theirs(model, kind, tmp_path)(input_ids=read).logits[..., list(PIECES)]
    assert torch.allclose(ours[..., 1:], expected[..., 1:], atol=1e-5)
    assert torch.isneginf(ours[..., 0]).all(), "padding is never expected"


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_no_position_sees_what_follows(kind: str) -> None:
    model = built(kind)
    other = LINES.clone()
    other[:, 3:] = 0
    assert torch.allclose(model.hidden(LINES)[:, :3], model.hidden(other)[:, :3], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_what_is_remembered_is_what_is_read_anew(kind: str) -> None:
    model, remembered = built(kind), Remembered()
    for length in (2, 3, 5):
        found = model.newest(LINES[:, :length], remembered)
        assert torch.allclose(found, model.newest(LINES[:, :length]), atol=1e-5)
        assert remembered.state.get_seq_length() == length
    shifted = LINES[:, 1:]
    assert torch.allclose(model.newest(shifted, remembered), model.newest(shifted), atol=1e-5)
    assert remembered.state.get_seq_length() == 4, "other rows begin anew"


@pytest.mark.parametrize("kind", KINDS)
def test_weights_have_layers_and_are_told_once(kind: str) -> None:
    model = built(kind)
    names = [name for name, _ in model.named_parameters()]
    assert layers_of(names) == 2
    above = [name for name in names if layers_of([name]) == 0 and not name.startswith(BELOW)]
    assert all("norm" in name or "ln_f" in name or "lm_head" in name for name in above), above
    state = model.state_dict()
    assert len({tensor.data_ptr() for tensor in state.values()}) == len(state)
    other = built(kind, vocab_size=20)
    with torch.no_grad():
        for weight in other.parameters():
            weight.zero_()
    other.load_state_dict(state, strict=True)
    with torch.no_grad():
        assert torch.equal(other.scores(other.hidden(LINES)), model.scores(model.hidden(LINES)))
    twin = copy.deepcopy(model).state_dict()
    assert twin.keys() == state.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_adapters_beside_every_kind(kind: str) -> None:
    model = built(kind)
    with torch.no_grad():
        before = model.scores(model.hidden(LINES))
    add_adapters(model, Lora(rank=2))
    learnt = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert learnt and all(".lora_" in name for name in learnt)
    assert not any("lm_head" in name for name in learnt)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name in learnt:
                weight.normal_(std=0.3)
        apart = model.eval().scores(model.hidden(LINES))
        merge_adapters(model)
        merged = model.scores(model.hidden(LINES))
    assert torch.allclose(apart, merged, atol=1e-4)
    assert not torch.allclose(merged[..., 1:], before[..., 1:], atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_layers_can_be_computed_twice(kind: str) -> None:
    model = built(kind, attention_dropout=0.0, dropout=0.0).train()
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    targets = LINES.roll(-1, dims=1)
    model(LINES, targets).backward()
    once = {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}
    model.zero_grad()
    assert recompute_layers(model) == 2
    model(LINES, targets).backward()
    for name, weight in model.named_parameters():
        assert weight.grad is None or torch.allclose(weight.grad, once[name], atol=1e-5), name


def test_smoothing_leaves_padding_out() -> None:
    model = built("gpt2")
    targets = torch.tensor([[3, 4, 3, 6, 2], [5, 5, 4, 1, 0]])
    with torch.no_grad():
        logs = model.scores(model.hidden(LINES)).log_softmax(-1)[targets > 0][:, 1:]
        wanted = targets[targets > 0] - 1
        plain = -logs.gather(1, wanted[:, None]).sum()
        smooth = 0.9 * plain - 0.1 * logs.mean(dim=1).sum()
        assert torch.allclose(model(LINES, targets), plain, atol=1e-4)
        assert torch.allclose(model(LINES, targets, smoothing=0.1), smooth, atol=1e-4)


def test_how_long_a_text_may_be() -> None:
    assert longest(tiny_decoders.config("gpt2", 20)) == 63
    assert longest(tiny_decoders.config("bloom", 20, max_position_embeddings=None)) >= 2047
    assert longest({**gpt2_config(Gpt2(max_length=40)), "vocab_size": 20}) == 40


def test_the_forms_sizes() -> None:
    section = Gpt2(width=32, layers=3, heads=4, max_length=24, dropout=0.2)
    config = {**gpt2_config(section), "vocab_size": 20}
    model = PretrainedLanguageModel(Architecture(config, tuple(range(20)), 2, 2))
    made = model.encoder.pretrained
    assert type(made).__name__ == "GPT2LMHeadModel" and len(made.transformer.h) == 3
    assert made.transformer.wpe.weight.shape == (25, 32) and made.transformer.h[0].attn.num_heads == 4
    assert {part.p for part in made.modules() if isinstance(part, torch.nn.Dropout)} == {0.2}
    assert model.encoder.rows() is made.transformer.wte.weight, "nothing is looked up where all is in order"


def test_names_are_those_that_the_engine_knows() -> None:
    names = [name for name, _ in built("gpt2").named_parameters()]
    assert all(name.startswith(PREFIX) for name in names)


def test_the_frozen_build_takes_every_kind_along() -> None:
    text = (Path(__file__).parents[2] / "packaging" / "hanzi-studio.spec").read_text(encoding="utf-8")
    assert [kind for kind in DECODERS if f'"{kind}"' not in text] == []
