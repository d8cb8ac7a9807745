"""Convolutions of several sizes side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.recipe.model import TextCNN as TextCNNSection


class ConvolutionEncoder(nn.Module):
    """The filters of Kim 2014 (https://arxiv.org/abs/1408.5882), whose answers are pooled over the text afterwards.

    Attributes:
        width: of the result.
    """

    def __init__(self, section: TextCNNSection) -> None:
        super().__init__()
        self.below = nn.ModuleList(
            nn.Conv1d(section.width, section.width, 3, padding=1) for _ in range(section.layers - 1)
        )
        self.filters = nn.ModuleList(
            nn.Conv1d(section.width, section.filters, size) for size in section.sizes
        )
        self.width = section.filters * len(section.sizes)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """`hidden` [rows, length, embedding] -> [rows, length, width]; what lies behind a row's end means nothing."""
        inside = torch.arange(hidden.shape[1], device=hidden.device) < lengths[:, None]
        signal = (hidden * inside[..., None]).transpose(1, 2)
        for layer in self.below:
            signal = (signal + functional.relu(layer(signal))) * inside[:, None]
        answers = []
        for layer in self.filters:
            assert isinstance(layer, nn.Conv1d)
            (size,) = layer.kernel_size
            # As many answers as positions, also for a text that is shorter than the filter.
            padded = functional.pad(signal, ((size - 1) // 2, size // 2))
            answers.append(functional.relu(layer(padded)))
        return torch.cat(answers, dim=1).transpose(1, 2)
