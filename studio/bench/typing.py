"""A simulated typist: sentences typed letter by letter into a model, as the Playground does it.

Each key is answered as in the window: the letters so far go to the predictor, which returns a page and more of
sentences. What it offers after the last letter is judged. The model gets one thread, as it does in the lab.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from studio.bench.children import BenchError
from studio.bench.machine import Machine, this_machine
from studio.data.errors import DataError
from studio.data.tsv import read_pairs
from studio.engine.room import peak_memory
from studio.inference.evaluation import own_data
from studio.inference.load import Loaded, load
from studio.language.syllables import SYLLABLES
from studio.runs.requests import JUDGES, Judge
from studio.tasks.model_folder import ModelFolderError

OFFERED = 10
_PAGE = 5  # sentences that a digit chooses from; a key turns to the next ones
_TOLD = 50  # sentences between two lines about the progress


@dataclass(frozen=True)
class Accuracy:
    """Shares of sentences that are the first, among the first five, among the first ten; and of characters."""

    top1: float
    top5: float
    top10: float
    char: float
    sentences: int


@dataclass(frozen=True)
class Milliseconds:
    """Percentiles of the time from a key to its sentences."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class TypingResult:
    """What the typist saw.

    Attributes:
        top1, top5, top10, char: with raw letters, as `Accuracy` has them.
        separated: the same with syllables separated by spaces.
        sources: with raw letters, by source of the run's own data.
        judges: with raw letters, decided by network and n-grams, or by one of them alone.
        keystrokes_per_character: letters, keys that turn pages and the one that chooses; a sentence that is not
            offered costs two keys for each wrong character of the first one.
        peak_memory_mb: of this process, everything included.
        model_mb: of the model's folder.
    """

    top1: float
    top5: float
    top10: float
    char: float
    sentences: int
    characters: int
    separated: Accuracy
    sources: dict[str, Accuracy]
    judges: dict[str, Accuracy]
    keystrokes_per_character: float
    key_ms: Milliseconds
    keys: int
    peak_memory_mb: float
    model_mb: float
    step: int
    machine: Machine


@dataclass(frozen=True)
class _Sentence:
    text: str
    syllables: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class _Outcome:
    """What was offered for one sentence: its rank, or -1, and how many of its characters the first one has right."""

    source: str
    rank: int
    right: int
    length: int
    letters: int


def bench(
    model: Path, *, data: Path | None = None, limit: int = 500, shortest: int = 1, longest: int = 30
) -> Generator[str, None, TypingResult]:
    """Type sentences and count.

    Args:
        model: a run, a checkpoint or an exported folder.
        data: a file of `pin yin<TAB>汉字`; without it, the run's own test split.
        limit: at most so many sentences, spread evenly over all; 0 takes all.
        shortest, longest: characters of the sentences that are typed.

    Raises:
        BenchError: if there is no model, or nothing to type.
    """
    torch.set_num_threads(1)
    try:
        loaded = load(model)
        sentences = _of_file(data) if data is not None else _of_run(loaded)
    except (ModelFolderError, DataError) as error:
        raise BenchError(str(error)) from error
    sentences = [item for item in sentences if shortest <= len(item.text) <= longest]
    if limit and len(sentences) > limit:
        sentences = [sentences[i] for i in np.linspace(0, len(sentences) - 1, limit).astype(int)]
    if not sentences:
        raise BenchError(f"there are no sentences of {shortest} to {longest} characters to type")
    machine = this_machine()
    seconds: list[float] = []
    raw: list[_Outcome] = []
    yield f"typing {len(sentences)} sentences"
    for number, item in enumerate(sentences, start=1):
        raw.append(_typed(loaded, item, seconds))
        if number % _TOLD == 0 or number == len(sentences):
            yield f"{number} sentences: {_told(_accuracy(raw))}"
    judges = {"both": _accuracy(raw)}
    for judge in JUDGES[1:]:
        judges[judge] = _accuracy(
            [_outcome(loaded, item, "".join(item.syllables), judge) for item in sentences]
        )
        yield f"judged by {judge} alone: {_told(judges[judge])}"
    separated = _accuracy([_outcome(loaded, item, " ".join(item.syllables)) for item in sentences])
    yield f"syllables separated: {_told(separated)}"
    percentiles = np.percentile(np.array(seconds) * 1000, (50, 95, 99)).round(2).tolist()
    whole = judges["both"]
    result = TypingResult(
        top1=whole.top1,
        top5=whole.top5,
        top10=whole.top10,
        char=whole.char,
        sentences=len(sentences),
        characters=sum(len(item.text) for item in sentences),
        separated=separated,
        sources={
            name: _accuracy([outcome for outcome in raw if outcome.source == name])
            for name in sorted({item.source for item in sentences})
        },
        judges=judges,
        keystrokes_per_character=round(sum(map(_keystrokes, raw)) / sum(o.length for o in raw), 3),
        key_ms=Milliseconds(*percentiles),
        keys=len(seconds),
        peak_memory_mb=round(peak_memory() / 1e6, 1),
        model_mb=round(sum(f.stat().st_size for f in loaded.found.folder.iterdir() if f.is_file()) / 1e6, 1),
        step=loaded.config.step,
        machine=machine,
    )
    for name, accuracy in result.sources.items():
        yield f"{name}: {_told(accuracy)}"
    yield (
        f"a key takes {result.key_ms.p50:.1f} ms (95%: {result.key_ms.p95:.1f}, 99%: {result.key_ms.p99:.1f}); "
        f"{result.keystrokes_per_character:.2f} keys a character"
    )
    return result


def _of_file(path: Path) -> list[_Sentence]:
    pairs = read_pairs(path)
    return [
        _Sentence(text, tuple(SYLLABLES[s] for s in syllables), path.name)
        for text, syllables in zip(pairs.texts, pairs.syllables, strict=True)
    ]


def _of_run(loaded: Loaded) -> list[_Sentence]:
    dataset, _ = own_data(loaded)
    return [
        _Sentence(
            dataset.test.text_of(i),
            tuple(SYLLABLES[s] for s in dataset.test.syllables_of(i)),
            dataset.sources[int(dataset.test.source[i])].name,
        )
        for i in range(len(dataset.test))
    ]


def _typed(loaded: Loaded, item: _Sentence, seconds: list[float]) -> _Outcome:
    letters = "".join(item.syllables)
    for end in range(1, len(letters)):
        began = time.perf_counter()
        loaded.predictor.predict(letters[:end], OFFERED)
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    outcome = _outcome(loaded, item, letters)
    seconds.append(time.perf_counter() - began)
    return outcome


def _outcome(loaded: Loaded, item: _Sentence, typed: str, judge: Judge = "both") -> _Outcome:
    offered = [c.text for c in loaded.predictor.predict(typed, OFFERED, judge=judge).candidates]
    rank = offered.index(item.text) if item.text in offered else -1
    wrong = distance(offered[0], item.text) if offered else len(item.text)
    return _Outcome(item.source, rank, max(0, len(item.text) - wrong), len(item.text), len(typed))


def _accuracy(outcomes: Sequence[_Outcome]) -> Accuracy:
    def share(most: int) -> float:
        return round(sum(0 <= outcome.rank < most for outcome in outcomes) / len(outcomes), 5)

    characters = sum(outcome.right for outcome in outcomes) / sum(outcome.length for outcome in outcomes)
    return Accuracy(share(1), share(5), share(10), round(characters, 5), len(outcomes))


def _keystrokes(outcome: _Outcome) -> int:
    if outcome.rank >= 0:
        return outcome.letters + outcome.rank // _PAGE + 1
    return outcome.letters + 2 * (outcome.length - outcome.right) + 1


def distance(first: Sequence[object], second: Sequence[object]) -> int:
    """How many insertions, deletions and replacements lie between two sequences (Levenshtein 1966)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def _told(accuracy: Accuracy) -> str:
    shares: Iterable[tuple[str, float]] = (
        ("first", accuracy.top1),
        ("first five", accuracy.top5),
        ("first ten", accuracy.top10),
        ("characters", accuracy.char),
    )
    return ", ".join(f"{name} {value:.1%}" for name, value in shares)
