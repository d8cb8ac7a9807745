"""`studio sweep`: a search for good settings."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.runs.sweeps import SweepFolder, SweepSpec, Trial

_RANGES = """\
ranges:
  training.learning_rate=1e-4..1e-2:log   numbers, drawn evenly by order of magnitude
  model.layers=1..4                       whole numbers, for fields that are whole
  training.token_budget=1024..8192/1024   in steps
  model.dropout=0,0.1,0.2                 these values only
"""


def register(verbs: Any) -> None:
    """Add `sweep` to the verbs of the command line."""
    sweep = verbs.add_parser(
        "sweep",
        help="search for good settings",
        description="Train a recipe with different settings, one run after another, breaking off those that do "
        "worse than the median. Ctrl-C pauses; --resume goes on.",
        epilog=_RANGES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sweep.add_argument(
        "recipe", metavar="RECIPE", nargs="?", help="a TOML file or a preset's name; not needed with --resume"
    )
    sweep.add_argument("--param", action="append", default=[], metavar="KEY=RANGE", help="search this field")
    sweep.add_argument("--trials", type=_count, metavar="N", help="how many runs in all (default 10)")
    sweep.add_argument(
        "--metric", metavar="M", help="the figure that decides (default: the recipe's 'best by')"
    )
    sweep.add_argument(
        "--name", metavar="NAME", help="names the search and its runs (default: the recipe's name)"
    )
    sweep.add_argument("--seed", type=int, metavar="N", help="of the sampler (default 1)")
    sweep.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one field for all"
    )
    sweep.add_argument("--resume", action="store_true", help="go on with a search of this name")
    sweep.add_argument("--json", action="store_true", help="one line of JSON at the end")
    sweep.add_argument("--attached", action="store_true", help="stop when standard input closes")


def run(options: argparse.Namespace) -> int:
    """0 with a best recipe, 2 for what was asked wrongly, 3 if no trial got anywhere, 130 when interrupted."""
    from studio.series.interrupts import Interrupts
    from studio.series.search import search

    folder = _resumed(options) if options.resume else _begun(options)
    spec = folder.spec()

    def say(text: str) -> None:
        print(f"studio: {text}", file=sys.stderr, flush=True)

    def tell(trial: Trial) -> None:
        print(_line(trial, spec), file=sys.stderr, flush=True)

    interrupts = Interrupts(folder.stop_file)
    with interrupts.listening(say, attached=options.attached):
        trials = search(folder, interrupts, tell)
    best = next((trial for trial in trials if trial.best and trial.state == "finished"), None)
    if options.json:
        print(json.dumps(_summary(folder, spec, trials, best), ensure_ascii=False))
    else:
        _print_table(trials, spec)
        if best is not None:
            print(_recipe_of(best))
    if interrupts.asked:
        say(f"`studio sweep --resume --name {spec.name}` goes on")
        return 130
    return 0 if best is not None else 3


def _begun(options: argparse.Namespace) -> SweepFolder:
    """A new search, checked and written down."""
    from studio.recipe import Problem, RecipeError, dump, resolve
    from studio.recipe.ranges import parse_ranges
    from studio.runs.folder import RunError
    from studio.runs.sweeps import SweepFolder, SweepSpec, free_name, slug

    if options.recipe is None:
        raise RecipeError([Problem("", "no recipe is given", "a TOML file or a preset's name")])
    recipe = resolve(options.recipe, options.set)
    problems: list[Problem] = []
    texts: tuple[str, ...] = ()
    try:
        texts = tuple(str(one) for one in parse_ranges(options.param, recipe))
    except RecipeError as error:
        problems = error.problems
    metric = options.metric or recipe.training.checkpoints.best_metric
    measured = recipe.measured
    if metric not in measured:
        problems.append(Problem("--metric", f"{metric!r} is not measured", f"one of {', '.join(measured)}"))
    if problems:
        raise RecipeError(problems, "--param")
    name = slug(options.name) if options.name else free_name(slug(recipe.name))
    folder = SweepFolder(name)
    if folder.exists:
        raise RunError(
            f"there is a search {name!r} already; --resume goes on with it, or choose another --name"
        )
    seed = 1 if options.seed is None else options.seed
    folder.begin(SweepSpec(name, texts, options.trials or 10, metric, seed), dump(recipe))
    return folder


def _resumed(options: argparse.Namespace) -> SweepFolder:
    """An earlier search; only the number of trials may be another than at its beginning."""
    from studio.recipe import Problem, RecipeError, load, resolve
    from studio.recipe.ranges import parse_ranges
    from studio.runs.folder import RunError
    from studio.runs.sweeps import SweepFolder, list_sweeps, slug

    recipe = resolve(options.recipe, options.set) if options.recipe else None
    name = options.name or (recipe.name if recipe else "")
    if not name:
        raise RecipeError([Problem("--name", "which search is to be resumed?", _known())])
    folder = SweepFolder(slug(name))
    if not folder.exists:
        known = ", ".join(other.path.name for other in list_sweeps()) or "none"
        raise RunError(f"there is no search {folder.path.name!r} to go on with; there are: {known}")
    spec, begun = folder.spec(), load(folder.recipe)
    if recipe is not None and recipe != begun:
        print(f"studio: the recipe is another now; going on with {folder.recipe}", file=sys.stderr)
    asked = tuple(str(one) for one in parse_ranges(options.param, begun)) if options.param else spec.ranges
    same = {
        "--param": set(asked) == set(spec.ranges),
        "--metric": options.metric in (None, spec.metric),
        "--seed": options.seed in (None, spec.seed),
    }
    for word in (word for word, agrees in same.items() if not agrees):
        raise RunError(f"the search {spec.name!r} was begun with another {word}; start a new one for this")
    if options.trials and options.trials != spec.trials:
        folder.write_spec(replace(spec, trials=options.trials))
    return folder


def _known() -> str:
    from studio.runs.sweeps import list_sweeps

    names = [folder.path.name for folder in list_sweeps()]
    return f"--name {' or '.join(names)}" if names else "there is none"


def _summary(
    folder: SweepFolder, spec: SweepSpec, trials: tuple[Trial, ...], best: Trial | None
) -> dict[str, Any]:
    return {
        "name": spec.name,
        "folder": str(folder.path),
        "metric": spec.metric,
        "best": None if best is None else {**asdict(best), "recipe": _recipe_of(best)},
        "trials": [asdict(trial) for trial in trials],
    }


def _recipe_of(trial: Trial) -> str:
    from pathlib import Path

    return str(Path(trial.run) / "recipe.toml")


def _line(trial: Trial, spec: SweepSpec) -> str:
    params = " ".join(f"{path}={_short(value)}" for path, value in trial.params.items())
    figure = "" if trial.value is None else f", {spec.metric} {trial.value:.4f} up to step {trial.step}"
    reason = f": {trial.reason}" if trial.reason else ""
    return f"trial {trial.number} of {spec.trials}: {params}: {trial.state}{figure}{reason}"


def _print_table(trials: tuple[Trial, ...], spec: SweepSpec) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    paths = list(trials[0].params) if trials else []
    for heading in ("", "trial", "state", "step", spec.metric, *paths, "run"):
        table.add_column(heading, overflow="fold")
    for trial in trials:
        value = "-" if trial.value is None else f"{trial.value:.4f}"
        params = [_short(trial.params[path]) for path in paths]
        head = ["*" if trial.best else "", str(trial.number), trial.state, str(max(trial.step, 0)), value]
        table.add_row(*head, *params, trial.run)
    # A terminal folds what is too long for it; a file gets whole lines.
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=1000)
    console.print(table)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)
