"""Lines cut behind the marks that end sentences or clauses; every mark stays."""

from __future__ import annotations

import re

# Closing quotes and brackets belong to what they close. A point ends no sentence, as it stands in numbers and names.
_CLOSING = "[”’」』）)】》〉]*"
_SENTENCE = re.compile(f"(?:[。！？!?]|…|\\.{{3,}})+{_CLOSING}")
_CLAUSE = re.compile(f"(?:[。！？!?，、；：;]|…|\\.{{3,}}|[,:](?![0-9/]))+{_CLOSING}")


def cut_sentences(text: str, *, clauses: bool = False) -> str:
    """Each sentence of a text, or each clause, as a line. What has one only stays as it is, blanks included."""
    return "\n".join(
        piece for line in text.split("\n") for piece in _pieces(line, _CLAUSE if clauses else _SENTENCE)
    )


def _pieces(line: str, ends: re.Pattern[str]) -> list[str]:
    found = ends.sub(lambda mark: f"{mark[0]}\n", line).split("\n")
    pieces = [piece.strip() for piece in found if piece.strip()]
    return pieces if len(pieces) > 1 else [line]
