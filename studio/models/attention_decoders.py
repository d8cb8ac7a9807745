"""What writes a text symbol by symbol and looks at the one that was read: recurrent, and a Transformer.

Both are asked in two ways that give the same: for all positions of a text that is known (`forward`, in training), and
for one more symbol (`step`, where a text is written).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.recurrent import CELLS
from studio.models.transformer import attend, rotary_angles, rotate
from studio.recipe.encoder_decoder import RecurrentEncoderDecoder, TransformerEncoderDecoder

State = list[Tensor]
"""What is known of texts as far as they are written; each tensor has a row a text."""


@dataclass
class Memory:
    """Texts that were read.

    Attributes:
        states: a vector for each symbol [rows, length, width].
        visible: where there is a symbol [rows, length].
        keys: what a decoder looks for and finds in them, layer by layer; filled by `begin`.
    """

    states: Tensor
    visible: Tensor
    keys: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    def repeated(self, times: int) -> Memory:
        """Each text as often as that, one beside the other."""
        return Memory(
            self.states.repeat_interleave(times, dim=0), self.visible.repeat_interleave(times, dim=0)
        )


class RecurrentDecoder(nn.Module):
    """Recurrent layers over what was written, with attention between the first and the others.

    Global attention with general scores (Luong et al. 2015, https://arxiv.org/abs/1508.04025); what it finds goes into
    the layers above it, as in GNMT (Wu et al. 2016, https://arxiv.org/abs/1609.08144), rather than back into the first
    one, so that in training each layer takes all positions at once.
    """

    def __init__(self, section: RecurrentEncoderDecoder) -> None:
        super().__init__()
        width, cell = section.width, CELLS[section.cell]
        self.cells = 2 if section.cell == "lstm" else 1  # tensors of a layer's state
        self.above_layers = section.layers - 1
        self.begin_with = nn.Linear(width, self.cells * section.layers * width)
        self.first = cell(width, width, batch_first=True)
        self.query = nn.Linear(width, width, bias=False)
        self.above = (
            cell(
                2 * width,
                width,
                num_layers=self.above_layers,
                dropout=section.dropout if self.above_layers > 1 else 0.0,
                batch_first=True,
            )
            if self.above_layers
            else None
        )
        self.dropout = nn.Dropout(section.dropout)
        self.combine = nn.Linear(2 * width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, written: Tensor, memory: Memory) -> Tensor:
        """`written` [rows, length, width], embedded -> [rows, length, width]."""
        return self._run(written, memory, self.begin(memory))[0]

    def begin(self, memory: Memory) -> State:
        """The state before the first symbol: [rows, layers, width] once, for an LSTM twice."""
        counts = memory.visible.sum(dim=1, keepdim=True).clamp(min=1)
        mean = (memory.states * memory.visible[..., None]).sum(dim=1) / counts
        made = torch.tanh(self.begin_with(mean)).view(
            len(mean), self.cells, 1 + self.above_layers, mean.shape[1]
        )
        return list(made.unbind(dim=1))

    def step(self, written: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Tensor]:
        """One more symbol, `written` [rows, width] -> [rows, width], the state behind it, attention [rows, length]."""
        hidden, state, weights = self._run(written[:, None], memory, state)
        return hidden[:, 0], state, weights[:, 0]

    def _run(self, written: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Tensor]:
        low, low_state = self.first(written, self._of(state, 0, 1, written.dtype))
        scores = self.query(low) @ memory.states.transpose(1, 2) / math.sqrt(low.shape[-1])
        weights = scores.masked_fill(~memory.visible[:, None], -torch.inf).softmax(dim=-1)
        found = weights @ memory.states
        top, parts = low, [low_state]
        if self.above is not None:
            joined = self.dropout(torch.cat([low, found], dim=-1))
            below = self._of(state, 1, 1 + self.above_layers, joined.dtype)
            above, above_state = self.above(joined, below)
            top = low + above
            parts.append(above_state)
        combined = functional.gelu(self.combine(self.dropout(torch.cat([top, found], dim=-1))))
        return self.norm(top + combined), self._joined(parts), weights

    def _of(self, state: State, first: int, stop: int, precision: torch.dtype) -> Tensor | tuple[Tensor, ...]:
        """The state of some layers, as torch's cells take it: [layers, rows, width], as precise as what goes in."""
        parts = tuple(part[:, first:stop].transpose(0, 1).to(precision).contiguous() for part in state)
        return parts if self.cells == 2 else parts[0]

    def _joined(self, parts: list[Tensor | tuple[Tensor, ...]]) -> State:
        whole = [part if isinstance(part, tuple) else (part,) for part in parts]
        return [torch.cat([part[n] for part in whole]).transpose(0, 1) for n in range(self.cells)]


class TransformerDecoder(nn.Module):
    """Vaswani et al. 2017 (https://arxiv.org/abs/1706.03762) with pre-normalisation and rotary positions."""

    def __init__(self, section: TransformerEncoderDecoder) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            DecoderLayer(section.width, section.heads, section.feed_forward, section.dropout)
            for _ in range(section.layers)
        )
        self.norm = nn.LayerNorm(section.width)
        # One more position than symbols: a text begins with its boundary.
        cosine, sine = rotary_angles(section.max_length + 1, section.width // section.heads)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        self.cosine: Tensor
        self.sine: Tensor

    def forward(self, written: Tensor, memory: Memory) -> Tensor:
        """`written` [rows, length, width], embedded -> [rows, length, width]; none knows of what stands behind it."""
        length = written.shape[1]
        before = torch.ones(length, length, dtype=torch.bool, device=written.device).tril()
        visible = memory.visible[:, None, None]
        for layer in self.layers:
            written = layer(written, memory.states, before, visible, self.cosine[:length], self.sine[:length])
        return self.norm(written)

    def begin(self, memory: Memory) -> State:
        """Keys and values of nothing, a pair a layer: [rows, heads, 0, size]."""
        memory.keys = [layer.looked_for(memory.states) for layer in self._layers()]
        empty = memory.keys[0][0][:, :, :0]
        return [empty] * (2 * len(self.layers))

    def step(self, written: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Tensor]:
        """One more symbol, `written` [rows, width] -> [rows, width], the state behind it, attention [rows, length].

        The attention is that of the last layer, the mean of its heads.
        """
        place = state[0].shape[2]
        hidden, made = written[:, None], list[Tensor]()
        angles = self.cosine[place : place + 1], self.sine[place : place + 1]
        weights = written.new_zeros(memory.visible.shape)
        for number, layer in enumerate(self._layers()):
            known = state[2 * number], state[2 * number + 1]
            hidden, known, weights = layer.step(hidden, known, memory.keys[number], memory.visible, angles)
            made += known
        return self.norm(hidden)[:, 0], made, weights

    def _layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.layers if isinstance(layer, DecoderLayer)]


class DecoderLayer(nn.Module):
    """Attention to what was written, attention to what was read, and a feed-forward network, each added to the rest."""

    def __init__(self, width: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.attention_norm = nn.LayerNorm(width)
        self.project_in = nn.Linear(width, 3 * width)
        self.project_out = nn.Linear(width, width)
        self.reading_norm = nn.LayerNorm(width)
        self.ask = nn.Linear(width, width)
        self.look = nn.Linear(width, 2 * width)
        self.take = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, feed_forward)
        self.contract = nn.Linear(feed_forward, width)

    def forward(
        self, hidden: Tensor, read: Tensor, before: Tensor, visible: Tensor, cosine: Tensor, sine: Tensor
    ) -> Tensor:
        """`hidden` [rows, length, width] -> the same; `read` [rows, source length, width]."""
        queries, keys, values = self._parts(self.project_in(self.attention_norm(hidden)), 3)
        attended = attend(rotate(queries, cosine, sine), rotate(keys, cosine, sine), values, before)
        hidden = hidden + self._dropped(self.project_out(_joined(attended)))
        (asked,) = self._parts(self.ask(self.reading_norm(hidden)), 1)
        found = attend(asked, *self.looked_for(read), visible)
        hidden = hidden + self._dropped(self.take(_joined(found)))
        return self._fed_forward(hidden)

    def looked_for(self, read: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of what was read, each [rows, heads, source length, size]."""
        keys, values = self._parts(self.look(read), 2)
        return keys, values

    def step(
        self,
        hidden: Tensor,
        known: tuple[Tensor, Tensor],
        looked_for: tuple[Tensor, Tensor],
        visible: Tensor,
        angles: tuple[Tensor, Tensor],
    ) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """One position [rows, 1, width], given keys and values of those before it."""
        query, key, value = self._parts(self.project_in(self.attention_norm(hidden)), 3)
        keys = torch.cat([known[0], rotate(key, *angles)], dim=2)
        values = torch.cat([known[1], value], dim=2)
        hidden = hidden + self.project_out(_joined(attend(rotate(query, *angles), keys, values, None)))
        (asked,) = self._parts(self.ask(self.reading_norm(hidden)), 1)
        scores = asked @ looked_for[0].transpose(2, 3) / math.sqrt(asked.shape[-1])
        weights = scores.masked_fill(~visible[:, None, None], -torch.inf).softmax(dim=-1)
        hidden = hidden + self.take(_joined(weights @ looked_for[1]))
        return self._fed_forward(hidden), (keys, values), weights[:, :, 0].mean(dim=1)

    def _fed_forward(self, hidden: Tensor) -> Tensor:
        inner = functional.gelu(self.expand(self.feed_forward_norm(hidden)), approximate="tanh")
        return hidden + self._dropped(self.contract(inner))

    def _dropped(self, hidden: Tensor) -> Tensor:
        return functional.dropout(hidden, self.dropout, self.training)

    def _parts(self, projected: Tensor, count: int) -> Tensor:
        """[rows, length, count * width] -> [count, rows, heads, length, size]."""
        rows, length, _ = projected.shape
        return projected.view(rows, length, count, self.heads, -1).permute(2, 0, 3, 1, 4)


def _joined(heads: Tensor) -> Tensor:
    rows, _, length, _ = heads.shape
    return heads.transpose(1, 2).reshape(rows, length, -1)
