"""Clauses with their syllables from many documents: in this process, or, where there is much of it, in several.

A helper process is `python -m studio.worker label`: it is told how to clean, then gets pieces of text and gives columns
back, until its standard input closes. What comes out does not depend on how many there are: pieces come back in the
order in which they were given.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import subprocess
import sys
import threading
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import IO, BinaryIO

from studio.data.digests import digest_of
from studio.data.examples import Given, Labeller, examples_of
from studio.recipe import Cleaning
from studio.runs.processes import group_options, kill_tree, worker_command, worker_environment

PIECE = 40_000
"""Characters that are labelled at a time: some hundredths of a second."""

ALONE_BELOW = 1_500_000
"""Characters that one process labels in the time in which others would start."""

_MOST_PROCESSES = 8
_SIZES = struct.Struct("<6q")


@dataclass(frozen=True)
class Labelled:
    """The examples of some documents, end to end.

    Attributes:
        text: UTF-32, little endian.
        syllables: uint16, indices into `SYLLABLES`, as many as there are characters.
        lengths: characters of each example, int32.
        counts: examples of each document, int32.
        digests: 8 bytes for each example, by which the same text is known again.
        unreadable: runs without a known reading, and the character that has none, each run once.
        unfit: documents whose given reading does not fit their text.
    """

    text: bytes
    syllables: bytes
    lengths: bytes
    counts: bytes
    digests: bytes
    unreadable: tuple[tuple[str, str], ...]
    unfit: int = 0


Read = tuple[str, str]
"""A text, and its reading where the source gives one, else nothing."""


def label_texts(texts: Iterable[Read], cleaning: Cleaning, labeller: Labeller) -> Labelled:
    """The examples of some documents."""
    runs: list[str] = []
    syllables, lengths, counts = array("H"), array("i"), array("i")
    unreadable: dict[str, str] = {}
    unfit = 0
    for text, pinyin in texts:
        before = len(runs)
        given = Given(text, pinyin) if pinyin else None
        unfit += given is not None and not given.fits
        for run in examples_of(text, cleaning):
            labels = (given.of(run) if given is not None else None) or labeller(run)
            if labels is None:
                unreadable.setdefault(run, labeller.strange[run])
            else:
                runs.append(run)
                syllables.extend(labels)
                lengths.append(len(run))
        counts.append(len(runs) - before)
    digests = b"".join(map(digest_of, runs))
    return Labelled(
        "".join(runs).encode("utf-32-le"),
        syllables.tobytes(),
        lengths.tobytes(),
        counts.tobytes(),
        digests,
        tuple(unreadable.items()),
        unfit,
    )


def pieces(texts: Iterable[Read]) -> Iterator[list[Read]]:
    """Texts in lists of about `PIECE` characters."""
    piece: list[Read] = []
    size = 0
    for one in texts:
        piece.append(one)
        size += len(one[0])
        if size >= PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def helpers() -> int:
    """How many processes are worth starting: as many as there are cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST_PROCESSES, cores)


class Team:
    """Processes that label; used in a `with` block, at the end of which they are gone. None for no processes."""

    def __init__(self, cleaning: Cleaning, count: int) -> None:
        self._cleaning = cleaning
        self._labeller = Labeller(cleaning.readings)
        self._alone = threading.Lock()
        self._free: deque[_Helper] = deque(_Helper(cleaning) for _ in range(count))
        self._all = list(self._free)
        self._threads = ThreadPoolExecutor(count, "studio-label") if count else None

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self._all:
            helper.end()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def labelled(self, texts: Iterable[Read], check: Callable[[], None]) -> Iterator[Labelled]:
        """The examples of documents, piece by piece, in order; `check` is called often and may break off."""
        given = pieces(texts)
        if self._threads is None:
            for piece in given:
                check()
                yield label_texts(piece, self._cleaning, self._labeller)
            return
        threads = self._threads
        # Twice as many pieces as processes: none of them waits while a piece is fetched here.
        waiting: deque[Future[Labelled]] = deque(
            threads.submit(self._work, piece) for piece in islice(given, 2 * len(self._all))
        )
        while waiting:
            check()
            yield waiting.popleft().result()
            for piece in islice(given, 1):
                waiting.append(threads.submit(self._work, piece))

    def _work(self, piece: list[Read]) -> Labelled:
        helper = self._free.popleft()  # there are as many threads as helpers
        try:
            answer = helper.ask(piece)
        finally:
            self._free.append(helper)
        if answer is not None:
            return answer
        with self._alone:  # one that died costs time, nothing else
            return label_texts(piece, self._cleaning, self._labeller)


class _Helper:
    """One process that labels, seen from outside."""

    def __init__(self, cleaning: Cleaning) -> None:
        self._child = subprocess.Popen(
            worker_command("label"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
            **group_options(),  # type: ignore[call-overload]
        )
        with contextlib.suppress(OSError):
            self._child.stdin.write(cleaning.model_dump_json().encode("utf-8") + b"\n")

    def ask(self, piece: list[Read]) -> Labelled | None:
        """What it makes of a piece; None if it is gone."""
        line = json.dumps(piece).encode("ascii") + b"\n"
        try:
            self._child.stdin.write(line)
            self._child.stdin.flush()
            return _read(self._child.stdout)
        except (OSError, ValueError, EOFError):
            return None

    def end(self) -> None:
        """End it, whatever it does."""
        kill_tree(self._child.pid)
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            with contextlib.suppress(OSError):
                stream.close()


def serve() -> int:
    """Label what comes in on standard input, until it closes."""
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between the columns
    cleaning = Cleaning.model_validate_json(source.readline() or b"{}")
    labeller = Labeller(cleaning.readings)
    for line in source:
        try:
            _write(target, label_texts(json.loads(line), cleaning, labeller))
        except OSError:
            break
    sys.stderr.flush()
    os._exit(0)  # nothing of it is needed any more: the tables would take half a second to let go


def _write(stream: BinaryIO, found: Labelled) -> None:
    columns = (found.text, found.syllables, found.lengths, found.counts, found.digests)
    last = json.dumps([found.unreadable, found.unfit]).encode("ascii")
    stream.write(_SIZES.pack(*map(len, columns), len(last)))
    for column in (*columns, last):
        stream.write(column)
    stream.flush()


def _read(stream: IO[bytes]) -> Labelled:
    sizes = _SIZES.unpack(_exactly(stream, _SIZES.size))
    *columns, last = (_exactly(stream, size) for size in sizes)
    text, syllables, lengths, counts, digests = columns
    strange, unfit = json.loads(last)
    unreadable = tuple((str(run), str(character)) for run, character in strange)
    return Labelled(text, syllables, lengths, counts, digests, unreadable, int(unfit))


def _exactly(stream: IO[bytes], size: int) -> bytes:
    found = stream.read(size)
    if len(found) != size:
        raise EOFError
    return found
