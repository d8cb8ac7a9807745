"""Stop, pause and cancel: seen in the window at once, done within a bounded time at any phase, nothing left behind."""

from __future__ import annotations

import time
from typing import Any

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui.panes.training_header import TrainingHeader
from studio.gui.session import Session
from studio.gui.status_line import StatusLine
from tests.gui.conftest import QUICK, MakeSession
from tests.gui.test_engine_thread import alive

pytestmark = pytest.mark.gui
PHASES = ("starting", "preparing_data", "training", "evaluating", "saving")
ACKNOWLEDGED = 0.2  # seconds
# Every step of the ladder, and what reading the rest and clearing away may take.
BOUND = QUICK.stop_at_most + QUICK.terminate + 2 * QUICK.drain + 2 + 2


def until_in(qtbot: Any, session: Session, phase: str) -> list[int]:
    """The processes of a run that has come to a phase and stays there."""
    folder = session.folder
    assert folder is not None
    grandchild = folder.path / "grandchild"
    qtbot.waitUntil(lambda: session.phase == phase and folder.owner() is not None, timeout=20_000)
    qtbot.waitUntil(lambda: grandchild.exists() and grandchild.read_text() != "", timeout=20_000)
    owner = folder.owner()
    assert owner is not None
    return [owner, int(grandchild.read_text())]


@pytest.mark.parametrize("how", ["stop", "pause", "cancel"])
@pytest.mark.parametrize("phase", PHASES)
def test_an_end_is_acknowledged_at_once_and_bounded_at_any_phase(
    phase: str, how: str, qtbot: Any, make_session: MakeSession
) -> None:
    """By a worker that ignores commands and SIGTERM, and that has a child which would outlive it."""
    session = make_session("--hang-in", phase, "--deaf", "--grandchild")
    header, line = TrainingHeader(session), StatusLine(session)
    for widget in (header, line):
        qtbot.addWidget(widget)
        widget.show()
    assert session.start()
    processes = until_in(qtbot, session, phase)
    button = {"stop": header.stop, "pause": header.pause, "cancel": header.cancel}[how]
    words = {"stop": "Stopping…", "pause": "Pausing…", "cancel": "Cancelling…"}[how]
    assert button.isEnabled()
    pressed = time.monotonic()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    # Nothing has been given a turn yet but the click: what is shown next shows it.
    shown = (button.text(), button.isEnabled(), header._phase.text(), line._phase.text())
    acknowledged = time.monotonic() - pressed
    assert shown == (words, False, words, words)
    assert acknowledged < ACKNOWLEDGED
    if how != "cancel":
        assert header.cancel.isEnabled(), "whoever cannot wait may still cancel"
    qtbot.waitUntil(lambda: not session.running, timeout=int(1000 * 4 * BOUND))
    took = time.monotonic() - pressed
    assert took < BOUND
    assert not [pid for pid in processes if alive(pid)]
    assert session.folder is not None
    assert session.folder.owner() is None
    learnt = phase in ("training", "evaluating", "saving")
    state = "cancelled" if how == "cancel" else "failed" if learnt else "stopped"
    assert session.folder.state() == state
    outcome = session.folder.outcome()
    assert outcome is not None and outcome.kind == ("stop_timed_out" if state == "failed" else "")
    assert not button.isVisible() and header.start.isEnabled()
    print(f"{phase} {how}: shown after {1000 * acknowledged:.1f} ms, over after {took:.2f} s")


def test_a_cancel_overtakes_a_stop(qtbot: Any, make_session: MakeSession) -> None:
    session = make_session("--hang-in", "saving", "--deaf")
    session.start()
    assert session.folder is not None
    qtbot.waitUntil(lambda: session.phase == "saving", timeout=20_000)
    session.stop_and_save()
    session.cancel()
    began = time.monotonic()
    qtbot.waitUntil(lambda: not session.running, timeout=20_000)
    assert time.monotonic() - began < QUICK.cancel + QUICK.terminate + QUICK.drain + 2
    assert session.folder.state() == "cancelled"
    assert not [child for child in psutil.Process().children(recursive=True) if child.status() == "running"]
