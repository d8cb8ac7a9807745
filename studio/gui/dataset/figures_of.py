"""From what the lab counted to what is shown: a table, and charts with their words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from studio.gui.dataset.charts import Chart
from studio.gui.i18n import tr
from studio.gui.panes.preview_items import source_title, split_text
from studio.gui.widgets.figures import percent, short_count
from studio.runs.count_requests import DataCounted, GroupCounts
from studio.runs.datasets import Bin, Counted, SourceProfile

T = TypeVar("T")


@dataclass(frozen=True)
class Statistics:
    """A table of groups (columns) and measures (rows), and charts."""

    groups: tuple[str, ...]
    table: tuple[tuple[str, str, tuple[str, ...]], ...]
    charts: tuple[Chart, ...]
    notes: tuple[str, ...] = ()


def of_prepared(counted: DataCounted) -> Statistics:
    """The splits of prepared data side by side. Word lists are compared with them only where that tells something."""
    names = tuple(split_text(group.name) for group in counted.groups)
    examples = tuple(group.examples for group in counted.groups)
    characters = tuple(group.characters for group in counted.groups)
    running = [n for n, group in enumerate(counted.groups) if group.name != "lexicon"]
    kept = running or list(range(len(names)))
    edges = counted.lengths.edges
    labels = tuple(_span(low, high - 1) for low, high in pairwise(edges))
    title = tr("Length of the examples, in hanzi")
    charts = [
        Chart("bins", title, _of(names, kept), labels, _of(counted.lengths.counts, kept), _of(examples, kept))
    ]
    for ranking in counted.rankings:
        title = _titles().get(ranking.name, ranking.name)
        words = tuple(source_title(name) if ranking.name == "sources" else name for name, _ in ranking.items)
        counts = tuple(zip(*(numbers for _, numbers in ranking.items), strict=True))
        whole = characters
        if ranking.name in ("sources", "labels"):
            whole = examples
        elif ranking.name == "words":
            whole = tuple(max(sum(row), 1) for row in counts)
        shown = range(len(names)) if ranking.name in ("sources", "unknown") else kept
        note = tr("{distinct} different ones", distinct=short_count(ranking.distinct))
        if ranking.name == "words":
            note += " · " + tr(
                "counted in {characters} characters", characters=short_count(counted.words_from)
            )
        charts.append(
            Chart("ranks", title, _of(names, shown), words, _of(counts, shown), _of(whole, shown), note)
        )
    return Statistics(names, _table(counted.groups), tuple(charts))


def _of(values: tuple[T, ...], places: Iterable[int]) -> tuple[T, ...]:
    return tuple(values[place] for place in places)


def of_source(profile: SourceProfile) -> Statistics:
    """A source as it stands, all its files together."""
    contents = [file.contents for file in profile.files]
    characters = sum(one.characters for one in contents)
    hanzi = sum(one.hanzi for one in contents)
    columns = (
        (tr("Rows"), "", sum(one.rows for one in contents)),
        (tr("Set aside"), tr("Lines that could not be read"), profile.set_aside),
        (tr("Without text"), "", sum(one.empty for one in contents)),
        (tr("Characters"), tr("Blanks and marks included"), characters),
        (tr("Hanzi"), "", hanzi),
        (tr("Different hanzi"), tr("Of the file that has most of them"),
         max((one.character_types for one in contents), default=0)),
    )  # fmt: skip
    table = [(title, why, (short_count(value),)) for title, why, value in columns]
    shares = [one.hanzi_share for one in contents if one.characters]
    if shares:
        table.append((tr("Share of hanzi"), tr("Of all but blanks"), (percent(sum(shares) / len(shares)),)))
    group = (tr("rows"),)
    charts = []
    bins = _joined_bins([one.lengths for one in contents])
    if bins:
        labels = tuple(_span(one.shortest, one.longest) for one in bins)
        counts = (tuple(one.count for one in bins),)
        charts.append(
            Chart("bins", tr("Length of the texts, in characters"), group, labels, counts, (sum(counts[0]),))
        )
    for title, note, lists in (
        (tr("Labels"), "", [one.labels for one in contents]),
        (tr("Words"), "", [one.words for one in contents]),
        (tr("Characters without a known reading"), "", [one.unknown for one in contents]),
        (
            tr("Hanzi outside GB 2312"),
            tr("Rare or traditional ones"),
            [one.outside_gb2312 for one in contents],
        ),
    ):
        merged = _merged(lists)
        if merged:
            counts = (tuple(number for _, number in merged),)
            charts.append(
                Chart(
                    "ranks", title, group, tuple(name for name, _ in merged), counts, (sum(counts[0]),), note
                )
            )
    complete = all(file.complete for file in profile.files)
    notes = () if complete else (tr("Only the beginning of the files was read."),)
    return Statistics((), tuple(table), tuple(charts), (*notes, *profile.notes, *profile.problems))


def _table(groups: tuple[GroupCounts, ...]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    rows = (
        (tr("Examples"), "", [short_count(g.examples) for g in groups]),
        (tr("Tokens"), tr("Characters in all"), [short_count(g.characters) for g in groups]),
        (tr("Mean length"), "", [f"{g.characters / max(g.examples, 1):.1f}" for g in groups]),
        (tr("Types"), tr("Different characters"), [short_count(g.distinct) for g in groups]),
        (tr("Types / tokens"), tr("The smaller, the more often each character comes"),
         [percent(g.distinct / max(g.characters, 1), 2) for g in groups]),
        (tr("Seen once"), tr("Characters that occur only once"), [short_count(g.once) for g in groups]),
        (tr("Syllables"), tr("Different ones"), [short_count(g.syllables) for g in groups]),
        (tr("Not in training"), tr("Characters that the training split does not hold"),
         [short_count(g.unknown) for g in groups]),
    )  # fmt: skip
    spelt = any(group.syllables for group in groups)
    return tuple(
        (title, why, tuple(values)) for title, why, values in rows if spelt or title != tr("Syllables")
    )


def _titles() -> dict[str, str]:
    return {
        "characters": tr("Most frequent characters"),
        "syllables": tr("Most frequent syllables"),
        "words": tr("Most frequent words"),
        "unknown": tr("Characters that training does not hold"),
        "sources": tr("Examples from each source"),
        "labels": tr("Labels"),
    }


def _span(low: int, high: int) -> str:
    return str(low) if low >= high else f"{low}–{high}"


def _joined_bins(lists: list[tuple[Bin, ...]]) -> list[Bin]:
    joined: dict[tuple[int, int], int] = {}
    for bins in lists:
        for one in bins:
            joined[one.shortest, one.longest] = joined.get((one.shortest, one.longest), 0) + one.count
    return [Bin(low, high, number) for (low, high), number in sorted(joined.items())]


def _merged(lists: list[tuple[Counted, ...]], most: int = 40) -> list[tuple[str, int]]:
    merged: dict[str, int] = {}
    for counted in lists:
        for one in counted:
            merged[one.name] = merged.get(one.name, 0) + one.count
    return sorted(merged.items(), key=lambda item: -item[1])[:most]
