"""Files are read as streams: what looks through a large one holds a small part of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SIZE = 200 << 20
SLOWER = 64 << 20  # bytes of a file at whose every character something looks
MOST = 40 << 20  # bytes that a reading may add to the process; tables of the doctor's checks among them

_PRELUDE = """
import resource, sys
from studio.data.doctor.examine import examine
from studio.data.finding import find_example
from studio.data.items import items_for
from studio.recipe import Data, FileSource, parse
from studio.recipe.task import TextClassification
from studio.recipe.tagging import SequenceLabelling

path = sys.argv[1]
source = FileSource(path=path, document="line")
data = Data.model_validate({"sources": [source]})
cleaning = data.cleaning

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def count(documents):
    return sum(1 for _ in documents)

before = peak()
"""


def grown(path: Path, code: str) -> int:
    """Bytes by which a process grows that looks through a file."""
    program = _PRELUDE + code + "\nprint(peak() - before)\n"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1])


def large(path: Path, line: Callable[[int], bytes], last: bytes = b"", size: int = SIZE) -> Path:
    with path.open("wb") as file:
        number = 0
        while file.tell() < size:
            file.write(b"".join(line(n) for n in range(number, number + 200)))
            number += 200
        file.write(last)
    return path


SENTENCE = "今天 天气 很 好 ， 我们 一起 去 公园 散步 ， 晚上 回家 吃饭 看书 。" * 12


def labelled(path: Path, size: int = SIZE) -> Path:
    line = "b\t最后一行在这里。\n".encode()
    return large(path, lambda n: f"{'ab'[n % 2]}\t第{n}行{SENTENCE}\n".encode(), line, size)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "code"),
    [
        (SIZE, "assert count(items_for(TextClassification(), cleaning).documents(source, 0)) > 100_000"),
        (
            SIZE,
            "sampled = source.model_copy(update={'most': 1000})\n"
            "assert count(items_for(TextClassification(), cleaning).documents(sampled, 0)) < 20",
        ),
        (SIZE, "found = find_example(data, 0, '最后一行在这里')\nassert found.line > 100_000"),
        (
            SLOWER,
            "tagged = items_for(SequenceLabelling(what='words'), cleaning)\n"
            "assert count(tagged.documents(source, 0)) > 30_000",
        ),
        (
            SLOWER,
            "report = examine(data, only=('control_characters', 'label_conflict'))\n"
            "assert report.sources[0].documents > 30_000",
        ),
    ],
    ids=["labelled", "sampled", "find", "spans", "doctor"],
)
def test_a_large_file_is_never_held(tmp_path: Path, size: int, code: str) -> None:
    path = labelled(tmp_path / "labelled.txt", size)
    try:
        assert grown(path, code) < MOST
    finally:
        path.unlink()


@pytest.mark.slow
def test_a_large_file_that_cannot_be_decoded_is_examined_without_being_held(tmp_path: Path) -> None:
    path = large(tmp_path / "damaged.txt", lambda n: f"第{n}行{SENTENCE}\n".encode(), b"\xff\xff\n", SLOWER)
    code = (
        "report = examine(data, only=('undecodable',))\n"
        "assert report.findings[0].count == 2 and report.findings[0].examples[0].line > 30_000"
    )
    assert grown(path, code) < MOST


def prepared(path: Path, home: Path) -> int:
    """Bytes by which a process grows that prepares a file by itself."""
    code = (
        "import os\n"
        f"os.environ['STUDIO_HOME'] = {str(home)!r}\n"
        "from studio.data import cache, prepare as preparing\n"
        "from studio.recipe.task import MaskedLanguageModel\n"
        "cache._CHECKED_BELOW = 0\n"  # a check looks through what is mapped, which counts as memory
        "preparing.prepare(data, MaskedLanguageModel())"
    )
    return grown(path, code)


@pytest.mark.slow
def test_a_preparation_holds_no_more_of_a_large_text_than_of_a_small_one(tmp_path: Path) -> None:
    def line(number: int) -> bytes:
        return f"第{number}行{chr(0x4E00 + number % 20000)}{SENTENCE}\n".encode()

    small = large(tmp_path / "small.txt", line, size=10 << 20)
    big = large(tmp_path / "big.txt", line, size=80 << 20)
    assert prepared(big, tmp_path / "b") < prepared(small, tmp_path / "a") + (20 << 20)
