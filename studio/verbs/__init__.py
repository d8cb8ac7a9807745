"""The verbs of the command line, one file for each group."""

from __future__ import annotations

import argparse
import sys


def run(options: argparse.Namespace) -> int:
    """Carry out what `studio.cli` has parsed; errors that people can mend become one line and a status."""
    from studio.recipe import RecipeError
    from studio.runs.folder import RunError

    try:
        return _verb(options)
    except (RecipeError, RunError) as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        raise  # not a failure of ours; the command line knows
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"studio: {where}{error.strerror or error}", file=sys.stderr)
        return 3


def _verb(options: argparse.Namespace) -> int:
    match options.verb:
        case "train" | "resume":
            from studio.verbs import training

            return training.train(options) if options.verb == "train" else training.resume(options)
        case "evaluate" | "compare":
            from studio.verbs import evaluate

            return evaluate.run(options)
        case "predict" | "export":
            from studio.verbs import models

            return models.run(options)
        case "runs":
            from studio.verbs import listing

            return listing.runs(options)
        case "bench":
            from studio.verbs import bench

            return bench.run(options)
        case "queue":
            from studio.verbs import queue

            return queue.run(options)
        case "stop":
            from studio.verbs import stop

            return stop.run(options)
        case "language-models" | "tune":
            from studio.verbs import language_models

            return language_models.run(options)
        case "sweep":
            from studio.verbs import sweep

            return sweep.run(options)
        case "data":
            from studio.verbs import data

            return data.run(options)
        case "personal":
            from studio.verbs import personal

            return personal.run(options)
        case _:
            from studio.verbs import recipes

            return recipes.run(options)
