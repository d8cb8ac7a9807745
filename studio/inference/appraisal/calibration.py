"""Whether what a model is sure of comes out right as often as it says.

The expected calibration error with 15 bins of equal width (Guo et al. 2017, On Calibration of Modern Neural Networks,
https://arxiv.org/abs/1706.04599): the mean distance between confidence and share of right decisions, weighed by how
many decisions a bin has.
"""

from __future__ import annotations

import numpy as np

from studio.runs.appraisals import Bin, Calibration

BINS = 15


class Reliability:
    """Decisions with their confidences, taken in part by part and held as sums."""

    def __init__(self, bins: int = BINS) -> None:
        self._bins = bins
        self._sums = np.zeros((3, bins))

    def add(self, confidence: np.ndarray, right: np.ndarray) -> None:
        """Take in decisions: confidences from 0 to 1, and whether each was right; one that is no number is left out."""
        there = np.isfinite(confidence)
        confidence, right = confidence[there].astype(np.float64), right[there].astype(np.float64)
        # A bin holds its upper bound and not its lower one, as in the paper; the first one holds 0 as well.
        place = np.clip(np.ceil(confidence * self._bins).astype(np.int64) - 1, 0, self._bins - 1)
        parts = [np.bincount(place, x, minlength=self._bins) for x in (None, confidence, right)]
        self._sums += np.stack(parts)

    def found(self) -> Calibration | None:
        """The table and the error; None if there was no decision."""
        counts, confidence, right = self._sums
        total = counts.sum()
        if not total:
            return None
        there = np.flatnonzero(counts)
        bins = tuple(
            Bin(
                low=place / self._bins,
                high=(place + 1) / self._bins,
                count=int(counts[place]),
                confidence=float(confidence[place] / counts[place]),
                accuracy=float(right[place] / counts[place]),
            )
            for place in there.tolist()
        )
        return Calibration(float(np.abs(right - confidence).sum() / total), int(total), bins)
