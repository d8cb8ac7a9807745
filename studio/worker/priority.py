"""How a worker lets everything else go first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")


def step_aside(niceness: int) -> None:
    """Lower this process's priority, `niceness` from 1 to 19, where the system lets us.

    Linux shares the processor among sessions first and within each of them by niceness (sched(7), the autogroup
    feature). Workers have sessions of their own, so that niceness alone would leave them as much as the window has: the
    session's own is lowered as well, unless others live in it (a terminal's, say).

    With `STUDIO_KEEP_PRIORITY` in the environment nothing is lowered: for a machine that is there to train, and for
    tests, whose own processes would leave their workers next to nothing.
    """
    if os.environ.get("STUDIO_KEEP_PRIORITY"):
        return
    with contextlib.suppress(OSError, AttributeError):
        os.nice(niceness)
    with contextlib.suppress(OSError, AttributeError):
        if os.getsid(0) == os.getpid():
            _AUTOGROUP.write_text(str(niceness), encoding="ascii")
