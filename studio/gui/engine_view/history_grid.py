"""What became of each character of the pinned sentences at each evaluation, as numbers. No Qt."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from dataclasses import dataclass, field

from studio.gui.record import Probe, RunRecord

RIGHT, WRONG, ABSENT = 1, 0, 2

# The probes of the presets that come with the studio.
KNOWN = {
    "jin tian tian qi hen hao": "今天天气很好",
    "wo men yi qi qu chi fan ba": "我们一起去吃饭吧",
    "zhong guo ren min yin hang": "中国人民银行",
}


def placed(wanted: str, found: str) -> list[str]:
    """For each character of the wanted sentence what stands in its place in the found one, perhaps nothing."""
    if len(wanted) == len(found):
        return list(found)
    places = [""] * len(wanted)
    matcher = difflib.SequenceMatcher(a=wanted, b=found, autojunk=False)
    for _, start, end, other, until in matcher.get_opcodes():
        for number, at in enumerate(range(start, end)):
            if other + number < until:
                places[at] = found[other + number]
    return places


@dataclass
class ProbeGrid:
    """One probe: rows are the characters of the right sentence, columns the evaluations it was decoded at.

    Attributes:
        wanted: the right sentence.
        steps: ascending.
        sentences: best sentence of each step.
        cells: for each character, what stood in its place at each step.
        marks: for each character, a byte for each step: `RIGHT`, `WRONG` or `ABSENT`.
    """

    probe: Probe
    wanted: str
    steps: list[int] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    marks: list[bytearray] = field(default_factory=list)
    _taken: int = 0

    def __post_init__(self) -> None:
        self.cells = [[] for _ in self.wanted]
        self.marks = [bytearray() for _ in self.wanted]

    def take(self) -> bool:
        """Take in what the probe has gained; whether it has. A history that became shorter is read anew."""
        history = self.probe.history
        gone_back = self._taken > len(history) or (
            self._taken and history[self._taken - 1].step != self.steps[-1]
        )
        if gone_back:
            self.steps, self.sentences, self._taken = [], [], 0
            self.__post_init__()
        new = len(history) > self._taken or bool(gone_back)
        for index in range(self._taken, len(history)):
            self._add(history[index].step, self.probe.best(index))
        self._taken = len(history)
        return new

    def _add(self, step: int, sentence: str) -> None:
        if self.steps and self.steps[-1] == step:
            self.steps.pop()
            self.sentences.pop()
            for cells, marks in zip(self.cells, self.marks, strict=True):
                cells.pop()
                marks.pop()
        self.steps.append(step)
        self.sentences.append(sentence)
        for row, (character, there) in enumerate(
            zip(self.wanted, placed(self.wanted, sentence), strict=True)
        ):
            self.cells[row].append(there)
            self.marks[row].append(RIGHT if there == character else WRONG if there else ABSENT)

    def column(self, step: int) -> int:
        """The column of a step, or that of the last one before it; -1 if there is none."""
        at = bisect_left(self.steps, step)
        return at if at < len(self.steps) and self.steps[at] == step else at - 1

    def story(self, row: int) -> tuple[str, int]:
        """What became of a character: `since` (a step), `lost` (at a step), or `never`."""
        marks = self.marks[row]
        if not marks:
            return "never", -1
        if marks[-1] == RIGHT:
            lost = max(marks.rfind(WRONG), marks.rfind(ABSENT))
            return "since", self.steps[lost + 1]
        right = marks.rfind(RIGHT)
        return ("never", -1) if right < 0 else ("lost", self.steps[right + 1])


class Timeline:
    """The grids of all probes of a run, with all steps at which any was decoded.

    Attributes:
        wanted: right sentences that somebody gave, by probe; they go before those that are known and before the
            newest prediction, which stands in where nothing is known.
    """

    def __init__(self, record: RunRecord | None = None, wanted: dict[str, str] | None = None) -> None:
        self.record = record or RunRecord()
        self.wanted = dict(wanted or {})
        self.grids: dict[str, ProbeGrid] = {}
        self.steps: list[int] = []
        self.take()

    def take(self) -> bool:
        """Take in what the record has gained; whether it has."""
        changed = False
        for name, probe in self.record.probes.items():
            wanted = self.sentence_for(name)
            grid = self.grids.get(name)
            if grid is None or grid.probe is not probe or grid.wanted != wanted:
                grid = self.grids[name] = ProbeGrid(probe, wanted)
                changed = True
            changed = grid.take() or changed
        for gone in [name for name in self.grids if name not in self.record.probes]:
            del self.grids[gone]
            changed = True
        if changed:
            grids = [grid.steps for grid in self.grids.values()]
            # Mostly all probes are decoded at the same steps.
            same = all(steps == grids[0] for steps in grids[1:])
            self.steps = list(grids[0]) if grids and same else sorted({s for steps in grids for s in steps})
        return changed

    def sentence_for(self, name: str) -> str:
        """What is taken for the right sentence of a probe."""
        if name in self.wanted:
            return self.wanted[name]
        known = KNOWN.get(" ".join(name.split()))
        return known or (self.record.probes[name].best() if name in self.record.probes else "")

    def is_guessed(self, name: str) -> bool:
        """Whether the right sentence is not known, so that the newest one stands in."""
        return name not in self.wanted and " ".join(name.split()) not in KNOWN
