"""How letters are decoded, laid open: the lattice of syllables, the best paths, and who said what about them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.beam import Path, Place, best_paths, in_context
from studio.inference.decoder import probability
from studio.inference.keystrokes import Piece, pieces
from studio.inference.predictor import REREAD, PinyinPredictor
from studio.inference.segmentation import Segmentation, Unit
from studio.runs.explanations import Explained, LatticeEdge, LatticePath, Weighed
from studio.runs.requests import FuzzyPair, Judge

_SEGMENTATIONS = 6
_PATHS = 6  # the best of all, and besides them the best of each further segmentation
_HOPELESS = 20.0  # nats; a segmentation that is worse than the best by more is not shown
_VOWELS = frozenset("aeiouv")
_WEIGHED = 16  # characters told for each syllable


@dataclass(frozen=True)
class _Route:
    """A path and what it was chosen from."""

    group: Segmentation
    places: list[Place]
    heard: list[bool]  # whether the network says anything, for each place
    path: Path


@dataclass
class _Edges:
    """The edges found so far, each once, in the order of their numbers."""

    numbers: dict[tuple[int, int, int], int] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    weighed: list[tuple[Weighed, ...]] = field(default_factory=list)

    def number(self, unit: Unit) -> int:
        """The number of the edge that a unit is; beginnings of syllables that end alike are one edge."""
        key = (unit.start, unit.end, -2 if unit.partial else unit.syllable)
        if key not in self.numbers:
            self.numbers[key] = len(self.units)
            self.units.append(unit)
            self.weighed.append(())
        return self.numbers[key]


def explain(
    predictor: PinyinPredictor,
    typed: str,
    id: str = "",
    *,
    left: str = "",
    judge: Judge = "both",
    fuzzy: Iterable[FuzzyPair] = (),
    slips: bool = True,
) -> Explained:
    """The lattice over the last stretch of letters and the best paths through it.

    Args:
        left, judge, fuzzy, slips: as `PinyinPredictor.predict` takes them; a model without n-grams is judged by its
            network.
    """
    began = time.perf_counter()
    found = pieces(typed)
    place = max((i for i, piece in enumerate(found) if piece.kind == "pinyin"), default=-1)
    edges, paths = _Edges(), list[LatticePath]()
    weight = predictor.network_weight
    if predictor.ngrams is None:
        judge = "network"
    piece = found[place] if place >= 0 else None
    if piece is not None:
        left += "".join(item.text for item in found[:place] if item.kind == "literal")
        before = _units_before(predictor, left)
        for route in _routes(predictor, piece, left, judge, frozenset(fuzzy), slips):
            paths.append(_told(predictor, piece, route, edges, before))
            _weigh(predictor, route, edges, before, judge)
        for unit in whole_syllables(predictor.vocabulary, piece.text, piece.breaks):
            edges.number(unit)
    syllables = predictor.segmenter.syllables
    return Explained(
        id=id,
        text=typed,
        edges=tuple(
            LatticeEdge(
                start=piece.starts[unit.start],
                end=piece.starts[unit.end],
                syllable=syllables[unit.syllable] if unit.syllable >= 0 else "",
                partial=unit.partial,
                weighed=weighed,
            )
            for unit, weighed in zip(edges.units, edges.weighed, strict=True)
            if piece is not None
        ),
        paths=tuple(paths),
        network_weight=weight,
        milliseconds=(time.perf_counter() - began) * 1000,
    )


def whole_syllables(vocabulary: PinyinVocabulary, letters: str, breaks: frozenset[int]) -> list[Unit]:
    """The spelt-out syllables that lie on some way through all letters, in their order.

    The last syllable of a way may be a beginning; other beginnings, which fit nearly everywhere, lie on none.
    """
    syllables = enumerate(vocabulary.syllables)
    # Those without a vowel, as n for 嗯, fit nearly everywhere, too.
    known = {s: n for n, s in syllables if vocabulary.candidates[n] and not _VOWELS.isdisjoint(s)}
    longest = max(map(len, known), default=0)
    from_place: list[list[Unit]] = []
    ends = {len(letters)}
    for place in range(len(letters)):
        stop = min([b for b in breaks if b > place], default=len(letters))
        spans = ((letters[place:end], end) for end in range(place + 1, min(stop, place + longest) + 1))
        from_place.append([Unit(place, end, known[text]) for text, end in spans if text in known])
        rest = letters[place:]
        if stop == len(letters) and len(rest) < longest and any(s.startswith(rest) for s in known):
            ends.add(place)
    for place in range(len(letters) - 1, -1, -1):
        from_place[place] = [unit for unit in from_place[place] if unit.end in ends]
        if from_place[place]:
            ends.add(place)
    reached, found = {0}, []
    for place, units in enumerate(from_place):
        if place in reached:
            found += units
            reached.update(unit.end for unit in units)
    return found


def _units_before(predictor: PinyinPredictor, left: str) -> list[int]:
    if predictor.ngrams is None or predictor.lattice is None:
        return []
    return predictor.lattice.units_of(left[-predictor.ngrams.model.order :])


def _place(
    predictor: PinyinPredictor,
    unit: Unit,
    letters: str,
    network: np.ndarray | None,
    judge: Judge,
    fuzzy: frozenset[FuzzyPair],
) -> Place:
    """What may stand where a unit was typed, as the decoder of this judge sees it."""
    if judge != "network" and predictor.lattice is not None:
        return predictor.lattice.place(unit, letters, network, fuzzy)
    if network is None:
        unknown = predictor.ngrams.model.unknown if predictor.ngrams else -1
        return Place(-2, np.array([unknown]), np.zeros(1, np.float32))
    first, last = predictor.vocabulary.starts[unit.syllable : unit.syllable + 2]
    return Place(unit.syllable, np.arange(first, last), network[: last - first])


def _routes(
    predictor: PinyinPredictor,
    piece: Piece,
    left: str,
    judge: Judge,
    fuzzy: frozenset[FuzzyPair],
    slips: bool,
) -> list[_Route]:
    """The best paths over all segmentations, and the best one of each, by score."""
    before = _units_before(predictor, left)
    most = _SEGMENTATIONS if judge == "network" else 3 * _SEGMENTATIONS
    groups = predictor.segmenter.segment(piece.text, piece.breaks, most, fuzzy=fuzzy, slips=slips)
    if judge != "network" and predictor.lattice is not None:
        groups = predictor.lattice.worth_decoding(groups, _SEGMENTATIONS)
    groups = groups[:_SEGMENTATIONS]
    rows = predictor.rows([[u.syllable for u in group.units if u.syllable >= 0] for group in groups])
    routes: list[_Route] = []
    best: list[_Route] = []
    for group, row in zip(groups, rows, strict=True):
        network = iter(row)
        places, heard = [], []
        for unit in group.units:
            logs = next(network) if unit.syllable >= 0 else None
            place = _place(predictor, unit, piece.text[unit.start : unit.end], logs, judge, fuzzy)
            places.append(place)
            heard.append(logs is not None and place.choice == unit.syllable)
        if judge == "network":
            found = _independent(places, _PATHS)
            scale = 1.0
        else:
            assert predictor.ngrams is not None
            weight, memory = predictor.network_weight if judge == "both" else 0.0, predictor.memory
            if memory is not None:
                places = memory.widened(places, [unit.syllable for unit in group.units], row)
            found = best_paths(
                places, predictor.ngrams, network=weight, count=REREAD, left=before, memory=memory
            )
            texts = [predictor.text_of(path, group, piece) for path in found]
            found = [
                Path(path.units, path.score + more)
                for path, more in zip(found, predictor.by_words(texts, left), strict=True)
            ]
            found = sorted(found, key=lambda path: -path.score)[:_PATHS]
            scale = predictor.segmentation_weight
        ways = [
            _Route(group, places, heard, Path(path.units, path.score + scale * group.score)) for path in found
        ]
        routes += ways
        best += ways[:1]
    routes.sort(key=lambda route: -route.path.score)
    chosen = routes[:_PATHS]
    shown = {id(route) for route in chosen}
    worst = chosen[0].path.score - _HOPELESS
    chosen += [route for route in best if id(route) not in shown and route.path.score > worst]
    return sorted(chosen, key=lambda route: -route.path.score)


def _independent(places: Sequence[Place], count: int) -> list[Path]:
    """The likeliest sentences where each place is chosen by itself, by the network's log-probabilities."""
    ranked = [np.argsort(-place.network, kind="stable")[: count + 1] for place in places]
    found = {tuple(int(ranks[0]) for ranks in ranked)}
    # The second best and further ones differ from the best in few places: one exchange is enough to be shown.
    for number, ranks in enumerate(ranked):
        for other in ranks[1:]:
            way = [int(row[0]) for row in ranked]
            way[number] = int(other)
            found.add(tuple(way))
    paths = [
        Path(
            tuple(int(place.units[i]) for place, i in zip(places, way, strict=True)),
            float(sum(place.network[i] for place, i in zip(places, way, strict=True))),
        )
        for way in found
    ]
    return sorted(paths, key=lambda path: -path.score)[:count]


def _told(
    predictor: PinyinPredictor,
    piece: Piece,
    route: _Route,
    edges: _Edges,
    before: Sequence[int],
) -> LatticePath:
    units, path = route.group.units, route.path
    characters = predictor.vocabulary.characters
    counts: list[float] = []
    if predictor.ngrams is not None:
        model = predictor.ngrams.model
        known = [*[model.beginning] * (model.order - 1), *before][-(model.order - 1) :]
        row = np.array([*known, *path.units], np.int64)
        windows = np.lib.stride_tricks.sliding_window_view(row, model.order)
        counts = [float(log) for log in model.score(windows[:, :-1], windows[:, -1])]
    network = [
        float(place.network[int(np.flatnonzero(place.units == unit)[0])]) if heard else 0.0
        for place, unit, heard in zip(route.places, path.units, route.heard, strict=True)
    ]
    return LatticePath(
        edges=tuple(edges.number(unit) for unit in units),
        texts=tuple(
            characters[number] if unit.syllable >= 0 else piece.text[unit.start : unit.end]
            for number, unit in zip(path.units, units, strict=True)
        ),
        score=path.score,
        network=tuple(network),
        counts=tuple(counts),
        division=route.group.score,
    )


def _weigh(
    predictor: PinyinPredictor, route: _Route, edges: _Edges, before: Sequence[int], judge: Judge
) -> None:
    """Fill in the characters of those edges of a path that no better path has gone through."""
    numbers = [edges.number(unit) for unit in route.group.units]
    if all(edges.weighed[number] for number in numbers):
        return
    counts: list[np.ndarray | None] = [None] * len(numbers)
    fused: list[np.ndarray] = [place.network for place in route.places]
    if predictor.ngrams is not None:
        ngrams = predictor.ngrams
        counts = list(in_context(route.places, route.path, ngrams, before, 0.0))
        fused = in_context(route.places, route.path, ngrams, before, predictor.network_weight)
    for at, (number, unit) in enumerate(zip(numbers, route.group.units, strict=True)):
        if edges.weighed[number] or unit.syllable < 0:
            continue
        place, alone = route.places[at], counts[at]
        network = place.network if route.heard[at] else None
        deciding = {"both": fused[at], "ngrams": alone, "network": network}[judge]
        order = np.argsort(-(fused[at] if deciding is None else deciding), kind="stable")[:_WEIGHED]
        edges.weighed[number] = tuple(
            Weighed(
                text=predictor.vocabulary.characters[int(place.units[i])],
                network=None if network is None else probability(float(network[i])),
                counts=None if alone is None else probability(float(alone[i])),
                fused=probability(float(fused[at][i])),
            )
            for i in order
            if int(place.units[i]) < len(predictor.vocabulary.characters) and math.isfinite(fused[at][i])
        )
