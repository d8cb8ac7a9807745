"""Decoders of the transformers library that continue texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.causal import PADDING, CausalNetwork
from studio.models.hugging_face import Kind
from studio.models.pretrained import TYPES, Architecture, quiet, settings
from studio.models.remembered import Remembered
from studio.recipe.pretrained_decoder import Gpt2

# Decoders with a stack of like layers, whose scores are what the last one gives times a row for each piece.
DECODERS = (
    "bloom",
    "ernie4_5",
    "gpt2",
    "gpt_neox",
    "llama",
    "mistral",
    "opt",
    "qwen2",
    "qwen3",
    "xglm",
)
_BOTH_WAYS = re.compile(r"ForMaskedLM|ForPreTraining|ForConditionalGeneration|Encoder")
_BOUNDARY = 2  # the symbol of where a text begins or ends
_NO_END = 2048  # positions of those that name no longest text


def _sees_all(values: Mapping[str, Any]) -> str:
    named = [str(one) for one in values.get("architectures") or ()]
    if values.get("model_type") not in TYPES and not any(_BOTH_WAYS.search(one) for one in named):
        return ""
    what = ", ".join(named) or f"of the type {values.get('model_type')}"
    return f"a model that reads whole texts ({what}), whose positions see what follows"


DECODER = Kind("a decoder", DECODERS, "AutoModelForCausalLM", _sees_all, may_begin=True)


def gpt2_config(section: Gpt2) -> dict[str, Any]:
    """GPT-2 with the sizes of a recipe, as `config.json` has it; its symbols are still to be counted."""
    return {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "n_embd": section.width,
        "n_layer": section.layers,
        "n_head": section.heads,
        # One more position than characters: a text begins with the symbol of its boundary.
        "n_positions": section.max_length + 1,
        "resid_pdrop": section.dropout,
        "embd_pdrop": section.dropout,
        "attn_pdrop": section.dropout,
    }


def longest(config: Mapping[str, Any]) -> int:
    """How many symbols such a decoder can read at once, besides the one that stands before a text."""
    found = settings(config)
    named = getattr(found, "max_position_embeddings", None) or getattr(found, "seq_length", None) or _NO_END
    return int(named) - 1


class PretrainedDecoder(nn.Module):
    """The transformers library's network under a task's symbols.

    Weights that the library ties are told once: by the name of the table of pieces.

    Attributes:
        pretrained: what `AutoModelForCausalLM` makes of the configuration.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        from transformers import AutoModelForCausalLM

        with quiet():
            self.pretrained: Any = AutoModelForCausalLM.from_config(
                settings(architecture.config), trust_remote_code=False
            )
        # What fills up a row stands behind it, where nothing looks: the library needs neither a mask nor a warning.
        self.pretrained.config.pad_token_id = None
        self.register_buffer("pieces", torch.tensor(list(architecture.pieces)), persistent=False)
        self.pieces: Tensor
        # A text begins with another piece than it ends with, which are one symbol here.
        read = list(architecture.pieces)
        read[_BOUNDARY] = architecture.first
        self.register_buffer("read", torch.tensor(read), persistent=False)
        self.read: Tensor
        self._in_order = list(architecture.pieces) == list(range(len(self.table)))
        self.register_state_dict_post_hook(_told_once)
        self.register_load_state_dict_pre_hook(_tied_again)

    @property
    def table(self) -> nn.Parameter:
        """The vectors of the pieces [rows, size]."""
        weight: nn.Parameter = self.pretrained.get_input_embeddings().weight
        return weight

    @property
    def tables(self) -> tuple[nn.Parameter, ...]:
        """All that have a row for each piece: that of the input, and of the output where that is another."""
        output: nn.Parameter = self.pretrained.get_output_embeddings().weight
        return (self.table,) if output is self.table else (self.table, output)

    def forward(self, symbols: Tensor, remembered: Remembered | None = None) -> Tensor:
        """`symbols` [rows, length] -> [rows, length, width], or of those alone that are not remembered."""
        known = remembered.take(symbols) if remembered is not None else 0
        read = self.read[symbols[:, known:]]
        told = {} if remembered is None else {"past_key_values": remembered.state}
        found = self.pretrained.base_model(input_ids=read, use_cache=remembered is not None, **told)
        if remembered is not None:
            remembered.state = found.past_key_values
        hidden: Tensor = found.last_hidden_state
        return hidden

    def rows(self) -> Tensor:
        """What is multiplied with the last layer's vector for each symbol's score [symbols, width]."""
        weight: Tensor = self.pretrained.get_output_embeddings().weight
        return weight if self._in_order else weight[self.pieces]


class PretrainedLanguageModel(CausalNetwork):
    """A decoder's scores, among the task's symbols alone. Padding is never expected."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.encoder = PretrainedDecoder(architecture)
        self.dropout = nn.Dropout(architecture.dropout)

    def hidden(self, symbols: Tensor) -> Tensor:
        found: Tensor = self.dropout(self.encoder(symbols))
        return found

    def scores(self, hidden: Tensor) -> Tensor:
        return functional.pad(self._known(hidden), (1, 0), value=-torch.inf)

    def _known(self, hidden: Tensor) -> Tensor:
        return functional.linear(hidden, self.encoder.rows()[1:])

    def newest(self, symbols: Tensor, remembered: Remembered | None = None, /) -> Tensor:
        found: Tensor = self.encoder(symbols, remembered)
        return self.dropout(found[:, -1])

    def forward(self, symbols: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        asked = targets != PADDING
        # Without padding, whose score is no number that could be smoothed.
        logits = self._known(self.hidden(symbols)[asked]).float()
        return functional.cross_entropy(
            logits, targets[asked] - 1, label_smoothing=smoothing, reduction="sum"
        )


def _tied(module: PretrainedDecoder) -> dict[str, str]:
    """The names of weights that are others' as well, with the names that those are told by."""
    named, found = dict[int, str](), dict[str, str]()
    for name, weight in module.named_parameters(remove_duplicate=False):
        if named.setdefault(id(weight), name) != name:
            found[name] = named[id(weight)]
    return found


def _told_once(module: nn.Module, state_dict: dict[str, Any], prefix: str, _local: Any) -> None:
    assert isinstance(module, PretrainedDecoder)
    for name in _tied(module):
        state_dict.pop(prefix + name, None)


def _tied_again(module: nn.Module, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
    assert isinstance(module, PretrainedDecoder)
    for name, told in _tied(module).items():
        if prefix + told in state_dict:
            state_dict.setdefault(prefix + name, state_dict[prefix + told])
