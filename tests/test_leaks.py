"""The fixture that fails a test which leaves something running, tried on tests that do and on tests that do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent

# One process runs all of these, under the project's own conftest; MARKER is replaced by something unique.
SAMPLE = """
import subprocess, sys, threading, time
from PySide6.QtCore import QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QWidget

kept = []

def test_leaves_thread():
    threading.Thread(target=threading.Event().wait, args=(20,), name="forgotten", daemon=True).start()

def test_leaves_child():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)", "MARKER"])

def test_leaves_timer(qapp):
    timer = QTimer(objectName="ticker")
    timer.start(1000)
    kept.append(timer)

def test_leaves_qthread(qapp):
    thread = QThread(objectName="engine")
    thread.start()
    kept.append(thread)

def test_leaves_pool(qapp):
    QThreadPool.globalInstance().start(lambda: time.sleep(4))

def test_tidy_thread_and_child():
    thread = threading.Thread(target=time.sleep, args=(0.01,))
    thread.start()
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    thread.join()

def test_tidy_within_the_grace():
    threading.Thread(target=time.sleep, args=(0.5,)).start()

def test_tidy_qt(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    timer = QTimer(widget)
    timer.start(1000)
    thread = QThread()
    thread.start()
    thread.quit()
    assert thread.wait(2000)

def test_tidy_by_later_deletion(qapp):
    timer = QTimer()
    timer.start(1000)
    timer.deleteLater()
"""

LEAKS = {
    "test_leaves_thread": "thread 'forgotten'",
    "test_leaves_child": "child process",
    "test_leaves_timer": "QTimer 'ticker'",
    "test_leaves_qthread": "QThread 'engine'",
    "test_leaves_pool": "QThreadPool",
}


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"marker-{tmp_path_factory.mktemp('marker')}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, marker: str) -> str:
    """What pytest prints about the sample."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "conftest.py").write_text(
        "from tests.conftest import _decimal_points, _nothing_left_running  # fixtures, found by name\n"
    )
    (folder / "test_sample.py").write_text(SAMPLE.replace("MARKER", marker))
    (folder / "pytest.ini").write_text("[pytest]\nqt_api = pyside6\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-rE",
        "-p",
        "no:cacheprovider",
        f"--rootdir={folder}",
        str(folder),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100).stdout


def section(report: str, test: str) -> str:
    """The part of the report that tells why the teardown of a test failed."""
    _, found, rest = report.partition(f"ERROR at teardown of {test} ")
    return rest.partition("ERROR at teardown of")[0].partition("short test summary")[0] if found else ""


@pytest.mark.parametrize("test", LEAKS)
def test_fails_what_leaves_something_running(test: str, report: str) -> None:
    found = section(report, test)

    assert "the test left something running" in found, report
    assert LEAKS[test] in found
    others = [what for name, what in LEAKS.items() if name != test]
    assert not [what for what in others if what in found], "a leak is blamed on the wrong test"


def test_tells_where_it_was_started(report: str) -> None:
    assert "timer.start(1000)" in section(report, "test_leaves_timer")
    assert "threading.py" in section(report, "test_leaves_thread")


def test_passes_what_tidies_up(report: str) -> None:
    # Only clearing away fails; and nothing beyond the five that leak.
    assert "9 passed, 5 errors" in report


def test_ends_the_process_that_was_left(report: str, marker: str) -> None:
    assert marker in section(report, "test_leaves_child")
    survivors = [
        found for found in psutil.process_iter(["cmdline"]) if marker in (found.info["cmdline"] or [])
    ]
    assert survivors == []
