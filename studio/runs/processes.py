"""How child processes are started and, whatever they do, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

import studio


def worker_command(*arguments: str) -> list[str]:
    """The command line of a worker; a frozen studio starts itself with a first word that its start-up knows."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker", *arguments]
    return [sys.executable, "-u", "-m", "studio.worker", *arguments]


def studio_command(*arguments: str) -> list[str]:
    """The command line of the studio itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-u", "-m", "studio", *arguments]


def worker_environment() -> dict[str, str]:
    """The environment of a worker: UTF-8 whatever the locale says, and the same studio as ours."""
    ours = str(Path(studio.__file__).resolve().parent.parent)
    places = [ours, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def group_options() -> dict[str, object]:
    """Popen options that put the child into its own process group, so that its whole tree can be signalled."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def terminate(pid: int) -> None:
    """Ask a process to end."""
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).terminate()


def kill_tree(pid: int) -> None:
    """Kill a child started with `group_options` and all below it.

    Children first: the parent's death would hide who they were. Its group last: that finds those whose parent
    was dead already.
    """
    try:
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
    except psutil.Error:
        family = []
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.kill()
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def exit_words(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = {"SIGKILL": ", as when memory runs out or someone kills it", "SIGSEGV": ", a crash in native code"}
    return f"signal {name}{hint.get(name, '')}"
