"""`studio data fetch`: a data set of the Hugging Face hub as a folder."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any


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


def run(options: argparse.Namespace) -> int:
    """Carry it out: 0 when done, 2 if it cannot be had."""
    from studio.data.errors import DataError
    from studio.data.hub import fetch

    try:
        found = fetch(options.name, options.out or Path(options.name.rpartition("/")[2] or "."))
    except DataError as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(asdict(found), ensure_ascii=False))
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
