"""Sentences typed into other input methods, judged as ours are."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from studio.bench.rivals import libime, libpinyin, rime
from studio.bench.rivals.rival import Answer, NotInstalledError, Rival, RivalError
from studio.bench.rivals.session import Session
from studio.inference.sentences import Outcome, Sentence, accuracy, distance
from studio.runs.evaluations import Accuracy

RIVALS = {module.RIVAL.name: module.RIVAL for module in (libime, libpinyin, rime)}
TIMING = (
    "from a key to its first ten candidates, inside the process of each engine, one engine after the other; "
    "the pipe to it is not counted"
)
_TOLD = 100  # sentences between two lines about the progress


@dataclass(frozen=True)
class Milliseconds:
    """Percentiles of the time from a key to its sentences."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class RivalResult:
    """What the typist saw of another input method.

    Attributes:
        problem: why there are no figures; all of them are None then.
        packages: of Debian, that it needs.
        sources: by source of the sentences.
        top1, top5, top10, char: with raw letters, as `Accuracy` has them.
        failed: sentences for which nothing was offered; they count as wrong.
        whole: candidates among the first ten that are as long as the sentence, on average: the others, words for the
            first letters, cannot be right.
        key_ms, sentence_ms: as `TIMING` says; of a sentence the mean over all of its keys together.
    """

    version: str
    settings: str
    packages: tuple[str, ...]
    problem: str = ""
    top1: float | None = None
    top5: float | None = None
    top10: float | None = None
    char: float | None = None
    sources: dict[str, Accuracy] | None = None
    failed: int | None = None
    whole: float | None = None
    key_ms: Milliseconds | None = None
    sentence_ms: float | None = None


def milliseconds(seconds: Sequence[float]) -> Milliseconds:
    """Percentiles of times that were taken in seconds."""
    return Milliseconds(*np.percentile(np.array(seconds) * 1000, (50, 95, 99)).round(2).tolist())


def compare(rival: Rival, sentences: Sequence[Sentence]) -> Generator[str, None, RivalResult]:
    """Type sentences into a rival. One that is missing or broken is told, and has no figures."""
    answers: list[Answer | None] = []
    try:
        with Session(rival) as session:
            yield f"typing {len(sentences)} sentences into {rival.name} {rival.version}".rstrip()
            for number, item in enumerate(sentences, start=1):
                answers.append(session.ask("".join(item.syllables)))
                if number % _TOLD == 0 and number < len(sentences):
                    yield f"{number} sentences"
    except NotInstalledError as missing:
        yield f"{rival.name} is not installed ({missing}). On Debian: {rival.remedy}"
        return RivalResult("", rival.settings, rival.packages, f"not installed: {missing}")
    except RivalError as error:
        yield str(error)
        return RivalResult(rival.version, rival.settings, rival.packages, str(error))
    return judged(rival, sentences, answers)


def judged(rival: Rival, sentences: Sequence[Sentence], answers: Sequence[Answer | None]) -> RivalResult:
    """The figures of a rival's answers to one or more sentences."""
    outcomes = [_outcome(item, answer) for item, answer in zip(sentences, answers, strict=True)]
    given = [(item, answer) for item, answer in zip(sentences, answers, strict=True) if answer is not None]
    long = sum(len(text) == len(item.text) for item, answer in given for text in answer.candidates)
    seconds = [second for _, answer in given for second in answer.seconds]
    figures = accuracy(outcomes)
    return RivalResult(
        version=rival.version,
        settings=rival.settings,
        packages=rival.packages,
        top1=figures.top1,
        top5=figures.top5,
        top10=figures.top10,
        char=figures.char,
        sources={
            name: accuracy([outcome for outcome in outcomes if outcome.source == name])
            for name in sorted({item.source for item in sentences})
        },
        failed=len(sentences) - len(given),
        whole=round(long / len(sentences), 2),
        key_ms=milliseconds(seconds) if seconds else None,
        sentence_ms=round(sum(seconds) * 1000 / len(given), 2) if given else None,
    )


def _outcome(item: Sentence, answer: Answer | None) -> Outcome:
    offered = answer.candidates if answer is not None else ()
    rank = offered.index(item.text) if item.text in offered else -1
    wrong = distance(offered[0], item.text) if offered else len(item.text)
    letters = sum(map(len, item.syllables))
    return Outcome(item.source, rank, max(0, len(item.text) - wrong), len(item.text), letters)
