"""Checks that look at one document at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from studio.data.doctor.record import Record
from studio.data.doctor.tally import Found
from studio.data.steps.characters import LATIN_MARKS
from studio.data.steps.encoding import is_suspect, repair
from studio.data.steps.personal import find_personal
from studio.language.text import CONTROL, TAG, hanzi_only
from studio.recipe import Cleaning
from studio.runs.doctor_requests import Finding, Fix, Severity

_LOST = re.compile("\ufffd+|(?:锟斤拷)+|烫{4,}|屯{4,}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-fA-F]{1,6}|[A-Za-z]{2,8});")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")
_MOST_LENGTH = 256  # of an example, as recipes allow


class Check(Protocol):
    """Looks at records one after the other; what it keeps is bounded."""

    def see(self, record: Record) -> None:
        """Look at a record."""
        ...

    def findings(self) -> Iterator[Finding]:
        """What was found."""
        ...


class Everywhere:
    """Counts the places of a text that a search finds.

    Args:
        id: of the finding.
        search: text -> (start, end, note) of each place.
        severity: where cleaning does not mend it.
        step: values of the step that mends it.
        handled_by: the field of the recipe that mends it already, or empty.
        cover: whether examples hide most of what was found.
    """

    def __init__(
        self,
        id: str,
        search: Callable[[str], Iterator[tuple[int, int, str]]],
        severity: Severity,
        step: dict[str, Any],
        *,
        handled_by: str = "",
        cover: bool = False,
    ) -> None:
        self._id, self._search, self._severity, self._step = id, search, severity, step
        self._handled_by, self._cover = handled_by, cover
        self._found = Found()

    def see(self, record: Record) -> None:
        for start, end, note in self._search(record.text):
            self._found.add(record, start, end, note, cover=self._cover)

    def findings(self) -> Iterator[Finding]:
        if self._found.count:
            severity: Severity = "info" if self._handled_by else self._severity
            yield made(self._id, severity, self._found, Fix(step=self._step), handled_by=self._handled_by)


class WidthMix:
    """Full-width letters and digits, which cleaning mends, and Latin punctuation between hanzi, which it leaves."""

    def __init__(self, cleaning: Cleaning) -> None:
        self._found = Found()
        self._marks = 0
        self._mended = cleaning.simplify_widths

    def see(self, record: Record) -> None:
        for place in _WIDE.finditer(record.text):
            self._found.add(record, *place.span(), "full width")
        for place in LATIN_MARKS.finditer(record.text):
            self._marks += 1
            self._found.add(record, *place.span(), "Latin mark")

    def findings(self) -> Iterator[Finding]:
        if self._found.count:
            step = {"kind": "normalise_widths", "marks": "chinese" if self._marks else "keep"}
            handled_by = "data.cleaning.simplify_widths" if self._mended and not self._marks else ""
            yield made("width_mix", "info", self._found, Fix(step=step), handled_by=handled_by)


class Empty:
    """Documents without a single hanzi."""

    def __init__(self) -> None:
        self._found = Found()

    def see(self, record: Record) -> None:
        if not hanzi_only(record.text):
            self._found.add(record, 0, len(record.text))

    def findings(self) -> Iterator[Finding]:
        if self._found.count:
            fix = Fix(step={"kind": "filter_hanzi", "part": "document", "share": 0.01})
            yield made("empty", "info", self._found, fix, handled_by="data.cleaning")


class Overlong:
    """Runs of hanzi that are longer than an example may be."""

    def __init__(self, longest: int, room: int) -> None:
        """`longest` is that of an example, `room` what the model takes."""
        self._longest, self._room = longest, room
        self._run = re.compile(f"[\u3400-\u9fff]{{{longest + 1},}}")
        self._found = Found()
        self._most = 0

    def see(self, record: Record) -> None:
        for place in self._run.finditer(record.text):
            self._most = max(self._most, place.end() - place.start())
            self._found.add(record, *place.span(), str(place.end() - place.start()))

    def findings(self) -> Iterator[Finding]:
        if not self._found.count:
            return
        wanted = min(_MOST_LENGTH, -(-self._most // 8) * 8)
        fields = {"data.cleaning.max_length": wanted}
        if wanted > self._room:
            fields["model.max_length"] = wanted
        fix = Fix(fields=fields) if wanted > self._longest else None
        yield made("overlong", "info", self._found, fix, handled_by="data.cleaning.max_length")


def made(
    id: str,
    severity: Severity,
    found: Found,
    fix: Fix | None,
    *,
    handled_by: str = "",
    scale: int = 1,
) -> Finding:
    """A finding of what was counted; `scale` says how many places each counted one stands for."""
    return Finding(
        id=id,
        severity=severity,
        count=found.count * scale,
        documents=found.documents * scale,
        examples=tuple(found.examples),
        fix=fix,
        estimated=scale > 1,
        handled_by=handled_by,
    )


def text_checks(cleaning: Cleaning, room: int) -> dict[str, Check]:
    """The checks of texts by the id of their finding; `room` is the longest input of the recipe's model."""
    markup = "data.cleaning.strip_markup" if cleaning.strip_markup else ""
    return {
        "mojibake": Everywhere("mojibake", _mojibake, "warning", {"kind": "repair_encoding"}),
        "lost_characters": Everywhere(
            "lost_characters",
            _all(_LOST),
            "warning",
            {"kind": "filter_pattern", "part": "line", "pattern": "\ufffd|锟斤拷|烫{4}|屯{4}"},
        ),
        "control_characters": Everywhere(
            "control_characters", _controls, "info", {"kind": "remove_controls"}, handled_by="data.cleaning"
        ),
        "markup": Everywhere("markup", _markup, "warning", {"kind": "remove_markup"}, handled_by=markup),
        "width_mix": WidthMix(cleaning),
        "personal_data": Everywhere(
            "personal_data", _personal, "warning", {"kind": "mask_personal"}, cover=True
        ),
        "empty": Empty(),
        "overlong": Overlong(cleaning.max_length, room),
    }


def _all(pattern: re.Pattern[str]) -> Callable[[str], Iterator[tuple[int, int, str]]]:
    return lambda text: ((*found.span(), "") for found in pattern.finditer(text))


def _mojibake(text: str) -> Iterator[tuple[int, int, str]]:
    if not is_suspect(text):
        return
    start = 0
    for line in text.split("\n"):
        if is_suspect(line) and repair(line) != line:
            yield start, start + len(line), repair(line)[:40]
        start += len(line) + 1


def _controls(text: str) -> Iterator[tuple[int, int, str]]:
    for found in CONTROL.finditer(text):
        if found[0] != "\ufffd":
            yield (*found.span(), f"U+{ord(found[0]):04X}")


def _markup(text: str) -> Iterator[tuple[int, int, str]]:
    if "<" in text:
        for found in TAG.finditer(text):
            yield (*found.span(), "")
    if "&" in text:
        for found in _ENTITY.finditer(text):
            yield (*found.span(), "")


def _personal(text: str) -> Iterator[tuple[int, int, str]]:
    return ((place.start, place.end, place.kind.replace("_", " ")) for place in find_personal(text))
