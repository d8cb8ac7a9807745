"""Characters in, a valid sequence of tags out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.models.crf import LinearChain
from studio.models.pretrained import PretrainedEncoder
from studio.models.reader import ReadBy, Reader


class SequenceTagger(Reader):
    """An encoder, a linear layer over tags, and what says which tags may follow one another.

    Args:
        section: the recipe's model section.
        symbols: how many there are; 0 is padding.
        chain: knows the allowed sequences; if it has scores to learn, whole sequences are trained for.
        words: how many words of a dictionary it is shown.
    """

    def __init__(self, section: ReadBy, symbols: int, chain: LinearChain, words: int = 0) -> None:
        super().__init__(section, symbols, words)
        self.head = nn.Linear(section.width, len(chain.begins))
        self.chain = chain

    def scores(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """`symbols` [rows, length], `lengths` [rows] -> scores [rows, length, tags], single precision."""
        hidden = self.encode(symbols, lengths)
        if not isinstance(self.encoder, PretrainedEncoder):  # which has left out its share already
            hidden = self.dropout(hidden)
        scores: Tensor = self.head(hidden)
        return scores.float()

    def forward(self, symbols: Tensor, lengths: Tensor, tags: Tensor, smoothing: float = 0.0) -> Tensor:
        """Summed loss in nats; `tags` [rows, length], -1 behind a row's end.

        With a conditional random field, smoothing spreads its share over the tags of each position by themselves.
        """
        scores = self.scores(symbols, lengths)
        with torch.autocast(scores.device.type, enabled=False):
            return self.loss(scores, lengths, tags, smoothing)

    def loss(self, scores: Tensor, lengths: Tensor, tags: Tensor, smoothing: float = 0.0) -> Tensor:
        """The loss of given scores; see `forward`."""
        asked = tags >= 0
        if not self.chain.learnt:
            return functional.cross_entropy(
                scores[asked], tags[asked], label_smoothing=smoothing, reduction="sum"
            )
        loss = self.chain.loss(scores, tags.clamp_min(0), lengths)
        if smoothing:
            spread = functional.log_softmax(scores[asked], dim=-1).mean(dim=-1).sum()
            loss = (1 - smoothing) * loss - smoothing * spread
        return loss

    @torch.no_grad()
    def tags(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """The best valid tags [rows, length]; 0 behind a row's end."""
        return self.best(self.scores(symbols, lengths), lengths)

    @torch.no_grad()
    def best(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The best valid tags of given scores."""
        if not self.chain.learnt:
            scores = scores.log_softmax(dim=-1)
        return self.chain.best(scores, lengths)
