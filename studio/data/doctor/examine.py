"""An examination from start to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from studio.data.doctor.checks import Check, text_checks
from studio.data.doctor.columns import GivenPinyin, Labels
from studio.data.doctor.reading import Opened, opened
from studio.data.doctor.record import Record
from studio.data.doctor.repeats import NearRepeats, Repeats
from studio.data.doctor.scripts import ScriptMix
from studio.data.errors import Cancelled
from studio.data.placing import Placing
from studio.data.sources import Document, documents, locate
from studio.data.steps.pipeline import Pipeline
from studio.language.text import hanzi_only
from studio.recipe import Data, Source
from studio.runs.doctor_requests import CHECKS, SEVERITIES, DoctorReport, ExaminedSource, Finding

_POLL = 128  # documents between two looks at whether to go on
_ROOM = 512  # the longest input of a model of which nothing is said

Progress = Callable[[int, str], None]
"""Called now and then with the documents looked at and the name of the source at hand."""


def silent(documents: int, source: str) -> None:
    """Report progress to nobody."""


def examine(
    data: Data,
    *,
    only: Collection[str] = (),
    room: int = _ROOM,
    runs: bool = True,
    load: Callable[[Source, int], Iterable[Document]] = documents,
    progress: Progress = silent,
    cancelled: Callable[[], bool] = lambda: False,
) -> DoctorReport:
    """Look through the texts of a recipe, as its steps leave them.

    Documents are looked at one after the other; what the checks keep of them is bounded, so that counts of
    repetitions in very large texts are estimates. The same data give the same report.

    Args:
        data: the recipe's section. Lexicons are not looked at.
        only: ids of the checks to make; empty for all.
        room: the longest input of the recipe's model, in characters.
        runs: examples are runs of hanzi, cut at `data.cleaning.max_length`.
        load: gives the documents of a source.
        progress: see `Progress`.
        cancelled: asked often; when true, the examination ends.

    Raises:
        DataError: if a source cannot be read at all.
        Cancelled: if `cancelled` said so.
    """
    checks = frozenset(only or CHECKS) - (frozenset() if runs else {"overlong"})
    return _Examination(data, checks, room, progress, cancelled).run(load)


class _Examination:
    def __init__(
        self,
        data: Data,
        only: frozenset[str],
        room: int,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self._data, self._only = data, only
        self._progress, self._cancelled = progress, cancelled
        self._scripts = ScriptMix()
        made = text_checks(data.cleaning, room)
        self._checks: list[Check] = [
            self._scripts,
            *(check for name, check in made.items() if name in self._only),
        ]
        for check, ids in (
            (Repeats(data.cleaning), {"duplicates", "repeated_lines"}),
            (
                NearRepeats(Placing(data.splits, data.sources), dropped=data.cleaning.deduplicate_documents),
                {"near_duplicates", "leaks", "split_copies"},
            ),
            (GivenPinyin(), {"pinyin_length", "pinyin_differs"}),
            (Labels(), {"label_conflict"}),
        ):
            if ids & self._only:
                self._checks.append(check)
        self._documents = 0

    def run(self, load: Callable[[Source, int], Iterable[Document]]) -> DoctorReport:
        began = time.monotonic()
        pipeline = Pipeline(self._data.steps)
        sources: list[ExaminedSource] = []
        troubles: list[Finding] = []
        for number, source in enumerate(self._data.sources):
            if locate(source).kind == "text":
                found = opened(source, number, load)
                troubles += [found.trouble] if found.trouble else []
                sources.append(self._look_through(found, number, pipeline))
        findings = [*_together(troubles), *(f for check in self._checks for f in check.findings())]
        findings = [finding for finding in findings if finding.id in self._only]
        findings.sort(key=lambda finding: (SEVERITIES.index(finding.severity), -finding.count, finding.id))
        return DoctorReport(
            sources=tuple(sources),
            findings=tuple(findings),
            steps=len(self._data.steps),
            seconds=time.monotonic() - began,
        )

    def _look_through(self, found: Opened, number: int, pipeline: Pipeline) -> ExaminedSource:
        lines = characters = hanzi = count = 0
        for record in pipeline.run(self._watched(found)):
            for check in self._checks:
                check.see(record)
            count += 1
            lines += record.text.count("\n") + 1
            characters += len(record.text)
            hanzi += len(hanzi_only(record.text))
        return ExaminedSource(
            source=found.name,
            documents=count,
            lines=lines,
            characters=characters,
            hanzi=hanzi,
            simplified=self._scripts.simplified.get(number, 0),
            traditional=self._scripts.traditional.get(number, 0),
            encoding=found.encoding,
        )

    def _watched(self, found: Opened) -> Iterator[Record]:
        for record in found.records:
            if self._documents % _POLL == 0:
                if self._cancelled():
                    raise Cancelled
                self._progress(self._documents, found.name)
            self._documents += 1
            yield record


def _together(troubles: list[Finding]) -> list[Finding]:
    """One finding of what several files have; each file's encoding is a field of its own."""
    if not troubles:
        return []
    fields = {
        path: value for trouble in troubles if trouble.fix for path, value in trouble.fix.fields.items()
    }
    first = next((trouble for trouble in troubles if trouble.fix), troubles[0])
    return [
        replace(
            first,
            count=sum(trouble.count for trouble in troubles),
            documents=len(troubles),
            examples=tuple(example for trouble in troubles for example in trouble.examples)[:20],
            fix=replace(first.fix, fields=fields) if first.fix else None,
        )
    ]
