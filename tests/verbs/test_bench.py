"""`studio bench`: progress on standard error, one line of JSON on standard output."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass

import psutil
import pytest

from studio.bench.children import BenchError
from studio.verbs import bench
from tests.verbs.conftest import Studio


@dataclass(frozen=True)
class Made:
    figure: float
    words: str


def fake(options: argparse.Namespace) -> Generator[str, None, Made]:
    yield "half of it"
    if options.recipe == "broken":
        raise BenchError("the child gave no result")
    yield "all of it"
    return Made(2.5, "快")


@pytest.fixture(autouse=True)
def _fake_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = bench._Bench("fake", bench._train_options, fake)
    monkeypatch.setattr(bench, "_BENCHES", {**bench._BENCHES, "fake": entry})


def test_one_line_of_json(studio: Studio) -> None:
    done = studio("bench", "fake")
    assert done.status == 0
    assert done.out.count("\n") == 1 and json.loads(done.out) == {"figure": 2.5, "words": "快"}
    assert done.err == "half of it\nall of it\n"
    assert studio("bench", "fake", "--quiet").err == ""


def test_without_a_result(studio: Studio) -> None:
    done = studio("bench", "fake", "--recipe", "broken")
    assert (done.status, done.out) == (3, "")
    assert "the child gave no result" in done.err


@pytest.mark.parametrize(
    "words", [("nothing",), (), ("train", "--seconds", "0"), ("train", "--budgets", "1,x")]
)
def test_bad_use(studio: Studio, words: tuple[str, ...]) -> None:
    done = studio("bench", *words)
    assert (done.status, done.out) == (2, "")


def test_a_bad_recipe(studio: Studio) -> None:
    done = studio("bench", "train", "--set", "training.max_step=3", "--quiet")
    assert (done.status, done.out) == (2, "")
    assert "max_steps" in done.err


_ALONE = """
import argparse, sys
from studio.bench.children import measure
from studio.verbs import bench

def endless(options):
    code = "import os, time; from studio.bench.children import tell; tell(str(os.getpid())); time.sleep(600)"
    return (yield from measure([sys.executable, "-c", code], name="endless", limit=600))

bench._BENCHES["endless"] = bench._Bench("endless", bench._train_options, endless)
sys.exit(bench.run(argparse.Namespace(bench="endless", quiet=False)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_no_child_outlives_a_bench_that_is_ended(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _ALONE], stderr=subprocess.PIPE, text=True) as alone:
        assert alone.stderr is not None
        child = psutil.Process(int(alone.stderr.readline()))
        alone.send_signal(number)
        assert alone.wait(30) == 128 + number
    assert psutil.wait_procs([child], timeout=10)[1] == []
