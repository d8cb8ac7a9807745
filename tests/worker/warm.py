"""Forks training workers off a process that has loaded everything, so that fifty starts take little time.

One line in, `home<TAB>run folder`, and one out, the worker's process id. An empty line in, and its exit status once
it has ended: until then its id is nobody else's.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import studio.engine.loop
import studio.inference.probe  # noqa: F401 - loaded for the children
from studio.worker.trainer import serve


def main() -> None:
    """Until standard input ends."""
    while line := sys.stdin.readline():
        home, folder = line.rstrip("\n").split("\t")
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(writing)
            train(home, Path(folder), reading)
        os.close(reading)
        print(child, flush=True)
        asked = sys.stdin.readline()
        if not asked:
            os.close(writing)  # nobody is there any more: the worker saves and ends
        _, status = os.waitpid(child, 0)
        if asked:
            os.close(writing)
        print(os.waitstatus_to_exitcode(status), flush=True)


def train(home: str, folder: Path, commands: int) -> None:
    """Be a worker, with `commands` as its standard input; does not return."""
    status = 1
    try:
        os.environ["STUDIO_HOME"] = home
        os.dup2(commands, 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(folder / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        status = serve(folder)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
