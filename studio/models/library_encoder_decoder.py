"""Encoder-decoders of the transformers library (T5, BART and their relatives), asked as those of the studio's own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.attention_decoders import Memory, State
from studio.models.pretrained import quiet, settings
from studio.models.text_writer import TextWriter
from studio.recipe.encoder_decoder import T5, Bart

PREFIX = "pretrained."
"""What the names of the library's weights begin with."""
# Whose encoder and decoder have one vocabulary, and whose decoder takes one vector a position.
TYPES = (
    "bart",
    "blenderbot",
    "m2m_100",
    "marian",
    "mbart",
    "mt5",
    "mvp",
    "pegasus",
    "plbart",
    "t5",
    "umt5",
)
_WITHOUT_BOUND = ("mt5", "t5", "umt5")  # positions are told by how far they are apart
_PADDING, _BOUNDARY = 0, 2


@dataclass(frozen=True)
class PairArchitecture:
    """What a network is built from, its weights aside.

    Attributes:
        config: as `config.json` has it.
        pieces: the network's row for each symbol of the task, each row once [symbols].
        before, behind: rows around a text that is read; the first one behind stands for the end of the text.
        start: rows that the decoder has been given before it writes the first symbol.
        silent: symbols that stand for no text, which are never written.
        apart: what is written is scored by vectors of its own. The library's newer versions begin with those of what is
            read, whatever a configuration says, and look at the weights.
    """

    config: Mapping[str, Any]
    pieces: Sequence[int] = field(repr=False)
    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = (_BOUNDARY,)
    start: tuple[int, ...] = (_BOUNDARY,)
    silent: Sequence[int] = field(default=(), repr=False)
    apart: bool = False


def longest(config: Mapping[str, Any]) -> int:
    """How many rows such a network can tell the places of; 0 if any number will do."""
    if config["model_type"] in _WITHOUT_BOUND:
        return 0
    return int(settings(config).max_position_embeddings)


def architecture_of(section: T5 | Bart, symbols: int) -> PairArchitecture:
    """The library's network of a recipe's settings, over so many symbols of the studio's own numbers."""
    shared: dict[str, Any] = {
        "vocab_size": symbols,
        "d_model": section.width,
        "pad_token_id": _PADDING,
        "bos_token_id": _BOUNDARY,
        "eos_token_id": _BOUNDARY,
        "decoder_start_token_id": _BOUNDARY,
        "is_encoder_decoder": True,
    }
    values: dict[str, Any]
    if isinstance(section, T5):
        values = {
            "model_type": "t5",
            "architectures": ["T5ForConditionalGeneration"],
            "num_layers": section.layers,
            "num_decoder_layers": section.layers,
            "num_heads": section.heads,
            "d_kv": section.width // section.heads,
            "d_ff": section.feed_forward,
            "dropout_rate": section.dropout,
            "feed_forward_proj": section.activation.replace("_", "-"),
        }
    else:
        values = {
            "model_type": "bart",
            "architectures": ["BartForConditionalGeneration"],
            # A text is one longer than its symbols: it ends with a boundary, or begins with one.
            "max_position_embeddings": section.max_length + 1,
            "dropout": section.dropout,
            "forced_eos_token_id": None,
        }
        for part in ("encoder", "decoder"):
            values[f"{part}_layers"] = section.layers
            values[f"{part}_attention_heads"] = section.heads
            values[f"{part}_ffn_dim"] = section.feed_forward
    return PairArchitecture({**values, **shared}, range(symbols))


class LibraryEncoderDecoder(TextWriter):
    """Symbols are mapped to the network's rows and back; what stands around texts is put there and taken off inside.

    Attributes:
        pretrained: the library's network. Weights that it has in several places are in `state_dict` once.
    """

    def __init__(self, architecture: PairArchitecture) -> None:
        super().__init__()
        from transformers import AutoModelForSeq2SeqLM

        self.architecture = architecture
        with quiet():
            self.pretrained: Any = AutoModelForSeq2SeqLM.from_config(
                settings(architecture.config), trust_remote_code=False
            )
        if architecture.apart and self.output_table is self.table:
            self.pretrained.get_output_embeddings().weight = nn.Parameter(self.table.detach().clone())
        self._scale = _scale(self.pretrained.config)
        pieces = list(architecture.pieces)
        moved = [symbol for symbol, row in enumerate(pieces) if symbol != row]
        for name, rows in (
            ("pieces", pieces),
            ("moved", moved),
            ("before", architecture.before),
            ("behind", architecture.behind[1:]),
            ("start", architecture.start),
            ("silent", architecture.silent),
        ):
            self.register_buffer(name, torch.tensor(list(rows), dtype=torch.long), persistent=False)
        self.pieces: Tensor
        self.moved: Tensor
        self.before: Tensor
        self.behind: Tensor
        self.start: Tensor
        self.silent: Tensor
        self.register_state_dict_post_hook(_without_doubles)
        self.register_load_state_dict_pre_hook(_with_doubles)

    @property
    def table(self) -> nn.Parameter:
        """The vectors of the rows [rows, width]."""
        weight: nn.Parameter = self.pretrained.get_input_embeddings().weight
        return weight

    @property
    def output_table(self) -> nn.Parameter:
        """The vectors by which rows are scored, mostly the same [rows, width]."""
        weight: nn.Parameter = self.pretrained.get_output_embeddings().weight
        return weight

    def read(self, symbols: Tensor, lengths: Tensor) -> Memory:
        rows = len(symbols)
        parts = [self.before.expand(rows, -1), self.pieces[symbols]]
        if len(self.behind):
            parts.append(self.pieces[:1].expand(rows, len(self.behind)))
        read = torch.cat(parts, dim=1)
        size = lengths + len(self.before)
        for place, row in enumerate(self.behind):
            read = read.scatter(1, (size + place)[:, None], row.expand(rows, 1))
        visible = torch.arange(read.shape[1], device=read.device) < (size + len(self.behind))[:, None]
        states = self.pretrained.get_encoder()(input_ids=read, attention_mask=visible.long())
        return Memory(states.last_hidden_state, visible)

    def hidden(self, symbols: Tensor, lengths: Tensor, written: Tensor) -> Tensor:
        memory = self.read(symbols, lengths)
        given = torch.cat([self.start.expand(len(written), -1), self.pieces[written[:, 1:]]], dim=1)
        made = self.pretrained.get_decoder()(
            input_ids=given,
            encoder_hidden_states=memory.states,
            encoder_attention_mask=memory.visible.long(),
            use_cache=False,
        )
        hidden: Tensor = made.last_hidden_state[:, len(self.start) - 1 :]
        return hidden

    def scores(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self.pretrained.get_output_embeddings()(hidden * self._scale)
        bias = getattr(self.pretrained, "final_logits_bias", None)
        if bias is not None:
            logits = logits + bias[0].to(logits.dtype)
        if not len(self.moved):
            return logits
        return logits.index_copy(-1, self.moved, logits.index_select(-1, self.pieces[self.moved]))

    def begin(self, memory: Memory) -> State:
        """Nothing is known yet: keys and values of what was read come to be with the first step."""
        memory.keys = []
        return []

    def step(self, memory: Memory, state: State, last: Tensor, place: int) -> tuple[Tensor, State, Tensor]:
        """One more symbol, by the library's cache of keys and values; attention is the mean of the last layer's heads.

        Where it was looked is told of the text's own symbols alone.
        """
        from transformers.cache_utils import DynamicCache, EncoderDecoderCache

        decoder = self.pretrained.get_decoder()
        given = self.pieces[last][:, None] if place else self.start.expand(len(last), -1)
        known = list(zip(state[::2], state[1::2], strict=True))
        caches = (DynamicCache(pairs) if place else DynamicCache() for pairs in (known, memory.keys))
        cache = EncoderDecoderCache(*caches)
        with _telling(decoder.config):
            made = decoder(
                input_ids=given,
                encoder_hidden_states=memory.states,
                encoder_attention_mask=memory.visible.long(),
                past_key_values=cache,
                use_cache=True,
                output_attentions=True,
            )
        if not place:
            memory.keys = _pairs(cache.cross_attention_cache)
        logits = self.scores(made.last_hidden_state[:, -1])
        if len(self.silent):
            logits = logits.index_fill(-1, self.silent, -torch.inf)
        behind = [part for pair in _pairs(cache.self_attention_cache) for part in pair]
        return logits, behind, self._inside(made.cross_attentions[-1][:, :, -1].mean(dim=1), memory.visible)

    def _inside(self, weights: Tensor, visible: Tensor) -> Tensor:
        """Attention to the symbols of texts alone [rows, source length], which sums to 1."""
        more = len(self.before) + len(self.behind)
        if not more:
            return weights
        lengths = visible.sum(dim=1, keepdim=True) - more
        kept = weights[:, len(self.before) : weights.shape[1] - len(self.behind)]
        kept = kept * (torch.arange(kept.shape[1], device=kept.device) < lengths)
        return kept / kept.sum(dim=1, keepdim=True).clamp(min=1e-9)


def _pairs(cache: Any) -> list[tuple[Tensor, Tensor]]:
    return [(layer.keys, layer.values) for layer in cache.layers]


def _scale(config: Any) -> float:
    """What T5s multiply by before they score; newer versions of the library say so in a word of its own."""
    scaled = getattr(config, "scale_decoder_outputs", None)
    if scaled is None:
        scaled = config.model_type in ("t5", "umt5") and config.tie_word_embeddings
    return float(config.d_model**-0.5) if scaled else 1.0


@contextlib.contextmanager
def _telling(config: Any) -> Iterator[None]:
    """Let a network work its attention out in a way that can be looked at."""
    before = config._attn_implementation
    config._attn_implementation = "eager"
    try:
        yield
    finally:
        config._attn_implementation = before


def _doubles(model: nn.Module) -> dict[str, str]:
    """For the further names of weights that have several the first one."""
    first: dict[int, str] = {}
    doubles = {}
    for name, weight in model.named_parameters(remove_duplicate=False):
        if id(weight) in first:
            doubles[name] = first[id(weight)]
        first.setdefault(id(weight), name)
    return doubles


def _without_doubles(model: nn.Module, tensors: dict[str, Tensor], prefix: str, _more: object) -> None:
    for name in _doubles(model):
        tensors.pop(prefix + name, None)


def _with_doubles(model: nn.Module, tensors: dict[str, Tensor], prefix: str, *_more: object) -> None:
    for name, first in _doubles(model).items():
        if prefix + first in tensors:
            tensors.setdefault(prefix + name, tensors[prefix + first])
