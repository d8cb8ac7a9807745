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
        line: of its source's file where its text begins, from 1; 1 where it is in no file of lines.
    """

    name: str = ""
    place: int = 0
    line: int = 1
