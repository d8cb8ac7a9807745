"""Cycles that hold objects of Qt are taken apart in the window's thread, whoever allocates."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QThread

from tests.gui.collector_probe import Ticking, litter

pytestmark = pytest.mark.gui
ROOT = Path(__file__).parents[2]


class Littering(QThread):
    def run(self) -> None:
        self.kept = litter()


def test_a_cycle_is_collected_soon_and_in_the_windows_thread(qtbot: Any) -> None:
    died_in: list[int] = []
    watch = weakref.ref(Ticking(), lambda _: died_in.append(threading.get_ident()))
    thread = Littering()
    thread.start()
    thread.wait()
    assert watch() is not None, "not by the thread that allocated"
    qtbot.waitUntil(lambda: watch() is None, timeout=3000)
    assert died_in == [threading.get_ident()]


def test_the_window_survives_cycles_while_another_thread_allocates() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "tests.gui.collector_probe"],
        cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "another thread" not in done.stderr, "timers are stopped where they were started"


def test_automatic_collection_is_back_afterwards(qapp: Any) -> None:
    from studio.gui.collector import Collector, spare_what_is_there

    try:
        with Collector(qapp):
            assert not gc.isenabled()
            spare_what_is_there()
            assert gc.get_freeze_count() > 0
        assert gc.isenabled() and gc.get_freeze_count() == 0
    finally:
        gc.disable()  # as the collector of all these tests has it
