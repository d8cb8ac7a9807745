"""Sentences with wrong characters in them, judged one by one, each as it is as well."""

from __future__ import annotations

import numpy as np
import torch

from studio.data.dataset import Split
from studio.inference.appraisal.judge import Decisions, Judged, SplitJudge
from studio.inference.opened import Opened
from studio.models.corrector import Corrector
from studio.tasks import Correction
from studio.tasks.edits import Proposals
from studio.tasks.masked_language_model import FIXED


class CorrectionJudge(SplitJudge[Corrector, Correction]):
    """A decision for each character that is wrong or was changed; what is sure of a change is calibrated.

    Args:
        split: the sentences as they should be.
        read: the same as they were written, each as long as its sentence; if there are none, errors are put in as
            the task always does for judging, and each sentence is read a second time as it is.
    """

    network = Corrector
    budget = 8192

    def __init__(self, opened: Opened, split: Split, read: list[str] | None = None) -> None:
        super().__init__(opened, split)
        self._read = read

    def class_name(self, number: int, /) -> str:
        return chr(number)

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        right = self._task.right(self._examples, chosen)
        if self._read is None:
            wrong = self._task.wrong(FIXED, right, self._examples.rows["numbers"][chosen])
            return self._judged(
                np.concatenate([chosen, chosen]),
                np.concatenate([wrong, right]),
                np.concatenate([right, right]),
            )
        read = self._task.points([self._read[number] for number in chosen])
        return self._judged(chosen, read, right)

    def _judged(self, example: np.ndarray, read: np.ndarray, right: np.ndarray) -> Judged:
        items, lengths = len(read), self._examples.lengths[example]
        inputs = self._task.batch(read, right, lengths).to(self._device).inputs
        hidden = self._model.encode(inputs["symbols"], inputs["lengths"])
        rows = [slice(row, row + 1) for row in range(items)]
        loss = np.array(
            [
                float(
                    self._model.loss_of(
                        hidden[row], inputs["symbols"][row], inputs["wrong"][row], inputs["targets"][row]
                    )
                )
                for row in rows
            ]
        )
        positions = (inputs["wrong"] >= 0).sum(dim=1).cpu().numpy()
        proposed = self._task.proposed(self._model, hidden, inputs["symbols"], read)
        at = (proposed.rows, proposed.places)
        wanted = read != right
        mended = wanted[at] & (right[at] == proposed.points)
        made = proposed.scores >= float(self._model.threshold)
        given = read.copy()
        given[proposed.rows[made], proposed.places[made]] = proposed.points[made]
        errors = wanted.sum(axis=1)
        edits, hits, rights = (
            np.bincount(proposed.rows[made], x, minlength=items)
            for x in (None, wanted[at][made], mended[made])
        )
        bad, touched = errors > 0, edits > 0
        exact = bad & (edits == errors)
        counts = {
            "errors": errors,
            "edits": edits,
            "hits": hits,
            "mended": rights,
            "wrong": bad,
            "touched": touched,
            "found_whole": exact & (hits == errors),
            "mended_whole": exact & (rights == errors),
            "clean": ~bad,
            "alarms": touched & ~bad,
            # Only what has errors enters the loss, as in training.
            "loss": loss * (bad | (self._read is not None)),
            "positions": positions * (bad | (self._read is not None)),
        }
        told = np.nonzero(wanted | (given != read))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = loss / np.where(positions, positions, np.nan)
        texts = [_texts(points) for points in (read, right, given)]
        return Judged(
            example=example,
            inputs=texts[0],
            wanted=texts[1],
            given=texts[2],
            right=(given == right).all(axis=1),
            loss=mean,
            confidence=_surest(proposed, made, items),
            counts={name: np.asarray(values, np.float64) for name, values in counts.items()},
            decisions=Decisions(told[0], right[told], given[told]),
            sure=proposed.scores,
            hit=mended,
        )


def _surest(proposed: Proposals, made: np.ndarray, items: int) -> np.ndarray:
    """Of each item how sure its least certain decision is, for a change or against one; 1 where none is thought of."""
    least = np.ones(items)
    np.minimum.at(least, proposed.rows, np.where(made, proposed.scores, 1 - proposed.scores))
    return least


def _texts(points: np.ndarray) -> list[str]:
    return ["".join(chr(point) for point in row if point) for row in points.tolist()]
