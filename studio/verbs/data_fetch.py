"""`studio data fetch`: a data set of the Hugging Face hub as a folder."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

_TURN = 0.1  # seconds between two objects about the progress
_CANCELLED = 130
_TRIES = 50


def register(actions: Any) -> None:
    """Add the action to those of `studio data`."""
    fetch = actions.add_parser(
        "fetch",
        help="fetch a data set of the Hugging Face hub",
        description="Takes the files of a data set that are of known formats, and its README, into a folder, which is "
        "then inspected, prepared and imported like any other. Its code is not taken and not run.",
    )
    fetch.add_argument("name", metavar="OWNER/NAME", help="as the hub calls it")
    fetch.add_argument("--out", type=Path, metavar="FOLDER", help="where its files go (default: ./NAME)")
    fetch.add_argument("--json", action="store_true", help="one JSON object")
    fetch.add_argument(
        "--attached",
        action="store_true",
        help="into a folder that is not there yet; with --json tell the progress as well, an object a line; stop when "
        "standard input closes, and leave no folder that is not whole",
    )


def run(options: argparse.Namespace) -> int:
    """Carry it out: 0 when done, 2 if it cannot be had; 130 when standard input closes."""
    from studio.data.errors import DataError
    from studio.data.hub import fetch

    folder = options.out or Path(options.name.rpartition("/")[2] or ".")
    try:
        found = _attached(options, folder) if options.attached else fetch(options.name, folder)
    except DataError as error:
        if options.attached and options.json:
            _tell(type="failed", message=error.message, remedy=error.remedy)
        print(f"studio: {error}", file=sys.stderr)
        return 2
    if options.json:
        told = {"type": "fetched"} if options.attached else {}
        _tell(**told, **asdict(found))
        return 0
    files = "1 file" if len(found.files) == 1 else f"{len(found.files):,} files"
    print(f"{found.name}: {files}, {found.size / 1e6:,.1f} MB, in {found.folder}")
    return 0


def hint(path: str) -> str:
    """What is said of a path that leads nowhere and could be a data set's name; empty for others."""
    from studio.data.hub import may_be_named

    if not may_be_named(path):
        return ""
    return f"if a data set of the Hugging Face hub was meant: studio data fetch {path}"


def _attached(options: argparse.Namespace, folder: Path) -> Any:
    """Fetch it into a new folder, which goes again unless all of it was fetched."""
    from studio.data.errors import DataError
    from studio.data.hub import fetch
    from studio.runs import atomic

    if folder.exists():
        raise DataError(f"{folder} is there already", "choose another name")
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        if options.json and time.monotonic() - last >= _TURN:
            last = time.monotonic()
            _tell(type="progress", done=done, total=total)

    threading.Thread(target=_end_with_input, args=(folder,), name="studio-stdin", daemon=True).start()
    try:
        found = fetch(options.name, folder, report)
        atomic.sync(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return found


def _end_with_input(folder: Path) -> None:
    """End this process when whoever started it goes, at once: a download that hangs would not be asked for long."""
    # Not through sys.stdin: its lock, held by a reading thread, would break the end of the interpreter.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    for _ in range(_TRIES):  # downloads go on making files meanwhile
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    os._exit(_CANCELLED)


def _tell(**values: Any) -> None:
    # In one piece: several downloads tell how far they are.
    print(json.dumps(values, ensure_ascii=False) + "\n", end="", flush=True)
