"""How often something was found, and the first places of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.data.doctor.record import Record
from studio.runs.doctor_requests import Evidence

EXAMPLES = 20
_AROUND = 24  # characters shown on each side of what is meant
_LONGEST = 60  # of what is meant


@dataclass
class Found:
    """Occurrences of one kind.

    Attributes:
        count: places; `documents` of them hold one or more.
        examples: the first ones.
    """

    count: int = 0
    documents: int = 0
    examples: list[Evidence] = field(default_factory=list)
    _last: tuple[int, int] = (-1, -1)

    def add(self, record: Record, start: int, end: int, note: str = "", *, cover: bool = False) -> None:
        """Count a place of a record's text; `cover` hides most of what stands there in the example."""
        self.count += 1
        self._touch(record)
        if len(self.examples) < EXAMPLES:
            self.examples.append(evidence(record, start, end, note, cover=cover))

    def add_many(self, record: Record, count: int) -> None:
        """Count places of a record without an example."""
        self.count += count
        self._touch(record)

    def _touch(self, record: Record) -> None:
        if self._last != (record.source, record.place):
            self._last = (record.source, record.place)
            self.documents += 1

    @property
    def is_full(self) -> bool:
        """Whether no more examples are wanted."""
        return len(self.examples) >= EXAMPLES


def evidence(record: Record, start: int, end: int, note: str = "", *, cover: bool = False) -> Evidence:
    """A place of a record's text, with some characters around it on the same line."""
    text = record.text
    end = min(end, start + _LONGEST)
    first = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    stop = text.find("\n", end)
    last = min(len(text) if stop < 0 else stop, end + _AROUND)
    meant = text[start:end]
    if cover and len(meant) > 5:
        meant = meant[:3] + "*" * (len(meant) - 5) + meant[-2:]
    shown = text[first:start] + meant + text[end:last]
    return Evidence(
        source=record.title or record.name,
        document=record.place,
        line=_line(record, start),
        excerpt="".join(ch if ch.isprintable() else "▯" for ch in shown),
        start=start - first,
        end=end - first,
        note=note,
    )


def _line(record: Record, start: int) -> int:
    """The line in which a place of a record's text stands, as far as that is known."""
    if not record.line or not record.in_lines:
        return record.line
    return record.line + record.text.count("\n", 0, start)
