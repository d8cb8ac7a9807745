"""`studio evaluate` and `studio compare`, as the command line sees them; the work is in `measure`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from studio.runs.judged_splits import SPLITS


def register(verbs: Any) -> None:
    """Add the two verbs to the command line."""
    evaluate = verbs.add_parser(
        "evaluate",
        help="measure a model",
        description="Judge a model item by item. Figures with intervals on standard error, one line of JSON on "
        "standard output; the items are kept in the run folder.",
    )
    evaluate.add_argument("run", type=Path, metavar="RUN", help="a run, a checkpoint or an exported folder")
    evaluate.add_argument(
        "--split", choices=SPLITS, default="test", help="of the run's own data (default test)"
    )
    evaluate.add_argument(
        "--data",
        type=Path,
        metavar="FILE.tsv",
        help="lines of `pin yin<TAB>汉字` or `label<TAB>text`, or any text",
    )
    _limit(evaluate)
    evaluate.add_argument(
        "--items", type=Path, metavar="FILE.csv", help="write every item to a file, .csv or .jsonl"
    )
    evaluate.add_argument("--json", action="store_true", help="the line of JSON alone, no table")
    evaluate.add_argument(
        "--decoded",
        type=_positive,
        nargs="?",
        const=200,
        metavar="N",
        help="type N sentences, too, and say what lexicon, counts and network get right (default 200)",
    )
    pair = verbs.add_parser(
        "compare",
        help="hold two models against each other",
        description="Compare two models of one task on the items that both have: figures, their difference, and "
        "McNemar's test. What was not evaluated yet is evaluated first.",
    )
    for name in ("first", "second"):
        pair.add_argument(
            name, type=Path, metavar=f"RUN_{'AB'[name == 'second']}", help="a run or a checkpoint"
        )
    pair.add_argument("--split", choices=SPLITS, default="test", help="of the runs' own data (default test)")
    pair.add_argument(
        "--data", type=Path, metavar="FILE.tsv", help="compare on a file, as `evaluate` reads it"
    )
    _limit(pair)
    pair.add_argument(
        "--examples", type=int, default=5, metavar="N", help="items told of each side (default 5)"
    )
    pair.add_argument("--json", action="store_true", help="the line of JSON alone, no table")


def _limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limit",
        type=_positive,
        default=0,
        metavar="N",
        help="judge N examples, spread evenly (default all)",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Carry out one of the two verbs; 2 for what was asked wrongly."""
    from studio.verbs import measure  # with torch, which other verbs need not wait for

    return measure.run(options)
