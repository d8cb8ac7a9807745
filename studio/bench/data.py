"""From raw text to cached, labelled examples: the studio's preparation beside a plain jieba and pypinyin script.

The texts are made of the words of the packaged news, in the order in which one follows the other there, so that there
is as much of them as is wanted and hardly a clause comes twice; `--text` measures with a text of one's own. The script
does what a person would write: it cuts clauses with a regular expression, words with jieba, reads them with pypinyin,
and writes lines. It is as fast for every size, so it reads the beginning alone; the time in which it loads its tables,
which it needs once however much it reads, is told apart.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from studio.bench import children
from studio.bench.children import BenchError
from studio.bench.machine import Machine, this_machine

SIZES = (1.0, 10.0, 100.0)
_REFERENCE = 4.0  # megabytes that the script reads
_LIMIT = 4 * 3600.0
_LINE = 400  # characters of a document
_CLAUSE = (3, 16)
_EVERY = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True)
class DataRow:
    """One measurement.

    Attributes:
        name: `studio` or `script`.
        megabytes: of the text, 10^6 bytes of UTF-8.
        characters: hanzi of it.
        examples: that came out.
        seconds: from the raw text to the last example on the disk; starting Python and its tables included.
        megabytes_a_second: the text's by these seconds.
        peak_memory_mb: the most that all processes held together.
        loading: seconds of the script before it reads its first line, starting Python aside; 0 for the studio, which
            loads while it reads.
    """

    name: str
    megabytes: float
    characters: int
    examples: int
    seconds: float
    megabytes_a_second: float
    peak_memory_mb: float
    loading: float = 0.0


@dataclass(frozen=True)
class DataResult:
    """All measurements.

    Attributes:
        ratio: how many times as fast as the script the studio is with the largest text, for which the script would
            load its tables once as well.
        growth: seconds a megabyte with the largest text by those with the second largest: 1 is in proportion.
        peak_memory_mb: the most of all of the studio's.
    """

    rows: tuple[DataRow, ...]
    ratio: float
    growth: float
    peak_memory_mb: float
    machine: Machine


def bench(
    *, megabytes: list[float] | None = None, text: Path | None = None, reference: float = _REFERENCE
) -> Generator[str, None, DataResult]:
    """Measure.

    Args:
        megabytes: sizes of texts.
        text: a UTF-8 text whose beginnings are taken, in place of made ones.
        reference: megabytes that the script reads, at the most.

    Raises:
        BenchError: if a measurement fails, or the text is too short.
    """
    sizes = sorted(megabytes or SIZES)
    machine = this_machine()
    rows: list[DataRow] = []
    with tempfile.TemporaryDirectory(prefix="studio-bench-data-") as home:
        yield "making texts"
        whole = Path(home) / "whole.txt"
        _write(whole, int(sizes[-1] * 1e6), text)
        for size in sizes:
            path = Path(home) / "part.txt"
            _cut(whole, path, int(size * 1e6))
            with tempfile.TemporaryDirectory(dir=home) as cache:
                rows.append((yield from _measured("studio", path, {"STUDIO_HOME": cache})))
            yield _told(rows[-1])
        path = Path(home) / "part.txt"
        _cut(whole, path, int(min(reference, sizes[-1]) * 1e6))
        rows.append((yield from _measured("script", path, {})))
        yield _told(rows[-1])
    ours = [row for row in rows if row.name == "studio"]
    growth = 1.0
    if len(ours) > 1:
        growth = (ours[-1].seconds / ours[-1].megabytes) / (ours[-2].seconds / ours[-2].megabytes)
    return DataResult(
        tuple(rows),
        round(_of_script(rows[-1], ours[-1].megabytes) / ours[-1].seconds, 2),
        round(growth, 3),
        max(row.peak_memory_mb for row in ours),
        machine,
    )


def _of_script(row: DataRow, megabytes: float) -> float:
    """Seconds that the script would take for a text of another size."""
    return row.loading + (row.seconds - row.loading) * megabytes / row.megabytes


def _told(row: DataRow) -> str:
    return (
        f"{row.name}: {row.megabytes:,.1f} MB in {row.seconds:,.1f} s, {row.megabytes_a_second:.2f} MB/s, "
        f"{row.peak_memory_mb:,.0f} MB of memory, {row.examples:,} examples"
    )


def _measured(name: str, path: Path, variables: dict[str, str]) -> Generator[str, None, DataRow]:
    with _watched() as peak:
        began = time.monotonic()
        made = yield from children.measure(
            children.module("studio.bench.data", name, str(path)),
            name=f"{name} with {path.stat().st_size / 1e6:.1f} MB",
            limit=_LIMIT,
            variables=variables,
        )
        seconds = time.monotonic() - began
    size = path.stat().st_size / 1e6
    return DataRow(
        name=name,
        megabytes=round(size, 3),
        characters=int(made["characters"]),
        examples=int(made["examples"]),
        seconds=round(seconds, 2),
        megabytes_a_second=round(size / seconds, 4),
        peak_memory_mb=round(peak[0] / 1e6, 1),
        loading=round(float(made.get("loading", 0.0)), 2),
    )


@contextmanager
def _watched() -> Iterator[list[int]]:
    """The most memory that the children of this process hold together, in bytes, in the list's only place."""
    peak, ended = [0], threading.Event()

    def watch() -> None:
        own = psutil.Process()
        while not ended.wait(_EVERY):
            held = 0
            for process in own.children(recursive=True):
                try:
                    held += process.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], held)

    thread = threading.Thread(target=watch, name="studio-bench-memory")
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


# --- texts ---------------------------------------------------------------------------------------------------


def _cut(whole: Path, path: Path, size: int) -> None:
    """The first lines of a text, about so many bytes of them."""
    with whole.open("rb") as source, path.open("wb") as target:
        left = size
        while left > 0 and (block := source.read(min(left, 1 << 20))):
            target.write(block)
            left -= len(block)
        if left <= 0:
            target.write(source.readline())


def _write(path: Path, size: int, text: Path | None) -> None:
    if text is not None:
        _cut(text, path, size)
        if path.stat().st_size < size:
            raise BenchError(f"{text} holds less than {size / 1e6:,.1f} MB")
        return
    with path.open("w", encoding="utf-8", newline="\n") as target:
        written = 0
        for line in _made():
            written += len(line.encode("utf-8")) + 1
            target.write(line + "\n")
            if written >= size:
                return


def _made() -> Iterator[str]:
    """Lines without end: words of the news, each followed by one that follows it there."""
    from studio.data.sources import documents
    from studio.language.text import hanzi_runs
    from studio.language.words import vocabulary
    from studio.recipe import BuiltinSource

    follow: dict[str, list[str]] = {}
    cut = vocabulary().cut
    firsts: list[str] = []
    for document in documents(BuiltinSource(name="peoples_daily"), 0):
        for run in hanzi_runs(document.text):
            words = cut(run)
            firsts.append(words[0])
            for one, other in pairwise(words):
                follow.setdefault(one, []).append(other)
    draw = random.Random(1)
    while True:
        line: list[str] = []
        size = 0
        while size < _LINE:
            length = draw.randint(*_CLAUSE)
            word = draw.choice(firsts)
            clause = 0
            while clause < length:
                line.append(word)
                clause += len(word)
                word = draw.choice(follow.get(word) or firsts)
            line.append("。" if draw.random() < 0.3 else "，")
            size += clause
        yield "".join(line)


# --- children ------------------------------------------------------------------------------------------------


def _studio(path: Path) -> dict[str, Any]:
    from studio.data.prepare import prepare
    from studio.recipe import Data, FileSource

    dataset = prepare(Data(sources=(FileSource(path=str(path), document="line"),)))
    return {
        "characters": sum(split.positions for split in dataset.splits().values()),
        "examples": sum(len(split) for split in dataset.splits().values()),
    }


def _script(path: Path) -> dict[str, Any]:
    """What a person would write in ten lines."""
    began = time.monotonic()
    import logging
    import re

    import jieba
    from pypinyin import lazy_pinyin

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    loading = time.monotonic() - began
    characters = examples = 0
    with (
        path.open(encoding="utf-8") as source,
        path.with_suffix(".out").open("w", encoding="utf-8") as target,
    ):
        for line in source:
            for run in re.findall("[\u4e00-\u9fff]+", line):
                target.write(f"{run}\t{' '.join(lazy_pinyin(jieba.lcut(run)))}\n")
                characters += len(run)
                examples += 1
    return {"characters": characters, "examples": examples, "loading": loading}


if __name__ == "__main__":
    children.deliver({"studio": _studio, "script": _script}[sys.argv[1]](Path(sys.argv[2])))
