"""A text in, a distribution over labels out, from an encoder of any family."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.evidence import Evidence
from studio.models.input_layer import OneHot, embedding_of
from studio.models.ngrams import NgramEmbedding
from studio.models.pooling import Pooling
from studio.models.pretrained import Architecture, PretrainedEncoder
from studio.models.tagger import PADDING, Encoder, build_encoder, encoder_of
from studio.models.text_cnn import ConvolutionEncoder
from studio.recipe import Model
from studio.recipe.model import TextCNN


class TextClassifier(nn.Module):
    """Symbols in, one score a label out.

    Args:
        section: the recipe's model section, or what is known of a pretrained encoder.
        symbols: how many there are; 0 is padding.
        labels: how many there are.
        pooling: see `Pooling`.
        weights: what a text of each label counts in the loss [labels]; they travel with the weights.
        focal_gamma: of the focal loss; 0 for the ordinary one.
        one_hot: see `OneHot`.
        evidence: what n-grams say of labels, asked besides the network; it takes no part in the training.
    """

    def __init__(
        self,
        section: Model | Architecture,
        symbols: int,
        labels: int,
        pooling: str,
        weights: Tensor | None = None,
        focal_gamma: float = 0.0,
        *,
        one_hot: bool = False,
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__()
        self.evidence = evidence
        self.focal_gamma = focal_gamma
        self.register_buffer("weights", torch.ones(labels) if weights is None else weights.float())
        self.weights: Tensor
        network = section if isinstance(section, Architecture | TextCNN) else encoder_of(section)
        self.dropout = nn.Dropout(network.dropout)
        self.encoder: nn.Module
        if isinstance(network, Architecture):
            self.encoder, width = PretrainedEncoder(network), network.width
        else:
            width = self._build(network, symbols, one_hot=one_hot)
        self.pooling = Pooling(pooling, width)
        self.head = nn.Linear(width, labels)

    def _build(self, section: Encoder | TextCNN, symbols: int, *, one_hot: bool) -> int:
        """Make what reads symbols, and say how wide its vectors are."""
        self.embedding = OneHot(symbols, section.width) if one_hot else embedding_of(symbols, section.width)
        self.ngrams: NgramEmbedding | None = None
        if section.ngram_buckets:
            self.ngrams = NgramEmbedding(
                section.ngram_buckets, section.ngram_width, section.width, section.ngram_dropout
            )
        if isinstance(section, TextCNN):
            self.encoder = ConvolutionEncoder(section)
            width = section.filters * len(section.sizes)
        else:
            self.encoder = build_encoder(section)
            width = section.width
        self.input_norm = nn.LayerNorm(section.width)
        return width

    def encode(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """`symbols` [rows, length], `lengths` [rows] -> [rows, length, width]."""
        if isinstance(self.encoder, PretrainedEncoder):
            read: Tensor = self.encoder(symbols, lengths)
            return read
        hidden = self.embedding(symbols)
        if self.ngrams is not None:
            hidden = hidden + self.ngrams(symbols)
        encoded: Tensor = self.encoder(self.dropout(self.input_norm(hidden)), lengths)
        return encoded

    def scores(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """`symbols` [rows, length], `lengths` [rows] -> logits [rows, labels]."""
        return self.joined_scores(symbols, lengths)[0]

    def joined_scores(self, symbols: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """`scores`, and what the network says by itself, which is the same where no evidence is asked."""
        network = self.network_scores(symbols, lengths)
        if self.evidence is None:
            return network, network
        return self.evidence.join(network, self.evidence(symbols)), network

    def network_scores(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """What the network says by itself: see `scores`."""
        pooled = self.pooling(self.encode(symbols, lengths), symbols != PADDING)
        logits: Tensor = self.head(self.dropout(pooled))
        return logits

    def forward(self, symbols: Tensor, lengths: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
        """Summed loss in nats, each text counted by the weight of its label; `labels` [rows].

        The focal loss is that of Lin et al. 2017 (https://arxiv.org/abs/1708.02002).
        """
        logits = self.network_scores(symbols, lengths).float()
        each = functional.cross_entropy(logits, labels, label_smoothing=smoothing, reduction="none")
        if self.focal_gamma:
            chance = functional.log_softmax(logits, dim=-1).gather(1, labels[:, None])[:, 0].exp()
            each = each * (1 - chance).clamp_min(0) ** self.focal_gamma
        return (each * self.weights[labels]).sum()
