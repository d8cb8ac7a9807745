"""What a bench has to know of another input method, and how both sides of the pipe to it speak.

A rival runs in a child process. It says `ready` once, and then answers each line of letters with a line: the
microseconds that every key took, with commas between them, and the first candidates, with tabs before them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

READY = "ready"
OFFERED = 10


class NotInstalledError(Exception):
    """Something of a rival is not on this machine; the message says what."""


class RivalError(Exception):
    """A rival that is installed and does not work; the message says why."""


@dataclass(frozen=True)
class Rival:
    """Another input method.

    Attributes:
        packages: of Debian, that hold it; the first is the library, whose version is told.
        settings: in which it differs from what its makers set, or that they leave open.
        command: the child's command, given a folder to write to that is thrown away afterwards. Raises
            `NotInstalledError` and `RivalError`.
    """

    name: str
    packages: tuple[str, ...]
    settings: str
    command: Callable[[Path], list[str]]

    @property
    def version(self) -> str:
        """Of the library's package; empty where Debian's tools are missing."""
        if shutil.which("dpkg-query") is None:
            return ""
        asked = ["dpkg-query", "--show", "--showformat=${Version}", self.packages[0]]
        return subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()

    @property
    def remedy(self) -> str:
        """What to do where it is missing."""
        return f"apt-get install {' '.join(self.packages)}"


@dataclass(frozen=True)
class Answer:
    """What a rival offers for letters, best first, and the seconds from each key to what was offered after it."""

    candidates: tuple[str, ...]
    seconds: tuple[float, ...]


class Engine(Protocol):
    """In a child: an input method, a key at a time."""

    def clear(self) -> None:
        """Forget the letters typed so far."""
        ...

    def press(self, letter: str) -> list[str]:
        """Type one more letter and return the first `OFFERED` candidates."""
        ...


def parsed(line: str) -> Answer:
    """An answer as it came through the pipe.

    Raises:
        ValueError: if it is none.
    """
    times, *candidates = line.rstrip("\n").split("\t")
    seconds = tuple(int(micros) / 1e6 for micros in times.split(",") if micros)
    return Answer(tuple(candidates), seconds)


def written(answer: Answer) -> str:
    """A line for the pipe."""
    return "\t".join([",".join(str(round(s * 1e6)) for s in answer.seconds), *answer.candidates])


def typed(engine: Engine, letters: str) -> Answer:
    """Type letters one after the other."""
    engine.clear()
    candidates: Sequence[str] = ()
    seconds = []
    for letter in letters:
        began = time.perf_counter()
        candidates = engine.press(letter)
        seconds.append(time.perf_counter() - began)
    return Answer(tuple(candidates), tuple(seconds))


def serve(make: Callable[[], Engine]) -> None:
    """In a child: make an engine and answer line after line, until there are no more.

    What a library prints goes to standard error, also from C.
    """
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        engine = make()
        print(READY, file=answers, flush=True)
        for line in sys.stdin:
            print(written(typed(engine, line.strip())), file=answers, flush=True)
