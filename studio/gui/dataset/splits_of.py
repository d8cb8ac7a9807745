"""From what the lab found of the splits to what is shown: a table, charts, and how an epoch is balanced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from studio.gui.dataset.charts import Chart
from studio.gui.dataset.figures_of import Statistics
from studio.gui.forms.words import choice_text
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title, split_text
from studio.gui.widgets.figures import count, percent, short_count
from studio.gui.widgets.refusals import said
from studio.recipe import Balance
from studio.recipe.splits import epoch_counts, factors, label_weights, strange_labels
from studio.runs.count_requests import Ranking
from studio.runs.split_requests import SplitsShown

MOST = 30  # labels that are named


def of_splits(shown: SplitsShown) -> Statistics:
    """The splits side by side."""
    splits = shown.splits
    names = tuple(split_text(split.name) for split in splits)
    documents = tuple(split.documents for split in splits)
    whole, hanzi = max(sum(documents), 1), max(sum(split.characters for split in splits), 1)
    rows = [
        (tr("Documents"), "", tuple(count(number) for number in documents)),
        (tr("Share"), tr("Of the documents"), tuple(percent(number / whole) for number in documents)),
        (tr("Hanzi"), "", tuple(short_count(split.characters) for split in splits)),
        (tr("Share"), tr("Of the hanzi"), tuple(percent(split.characters / hanzi) for split in splits)),
    ]
    if any(split.groups for split in splits):
        rows.append((tr("Groups"), tr("Different ones"), tuple(count(split.groups) for split in splits)))
    if any(split.first for split in splits):
        rows.append((tr("Oldest"), tr("By the date column"), tuple(split.first[:10] for split in splits)))
        rows.append((tr("Newest"), tr("By the date column"), tuple(split.last[:10] for split in splits)))
    charts = []
    for ranking, title in ((shown.labels, tr("Labels")), (shown.sources, tr("Documents of each source"))):
        items = ranking.items[:MOST]
        if not items or (ranking.name == "sources" and len(items) < 2):
            continue
        words = tuple(source_title(name) if ranking.name == "sources" else name for name, _ in items)
        counts = tuple(zip(*(numbers for _, numbers in items), strict=True))
        note = tr("{distinct} different ones", distinct=short_count(ranking.distinct))
        charts.append(Chart("ranks", title, names, words, counts, documents, note))
    return Statistics(names, tuple(rows), tuple(charts), tuple(said(note) for note in shown.notes))


def of_balance(shown: SplitsShown, values: Mapping[str, Any]) -> Statistics | None:
    """What an epoch makes of the classes of a draft; None where there is nothing to balance."""
    data, task = values.get("data") or {}, values.get("task") or {}
    try:
        balance = Balance.model_validate(data.get("balance") or {})
    except ValidationError:
        return None
    classified = task.get("name") == "text_classification" and bool(shown.labels.items)
    weighed = str(task.get("class_weights") or "none") if classified else "none"
    by_source = balance.method != "none" and (balance.by == "source" or not classified)
    if not classified and not by_source:
        return None
    by_hand = task.get("label_weights")
    ranking, examples = (
        (shown.sources, shown.source_examples) if by_source else (shown.labels, shown.label_examples)
    )
    if by_source:
        weighed = "none"
    given = by_hand if isinstance(by_hand, dict) and not by_source else {}
    gamma = task.get("focal_gamma")
    return _balanced(
        ranking, examples, balance, weighed, _numbers(given), gamma if isinstance(gamma, int | float) else 0.0
    )


def _numbers(by_hand: Mapping[str, Any]) -> dict[str, float]:
    """Those weights that are numbers; what is wrong with the others stands at their field."""
    return {name: value for name, value in by_hand.items() if isinstance(value, int | float) and value > 0}


def _balanced(
    ranking: Ranking,
    examples: tuple[int, ...],
    balance: Balance,
    weighed: str,
    by_hand: Mapping[str, float],
    gamma: float,
) -> Statistics:
    names = [source_title(name) if ranking.name == "sources" else name for name, _ in ranking.items]
    now = examples or tuple(numbers[0] for _, numbers in ranking.items)
    then = epoch_counts(now, balance)
    weights = label_weights(then, weighed, factors([name for name, _ in ranking.items], by_hand))
    columns = [(tr("Examples") if examples else tr("Documents"), [count(number) for number in now])]
    columns.append((tr("Share"), [percent(number / max(sum(now), 1)) for number in now]))
    if balance.method != "none":
        columns.append((tr("In an epoch"), [count(number) for number in then]))
        columns.append((tr("Share"), [percent(number / max(sum(then), 1)) for number in then]))
    if weights is not None:
        loss = [number * weight for number, weight in zip(then, weights, strict=True)]
        columns.append((tr("Weight"), [f"{weight:.2f}" for weight in weights]))
        columns.append((tr("In the loss"), [percent(part / max(sum(loss), 1e-9)) for part in loss]))
    rows = tuple(
        (name, "", tuple(column[place] for _, column in columns)) for place, name in enumerate(names)
    )
    notes = []
    if not examples:
        notes.append(tr("Counted in documents: the data are not prepared yet."))
    if balance.method != "none":
        before, after = count(sum(now)), count(sum(then))
        notes.append(tr("An epoch has {after} examples instead of {before}.", after=after, before=before))
    if weights is not None:
        kind = f"{choice_text(weighed)} × {tr('Weights by hand')}" if by_hand else choice_text(weighed)
        notes.append(tr("Class weights: {kind}.", kind=kind))
    wrong = strange_labels([name for name, numbers in ranking.items if numbers[0]], by_hand)
    if wrong is not None:
        notes.append(said(wrong[0]))
    if gamma:
        easy, hard = ((1 - chance) ** gamma for chance in (0.9, 0.5))
        notes.append(
            tr(
                "The focal loss ({gamma}) lets what is told apart easily count less: a text whose label gets 90% "
                "counts {easy} of what it would, one with 50% {hard}.",
                gamma=f"{gamma:g}",
                easy=percent(easy),
                hard=percent(hard),
            )
        )
    return Statistics(tuple(head for head, _ in columns), rows[:MOST], (), tuple(notes))
