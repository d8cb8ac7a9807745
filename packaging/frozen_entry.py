"""Where a frozen studio starts: the window and the command line, or one of the window's own child processes.

There is no `python -m` in a frozen program, so it starts itself with the word `worker` first
(studio/runs/processes.py).
"""

from __future__ import annotations

import multiprocessing
import runpy
import sys


def main() -> int:
    """Become a worker or the command line."""
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["worker"]:
        del sys.argv[1]
        runpy.run_module("studio.worker", run_name="__main__", alter_sys=True)
        return 0
    from studio.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
