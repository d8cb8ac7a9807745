"""What stands in several places: documents, lines, and documents that are nearly the same, in one split or in two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from studio.data.digests import digest_of
from studio.data.doctor.checks import made
from studio.data.doctor.record import Record
from studio.data.doctor.sampling import SampledSignatures, SampledTable
from studio.data.doctor.tally import EXAMPLES, Found, evidence
from studio.data.errors import DataError
from studio.data.placing import Placing, Ticket
from studio.data.splits import NAMES, TRAIN
from studio.data.steps.minhash import earlier_like, signature
from studio.data.steps.repeats import letters_of
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
BEGINNING = 40  # characters of a document that are shown
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


@dataclass(frozen=True)
class Relations:
    """Which documents are like an earlier one, whatever splits they fall into. Documents are numbered as they came.

    Attributes:
        compared: those that were compared with one another, ascending, int64.
        like: for each of them the place in `compared` of an earlier one that it is like, or its own, int64.
        copies: (the first one, the copy) of documents with the same letters, int64 [copies, 2].
        scale: how many documents each of those stands for.
    """

    compared: np.ndarray
    like: np.ndarray
    copies: np.ndarray
    scale: int


class NearRepeats:
    """Documents like an earlier one, nearly or quite; which of them judge what is learnt from the other.

    Args:
        placing: says which split each falls into; None where only `relations` are asked for.
        dropped: copies are set aside before documents are divided, so that they stand in one split only.
    """

    def __init__(self, placing: Placing | None, most: int = _SIGNATURES, *, dropped: bool = True) -> None:
        self._placing = placing
        self._dropped = dropped
        self._tickets: dict[int, Ticket] = {}
        self._copies: list[tuple[int, int]] = []
        self._kept = SampledSignatures(most)
        self._exact = SampledTable(_ENTRIES)
        self._seen = 0
        self._examples: dict[int, Record] = {}
        self._letters: dict[int, str] = {}
        self._pruned = 0

    def see(self, record: Record) -> None:
        number = self._seen
        self._seen += 1
        letters = letters_of(record.text)
        if len(letters) < NGRAM:
            return
        before = _noted(self._exact, letters, number)
        if before is not None:
            if not self._dropped and before in self._examples and len(self._copies) < _COPIES:
                self._copies.append((before, number))
                self._remember(number, record)
            return
        self._kept.add(signature(letters, NGRAM), number)
        if len(letters) <= _SHORT:
            self._letters[number] = letters
        self._remember(number, record)
        if self._kept.level and len(self._examples) > 2 * len(self._kept.signatures) + self._pruned + 1024:
            self._prune()

    def relations(self) -> Relations:
        """What was found of all documents that were seen."""
        numbers = self._kept.numbers
        letters = [self._letters.get(number, "") for number in numbers.tolist()]
        like = earlier_like(self._kept.signatures, THRESHOLD, letters, NGRAM)
        known = set(numbers.tolist())
        copies = [pair for pair in self._copies if pair[0] in known]
        return Relations(
            numbers, like, np.array(copies, np.int64).reshape(len(copies), 2), 1 << self._kept.level
        )

    def findings(self) -> Iterator[Finding]:
        assert self._placing is not None
        found = self.relations()
        copies = found.copies[:, 1]
        tickets = [self._tickets[number] for number in (*found.compared.tolist(), *copies.tolist())]
        try:
            split = self._placing.assigned(tickets)
        except DataError:  # they cannot be divided, as whoever prepares them is told
            split = np.full(len(tickets), TRAIN, np.uint8)
        places = dict(zip((*found.compared.tolist(), *copies.tolist()), split.tolist(), strict=True))
        yield from repeats_across(found, places.__getitem__, self._examples.__getitem__)

    def _remember(self, number: int, record: Record) -> None:
        """Keep the beginning of a document, in case it becomes an example."""
        self._examples[number] = replace(record, text=record.text[:BEGINNING])
        if self._placing is not None:
            self._tickets[number] = self._placing.ticket(record, hanzi_only(record.text))

    def _prune(self) -> None:
        kept = set(self._kept.numbers.tolist())
        self._letters = {number: letters for number, letters in self._letters.items() if number in kept}
        self._copies = [pair for pair in self._copies if pair[0] in kept]
        self._pruned = len(self._copies)
        kept.update(copy for _, copy in self._copies)
        self._examples = {number: begun for number, begun in self._examples.items() if number in kept}
        self._tickets = {number: ticket for number, ticket in self._tickets.items() if number in kept}


def repeats_across(
    relations: Relations, split_of: Callable[[int], int], record_of: Callable[[int], Record]
) -> Iterator[Finding]:
    """What is to be said of documents that are alike, once their splits are known.

    Args:
        split_of: the split of a document, by its number.
        record_of: its beginning and its place.
    """
    numbers, found = relations.compared.tolist(), relations.like
    if not numbers:
        return
    scale = relations.scale
    yield from _crossing(relations, split_of, record_of)
    split = np.array([split_of(number) for number in numbers], np.uint8)
    near = np.flatnonzero(found != np.arange(len(found)))
    crossing = near[(split[near] != split[found[near]]) & _judged(split[near], split[found[near]])]
    together = near[split[near] == split[found[near]]]
    fix = Fix(step={"kind": "drop_near_repeats", "threshold": THRESHOLD, "ngram": NGRAM})

    def pairs(chosen: np.ndarray) -> Found:
        shown = Found(count=len(chosen), documents=len(chosen))
        for place in chosen[:EXAMPLES].tolist():
            one, other = record_of(numbers[place]), record_of(numbers[found[place]])
            here, there = NAMES[split[place]], NAMES[split[found[place]]]
            note = f"{here}; like {other.name}, document {other.place} ({there})"
            shown.examples.append(evidence(one, 0, len(one.text), note))
        return shown

    if len(crossing):
        judges = max(1, int((split != TRAIN).sum()))
        severity: Severity = "error" if len(crossing) >= _FLATTERED * judges else "warning"
        yield made("leaks", severity, pairs(crossing), fix, scale=scale)
    if len(together):
        yield made("near_duplicates", "info", pairs(together), fix, scale=scale)


def _crossing(
    relations: Relations, split_of: Callable[[int], int], record_of: Callable[[int], Record]
) -> Iterator[Finding]:
    """Copies in another split than the first, of which one is learnt from."""
    pairs = [(split_of(copy), split_of(number), copy, number) for number, copy in relations.copies.tolist()]
    pairs = [pair for pair in pairs if pair[0] != pair[1] and TRAIN in pair[:2]]
    found = Found(count=len(pairs), documents=len(pairs))
    for here, there, copy, number in pairs[:EXAMPLES]:
        record, first = record_of(copy), record_of(number)
        note = f"{NAMES[here]}; as {first.name}, document {first.place} ({NAMES[there]})"
        found.examples.append(evidence(record, 0, len(record.text), note))
    if found.count:
        fix = Fix(fields={"data.cleaning.deduplicate_documents": True})
        yield made("split_copies", "warning", found, fix, scale=relations.scale)


def _judged(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs of which one is learnt from; what validation and test share flatters nobody."""
    judged: np.ndarray = (one == TRAIN) | (other == TRAIN)
    return judged


def _noted(table: SampledTable, letters: str, here: int) -> int | None:
    key = int.from_bytes(digest_of(letters), "little")
    return table.first(key, here) if table.sampled(key) else None
