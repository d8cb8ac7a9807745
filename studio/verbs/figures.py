"""Figures of evaluations and comparisons as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.runs.appraisal_requests import Compared, Pair
from studio.runs.appraisals import Appraisal, Figure

_CLASSES, _CUT = 15, 60  # rows of the table of classes, characters of a text


def evaluation_lines(made: Appraisal) -> Iterator[str]:
    """Figures with their intervals, classes, and how sure the model rightly is."""
    by = f"{made.documents:,} documents" if made.documents else f"{made.items:,} items"
    yield f"{made.task}, step {made.step}, {made.split}: {made.items:,} items"
    yield f"{100 * made.level:.0f}% intervals: {by} drawn anew {made.replicates:,} times"
    width = max(map(len, made.figures), default=0)
    for name, figure in made.figures.items():
        yield f"  {name:<{width}}  {_figure(figure)}"
    if made.classes:
        yield f"  {'class':<14} {'wanted':>8} {'given':>8}  precision  recall  f1"
        for one in made.classes[:_CLASSES]:
            numbers = "  ".join(f"{figure.value or 0:.4f}" for figure in (one.precision, one.recall, one.f1))
            yield f"  {one.name:<14} {one.wanted:>8,} {one.given:>8,}  {numbers}"
        if made.every_class > _CLASSES:
            yield f"  and {made.every_class - _CLASSES:,} more"
    if made.calibration is not None:
        error, count = made.calibration.error, made.calibration.count
        yield f"  expected calibration error {error:.4f} over {count:,} decisions"


def left_out_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """What of a file was not judged, so that good figures are not taken for figures of all of it."""
    skipped, strange = report.get("skipped_lines", 0), report.get("unknown_labels", 0)
    if skipped:
        yield f"  left out: {skipped:,} {'line' if skipped == 1 else 'lines'} of another form"
    if strange:
        what = "example whose label" if strange == 1 else "examples whose labels"
        yield f"  left out: {strange:,} {what} the model does not know"


def comparison_lines(found: Compared, names: tuple[str, str], examples: int) -> Iterator[str]:
    """Figures of both, their difference, the test, and some items of each side."""
    yield f"{found.task}, {found.split}: {found.shared:,} items that both have"
    if any(found.alone):
        yield f"  left out: {found.alone[0]:,} that only the first has, {found.alone[1]:,} only the second"
    width = max(map(len, found.figures), default=0)
    yield f"  A = {names[0]} (step {found.first_step}), B = {names[1]} (step {found.second_step})"
    for name, (first, second, gap) in found.figures.items():
        yield f"  {name:<{width}}  A {_figure(first)}  B {_figure(second)}  B-A {_figure(gap, sign=True)}"
    test = found.test
    what = "lower loss" if test.by == "loss" else "right"
    yield f"  {what} with A alone: {test.first:,}; with B alone: {test.second:,}"
    if test.by == "loss":
        how = "sign test, exact" if test.kind == "exact" else "sign test, chi-square"
    else:
        how = "McNemar's test, exact" if test.kind == "exact" else "McNemar's test, chi-square"
    statistic = "" if test.statistic is None else f" {test.statistic:.3f}"
    yield f"  {how}{statistic}: p = {test.p:.4g}"
    for name, pairs in zip("AB", (found.only_first, found.only_second), strict=True):
        for pair in pairs[: max(examples, 0)]:
            yield from _pair(name, pair)


def _pair(name: str, pair: Pair) -> Iterator[str]:
    yield f"  {name}: {_short(pair.input)}"
    yield f"     wanted {_short(pair.wanted)} | A {_short(pair.first)} | B {_short(pair.second)}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _CUT else text[:_CUT] + "…"


def _figure(figure: Figure, *, sign: bool = False) -> str:
    if figure.value is None:
        return "-"
    form = "+.4f" if sign else ".4f"
    bounds = (
        "" if figure.low is None or figure.high is None else f" [{figure.low:{form}}, {figure.high:{form}}]"
    )
    return f"{figure.value:{form}}{bounds}"
