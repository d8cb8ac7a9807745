"""Measurements in child processes: what comes back, and what is said when nothing does."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from typing import Any

import psutil
import pytest

from studio.bench.children import BenchError, measure


def child(code: str) -> list[str]:
    return [sys.executable, "-c", f"from studio.bench.children import tell, deliver\n{code}"]


def drive(progress: Generator[str, None, dict[str, Any]]) -> tuple[list[str], dict[str, Any]]:
    lines = []
    while True:
        try:
            lines.append(next(progress))
        except StopIteration as end:
            return lines, end.value


def test_progress_and_result() -> None:
    code = "tell('一半'); print('chatter'); print('{\"other\": 1}'); print(7); deliver({'figure': 2.5}); print('bye')"
    lines, result = drive(measure(child(code), name="x", limit=60))
    assert (lines, result) == (["一半"], {"figure": 2.5})


def test_variables_reach_the_child() -> None:
    code = "import os; deliver({'seen': os.environ['BENCH_TEST']})"
    assert drive(measure(child(code), name="x", limit=60, variables={"BENCH_TEST": "yes"}))[1] == {
        "seen": "yes"
    }


def test_a_child_without_a_result_is_told_with_its_last_words() -> None:
    with pytest.raises(BenchError, match=r"the figure gave no result \(exit status 5\)\n(.|\n)*no such disk"):
        drive(
            measure(
                child("import sys; print('no such disk', file=sys.stderr); sys.exit(5)"),
                name="the figure",
                limit=60,
            )
        )


def test_a_child_that_hangs_is_ended_with_its_own_children() -> None:
    code = (
        "import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('{\"progress\": %d}' % inner.pid, flush=True); time.sleep(60)"
    )
    progress = measure([sys.executable, "-c", code], name="x", limit=8)
    inner = psutil.Process(int(next(progress)))
    began = time.monotonic()
    with pytest.raises(BenchError, match="was ended after 8 s"):
        drive(progress)
    assert time.monotonic() - began < 40
    assert psutil.wait_procs([inner], timeout=5)[0], "its own child as well"


def test_giving_up_ends_the_child() -> None:
    progress = measure(child("import os, time; tell(str(os.getpid())); time.sleep(60)"), name="x", limit=60)
    process = psutil.Process(int(next(progress)))
    progress.close()
    assert not process.is_running()
