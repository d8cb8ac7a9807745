"""What stands in several places: documents, lines, and documents that are nearly the same, in one split or in two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from studio.data.doctor.checks import made
from studio.data.doctor.record import Record
from studio.data.doctor.sampling import SampledSignatures, SampledTable
from studio.data.doctor.tally import EXAMPLES, Found, evidence
from studio.data.errors import DataError
from studio.data.placing import Placing, Ticket
from studio.data.splits import NAMES, TRAIN
from studio.data.steps.minhash import earlier_like, signature
from studio.data.steps.repeats import digest_of, letters_of
from studio.language.text import hanzi_only
from studio.recipe import Cleaning
from studio.runs.doctor_requests import Finding, Fix, Severity

NGRAM = 3
THRESHOLD = 0.8
_ENTRIES = 500_000  # of a table: some 80 MB
_SIGNATURES = 100_000  # some 30 MB
_COPIES = 100_000  # that may stand in another split than the first
_SHORTEST_LINE = 10  # hanzi
_SHORT = 100  # letters of a document that is compared exactly, for which they are kept
_BEGINNING = 40  # characters of a document that are shown
_FLATTERED = 0.01  # share of the documents that judge from which figures are no longer true
_BITS = 40  # of a number that tells a source and a place in it


class Repeats:
    """Documents with the same letters, and lines of several documents or of one."""

    def __init__(self, cleaning: Cleaning, most: int = _ENTRIES) -> None:
        self._handled_by = "data.cleaning.deduplicate_documents" if cleaning.deduplicate_documents else ""
        self._documents, self._lines = SampledTable(most), SampledTable(most)
        self._same, self._same_lines = Found(), Found()
        self._names: dict[int, str] = {}

    def see(self, record: Record) -> None:
        self._names[record.source] = record.name
        here = record.source << _BITS | record.place
        letters = letters_of(record.text)
        if letters and (before := _noted(self._documents, letters, here)) is not None:
            self._same.add(record, 0, len(record.text), self._where(before))
            return
        if "\n" not in record.text:
            return
        start = 0
        for line in record.text.split("\n"):
            if len(hanzi_only(line)) >= _SHORTEST_LINE:
                # The place of the line in its document keeps apart what stands twice in one.
                before = _noted(self._lines, letters_of(line), (here << 24) | min(start, 0xFFFFFF))
                if before is not None:
                    self._same_lines.add(record, start, start + len(line), self._where(before >> 24))
            start += len(line) + 1

    def findings(self) -> Iterator[Finding]:
        if self._same.count:
            severity: Severity = "info" if self._handled_by else "warning"
            fix, scale = Fix(step={"kind": "drop_repeats"}), 1 << self._documents.level
            yield made("duplicates", severity, self._same, fix, handled_by=self._handled_by, scale=scale)
        if self._same_lines.count:
            step = {"kind": "drop_repeats", "part": "line", "shortest": _SHORTEST_LINE}
            yield made(
                "repeated_lines", "info", self._same_lines, Fix(step=step), scale=1 << self._lines.level
            )

    def _where(self, before: int) -> str:
        return f"{self._names[before >> _BITS]}, document {before & ((1 << _BITS) - 1)}"


class NearRepeats:
    """Documents like an earlier one, nearly or quite; which of them judge what is learnt from the other.

    Args:
        placing: says which split each falls into.
        dropped: copies are set aside before documents are divided, so that they stand in one split only.
    """

    def __init__(self, placing: Placing, most: int = _SIGNATURES, *, dropped: bool = True) -> None:
        self._placing = placing
        self._dropped = dropped
        self._tickets: dict[int, Ticket] = {}
        self._copies: list[tuple[int, Ticket, Record]] = []
        self._kept = SampledSignatures(most)
        self._exact = SampledTable(_ENTRIES)
        self._records = 0
        self._examples: dict[int, Record] = {}
        self._letters: dict[int, str] = {}

    def see(self, record: Record) -> None:
        letters = letters_of(record.text)
        if len(letters) < NGRAM:
            return
        ticket = self._placing.ticket(record, hanzi_only(record.text))
        before = _noted(self._exact, letters, self._records)
        if before is not None:
            if not self._dropped and before in self._tickets and len(self._copies) < _COPIES:
                self._copies.append((before, ticket, replace(record, text=record.text[:_BEGINNING])))
            return
        self._kept.add(signature(letters, NGRAM), self._records, ticket.drawn)
        self._tickets[self._records] = ticket
        if len(letters) <= _SHORT:
            self._letters[self._records] = letters
        # Its beginning alone, in case it becomes an example.
        self._examples[self._records] = replace(record, text=record.text[:_BEGINNING])
        self._records += 1
        if self._kept.level and len(self._examples) > 2 * len(self._kept.signatures) + 1024:
            kept = {number for number, _ in self._kept.numbers()}
            self._examples = {number: begun for number, begun in self._examples.items() if number in kept}
            self._letters = {number: letters for number, letters in self._letters.items() if number in kept}
            self._tickets = {number: ticket for number, ticket in self._tickets.items() if number in kept}

    def findings(self) -> Iterator[Finding]:
        numbers = [number for number, _ in self._kept.numbers()]
        if not numbers:
            return
        places = {number: place for place, number in enumerate(numbers)}
        copies = [copy for copy in self._copies if copy[0] in places]
        tickets = [*(self._tickets[number] for number in numbers), *(ticket for _, ticket, _ in copies)]
        try:
            whole = self._placing.assigned(tickets)
        except DataError:  # they cannot be divided, as whoever prepares them is told
            whole = np.full(len(tickets), TRAIN, np.uint8)
        split = whole[: len(numbers)]
        yield from self._crossing(copies, whole[len(numbers) :], split, places)
        letters = [self._letters.get(number, "") for number in numbers]
        found = earlier_like(self._kept.signatures, THRESHOLD, letters, NGRAM)
        near = np.flatnonzero(found != np.arange(len(found)))
        crossing = near[(split[near] != split[found[near]]) & _judged(split[near], split[found[near]])]
        together = near[split[near] == split[found[near]]]
        fix = Fix(step={"kind": "drop_near_repeats", "threshold": THRESHOLD, "ngram": NGRAM})
        scale = 1 << self._kept.level
        if len(crossing):
            judges = max(1, int((split != TRAIN).sum()))
            severity: Severity = "error" if len(crossing) >= _FLATTERED * judges else "warning"
            yield made("leaks", severity, self._pairs(crossing, found, split, numbers), fix, scale=scale)
        if len(together):
            pairs = self._pairs(together, found, split, numbers)
            yield made("near_duplicates", "info", pairs, fix, scale=scale)

    def _crossing(
        self,
        copies: list[tuple[int, Ticket, Record]],
        own: np.ndarray,
        split: np.ndarray,
        places: dict[int, int],
    ) -> Iterator[Finding]:
        """Copies in another split than the first, of which one is learnt from."""
        found = Found()
        for (number, _, record), here in zip(copies, own.tolist(), strict=True):
            there = int(split[places[number]])
            if here != there and TRAIN in (here, there):
                first = self._examples[number]
                note = f"{NAMES[here]}; as {first.name}, document {first.place} ({NAMES[there]})"
                found.add(record, 0, len(record.text), note)
        if found.count:
            fix = Fix(fields={"data.cleaning.deduplicate_documents": True})
            yield made("split_copies", "warning", found, fix, scale=1 << self._kept.level)

    def _pairs(self, chosen: np.ndarray, found: np.ndarray, split: np.ndarray, numbers: list[int]) -> Found:
        pairs = Found(count=len(chosen), documents=len(chosen))
        for place in chosen[:EXAMPLES]:
            one, other = self._examples[numbers[place]], self._examples[numbers[found[place]]]
            here, there = NAMES[split[place]], NAMES[split[found[place]]]
            note = f"{here}; like {other.name}, document {other.place} ({there})"
            pairs.examples.append(evidence(one, 0, len(one.text), note))
        return pairs


def _judged(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs of which one is learnt from; what validation and test share flatters nobody."""
    judged: np.ndarray = (one == TRAIN) | (other == TRAIN)
    return judged


def _noted(table: SampledTable, letters: str, here: int) -> int | None:
    key = int.from_bytes(digest_of(letters)[:8], "little")
    return table.first(key, here) if table.sampled(key) else None
