"""`studio bench NAME`: readable progress on standard error, and one line of JSON on standard output at the end.

A bench is added with an entry in `_BENCHES`: its options, and how its module is called with them. Modules are
imported only when they are asked for.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Progress = Generator[str, None, Any]

# As `bench.rivals.comparison` has them, which is not imported before it is needed.
_RIVALS = ("libime", "libpinyin", "rime")
_ENDINGS = (signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else []))


@dataclass(frozen=True)
class _Bench:
    help: str
    options: Callable[[argparse.ArgumentParser], None]
    call: Callable[[argparse.Namespace], Progress]


def register(verbs: Any) -> None:
    """Add `bench` and all its names to the verbs of the command line."""
    bench = verbs.add_parser(
        "bench", help="measure speed", description="Measure on this machine; one line of JSON at the end."
    )
    names = bench.add_subparsers(dest="bench", metavar="NAME", required=True)
    for name, one in _BENCHES.items():
        parser = names.add_parser(name, help=one.help, description=one.help)
        parser.add_argument("--quiet", action="store_true", help="no progress, only the line of JSON")
        one.options(parser)


def run(options: argparse.Namespace) -> int:
    """Run one bench: 0 with a result, 3 without."""
    from studio.bench.children import BenchError

    with _ended_by_signals(), closing(_BENCHES[options.bench].call(options)) as progress:
        try:
            while True:
                try:
                    line = next(progress)
                except StopIteration as end:
                    print(json.dumps(asdict(end.value), ensure_ascii=False), flush=True)
                    return 0
                if not options.quiet:
                    print(line, file=sys.stderr, flush=True)
        except BenchError as error:
            print(f"studio: {error}", file=sys.stderr)
            return 3


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Leave in order when asked to end from outside: a child must not go on measuring for nobody."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- train ---------------------------------------------------------------------------------------------------


def _train_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=_positive, default=20.0, metavar="S", help="of each measurement (default 20)"
    )
    parser.add_argument(
        "--budgets", type=_numbers, default=None, metavar="N,N,...", help="batch sizes, in positions"
    )
    parser.add_argument(
        "--recipe", default="pinyin-quick", metavar="RECIPE", help="a file or a preset's name"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one field")
    parser.add_argument(
        "--full-softmax", action="store_true", help="also the Trainer with a layer over all characters: slow"
    )


def _train(options: argparse.Namespace) -> Progress:
    from studio.bench import train

    return train.bench(
        seconds=options.seconds,
        budgets=options.budgets or train.BUDGETS,
        recipe=options.recipe,
        overrides=options.set,
        full_softmax=options.full_softmax,
    )


# --- window --------------------------------------------------------------------------------------------------


def _window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=_positive, default=60.0, metavar="S", help="to watch the window for (default 60)"
    )
    parser.add_argument(
        "--points", type=int, default=1_000_000, metavar="N", help="in each training curve (default 1000000)"
    )
    parser.add_argument(
        "--hours", type=int, default=24, metavar="H", help="of simulated training for memory (default 24)"
    )
    parser.add_argument("--no-training", action="store_true", help="leave the machine idle meanwhile")
    parser.add_argument(
        "--explain", action="store_true", help="say what the window was doing when it stalled"
    )


def _window(options: argparse.Namespace) -> Progress:
    from studio.bench import window

    return window.bench(
        seconds=options.seconds,
        points=options.points,
        hours=options.hours,
        training=not options.no_training,
        explain=options.explain,
    )


# --- estimate ------------------------------------------------------------------------------------------------


def _estimate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=50, metavar="N", help="of each run (default 50)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="only recipes whose names begin so"
    )
    parser.add_argument(
        "--recipe", default="pinyin-quick", metavar="RECIPE", help="a file or a preset's name: the data"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one field")


def _estimate(options: argparse.Namespace) -> Progress:
    from studio.bench import estimate

    return estimate.bench(
        steps=options.steps, recipe=options.recipe, names=options.only, overrides=options.set
    )


# --- data ----------------------------------------------------------------------------------------------------


def _data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--megabytes", type=_sizes, default=None, metavar="N,N,...", help="of raw text (default 1,10,100)"
    )
    parser.add_argument("--text", type=Path, metavar="FILE", help="take the beginnings of this UTF-8 text")
    parser.add_argument(
        "--reference", type=_positive, default=4.0, metavar="N", help="megabytes for the script (default 4)"
    )


def _data(options: argparse.Namespace) -> Progress:
    from studio.bench import data

    return data.bench(megabytes=options.megabytes, text=options.text, reference=options.reference)


# --- typing --------------------------------------------------------------------------------------------------


def _typing_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, metavar="RUN", help="a run, a checkpoint or an exported folder")
    parser.add_argument("--data", type=Path, metavar="FILE.tsv", help="lines of pin yin<TAB>汉字 to type")
    parser.add_argument(
        "--limit", type=int, default=500, metavar="N", help="sentences at most, 0 for all (default 500)"
    )
    parser.add_argument("--shortest", type=int, default=1, metavar="N", help="characters of a sentence")
    parser.add_argument("--longest", type=int, default=30, metavar="N", help="characters of a sentence")
    parser.add_argument(
        "--against",
        type=_rivals,
        default=[],
        metavar="NAME,...",
        help=f"type the same into other input methods as well: {', '.join(_RIVALS)}",
    )


def _typing(options: argparse.Namespace) -> Progress:
    from studio.bench import typing

    return typing.bench(
        options.run,
        data=options.data,
        limit=options.limit,
        shortest=options.shortest,
        longest=options.longest,
        against=options.against,
    )


_BENCHES = {
    "data": _Bench("prepare raw text beside a jieba and pypinyin script", _data_options, _data),
    "estimate": _Bench("compare estimates of runs with what the runs take", _estimate_options, _estimate),
    "train": _Bench("compare the engine's speed with others'", _train_options, _train),
    "typing": _Bench("type sentences letter by letter: accuracy and speed", _typing_options, _typing),
    "window": _Bench("measure how the window reacts while training goes on", _window_options, _window),
}


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value


def _rivals(text: str) -> list[str]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    if unknown := [name for name in names if name not in _RIVALS]:
        known = ", ".join(_RIVALS)
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: no such input method; one of {known}")
    return names


def _sizes(text: str) -> list[float]:
    return [_positive(part) for part in text.split(",")]


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not numbers with commas between them") from None
