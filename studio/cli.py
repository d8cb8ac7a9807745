"""The command line: no argument opens the window; every verb of the window exists here too."""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from pathlib import Path

from studio import __version__
from studio.verbs import bench, data, evaluate, language_models, personal, queue, stop, sweep

OK, BAD_USE, FAILED, INTERRUPTED = 0, 2, 3, 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit status is 0 when done, 2 for what was asked wrongly, 3 for a failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Chinese text goes out whatever the system's own encoding is; JSON lines are UTF-8 by definition.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    if options.verb is None:
        return _open_window()
    # Imported by verb, so that `studio presets` does not wait for torch.
    from studio import verbs

    try:
        return verbs.run(options)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has had enough
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED


def _open_window() -> int:
    # To look for plugins, pydantic reads the metadata of everything installed; it finds none of ours.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if _has_display():
        gc.disable()  # nothing that is imported ends again; the window's Collector looks for cycles later
        from studio.gui.app import run_window

        return run_window()
    from studio.gui.offscreen import run_offscreen

    return run_offscreen()


def _has_display() -> bool:
    """Whether a window could be seen. Linux says so in the environment; elsewhere there always is one."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return False
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="studio", description="Train Chinese text models. Without a command, the window opens."
    )
    parser.add_argument("--version", action="version", version=f"Hanzi Studio {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND")

    train = verbs.add_parser("train", help="train a recipe", description="Train a recipe in a run folder.")
    train.add_argument("recipe", metavar="RECIPE", help="a TOML file or a preset's name")
    train.add_argument("--run-dir", type=Path, metavar="DIR", help="the run's folder (default: a new one)")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one field")

    resume = verbs.add_parser(
        "resume", help="go on with a run", description="Go on from a run's last checkpoint."
    )
    resume.add_argument("run", type=Path, metavar="RUN")

    predict = verbs.add_parser(
        "predict",
        help="ask a model, line by line",
        description="One input a line in, one JSON object a line out.",
    )
    predict.add_argument("run", type=Path, metavar="RUN", help="a run, a checkpoint or an exported folder")
    predict.add_argument("--input", default="-", metavar="FILE", help="a text file, or - for standard input")
    predict.add_argument(
        "--top-k", type=_positive, metavar="N", help="candidates a line (default 5), or labels (default all)"
    )
    # Of models that continue texts: see studio.runs.generation.
    drawing = predict.add_argument_group("how language models write")
    drawing.add_argument("--temperature", type=float, default=0.8, metavar="T", help="0 takes the likeliest")
    drawing.add_argument(
        "--among", type=int, default=0, metavar="K", help="draw from the K likeliest; 0 for all"
    )
    drawing.add_argument(
        "--top-p", type=float, default=0.95, metavar="P", help="draw from this much probability"
    )
    drawing.add_argument("--length", type=_positive, default=60, metavar="N", help="characters at most")
    drawing.add_argument("--stop", default="", metavar="TEXT", help="end before this")
    drawing.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed writes the same")

    evaluate.register(verbs)

    export = verbs.add_parser("export", help="export a model", description="Write a model as a folder.")
    export.add_argument("run", type=Path, metavar="RUN", help="a run or a checkpoint")
    export.add_argument("target", type=Path, metavar="FOLDER")
    export.add_argument("--overwrite", action="store_true", help="replace an earlier export")
    export.add_argument(
        "--weights",
        choices=("single", "half", "int8"),
        default="single",
        help="half takes half the space at no loss to speak of, int8 a quarter at a small one",
    )
    export.add_argument(
        "--ngrams", type=int, metavar="N", help="keep the N n-grams that say most; all, if it is not given"
    )
    export.add_argument(
        "--fused", action="store_true", help="mix in the imported language models that it was tuned with"
    )

    verbs.add_parser("presets", help="list the presets")
    runs = verbs.add_parser("runs", help="list the runs")
    runs.add_argument("--json", action="store_true", help="one JSON array")

    sweep.register(verbs)

    personal.register(verbs)

    queue.register(verbs)
    stop.register(verbs)

    bench.register(verbs)
    language_models.register(verbs)
    data.register(verbs)

    recipe = verbs.add_parser("recipe", help="look at recipes").add_subparsers(dest="action", required=True)
    actions = {}
    for action, text in (
        ("show", "print a recipe in full"),
        ("check", "say what is wrong with a recipe"),
        ("estimate", "say what a run would take: memory, time and disk"),
    ):
        parser_of = actions[action] = recipe.add_parser(action, help=text, description=text)
        parser_of.add_argument("recipe", metavar="RECIPE", help="a TOML file or a preset's name")
        parser_of.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", help="change one field"
        )
    actions["estimate"].add_argument("--json", action="store_true", help="one JSON object")
    actions["estimate"].add_argument(
        "--no-trial", action="store_true", help="count only: no steps are made, no times are given"
    )
    explain = recipe.add_parser("explain", help="explain the fields of recipes")
    explain.add_argument("key", nargs="?", default="", metavar="KEY", help="only fields that begin so")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
