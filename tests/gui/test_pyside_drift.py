"""PySide6 6.12.0 loses a reference to None or True on each void call and signal.

Under Python 3.10 and 3.11 the process then aborts after some thousand calls: minutes of a live plot. From 3.12 on both
objects are immortal and nothing can be lost. pyproject.toml leaves that release out, and also 6.11.0 and 6.11.1, of
which the same was reported (this probe does not show it there).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROBE = Path(__file__).with_name("drift_probe.py")
# A lost reference a call would be tens of thousands; some dozens come and go with caches.
TOLERANCE = 200


@pytest.mark.gui
def test_qt_calls_keep_the_reference_counts_of_none_and_true() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", PROBE], capture_output=True, text=True, timeout=100
    )

    assert done.returncode == 0, f"Qt calls ended the process with {done.returncode}:\n{done.stderr[-2000:]}"
    report = json.loads(done.stdout)
    assert report["received"] == 2 * report["calls"]
    if sys.version_info < (3, 12):
        lost = {name: moved for name, moved in report["drift"].items() if abs(moved) > TOLERANCE}
        assert not lost, f"reference counts drifted over {report['calls']} rounds: {lost}"
