"""Finding the weights of network, segmentation and n-gram models on the validation split of a model's run.

The shares of n-gram models are those under which the validation text is likeliest (expectation maximisation, as for
any mixture: Jelinek and Mercer 1980). The other two weights are those with which most sentences come out right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from studio.data.dataset import Dataset, Split
from studio.data.errors import DataError
from studio.data.vocabulary import PinyinVocabulary
from studio.inference.beam import NgramScores
from studio.inference.evaluation import own_data
from studio.inference.fusion import mixture
from studio.inference.load import Loaded
from studio.inference.typed import Hits, Typed, hits, typed_sentences
from studio.inference.words import WordScores
from studio.models.backoff import BackoffModel
from studio.runs import fusion as weights
from studio.runs import language_models
from studio.runs.fusion import Fusion
from studio.tasks import imported_ngrams, pinyin_ngrams

Stage = Literal["data", "models", "shares", "mixing", "network", "before", "after"]
Tick = Callable[[Stage, int, int], None]
"""Called with the stage, what is done of it and how much there is; may raise to break off."""

_MOST_POSITIONS = 200_000  # of the validation text that the shares are found on
_ROUNDS = 100
_NETWORK = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.7)
_SEGMENTATION = (0.2, 0.4, 0.6, 0.9, 1.3, 1.8, 2.5)
_WORDS = (0.0, 0.3, 0.6, 1.0, 1.4, 2.0)


_Counted = tuple[NgramScores, WordScores | None]


@dataclass(frozen=True)
class Figures:
    """What weights are worth on validation sentences typed as raw letters.

    Attributes:
        perplexity: of the n-grams, a character, on the whole validation split.
        sentence_accuracy, character_accuracy: shares that come out right.
        sentences: how many were typed.
    """

    perplexity: float
    sentence_accuracy: float
    character_accuracy: float
    sentences: int


@dataclass(frozen=True)
class Tuned:
    """Weights before and after, and what each of them is worth. `fusion` is the better of the two."""

    fusion: Fusion
    old: Fusion
    before: Figures
    after: Figures


def tune(loaded: Loaded, names: Sequence[str], limit: int, tick: Tick) -> Tuned:
    """Find weights for a model and imported language models; nothing is written but caches.

    Args:
        names: of the imported models that are offered; those that do not help get no share.
        limit: how many sentences are typed; 5 to 30 characters each.

    Raises:
        DataError: if the model has no n-grams, or the data of its run are no longer there.
        LanguageModelError: if there is no imported model of a name.
    """
    own = loaded.task.ngrams_file
    if own is None:
        raise DataError(
            f"the model in {loaded.found.folder} has no n-grams, so there is nothing to weigh",
            "train it anew: models of this studio count n-grams before they learn",
        )
    vocabulary = loaded.task.vocabulary
    tick("data", 0, 1)
    dataset, _ = own_data(loaded)
    old = weights.read(loaded.found.folder)
    shares = _shares(dataset, vocabulary, loaded, names, tick)
    new = weights.with_shares(old, shares)
    tick("mixing", 0, 2)
    old_model = _mixed(loaded, old)
    tick("mixing", 1, 2)
    new_model = _mixed(loaded, new)
    sentences = typed_sentences(loaded, dataset.validation, limit, lambda i, n: tick("network", i, n))
    if not sentences:
        raise DataError(
            "the validation split holds no sentence of 5 to 30 characters",
            "give the run more text, or longer documents",
        )
    split = dataset.validation
    pair = (old.segmentation, old.words)
    before = hits(sentences, *old_model, old.network, [pair], lambda i, n: tick("before", i, n))[pair]
    best, found = _search(sentences, new_model, new, tick)
    old_figures = _figures(before, perplexity(old_model[0].model, split, vocabulary), len(sentences))
    new_figures = _figures(found, perplexity(new_model[0].model, split, vocabulary), len(sentences))
    kept = best if found >= before else old
    return Tuned(kept, old, old_figures, new_figures if kept is best else old_figures)


def maximised(logs: np.ndarray) -> np.ndarray:
    """The shares [models] under which what models say of each character [models, characters] is likeliest together."""
    likelihood = np.exp(logs.astype(np.float64))
    shares = np.full(len(logs), 1 / len(logs))
    for _ in range(_ROUNDS):
        joint = shares[:, None] * likelihood
        shares = (joint / joint.sum(axis=0)).mean(axis=1)
    return shares


def log_probabilities(model: BackoffModel, split: Split, vocabulary: PinyinVocabulary) -> np.ndarray:
    """What n-grams say of each character of a split that is a candidate of its syllable: float32 [characters].

    The ends of sentences are left out: no sentence is preferred to another for them.
    """
    sentences = int(np.searchsorted(split.offsets, _MOST_POSITIONS, side="right")) - 1
    offsets = split.offsets[: max(sentences, 1) + 1]
    last = int(offsets[-1])
    units = vocabulary.units(split.text[:last], split.syllables[:last]).astype(np.int64)
    before = model.order - 1
    lengths = np.diff(offsets)
    stream = np.full(len(units) + before * len(lengths), model.beginning, np.int64)
    places = np.arange(len(units)) + np.repeat(before * (np.arange(len(lengths)) + 1), lengths)
    stream[places] = np.where(units < 0, model.unknown, units)
    windows = np.lib.stride_tricks.sliding_window_view(stream, model.order)[places - before]
    windows = windows[units >= 0]
    return model.score(windows[:, :-1], windows[:, -1])


def perplexity(model: BackoffModel, split: Split, vocabulary: PinyinVocabulary) -> float:
    """The perplexity of n-grams, a character of a split."""
    return float(np.exp(-log_probabilities(model, split, vocabulary).astype(np.float64).mean()))


def _shares(
    dataset: Dataset, vocabulary: PinyinVocabulary, loaded: Loaded, names: Sequence[str], tick: Tick
) -> dict[str, float]:
    """The share of each imported model."""
    own = loaded.task.ngrams_file
    assert own is not None
    models = [language_models.get(name) for name in names]
    logs = [log_probabilities(pinyin_ngrams.read(own), dataset.validation, vocabulary)]
    for done, model in enumerate(models):
        tick("models", done, len(models))
        read = pinyin_ngrams.read(imported_ngrams.file_of(model, vocabulary, own))
        logs.append(log_probabilities(read, dataset.validation, vocabulary))
    tick("shares", 0, 1)
    found = maximised(np.stack(logs))
    return {model.name: float(share) for model, share in zip(models, found[1:], strict=True)}


def _mixed(loaded: Loaded, fusion: Fusion) -> _Counted:
    own = loaded.task.ngrams_file
    assert own is not None
    file = mixture(own, loaded.task.vocabulary, fusion).file
    words = pinyin_ngrams.read_words(file)
    return NgramScores(pinyin_ngrams.read(file)), WordScores(words) if words else None


def _search(sentences: Sequence[Typed], model: _Counted, start: Fusion, tick: Tick) -> tuple[Fusion, Hits]:
    """Try all weights with each other; of equal ones, the nearest to those so far.

    All of them: on some hundred sentences the figures are too rough to climb along.
    """
    networks = _nearest(_NETWORK, start.network)
    words = _nearest(_WORDS, start.words) if model[1] is not None else [start.words]
    others = [(s, w) for w in words for s in _nearest(_SEGMENTATION, start.segmentation)]
    best: tuple[Fusion, Hits] | None = None
    for number, network in enumerate(networks):

        def step(done: int, count: int, before: int = number) -> None:
            tick("after", before * count + done, len(networks) * count)

        for (segmentation, weight), found in hits(sentences, *model, network, others, step).items():
            if best is None or found > best[1]:
                best = Fusion(network, segmentation, start.imported, weight), found
    assert best is not None
    return best


def _nearest(weights: Sequence[float], start: float) -> list[float]:
    return sorted({*weights, start}, key=lambda weight: abs(weight - start))


def _figures(found: Hits, perplexed: float, sentences: int) -> Figures:
    return Figures(perplexed, found.sentences / sentences, found.characters / found.all_characters, sentences)
