"""A simulated typist: sentences typed letter by letter into a model, as the Playground does it, and into others.

Each key is answered as in the window: the letters so far go to the predictor, which returns a page and more of
sentences. What it offers after the last letter is judged. The model gets one thread, as it does in the lab.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from studio.bench.children import BenchError
from studio.bench.machine import Machine, this_machine
from studio.bench.rivals.comparison import (
    RIVALS,
    TIMING,
    Milliseconds,
    RivalResult,
    compare,
    milliseconds,
)
from studio.data.errors import DataError
from studio.engine.room import peak_memory
from studio.inference.evaluation import own_data
from studio.inference.load import Loaded, load
from studio.inference.sentences import (
    OFFERED,
    Outcome,
    Sentence,
    accuracy,
    chosen,
    of_file,
    of_test_split,
    outcome,
)
from studio.runs.evaluations import Accuracy
from studio.runs.requests import JUDGES
from studio.tasks.model_folder import ModelFolderError

_PAGE = 5  # sentences that a digit chooses from; a key turns to the next ones
_TOLD = 50  # sentences between two lines about the progress


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
        sentence_ms: the keys of a sentence together, on average.
        timing: what was timed, of ours and of all others.
        against: other input methods that typed the same sentences.
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
    sentence_ms: float
    timing: str
    against: dict[str, RivalResult]


def bench(
    model: Path,
    *,
    data: Path | None = None,
    limit: int = 500,
    shortest: int = 1,
    longest: int = 30,
    against: Sequence[str] = (),
) -> Generator[str, None, TypingResult]:
    """Type sentences and count.

    Args:
        model: a run, a checkpoint or an exported folder.
        data: a file of `pin yin<TAB>汉字`; without it, the run's own test split.
        limit: at most so many sentences, spread evenly over all; 0 takes all.
        shortest, longest: characters of the sentences that are typed.
        against: names of other input methods that type the same sentences after ours; those that are not installed
            are told.

    Raises:
        BenchError: if there is no model, or nothing to type.
    """
    torch.set_num_threads(1)
    try:
        loaded = load(model)
        sentences = of_file(data) if data is not None else of_test_split(own_data(loaded)[0])
    except (ModelFolderError, DataError) as error:
        raise BenchError(str(error)) from error
    sentences = chosen(sentences, limit, shortest, longest)
    if not sentences:
        raise BenchError(f"there are no sentences of {shortest} to {longest} characters to type")
    machine = this_machine()
    seconds: list[float] = []
    raw: list[Outcome] = []
    yield f"typing {len(sentences)} sentences"
    for number, item in enumerate(sentences, start=1):
        raw.append(_typed(loaded, item, seconds))
        if number % _TOLD == 0 or number == len(sentences):
            yield f"{number} sentences: {_told(accuracy(raw))}"
    judges = {"both": accuracy(raw)}
    for judge in JUDGES[1:]:
        judges[judge] = accuracy(
            [outcome(loaded.predictor, item, "".join(item.syllables), judge) for item in sentences]
        )
        yield f"judged by {judge} alone: {_told(judges[judge])}"
    separated = accuracy([outcome(loaded.predictor, item, " ".join(item.syllables)) for item in sentences])
    yield f"syllables separated: {_told(separated)}"
    whole = judges["both"]
    others = {}
    for name in dict.fromkeys(against):
        others[name] = yield from compare(RIVALS[name], sentences)
    result = TypingResult(
        top1=whole.top1,
        top5=whole.top5,
        top10=whole.top10,
        char=whole.char,
        sentences=len(sentences),
        characters=sum(len(item.text) for item in sentences),
        separated=separated,
        sources={
            name: accuracy([typed for typed in raw if typed.source == name])
            for name in sorted({item.source for item in sentences})
        },
        judges=judges,
        keystrokes_per_character=round(sum(map(_keystrokes, raw)) / sum(o.length for o in raw), 3),
        key_ms=milliseconds(seconds),
        keys=len(seconds),
        peak_memory_mb=round(peak_memory() / 1e6, 1),
        model_mb=round(sum(f.stat().st_size for f in loaded.found.folder.iterdir() if f.is_file()) / 1e6, 1),
        step=loaded.config.step,
        machine=machine,
        sentence_ms=round(sum(seconds) * 1000 / len(sentences), 2),
        timing=TIMING,
        against=others,
    )
    for name, figures in result.sources.items():
        yield f"{name}: {_told(figures)}"
    yield (
        f"a key takes {result.key_ms.p50:.1f} ms (95%: {result.key_ms.p95:.1f}, 99%: {result.key_ms.p99:.1f}); "
        f"{result.keystrokes_per_character:.2f} keys a character"
    )
    if others:
        yield from _beside(result)
    return result


def _beside(result: TypingResult) -> Iterable[str]:
    """A table of ours and theirs."""
    yield f"{'':<10}  first   five    ten  characters  ms a key  (95%)  whole"
    yield _row("ours", result, "all")
    for name, other in result.against.items():
        if other.problem:
            yield f"{name:<10}  {other.problem.splitlines()[0]}"
        else:
            yield _row(name, other, f"{other.whole:.1f}")


def _row(name: str, figures: TypingResult | RivalResult, whole: str) -> str:
    shares = (figures.top1, figures.top5, figures.top10)
    told = "  ".join(f"{share:5.1%}" for share in shares if share is not None)
    times = figures.key_ms
    timed = f"{times.p50:8.2f}  {times.p95:5.1f}" if times else f"{'':8}  {'':5}"
    return f"{name:<10}  {told}  {figures.char or 0:10.2%}  {timed}  {whole:>5}"


def _typed(loaded: Loaded, item: Sentence, seconds: list[float]) -> Outcome:
    letters = "".join(item.syllables)
    for end in range(1, len(letters)):
        began = time.perf_counter()
        loaded.predictor.predict(letters[:end], OFFERED)
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    found = outcome(loaded.predictor, item, letters)
    seconds.append(time.perf_counter() - began)
    return found


def _keystrokes(typed: Outcome) -> int:
    if typed.rank >= 0:
        return typed.letters + typed.rank // _PAGE + 1
    return typed.letters + 2 * (typed.length - typed.right) + 1


def _told(figures: Accuracy) -> str:
    shares: Iterable[tuple[str, float]] = (
        ("first", figures.top1),
        ("first five", figures.top5),
        ("first ten", figures.top10),
        ("characters", figures.char),
    )
    return ", ".join(f"{name} {value:.1%}" for name, value in shares)
