"""Which n-grams speak for which label, learnt from a training split beside the network.

Naive Bayes weighs each n-gram by how much more often texts of a label hold it; logistic regression over n-grams scaled
by these weights corrects what naive Bayes counts twice (Wang and Manning 2012, Baselines and bigrams: simple, good
sentiment and topic classification). It is strong where texts are few, and errs elsewhere than a network does.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections.abc import Iterator

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor
from torch.nn import functional

from studio import paths
from studio.models.backoff import bits_for
from studio.models.evidence import Evidence, keys_of
from studio.runs import atomic
from studio.tasks.base import Examples, Tick

_VERSION = 1  # of the way it is learnt; another number learns it anew
_LEAST = 2  # texts that hold an n-gram
_EPOCHS, _ROWS, _RATE, _DECAY = 6, 512, 0.02, 3e-6
_STEPS = 60  # of the search for shares
_HELD = 1.0  # how strongly shares are held at 1, in texts


def order_for(symbols: int, order: int) -> int:
    """The longest n-grams whose numbers fit into 62 bits, `order` at most."""
    return max(1, min(order, 62 // bits_for(symbols)))


def learnt(examples: Examples, symbols: int, labels: int, order: int, identity: str, tick: Tick) -> Evidence:
    """What a training split's texts say; from the cache if it was learnt before.

    Args:
        examples: as the classification task encodes them.
        symbols, labels: how many there are.
        identity: of the texts and of how they are read.

    Raises:
        OSError: if the cache cannot be written.
    """
    order = order_for(symbols, order)
    told = repr((_VERSION, order, symbols, labels, identity))
    name = hashlib.sha256(told.encode()).hexdigest()[:24]
    target = paths.cache_home() / "ngrams" / f"{name}.evidence.safetensors"
    if not target.is_file():
        made = _fitted(examples, labels, order, bits_for(symbols), tick)
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(target, save(made))
    with contextlib.suppress(OSError):
        os.utime(target)
    arrays = load(target.read_bytes())
    evidence = Evidence(len(arrays["keys"]), labels, order, bits_for(symbols))
    evidence.load_state_dict({**evidence.state_dict(), **arrays})
    return evidence


def _fitted(examples: Examples, labels: int, order: int, bits: int, tick: Tick) -> dict[str, Tensor]:
    texts = list(_texts(examples, order, bits))
    keys, held = np.unique(np.concatenate([np.zeros(0, np.int64), *texts]), return_counts=True)
    keys = keys[held >= _LEAST]
    if not len(keys):
        keys = np.zeros(1, np.int64)  # no n-gram has this number
    known = [np.searchsorted(keys, text[np.isin(text, keys, assume_unique=True)]) for text in texts]
    wanted = examples.rows["labels"]
    ratios = torch.from_numpy(_log_ratios(known, wanted, len(keys), labels))
    weights = torch.zeros_like(ratios, requires_grad=True)
    bias = torch.zeros(labels, requires_grad=True)
    optimiser = torch.optim.Adam([weights, bias], _RATE)
    right = torch.from_numpy(wanted)
    for epoch in range(_EPOCHS):
        tick(epoch, _EPOCHS)
        order_of_texts = np.random.default_rng(epoch).permutation(len(known))
        for start in range(0, len(known), _ROWS):
            chosen = order_of_texts[start : start + _ROWS]
            scores = _scores([known[number] for number in chosen], weights * ratios) + bias
            loss = functional.cross_entropy(scores, right[chosen]) + _DECAY * weights.square().sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        # Half precision is exact enough for sums of such weights, and half as large.
        return {
            "keys": torch.from_numpy(keys),
            "weights": (weights * ratios).half().float().contiguous(),
            "bias": bias.clone(),
        }


def _texts(examples: Examples, order: int, bits: int) -> Iterator[np.ndarray]:
    """The n-grams of each text, sorted and each once."""
    offsets = examples.columns["offsets"]
    for first, last in itertools.pairwise(offsets):
        symbols = torch.from_numpy(examples.columns["symbols"][first:last].astype(np.int64))[None]
        found = np.unique(keys_of(symbols, order, bits).numpy())
        yield found[found > 0]


def _log_ratios(texts: list[np.ndarray], wanted: np.ndarray, features: int, labels: int) -> np.ndarray:
    """How much likelier each n-gram is in texts of a label than in all others: logarithms [features, labels]."""
    held = np.ones((labels, features))
    for label in range(labels):
        of_label = [text for text, own in zip(texts, wanted, strict=True) if own == label]
        held[label] += np.bincount(np.concatenate([np.zeros(0, np.int64), *of_label]), minlength=features)
    others = held.sum(axis=0) - held + 1 - (labels - 1)  # one for all others together, as for the label
    own, rest = held / held.sum(axis=1, keepdims=True), others / others.sum(axis=1, keepdims=True)
    return (np.log(own) - np.log(rest)).T.astype(np.float32)


def _scores(texts: list[np.ndarray], weights: Tensor) -> Tensor:
    """Sums of weights [features, labels] over each text's n-grams, by the root of their number: [texts, labels]."""
    many = torch.tensor([max(1, len(text)) for text in texts])
    starts = torch.from_numpy(np.cumsum([0, *(len(text) for text in texts[:-1])]))
    held = torch.from_numpy(np.concatenate(texts).astype(np.int64))
    return functional.embedding_bag(held, weights, starts, mode="sum") / many.sqrt()[:, None]


def best_shares(network: Tensor, evidence: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """The factors of both sides' scores that make labels likeliest, each greater than 0.

    The loss is convex in the factors; their logarithms are held near 0, as if texts spoke for that, so that a few texts
    decide little.

    Args:
        network, evidence: scores [texts, labels].
        labels: [texts].
        weights: what a text of each label counts [labels].
    """
    sides = torch.stack([network, evidence]).double()
    logs = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([logs], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        scores = torch.einsum("s,stl->tl", logs.exp(), sides)
        each = functional.cross_entropy(scores, labels, reduction="none") * weights.double()[labels]
        return each.sum() + _HELD * logs.square().sum()

    def closure() -> Tensor:
        search.zero_grad()
        made = loss()
        made.backward()
        return made

    with torch.enable_grad():
        search.step(closure)
    return logs.detach().exp().float()
