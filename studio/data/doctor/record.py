"""What the checks look at: a document with its place, and with what its source says of it."""

from __future__ import annotations

from dataclasses import dataclass

from studio.data.sources import Document


@dataclass(frozen=True)
class Record(Document):
    """A document as it is examined.

    Attributes:
        name: of its source.
        place: in its source, from 0.
        title: of its file, for people; empty where that is the source.
        in_lines: its further lines are those that follow in its file, as they need not be in a cell of a table.
    """

    name: str = ""
    place: int = 0
    title: str = ""
    in_lines: bool = True
