"""Simplified and traditional characters in one recipe."""

from __future__ import annotations

from collections.abc import Iterator

from studio.data.doctor.checks import made
from studio.data.doctor.record import Record
from studio.data.doctor.tally import Found
from studio.data.steps.script import only_simplified, only_traditional
from studio.runs.doctor_requests import Finding, Fix, Severity

_TROUBLE = 0.005  # share of the rarer script from which it disturbs


class ScriptMix:
    """Counts hanzi that only one of the scripts has.

    Attributes:
        simplified, traditional: such hanzi by the number of their source.
    """

    def __init__(self) -> None:
        self.simplified: dict[int, int] = {}
        self.traditional: dict[int, int] = {}
        self._sets = {"simplified": only_simplified(), "traditional": only_traditional()}
        self._found = {"simplified": Found(), "traditional": Found()}

    def see(self, record: Record) -> None:
        for script, totals in (("simplified", self.simplified), ("traditional", self.traditional)):
            members, found = self._sets[script], self._found[script]
            count = sum(map(members.__contains__, record.text))
            if count:
                totals[record.source] = totals.get(record.source, 0) + count
                if found.is_full:
                    found.add_many(record, count)
                    continue
                for place, ch in enumerate(record.text):
                    if ch in members:
                        found.add(record, place, place + 1)

    def findings(self) -> Iterator[Finding]:
        simplified, traditional = self._found["simplified"], self._found["traditional"]
        total = simplified.count + traditional.count
        if not simplified.count or not traditional.count:
            return
        to = "simplified" if simplified.count >= traditional.count else "traditional"
        rarer = traditional if to == "simplified" else simplified
        severity: Severity = "warning" if rarer.count >= _TROUBLE * total else "info"
        yield made("script_mix", severity, rarer, Fix(step={"kind": "convert_script", "script": to}))
