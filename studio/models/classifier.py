"""A text in, a distribution over labels out, from an encoder of any family."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.input_layer import OneHot, embedding_of
from studio.models.ngrams import NgramEmbedding
from studio.models.pooling import Pooling
from studio.models.tagger import PADDING, build_encoder, encoder_of
from studio.models.text_cnn import ConvolutionEncoder
from studio.recipe import Model
from studio.recipe.model import TextCNN


class TextClassifier(nn.Module):
    """Symbols in, one score a label out.

    Args:
        section: the recipe's model section.
        symbols: how many there are; 0 is padding.
        labels: how many there are.
        pooling: see `Pooling`.
        weights: what a text of each label counts in the loss [labels]; they travel with the weights.
        focal_gamma: of the focal loss; 0 for the ordinary one.
        one_hot: see `OneHot`.
    """

    def __init__(
        self,
        section: Model,
        symbols: int,
        labels: int,
        pooling: str,
        weights: Tensor | None = None,
        focal_gamma: float = 0.0,
        *,
        one_hot: bool = False,
    ) -> None:
        super().__init__()
        self.focal_gamma = focal_gamma
        self.register_buffer("weights", torch.ones(labels) if weights is None else weights.float())
        self.weights: Tensor
        self.embedding = OneHot(symbols, section.width) if one_hot else embedding_of(symbols, section.width)
        self.ngrams: NgramEmbedding | None = None
        if section.ngram_buckets:
            self.ngrams = NgramEmbedding(
                section.ngram_buckets, section.ngram_width, section.width, section.ngram_dropout
            )
        if isinstance(section, TextCNN):
            self.encoder: nn.Module = ConvolutionEncoder(section)
            width = section.filters * len(section.sizes)
        else:
            self.encoder = build_encoder(encoder_of(section))
            width = section.width
        self.input_norm = nn.LayerNorm(section.width)
        self.dropout = nn.Dropout(section.dropout)
        self.pooling = Pooling(pooling, width)
        self.head = nn.Linear(width, labels)

    def scores(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """`symbols` [rows, length], `lengths` [rows] -> logits [rows, labels]."""
        hidden = self.embedding(symbols)
        if self.ngrams is not None:
            hidden = hidden + self.ngrams(symbols)
        hidden = self.encoder(self.dropout(self.input_norm(hidden)), lengths)
        logits: Tensor = self.head(self.dropout(self.pooling(hidden, symbols != PADDING)))
        return logits

    def forward(self, symbols: Tensor, lengths: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
        """Summed loss in nats, each text counted by the weight of its label; `labels` [rows].

        The focal loss is that of Lin et al. 2017 (https://arxiv.org/abs/1708.02002).
        """
        logits = self.scores(symbols, lengths).float()
        each = functional.cross_entropy(logits, labels, label_smoothing=smoothing, reduction="none")
        if self.focal_gamma:
            chance = functional.log_softmax(logits, dim=-1).gather(1, labels[:, None])[:, 0].exp()
            each = each * (1 - chance).clamp_min(0) ** self.focal_gamma
        return (each * self.weights[labels]).sum()
