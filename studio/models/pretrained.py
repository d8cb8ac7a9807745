"""Encoders of the transformers library, with a vector for each symbol that a task reads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

FAMILY = "pretrained_encoder"
PREFIX = "encoder.pretrained."
"""What the names of an encoder's own weights begin with in a task's network."""
# Encoders with a vector for each piece, whose layers all have one shape and read both ways.
TYPES = (
    "albert",
    "bert",
    "camembert",
    "deberta",
    "deberta-v2",
    "distilbert",
    "electra",
    "ernie",
    "megatron-bert",
    "modernbert",
    "mpnet",
    "rembert",
    "roberta",
    "roformer",
    "xlm-roberta",
)
# Whose positions are counted from behind the number of the padding.
_SHIFTED = ("camembert", "mpnet", "roberta", "xlm-roberta")


@dataclass(frozen=True)
class Architecture:
    """What a network is built from, its weights aside.

    Attributes:
        config: as `config.json` has it.
        pieces: the encoder's number for each symbol of the task [symbols].
        first, last: the numbers that stand around a text; -1 for none.
        dropout: of what the encoder gives.
    """

    config: Mapping[str, Any]
    pieces: Sequence[int] = field(repr=False)
    first: int = -1
    last: int = -1
    dropout: float = 0.0
    family: str = FAMILY

    @property
    def width(self) -> int:
        """Of the vector for each symbol."""
        return int(settings(self.config).hidden_size)


def settings(config: Mapping[str, Any]) -> Any:
    """The transformers library's configuration.

    Raises:
        ValueError: if it is none.
    """
    from transformers import AutoConfig

    values = {name: value for name, value in config.items() if name not in ("model_type", "auto_map")}
    with quiet():
        return AutoConfig.for_model(str(config["model_type"]), **{**values, "dtype": "float32"})


def longest(config: Mapping[str, Any]) -> int:
    """How many symbols such an encoder can read at once, besides those around them."""
    found = settings(config)
    before = int(found.pad_token_id or 0) + 1 if config["model_type"] in _SHIFTED else 0
    return int(found.max_position_embeddings) - before - 2


class PretrainedEncoder(nn.Module):
    """Symbols in, a vector for each out. What stands around a text is put there and taken off again.

    Attributes:
        pretrained: the transformers library's network. What it makes of a text as a whole is not used, and not trained.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        from transformers import AutoModel

        with quiet():
            self.pretrained: Any = AutoModel.from_config(
                settings(architecture.config), trust_remote_code=False
            )
        for name, weight in self.pretrained.named_parameters():
            if "pooler" in name:
                weight.requires_grad_(False)
        self.first, self.last = architecture.first, architecture.last
        self.register_buffer("pieces", torch.tensor(list(architecture.pieces)), persistent=False)
        self.pieces: Tensor

    @property
    def table(self) -> nn.Parameter:
        """The vectors of the pieces [rows, size]."""
        weight: nn.Parameter = self.pretrained.get_input_embeddings().weight
        return weight

    @property
    def tables(self) -> tuple[nn.Parameter, ...]:
        """All that have a row for each piece."""
        return (self.table,)

    def rows(self) -> Tensor:
        """The vector of each symbol [symbols, size]."""
        return self.table[self.pieces]

    def forward(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """`symbols` [rows, length], `lengths` [rows] -> [rows, length, width]."""
        rows, length = symbols.shape
        before, behind = int(self.first >= 0), int(self.last >= 0)
        read = self.pieces[symbols]
        if before:
            read = torch.cat([read.new_full((rows, 1), self.first), read], dim=1)
        if behind:
            read = torch.cat([read, self.pieces[:1].expand(rows, 1)], dim=1)
            read = read.scatter(1, (lengths + before)[:, None], self.last)
        there = torch.arange(read.shape[1], device=read.device) < (lengths + before + behind)[:, None]
        hidden: Tensor = self.pretrained(input_ids=read, attention_mask=there.long()).last_hidden_state
        return hidden[:, before : before + length]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the transformers library from writing on the terminal."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
