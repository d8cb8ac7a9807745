"""Sessions whose workers are the fake ones, and an event loop on top of Qt's."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from studio.gui.collector import Collector
from studio.gui.engine_thread import Patience
from studio.gui.session import Session

FAKE = [sys.executable, str(Path(__file__).with_name("fake_worker.py"))]
QUICK = Patience(stop=1.5, stop_at_most=3, cancel=0.7, terminate=0.5, drain=0.5)
MakeSession = Callable[..., Session]


@pytest.fixture(scope="package", autouse=True)
def _cycles_are_left_to_the_windows_thread(qapp: QApplication) -> Iterator[None]:
    """As in the window. Each closed event loop leaves a cycle that holds timers, for a run's thread to find."""
    with Collector(qapp):
        yield
    gc.collect()  # not later, in a thread of some other test


@pytest.fixture
def make_session(qtbot: Any, fresh_home: Path) -> Iterator[MakeSession]:
    """Sessions with the fake workers; words given are further options of the fake trainer."""
    made: list[Session] = []

    def make(*options: str) -> Session:
        session = Session(
            train_command=[*FAKE, "train", "--folder", "{folder}", *options],
            lab_command=[*FAKE, "lab"],
            patience=QUICK,
        )
        session.load_preset("pinyin-quick")
        made.append(session)
        return session

    yield make
    for session in made:
        if session.running:
            session.cancel()
            qtbot.waitUntil(lambda session=session: not session.running, timeout=8000)
        session.close_run()


@pytest.fixture
def session(make_session: MakeSession) -> Session:
    """A session with the fake workers and the quick preset as its draft."""
    return make_session()


@pytest.fixture
def run_async(qapp: QApplication) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine on an event loop made of Qt's, as the window does."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
            return runner.run(asyncio.wait_for(coroutine, 30))

    return run
