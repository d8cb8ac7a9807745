"""Bidirectional LSTM, GRU and plain recurrent encoders."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.recipe import Recurrent as RecurrentSection

CELLS: dict[str, type[nn.LSTM | nn.GRU | nn.RNN]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class RecurrentEncoder(nn.Module):
    """Stacked bidirectional recurrent layers, their two directions projected back to the model's width."""

    def __init__(self, section: RecurrentSection) -> None:
        super().__init__()
        self.recurrent = CELLS[section.cell](
            section.width,
            section.width,
            num_layers=section.layers,
            dropout=section.dropout if section.layers > 1 else 0.0,
            bidirectional=True,
            batch_first=True,
        )
        self.project = nn.Linear(2 * section.width, section.width)
        self.dropout = nn.Dropout(section.dropout)
        self.norm = nn.LayerNorm(section.width)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """`hidden` [rows, length, width], `lengths` [rows] -> [rows, length, width]."""
        if bool((lengths == hidden.shape[1]).all()):
            states, _ = self.recurrent(hidden)
        else:
            # Packed, so that the backward direction starts at each row's own end and not in the padding.
            packed = nn.utils.rnn.pack_padded_sequence(
                hidden, lengths.cpu(), batch_first=True, enforce_sorted=False
            )
            states, _ = nn.utils.rnn.pad_packed_sequence(
                self.recurrent(packed)[0], batch_first=True, total_length=hidden.shape[1]
            )
        return self.norm(hidden + self.dropout(torch.nn.functional.gelu(self.project(states))))
