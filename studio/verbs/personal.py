"""`studio personal list|import|export|remove|clear|on|off|check`: what was learnt from typing, and dictionaries."""

from __future__ import annotations

import _thread
import argparse
import contextlib
import json
import os
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.runs.personal import PersonalStore

_PROBLEMS = 20  # shown of an import


def register(verbs: Any) -> None:
    """Add `personal` and its actions to the verbs of the command line."""
    text = "what was learnt from typing, and imported dictionaries"
    actions = verbs.add_parser("personal", help=text, description=f"{text.capitalize()}.").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    listing = actions.add_parser("list", help="show phrases, the last used first")
    listing.add_argument(
        "search", nargs="?", default="", metavar="TEXT", help="a part of the text or the pinyin"
    )
    listing.add_argument("--dictionary", metavar="NAME", help="words of a dictionary instead")
    listing.add_argument("--limit", type=_count, default=50, metavar="N", help="at most N (default 50)")
    listing.add_argument("--json", action="store_true", help="one JSON object")
    imported = actions.add_parser(
        "import", help="import a dictionary of rime, fcitx 5 or Sogou, or a plain list"
    )
    imported.add_argument("file", type=Path, metavar="FILE")
    imported.add_argument("--name", default="", metavar="NAME", help="name it so (default: as the file says)")
    export = actions.add_parser("export", help="write phrases as a dictionary of rime")
    export.add_argument("file", type=Path, metavar="FILE", help="usually NAME.dict.yaml")
    export.add_argument(
        "--dictionary", metavar="NAME", help="words of a dictionary instead of what was typed"
    )
    remove = actions.add_parser("remove", help="remove a dictionary")
    remove.add_argument("name", metavar="NAME")
    actions.add_parser("clear", help="forget all that was learnt from typing")
    actions.add_parser("on", help="record what is typed in the Playground, and use what was learnt")
    actions.add_parser("off", help="record nothing and use nothing; what is there stays")
    check = actions.add_parser(
        "check",
        help="does what was learnt harm what was right?",
        description="Types sentences of a run's validation split without and with what was learnt. Progress goes to "
        "standard error; the last line of standard output is one JSON object.",
    )
    check.add_argument("run", type=Path, metavar="RUN", help="a run or a checkpoint")
    check.add_argument(
        "--limit", type=_count, default=200, metavar="N", help="at most N sentences (default 200)"
    )
    check.add_argument(
        "--simulate",
        nargs="?",
        type=_count,
        const=100,
        default=0,
        metavar="N",
        help="learn N sentences (default 100) of half of the documents instead, and type the other half too",
    )
    check.add_argument("--attached", action="store_true", help="stop when standard input closes")


def run(options: argparse.Namespace) -> int:
    """Carry out one action: 2 for what was asked wrongly."""
    from studio.runs.personal import PersonalStore

    store = PersonalStore()
    try:
        match options.action:
            case "list":
                return _list(store, options)
            case "import":
                return _import(options.file, options.name)
            case "export":
                return _export(options.file, options.dictionary or "")
            case "check":
                return _check(store, options)
            case "remove":
                gone = store.clear(options.name) if options.name else 0
                if not gone:
                    print(f"studio: there is no dictionary {options.name!r}", file=sys.stderr)
                    return 2
                print(f"{gone} words removed")
            case "clear":
                print(f"{store.clear()} phrases forgotten")
            case _:
                store.enable(options.action == "on")
                print(f"learning from typing is {options.action} ({store.file})")
        return 0
    finally:
        store.close()


def _list(store: PersonalStore, options: argparse.Namespace) -> int:
    found, total = store.phrases(options.search, options.dictionary or "", options.limit)
    if options.json:
        names = [asdict(item) for item in store.dictionaries()]
        report = {"enabled": store.enabled, "file": str(store.file), "total": total, "dictionaries": names}
        print(json.dumps({**report, "phrases": [asdict(item) for item in found]}, ensure_ascii=False))
        return 0
    for item in found:
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(item.used))
        print(f"{item.text}\t{item.pinyin}\t{item.count:g}\t{day}")
    state = "on" if store.enabled else "off"
    print(f"{total} phrases; learning is {state}; kept in {store.file} and nowhere else", file=sys.stderr)
    for dictionary in store.dictionaries():
        print(f"dictionary {dictionary.name}: {dictionary.words} words", file=sys.stderr)
    return 0


def _import(file: Path, name: str) -> int:
    from studio.data.errors import DataError
    from studio.runs.personal_requests import ImportDictionary
    from studio.worker.personal import import_dictionary

    try:
        found = import_dictionary(ImportDictionary(id="", path=str(file), name=name))
    except DataError as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2
    for problem in found.problems[:_PROBLEMS]:
        print(f"studio: {problem}", file=sys.stderr)
    if found.set_aside > _PROBLEMS:
        print(f"studio: and {found.set_aside - _PROBLEMS} more", file=sys.stderr)
    report = {key: value for key, value in asdict(found).items() if key not in ("type", "id", "problems")}
    print(json.dumps(report, ensure_ascii=False))
    return 0


def _export(file: Path, dictionary: str) -> int:
    from studio.runs.personal_requests import ExportPhrases
    from studio.worker.personal import export_phrases

    done = export_phrases(ExportPhrases(id="", path=str(file), dictionary=dictionary))
    print(f"{done.phrases} phrases written to {done.path}")
    return 0


def _check(store: PersonalStore, options: argparse.Namespace) -> int:
    import torch

    from studio.data.errors import DataError
    from studio.inference.load import load
    from studio.inference.personal.check import check
    from studio.tasks.model_folder import ModelFolderError

    if options.attached:
        threading.Thread(target=_wait_for_hangup, name="studio-stdin", daemon=True).start()
    torch.set_num_threads(1)
    try:
        steps = check(load(options.run), limit=options.limit, simulate=options.simulate, store=store)
        while True:
            print(next(steps), file=sys.stderr, flush=True)
    except StopIteration as end:
        print(json.dumps(asdict(end.value), ensure_ascii=False))
        return 0
    except (DataError, ModelFolderError) as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2


def _wait_for_hangup() -> None:
    """End this process when whoever started it goes."""
    # Not through sys.stdin: its lock, held by a reading thread, would break the end of the interpreter.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    _thread.interrupt_main()


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)
