"""Evaluation files: lines of `pin yin<TAB>汉字`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.data.errors import DataError
from studio.data.reading import AUTO, read_text
from studio.language.syllables import INDEX, normalise
from studio.language.text import is_hanzi

_SHOWN = 3


@dataclass(frozen=True)
class LineProblem:
    """A line that was set aside: its number, counted from 1, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Pairs:
    """What an evaluation file holds.

    Attributes:
        syllables: for each pair, indices into `SYLLABLES`, one a character.
        texts: for each pair, its hanzi.
        lines: for each pair, the number of its line.
        problems: the lines set aside.
    """

    syllables: tuple[tuple[int, ...], ...]
    texts: tuple[str, ...]
    lines: tuple[int, ...]
    problems: tuple[LineProblem, ...]

    def __len__(self) -> int:
        return len(self.texts)


def read_pairs(path: Path, encoding: str = AUTO) -> Pairs:
    """Read a file of `pin yin<TAB>汉字`.

    Syllables stand between spaces or apostrophes, with or without tones, with ü, u: or v. Blank lines and
    lines that begin with # are passed over.

    Raises:
        DataError: if the file cannot be read as text, or not one line of it can be used.
    """
    syllables: list[tuple[int, ...]] = []
    texts: list[str] = []
    lines: list[int] = []
    problems: list[LineProblem] = []
    for number, line in enumerate(read_text(path, encoding).split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            reading, text = _pair(line)
        except ValueError as error:
            problems.append(LineProblem(number, str(error)))
            continue
        syllables.append(reading)
        texts.append(text)
        lines.append(number)
    if not texts:
        shown = "; ".join(str(problem) for problem in problems[:_SHOWN]) or "there are only comments"
        raise DataError(
            f"{path} holds no usable line ({shown})",
            "write one `pin yin<TAB>汉字` a line, a syllable a character",
        )
    return Pairs(tuple(syllables), tuple(texts), tuple(lines), tuple(problems))


def _pair(line: str) -> tuple[tuple[int, ...], str]:
    fields = line.split("\t")
    if len(fields) != 2:
        raise ValueError(
            f"{len(fields)} {'field' if len(fields) == 1 else 'fields'} between tabs instead of 2"
        )
    written = fields[0].replace("'", " ").replace("’", " ").split()
    text = fields[1].strip()
    reading = tuple(INDEX[normalise(syllable)] for syllable in written)
    strange = next((ch for ch in text if not is_hanzi(ch)), None)
    if strange is not None:
        raise ValueError(f"{strange!r} is no hanzi")
    if len(reading) != len(text) or not text:
        raise ValueError(f"{len(reading)} syllables for {len(text)} characters")
    return reading, text
