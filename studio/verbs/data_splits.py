"""`studio data splits`: what is learnt from and what judges, and how an epoch is balanced."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio.verbs.data_doctor import finding_lines

if TYPE_CHECKING:
    from studio.data.split_report import SplitReport
    from studio.recipe import Recipe

_SHOWN = 20


def register(actions: Any) -> None:
    """Add the action to those of `studio data`."""
    text = "show how the documents of a recipe are divided"
    splits = actions.add_parser(
        "splits",
        help=text,
        description="Documents, hanzi, labels and sources of the training, validation and test split side by side, "
        "what stands in two of them, and what an epoch makes of the labels or sources.",
    )
    splits.add_argument("recipe", metavar="RECIPE", help="a TOML file or a preset's name")
    splits.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one field")
    splits.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """0 when done, whatever was found; 2 for what cannot be read or divided."""
    from studio.data.errors import DataError
    from studio.data.prepare import cached
    from studio.data.split_report import split_report
    from studio.recipe import resolve

    recipe = resolve(options.recipe, options.set)
    try:
        report = split_report(recipe.data, recipe.task, cached(recipe.data, recipe.task))
        balance = _balance(recipe, report)
    except DataError as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({**asdict(report), "balance": balance}, ensure_ascii=False))
    else:
        print("\n".join(_told(report, balance)))
    return 0


def _balance(recipe: Recipe, report: SplitReport) -> list[dict[str, Any]]:
    """What an epoch makes of the labels or sources; nothing where neither re-sampling nor weights are asked for.

    Raises:
        DataError: if a label is given a weight that no training text has.
    """
    from studio.data.errors import DataError
    from studio.recipe.splits import epoch_counts, factors, label_weights, strange_labels

    section = recipe.data.balance
    weighed = getattr(recipe.task, "class_weights", "none")
    by_hand = getattr(recipe.task, "label_weights", {})
    if section.method == "none" and weighed == "none" and not by_hand:
        return []
    by_source = section.method != "none" and section.by == "source"
    ranking = report.sources if by_source else report.labels
    now = (report.source_examples if by_source else report.label_examples) or tuple(
        numbers[0] for _, numbers in ranking.items
    )
    then = epoch_counts(now, section)
    weights = None
    if not by_source:
        labels = [name for name, _ in ranking.items]
        wrong = strange_labels([name for name, numbers in ranking.items if numbers[0]], by_hand)
        if wrong is not None:
            raise DataError(*wrong)
        weights = label_weights(then, weighed, factors(labels, by_hand))
    return [
        {
            "name": name,
            "examples": now[place],
            "epoch": then[place],
            "weight": 1.0 if weights is None else weights[place],
        }
        for place, (name, _) in enumerate(ranking.items)
    ]


def _told(report: SplitReport, balance: list[dict[str, Any]]) -> list[str]:
    lines = []
    whole = max(sum(split.documents for split in report.splits), 1)
    for split in report.splits:
        dates = f", {split.first} to {split.last}" if split.first else ""
        groups = f", {split.groups:,} groups" if split.groups else ""
        lines.append(
            f"{split.name:10} {split.documents:>9,} documents ({split.documents / whole:.1%}), "
            f"{split.characters:,} hanzi{groups}{dates}"
        )
    for ranking in (report.labels, report.sources):
        if (ranking.name == "labels" and ranking.items) or len(ranking.items) > 1:
            lines += ["", f"{ranking.name:20} {'train':>10} {'validation':>10} {'test':>10}"]
            lines += [
                f"{name:20} " + " ".join(f"{number:>10,}" for number in numbers)
                for name, numbers in ranking.items[:_SHOWN]
            ]
    if balance:
        lines += ["", f"{'in training':20} {'examples':>10} {'an epoch':>10} {'weight':>10}"]
        lines += [
            f"{row['name']:20} {row['examples']:>10,} {row['epoch']:>10,} {row['weight']:>10.3f}"
            for row in balance[:_SHOWN]
        ]
    for finding in report.findings:
        lines += ["", *finding_lines(finding, 3)]
    if not report.findings:
        lines += ["", "no document of one split stands, or nearly stands, in another"]
    return [*lines, *(f"note: {note}" for note in report.notes)]
