"""A tagger's Transformer in NumPy, for a sentence at a time.

Of twenty syllables each operation is over in microseconds, and torch takes longer to ask for it than to carry it out.
The arithmetic is that of `SyllableTagger` in evaluation mode, with the weights that it has when this is made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from torch import Tensor, nn

from studio.models.ngrams import hash_places
from studio.models.tagger import SyllableTagger
from studio.models.transformer import Layer, TransformerEncoder

_GELU = math.sqrt(2 / math.pi)


class PlainTagger:
    """The numbers of a tagger that `plain` accepted."""

    def __init__(self, model: SyllableTagger, encoder: TransformerEncoder) -> None:
        self._embedding = _array(model.embedding.weight)
        self._input_norm = _Norm(model.input_norm)
        self._ngrams = model.ngrams
        if model.ngrams is not None:
            self._table, self._project = _array(model.ngrams.table), _turned_over(model.ngrams.project.weight)
        self._layers = [_Layer(layer) for layer in encoder.layers if isinstance(layer, Layer)]
        self._norm = _Norm(encoder.norm)
        self._cosine, self._sine = _array(encoder.cosine), _array(encoder.sine)
        self._starts = _array(model.head.starts).tolist()
        self._units, self._bias = _array(model.head.weight), _array(model.head.bias)

    def logs(self, spans: Sequence[Sequence[int]]) -> list[np.ndarray]:
        """Log-probabilities of the characters of every syllable, span after span: float32 [its characters] each.

        Args:
            spans: numbers of syllables; spans do not see each other.
        """
        syllables = np.array([syllable for span in spans for syllable in span], np.int64)
        bounds = np.cumsum([0, *map(len, spans)]).tolist()
        places = [slice(a, b) for a, b in pairwise(bounds) if b > a]
        if not places:
            return []
        hidden = self._embedding[syllables + 1]
        if self._ngrams is not None:
            rows = np.concatenate([self._hashed(syllables[place] + 1) for place in places])
            hidden = hidden + self._table[rows].sum(axis=1) @ self._project
        hidden = self._input_norm(hidden)
        for layer in self._layers:
            layer(hidden, places, self._cosine, self._sine)
        return [
            self._characters(vector, syllable)
            for vector, syllable in zip(self._norm(hidden), syllables.tolist(), strict=True)
        ]

    def _hashed(self, symbols: np.ndarray) -> np.ndarray:
        assert self._ngrams is not None
        return hash_places(np.pad(symbols, 2), self._ngrams.buckets, self._ngrams.shapes)

    def _characters(self, hidden: np.ndarray, syllable: int) -> np.ndarray:
        own = slice(self._starts[syllable], self._starts[syllable + 1])
        if own.stop == own.start:
            return np.full(1, -np.inf, np.float32)
        scores: np.ndarray = self._units[own] @ hidden
        scores += self._bias[own]
        scores -= scores.max()
        scores -= np.log(np.exp(scores).sum())
        return scores


def plain(model: nn.Module) -> PlainTagger | None:
    """The same model in NumPy; None for other families, on other devices and in other precisions."""
    if not isinstance(model, SyllableTagger) or not isinstance(model.encoder, TransformerEncoder):
        return None
    weight = model.head.weight
    return (
        PlainTagger(model, model.encoder)
        if weight.device.type == "cpu" and weight.dtype.itemsize == 4
        else None
    )


class _Norm:
    def __init__(self, module: nn.LayerNorm) -> None:
        self._weight, self._bias, self._epsilon = _array(module.weight), _array(module.bias), module.eps

    def __call__(self, hidden: np.ndarray) -> np.ndarray:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        spread = np.einsum("ij,ij->i", centred, centred)[:, None] / hidden.shape[-1]
        centred *= self._weight / np.sqrt(spread + self._epsilon)
        centred += self._bias
        return centred


class _Layer:
    def __init__(self, module: Layer) -> None:
        self._heads = module.heads
        self._attention_norm, self._feed_forward_norm = (
            _Norm(module.attention_norm),
            _Norm(module.feed_forward_norm),
        )
        self._in, self._out, self._expand, self._contract = (
            (_turned_over(part.weight), _array(part.bias))
            for part in (module.project_in, module.project_out, module.expand, module.contract)
        )

    def __call__(self, hidden: np.ndarray, places: list[slice], cosine: np.ndarray, sine: np.ndarray) -> None:
        """Add what attention and the feed-forward network say to `hidden` [positions, width]."""
        width = hidden.shape[1]
        size = width // self._heads
        mixed = _linear(self._attention_norm(hidden), self._in).reshape(len(hidden), 3, self._heads, size)
        attended = np.empty((len(hidden), self._heads, size), np.float32)
        for place in places:
            length = place.stop - place.start
            part = mixed[place].transpose(1, 2, 0, 3)  # [3, heads, length, size]
            turned = _turned(part[:2], cosine[:length], sine[:length])
            scores = turned[0] @ turned[1].transpose(0, 2, 1)
            scores *= 1 / math.sqrt(size)
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=-1, keepdims=True)
            attended[place] = (scores @ part[2]).transpose(1, 0, 2)
        hidden += _linear(attended.reshape(len(hidden), width), self._out)
        inner = _linear(self._feed_forward_norm(hidden), self._expand)
        hidden += _linear(_gelu(inner), self._contract)


def _linear(hidden: np.ndarray, weights: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    made: np.ndarray = hidden @ weights[0]
    made += weights[1]
    return made


def _gelu(inner: np.ndarray) -> np.ndarray:
    """The approximation with the hyperbolic tangent, as the network has it."""
    bent = inner * inner
    bent *= 0.044715
    bent += 1
    bent *= inner
    bent *= _GELU
    np.tanh(bent, out=bent)
    bent += 1
    bent *= inner
    bent *= 0.5
    return bent


def _turned(vectors: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
    """As `studio.models.transformer.rotate`."""
    half = cosine.shape[-1]
    first, second = vectors[..., :half], vectors[..., half : 2 * half]
    made = vectors.copy()
    made[..., :half] = first * cosine - second * sine
    made[..., half : 2 * half] = second * cosine + first * sine
    return made


def _turned_over(weight: Tensor) -> np.ndarray:
    """A layer's weights as they lie best for a product: half the time of what a transposed view takes."""
    return np.ascontiguousarray(_array(weight).T)


def _array(tensor: Tensor) -> np.ndarray:
    array: np.ndarray = tensor.detach().numpy()
    return array
