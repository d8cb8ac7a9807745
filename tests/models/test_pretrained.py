"""Networks of the transformers library under a task's symbols."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from studio.models.depth import layers_of
from studio.models.hugging_face import read_config, read_weights
from studio.models.pretrained import PREFIX, TYPES, Architecture, PretrainedEncoder, longest
from tests import tiny_encoders

SIZES: dict[str, Any] = {
    "vocab_size": 20,
    "hidden_size": 16,
    "embedding_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 24,
    "pad_token_id": 0,
}


def built(kind: str, pieces: tuple[int, ...] = (0, 1, 3, 7, 8), **more: Any) -> PretrainedEncoder:
    torch.manual_seed(1)
    return PretrainedEncoder(Architecture({"model_type": kind, **SIZES, **more}, pieces, 2, 3)).eval()


@pytest.mark.parametrize("kind", TYPES)
@torch.no_grad()
def test_each_kind_gives_a_vector_for_each_symbol(kind: str) -> None:
    encoder = built(kind)
    symbols, lengths = torch.tensor([[3, 4, 3], [4, 0, 0]]), torch.tensor([3, 1])
    found = encoder(symbols, lengths)
    assert found.shape == (2, 3, 16)
    alone = encoder(symbols[1:, :1], lengths[1:])
    assert torch.allclose(found[1, :1], alone[0], atol=1e-5), "what lies behind a row's end changes nothing"
    names = [PREFIX + name for name, _ in encoder.pretrained.named_parameters()]
    assert layers_of(names) == (0 if kind == "albert" else 2)
    assert encoder.rows().shape == (5, encoder.table.shape[1])


@torch.no_grad()
def test_it_reads_what_the_library_itself_reads() -> None:
    config = read_config(tiny_encoders.folder())
    model = read_weights(tiny_encoders.folder(), config).model.eval()
    encoder = PretrainedEncoder(Architecture(config, (0, 1, 3, 7, 8), 2, 3)).eval()
    encoder.pretrained.load_state_dict(model.state_dict())
    found = encoder(torch.tensor([[3, 4]]), torch.tensor([2]))
    whole = model(input_ids=torch.tensor([[2, 7, 8, 3]])).last_hidden_state
    assert torch.equal(found, whole[:, 1:3])


def test_what_is_made_of_the_text_as_a_whole_is_not_trained() -> None:
    encoder = built("bert")
    assert [n for n, w in encoder.pretrained.named_parameters() if not w.requires_grad] == [
        "pooler.dense.weight", "pooler.dense.bias"
    ]  # fmt: skip


def test_how_many_symbols_fit() -> None:
    config = {"model_type": "bert", **SIZES}
    assert longest(config) == 22
    assert longest({**config, "model_type": "roberta", "pad_token_id": 1}) == 20
    symbols = torch.full((1, 22), 3)
    assert built("bert")(symbols, torch.tensor([22])).shape == (1, 22, 16)
    assert built("roberta", pad_token_id=1)(symbols[:, :20], torch.tensor([20])).shape == (1, 20, 16)


def test_padding_counts_no_position_in_roberta() -> None:
    encoder = built("roberta", pieces=(1, 5, 3, 7, 8), pad_token_id=1)
    with torch.no_grad():
        found = encoder(torch.tensor([[3, 4, 3], [4, 0, 0]]), torch.tensor([3, 1]))
        alone = encoder(torch.tensor([[4]]), torch.tensor([1]))
    assert torch.allclose(found[1, :1], alone[0], atol=1e-5)


def test_the_frozen_build_takes_every_kind_along() -> None:
    text = (Path(__file__).parents[2] / "packaging" / "hanzi-studio.spec").read_text(encoding="utf-8")
    assert [kind for kind in TYPES if f'"{kind.replace("-", "_")}"' not in text] == []
