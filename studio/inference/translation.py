"""Texts written for texts: the best ones that a beam finds, and where the model looked for each symbol."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from studio.data.labelled import cleaned
from studio.data.symbols import BOUNDARY, PADDING
from studio.inference.opened import Opened
from studio.models.beam_search import Hypothesis, beam_search
from studio.models.text_writer import TextWriter
from studio.recipe import Cleaning
from studio.runs.events import Candidate
from studio.tasks import SequenceToSequence

NOTHING = "there is nothing to read"
END = "∎"
"""Stands for the end of a text where symbols are shown."""
_SENTENCE = re.compile(
    r"[^。！？!?….]*(?:\.(?!\s|$)[^。！？!?….]*)*(?:[。！？!?…]+[”’」』）)》\"']*|\.(?=\s|$)|$)"
)
_PAUSE = re.compile(r"[，,；;：:、]|\s")
_ROWS = 32  # pieces in a batch
_PROBED = 2  # beginnings that are followed for a probe: each evaluation of a run waits for them


@dataclass(frozen=True)
class Look:
    """Where the model looked while it wrote a text: `weights` [written][read], which sum to 1 for each symbol."""

    written: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Translated:
    """What was written for a text.

    Attributes:
        candidates: the best first, each with the geometric mean of its symbols' probabilities; one alone for a text
            that was read in several pieces.
        read: symbols of the text, the end among them; empty if it was read in pieces.
        looks: for each candidate where it was looked; empty if that was not asked for, or the text was read in pieces.
        rest: characters at the end of the text that were not read, as it has more pieces than were allowed.
        note: what a person should know of the answer.
    """

    candidates: tuple[Candidate, ...]
    read: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()
    rest: int = 0
    note: str = ""


class Translator:
    """Writes texts for texts with a model that must be in evaluation mode."""

    def __init__(self, model: TextWriter, task: SequenceToSequence, cleaning: Cleaning | None = None) -> None:
        self.model, self.task = model, task
        self._cleaning = cleaning or Cleaning()

    def translate(
        self,
        text: str,
        count: int = 1,
        *,
        most_pieces: int = 0,
        looks: bool = False,
        tick: Callable[[], object] = lambda: None,
    ) -> Translated:
        """The best texts for a text.

        Args:
            count: how many.
            most_pieces: of a long text, so many are read; 0 for all.
            looks: say where the model looked.
            tick: called now and then; may raise to break off.
        """
        lines = [list(self.pieces(line)) for line in text.split("\n")]
        pieces = [piece for line in lines for piece in line]
        if not pieces:
            return Translated((), note=NOTHING)
        strange = "".join(self._unknown(" ".join(pieces)))
        note = f"the model does not know {strange}" if strange else ""
        if len(pieces) == 1:
            return self._whole(pieces[0], count, looks, note, tick)
        allowed = pieces[:most_pieces] if most_pieces else pieces
        best = [found[0] for found in self._written(allowed, 1, False, tick)]
        made, place = [], 0
        for line in lines:
            part = best[place : place + len(line)]
            place += len(line)
            made.append(
                ("" if self.task.chinese else " ").join(self.task.text_of(one.symbols) for one in part)
            )
        symbols = sum(len(one.symbols) + 1 for one in best)
        score = math.exp(sum(one.log for one in best) / symbols)
        written = "\n".join(made).rstrip("\n")
        rest = sum(map(len, pieces[len(allowed) :]))
        return Translated((Candidate(text=written, score=score),), rest=rest, note=note)

    def pieces(self, line: str) -> list[str]:
        """A line in pieces as the model reads them: whole if training had any as long, else its sentences.

        Sentences that are too long are cut behind a comma or a blank, if there is one.
        """
        text, most = cleaned(line, self._cleaning), self.task.section.max_length
        if len(text) <= min(most, self.task.longest):
            return [text] if text else []
        found = []
        for sentence in _SENTENCE.findall(text):
            rest = sentence.strip()
            while len(rest) > most:
                pauses = [pause.end() for pause in _PAUSE.finditer(rest, 1, most)]
                stop = pauses[-1] if pauses else most
                found.append(rest[:stop].strip())
                rest = rest[stop:].strip()
            found.append(rest)
        return [piece for piece in found if piece]

    def _whole(self, text: str, count: int, looks: bool, note: str, tick: Callable[[], object]) -> Translated:
        # Words that are spelt and words that are known may say the same.
        distinct = {
            self.task.text_of(one.symbols): one
            for one in reversed(self._written([text], count, looks, tick)[0])
        }
        found = sorted(distinct.values(), key=lambda one: -one.score)[:count]
        candidates = tuple(
            Candidate(text=self.task.text_of(one.symbols), score=math.exp(one.log / (len(one.symbols) + 1)))
            for one in found
        )
        read = tuple(self._shown(text))
        return Translated(candidates, read, tuple(map(self._look, found)) if looks else (), note=note)

    def _shown(self, text: str) -> list[str]:
        symbols = self.task.tokens.read(text).tolist()
        if self.task.section.source_unit == "character" and len(symbols) == len(text):
            return [*text, END]
        return [*(self.task.tokens.text_of(one) or "�" for one in symbols), END]

    def _look(self, found: Hypothesis) -> Look:
        assert found.attention is not None
        written = tuple(self.task.target_tokens.text_of(one) for one in found.symbols)
        rows = found.attention.double().tolist()
        return Look(written, tuple(tuple(round(share, 4) for share in row) for row in rows))

    def _unknown(self, text: str) -> list[str]:
        return self.task.tokens.unknown(text)

    def _written(
        self, pieces: list[str], count: int, looks: bool, tick: Callable[[], object]
    ) -> list[list[Hypothesis]]:
        section, device = self.task.section, self.model.device
        read = [self.task.tokens.read(piece) for piece in pieces]
        order = sorted(range(len(read)), key=lambda number: len(read[number]))
        found: list[list[Hypothesis]] = [[]] * len(read)
        for start in range(0, len(order), _ROWS):
            group = order[start : start + _ROWS]
            lengths = np.array([len(read[number]) + 1 for number in group], np.int64)
            symbols = np.full((len(group), int(lengths.max())), PADDING, np.int64)
            for row, number in enumerate(group):
                symbols[row, : lengths[row] - 1] = read[number]
                symbols[row, lengths[row] - 1] = BOUNDARY
            size = torch.from_numpy(lengths).to(device)
            best = beam_search(
                self.model,
                torch.from_numpy(symbols).to(device),
                size,
                self.task.most(size),
                max(section.beam, count),
                section.length_power,
                attention=looks,
                tick=tick,
            )
            for number, texts in zip(group, best, strict=True):
                found[number] = texts
        return found


def translator(opened: Opened) -> Translator:
    """The translator of an opened model."""
    assert isinstance(opened.model, TextWriter)
    return Translator(opened.model, opened.task)


def candidates(model: TextWriter, task: SequenceToSequence, text: str, count: int) -> tuple[Candidate, ...]:
    """What is written for a probe."""
    return Translator(model, task).translate(text, min(count, _PROBED)).candidates
