"""The machine is kept awake by a child that never outlives who asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from studio.worker import awake as module
from studio.worker.awake import awake

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stands in for systemd-inhibit")


@pytest.fixture
def inhibit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemd-inhibit that writes down how it was called and does what the real one does: run the command."""
    told = tmp_path / "told"
    script = tmp_path / "systemd-inhibit"
    script.write_text(
        f'#!/bin/sh\necho "$$ $*" > {told}.part && mv {told}.part {told}\n'
        'while [ "${1#--}" != "$1" ]; do shift; done\n"$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return told


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not there():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_child_keeps_awake_until_the_end(inhibit: Path) -> None:
    with awake():
        until(inhibit.exists)
        pid, _, given = inhibit.read_text().partition(" ")
        assert "--what=sleep" in given
        assert "--mode=block" in given
        assert alive(int(pid))
        below = psutil.Process(int(pid)).children(recursive=True)
    assert not alive(int(pid))
    assert not [child for child in below if alive(child.pid)]


def test_a_killed_trainer_leaves_no_child(inhibit: Path) -> None:
    code = "from studio.worker.awake import awake\nimport time\nwith awake():\n    time.sleep(60)\n"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        until(inhibit.exists)
        pid = int(inhibit.read_text().split()[0])
        process.send_signal(signal.SIGKILL)
    until(lambda: not alive(pid))


@pytest.mark.parametrize("what", ["absent", "refuses"])
def test_where_it_is_impossible_nothing_happens(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda _: None if what == "absent" else "/bin/false")
    done = []
    with awake():
        done.append(1)
    assert done
