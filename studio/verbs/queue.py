"""`studio queue add|list|remove|move|run|stop`: recipes that are trained one after another."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.runs.queue import QueueItem, RunQueue


def register(verbs: Any) -> None:
    """Add `queue` and its actions to the verbs of the command line."""
    text = "train recipes one after another"
    actions = verbs.add_parser("queue", help=text, description=f"{text.capitalize()}.").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    add = actions.add_parser("add", help="put a recipe at the end", description="Prints the item's id.")
    add.add_argument("recipe", metavar="RECIPE", help="a TOML file or a preset's name")
    add.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one field")
    add.add_argument("--name", metavar="NAME", help="name the run so")
    listing = actions.add_parser("list", help="show the queue")
    listing.add_argument("--json", action="store_true", help="one JSON array")
    remove = actions.add_parser("remove", help="take one out")
    remove.add_argument("id", metavar="ID")
    move = actions.add_parser("move", help="change the order")
    move.add_argument("id", metavar="ID")
    move.add_argument("place", type=int, metavar="PLACE", help="1 is the first")
    train = actions.add_parser(
        "run",
        help="train what is queued",
        description="Train what is queued, one run after another, each in a process of its own. Ctrl-C pauses the "
        "run that goes on; the next `studio queue run` resumes it.",
    )
    train.add_argument("--json", action="store_true", help="one JSON object a line")
    train.add_argument("--attached", action="store_true", help="stop when standard input closes")
    actions.add_parser("stop", help="pause the queue that another process trains")


def run(options: argparse.Namespace) -> int:
    """Carry out one action: 2 for what was asked wrongly, 3 if a run failed, 130 when interrupted."""
    from studio.runs.queue import RunQueue

    queue = RunQueue()
    match options.action:
        case "add":
            return _add(queue, options)
        case "list":
            return _list(queue, options.json)
        case "remove":
            item = queue.remove(options.id)
            print(f"{item.id}\t{item.name}")
        case "move":
            queue.move(options.id, options.place - 1)
        case "stop":
            print(f"process {queue.ask_to_stop()} is pausing the queue")
        case _:
            return _run(queue, options)
    return 0


def _add(queue: RunQueue, options: argparse.Namespace) -> int:
    from studio.recipe import resolve

    # As JSON, which is TOML too: a name such as 2 or true stays text.
    name = [] if options.name is None else [f"name={json.dumps(options.name, ensure_ascii=False)}"]
    item = queue.add(resolve(options.recipe, [*options.set, *name]))
    print(f"{item.id}\t{item.name}")
    return 0


def _list(queue: RunQueue, as_json: bool) -> int:
    rows = [_row(queue, item) for item in queue.items()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    if not rows:
        print("the queue is empty; `studio queue add RECIPE` fills it")
    for row in rows:
        step = "" if row["step"] is None else f"step {row['step']}"
        print(f"{row['id']:<4} {row['state']:<12} {step:<12} {row['name']}  {row['run'] or ''}".rstrip())
    return 0


def _row(queue: RunQueue, item: QueueItem) -> dict[str, Any]:
    from pathlib import Path

    from studio.runs.control import last_step
    from studio.runs.folder import RunFolder

    return {
        "id": item.id,
        "name": item.name,
        "state": queue.state(item),
        "run": item.run or None,
        "step": last_step(RunFolder(Path(item.run))) if item.run else None,
        "added": item.added,
    }


def _run(queue: RunQueue, options: argparse.Namespace) -> int:
    from studio.series.interrupts import Interrupts
    from studio.series.queue_runner import run_queue

    def say(text: str) -> None:
        print(f"studio: {text}", file=sys.stderr, flush=True)

    def tell(item: QueueItem, state: str, reason: str) -> None:
        if options.json:
            line = {"id": item.id, "name": item.name, "state": state, "reason": reason}
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            print(f"{item.id} {item.name}: {state}" + (f": {reason}" if reason else ""), flush=True)

    interrupts = Interrupts(queue.stop_file)
    with interrupts.listening(say, attached=options.attached):
        good = run_queue(queue, interrupts, tell)
    if interrupts.asked:
        return 130
    return 0 if good else 3
