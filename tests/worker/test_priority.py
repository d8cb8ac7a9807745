"""Workers let the window and the lab go first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAYS = """
import os
from pathlib import Path
from studio.worker.priority import step_aside
step_aside(7)
print(os.nice(0))
group = Path("/proc/self/autogroup")
print(group.read_text() if group.exists() else "")
"""


def session_niceness() -> str:
    """What Linux gives this process's session; empty where it has none, as under a kernel without autogroups, or in
    some containers, where the file is there and says nothing."""
    group = Path("/proc/self/autogroup")
    return group.read_text().split()[-1] if group.exists() and group.read_text().strip() else ""


def stepped_aside(own_session: bool) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if name != "STUDIO_KEEP_PRIORITY"}
    said = subprocess.run(
        [sys.executable, "-c", SAYS],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=own_session,
        env=environment,
    )
    return said.stdout.split()


@pytest.mark.skipif(os.name != "posix", reason="niceness is POSIX's")
def test_a_process_is_nicer() -> None:
    assert int(stepped_aside(own_session=True)[0]) == min(19, os.nice(0) + 7)


@pytest.mark.skipif(not session_niceness(), reason="no autogroups here")
def test_its_own_session_is_nicer_but_no_other() -> None:
    before = session_niceness()
    assert stepped_aside(own_session=True)[-1] == "7"
    assert stepped_aside(own_session=False)[-1] == before
    assert session_niceness() == before
