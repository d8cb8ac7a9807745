"""Does what was learnt from typing harm what was right? Validation sentences typed without it and with it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.dataset import Split
from studio.data.errors import DataError
from studio.inference.evaluation import own_data
from studio.inference.load import Loaded
from studio.inference.personal.recall import Recall
from studio.language.syllables import SYLLABLES
from studio.runs.personal import PersonalStore

LIMIT = 200
_TIMED = 20  # sentences typed letter by letter, for the time of a key
_OFFERED = 10  # sentences the window asks for
_TOLD = 50


@dataclass(frozen=True)
class Comparison:
    """How many of some sentences come first, without and with what was learnt.

    Attributes:
        without, with_learnt: shares of sentences that are right.
        characters_without, characters_with: shares of characters that are right.
        broken: sentences right without it and wrong with it; `mended` the other way round.
    """

    sentences: int
    without: float
    with_learnt: float
    characters_without: float
    characters_with: float
    broken: tuple[str, ...]
    mended: tuple[str, ...]


@dataclass(frozen=True)
class KeyTimes:
    """Milliseconds from a key to its sentences: median and 95th percentile, without and with what was learnt."""

    keys: int
    p50_without: float
    p50_with: float
    p95_without: float
    p95_with: float


@dataclass(frozen=True)
class CheckResult:
    """What was found.

    Attributes:
        simulated: sentences of the validation split were learnt for this; nothing of the user's was touched.
        learnt: phrases learnt from typing; `words`: of dictionaries.
        unseen: sentences that were not learnt.
        learnt_sentences: the learnt ones themselves, where they are simulated.
    """

    step: int
    simulated: bool
    learnt: int
    words: int
    unseen: Comparison
    learnt_sentences: Comparison | None
    key_ms: KeyTimes


@dataclass(frozen=True)
class _Sentence:
    text: str
    letters: str


def check(
    loaded: Loaded,
    *,
    limit: int = LIMIT,
    simulate: int = 0,
    seed: int = 0,
    store: PersonalStore | None = None,
) -> Generator[str, None, CheckResult]:
    """Type sentences of the run's validation split, raw letters without spaces, and count.

    Args:
        limit: at most so many sentences, spread evenly.
        simulate: learn so many sentences drawn from one half of the documents, once each, in a store that is thrown
            away, and judge by the other half; 0 judges by what the user's own store holds.
        store: the user's.

    Raises:
        DataError: if the run's data are not at hand, or there is nothing to compare.
        RunError: if the store cannot be read.
    """
    if loaded.predictor.ngrams is None:
        raise DataError("the model has no n-grams, so nothing is learnt from typing with it")
    split = own_data(loaded)[0].validation
    if not simulate:
        recall = Recall(store)
        return (yield from _compared(loaded, recall, _spread(split, np.arange(len(split)), limit), []))
    first, second = halves(split)
    chosen = np.random.default_rng(seed).permutation(first)[:simulate]
    learnt = [_sentence(split, int(i)) for i in np.sort(chosen)]
    with tempfile.TemporaryDirectory(prefix="hanzi-studio-check-", ignore_cleanup_errors=True) as folder:
        own = PersonalStore(Path(folder) / "learnt.sqlite3")
        try:
            recall = Recall(own)
            for sentence in learnt:
                recall.learn(sentence.letters, sentence.text, "", loaded.predictor)
            yield f"{len(learnt)} sentences learnt"
            return (yield from _compared(loaded, recall, _spread(split, second, limit), learnt))
        finally:
            own.close()


def halves(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """The examples of the first and of the second half of each source.

    Examples lie in the order of their documents, so that at most one document of a source is in both.
    """
    parts: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for source in np.unique(split.source):
        own = np.flatnonzero(split.source == source)
        for part, half in zip(parts, np.array_split(own, 2), strict=True):
            part.append(half)
    first, second = (np.concatenate(part) if part else np.zeros(0, np.int64) for part in parts)
    return first, second


def _compared(
    loaded: Loaded, recall: Recall, unseen: Sequence[_Sentence], learnt: Sequence[_Sentence]
) -> Generator[str, None, CheckResult]:
    if not unseen:
        raise DataError("the run has no validation sentences to compare with")
    _, typed = recall.store.phrases(limit=1)
    words = sum(item.words for item in recall.store.dictionaries())
    if not typed and not words:
        raise DataError(
            "nothing has been learnt from typing yet", "type something in the Playground, or add --simulate N"
        )
    yield f"{typed} phrases learnt, {words} words of dictionaries; {len(unseen)} sentences to type"
    others = yield from _comparison(loaded, recall, unseen, "not learnt")
    same = (yield from _comparison(loaded, recall, learnt, "learnt")) if learnt else None
    times = _times(loaded, recall, unseen[:: max(1, len(unseen) // _TIMED)][:_TIMED])
    yield f"a key takes {times.p50_without:.1f} ms without, {times.p50_with:.1f} ms with what was learnt"
    return CheckResult(loaded.config.step, bool(learnt), typed, words, others, same, times)


def _comparison(
    loaded: Loaded, recall: Recall, sentences: Sequence[_Sentence], what: str
) -> Generator[str, None, Comparison]:
    right = np.zeros((2, len(sentences)), np.int64)
    for number, sentence in enumerate(sentences):
        for mode in (0, 1):
            right[mode, number] = _right(_typed(loaded, recall if mode else None, sentence), sentence.text)
        if (number + 1) % _TOLD == 0:
            yield f"{number + 1} of {len(sentences)} sentences ({what})"
    lengths = np.array([len(sentence.text) for sentence in sentences])
    whole = right == lengths
    found = Comparison(
        sentences=len(sentences),
        without=round(float(whole[0].mean()), 5),
        with_learnt=round(float(whole[1].mean()), 5),
        characters_without=round(float(right[0].sum() / lengths.sum()), 5),
        characters_with=round(float(right[1].sum() / lengths.sum()), 5),
        broken=tuple(sentences[i].text for i in np.flatnonzero(whole[0] & ~whole[1]).tolist()),
        mended=tuple(sentences[i].text for i in np.flatnonzero(~whole[0] & whole[1]).tolist()),
    )
    yield (
        f"{what}: {found.without:.1%} of {found.sentences} sentences right without, {found.with_learnt:.1%} with; "
        f"{len(found.broken)} broken, {len(found.mended)} mended"
    )
    return found


def _typed(loaded: Loaded, recall: Recall | None, sentence: _Sentence) -> str:
    predictor = loaded.predictor
    predictor.memory = recall.memory_for(predictor) if recall else None
    candidates = predictor.predict(sentence.letters, 1).candidates
    return candidates[0].text if candidates else ""


def _right(found: str, wanted: str) -> int:
    """Characters at their places; a sentence of another length was divided otherwise."""
    if len(found) != len(wanted):
        return 0
    return sum(a == b for a, b in zip(found, wanted, strict=True))


def _times(loaded: Loaded, recall: Recall, sentences: Sequence[_Sentence]) -> KeyTimes:
    """Each sentence is typed letter by letter, as the window does it, now with and now without memory first."""
    predictor = loaded.predictor
    seconds: tuple[list[float], list[float]] = ([], [])
    for number, sentence in enumerate(sentences):
        for mode in (0, 1) if number % 2 else (1, 0):
            for end in range(1, len(sentence.letters) + 1):
                began = time.perf_counter()
                predictor.memory = recall.memory_for(predictor) if mode else None
                predictor.predict(sentence.letters[:end], _OFFERED)
                seconds[mode].append(1000 * (time.perf_counter() - began))
    p50, p95 = ([round(float(np.percentile(times, percent)), 2) for times in seconds] for percent in (50, 95))
    return KeyTimes(len(seconds[0]), *p50, *p95)


def _spread(split: Split, among: np.ndarray, limit: int) -> list[_Sentence]:
    if limit and len(among) > limit:
        among = among[np.linspace(0, len(among) - 1, limit).astype(int)]
    return [_sentence(split, int(i)) for i in among]


def _sentence(split: Split, number: int) -> _Sentence:
    letters = "".join(SYLLABLES[syllable] for syllable in split.syllables_of(number))
    return _Sentence(split.text_of(number), letters)
