"""Checks of what stands beside a text: its pinyin and its label."""

from __future__ import annotations

from collections.abc import Iterator

from studio.data.digests import digest_of
from studio.data.doctor.checks import made
from studio.data.doctor.record import Record
from studio.data.doctor.sampling import SampledTable
from studio.data.doctor.tally import Found
from studio.data.steps.repeats import letters_of
from studio.language.pinyin import NoReadingError, label
from studio.language.syllables import SYLLABLES, normalise
from studio.language.text import hanzi_runs
from studio.runs.doctor_requests import Finding

_ENTRIES = 500_000
_LABELS = 1 << 20  # different labels that are told apart by name


class GivenPinyin:
    """Pinyin that a source gives: as many syllables as hanzi, and those that dictionaries give."""

    def __init__(self) -> None:
        self._lengths, self._readings = Found(), Found()

    def see(self, record: Record) -> None:
        if not record.pinyin.strip():
            return
        written = record.pinyin.replace("'", " ").replace("’", " ").split()
        places = [place for place, ch in enumerate(record.text) if hanzi_runs(ch)]
        if len(written) != len(places):
            note = f"{len(written)} syllables, {len(places)} hanzi"
            self._lengths.add(record, 0, len(record.text), note)
            return
        usual = _usual(record.text)
        for place, given, known in zip(places, written, usual, strict=True):
            if known and (read := _plain(given)) != known:
                self._readings.add(record, place, place + 1, f"{given} ({known})" if read else f"{given}?")

    def findings(self) -> Iterator[Finding]:
        if self._lengths.count:
            yield made("pinyin_length", "error", self._lengths, None)
        if self._readings.count:
            yield made("pinyin_differs", "warning", self._readings, None)


class Labels:
    """Texts that carry one label here and another there."""

    def __init__(self, most: int = _ENTRIES) -> None:
        self._table = SampledTable(most)
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._found = Found()

    def see(self, record: Record) -> None:
        if not record.label:
            return
        letters = letters_of(record.text)
        key = int.from_bytes(digest_of(letters), "little")
        if not letters or not self._table.sampled(key):
            return
        if record.label not in self._numbers and len(self._names) < _LABELS:
            self._numbers[record.label] = len(self._names)
            self._names.append(record.label)
        number = self._numbers.get(record.label, _LABELS)
        before = self._table.first(key, number)
        if before is not None:
            name = self._names[before] if before < len(self._names) else "?"
            self._found.add(record, 0, len(record.text), f"{record.label}; before: {name}")

    def findings(self) -> Iterator[Finding]:
        if self._found.count:
            yield made("label_conflict", "error", self._found, None, scale=1 << self._table.level)


def _usual(text: str) -> list[str]:
    """The syllable of each hanzi of a text; empty for one without a known reading."""
    found: list[str] = []
    for run in hanzi_runs(text):
        try:
            found += [SYLLABLES[number] for number in label(run)]
        except NoReadingError:
            found += [""] * len(run)
    return found


def _plain(syllable: str) -> str:
    try:
        return normalise(syllable)
    except ValueError:
        return ""
