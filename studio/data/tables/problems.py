"""Lines that were set aside: all counted, the first of them kept with their reasons."""

from __future__ import annotations

from studio.runs.datasets import BadLine

KEPT = 100
_SHOWN = 40


class Problems:
    """Collects lines that cannot be used. A file may hold millions of them: only the first are kept."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[BadLine] = []

    def add(self, line: int, reason: str) -> None:
        """Set a line aside; `line` counts from 1."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(BadLine(line, reason))

    def note(self, name: str) -> list[str]:
        """One sentence about all of them, for people; nothing if there are none."""
        if not self.count:
            return []
        first = self.kept[0]
        lines = "1 line" if self.count == 1 else f"{self.count:,} lines"
        return [f"{name}: {lines} set aside (line {first.line}: {first.reason})"]


def shown(text: str) -> str:
    """The beginning of a text that may hold anything, for a message."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return ascii(cut) if any(not ch.isprintable() for ch in cut) else repr(cut)
