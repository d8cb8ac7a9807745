"""Figures of proposed corrections: characters and sentences, detected and corrected, and false alarms.

Precision, recall and F1 as in the shared tasks on Chinese spelling check (Tseng et al. 2015, SIGHAN Bake-off): at the
level of characters of all positions, at that of sentences of whole ones, in which every wrong character and no other
has to be found.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from studio.tasks.base import Metrics

_NONE = 1.01  # a threshold that no score reaches
_TINY = 1e-12  # instead of a chance of nothing


@dataclass(frozen=True)
class Proposals:
    """Corrections that could be made in some rows of text, whatever their score.

    Attributes:
        rows, places: where [proposals].
        points: code points of what would stand there.
        scores: how likely they are right, 0 to 1.
    """

    rows: np.ndarray
    places: np.ndarray
    points: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Weighed:
    """What is known of some characters that may be wrong, before it is decided how much counts weigh.

    Attributes:
        rows, places: where [characters].
        points: code points of what may be right [characters, candidates].
        wrong: how likely each is wrong, as the network has it [characters].
        network: log-probabilities of the candidates where something is wrong [characters, candidates].
        gains: log-probability that the text around gains by each candidate, as counts have it; None without counts.
    """

    rows: np.ndarray
    places: np.ndarray
    points: np.ndarray
    wrong: np.ndarray
    network: np.ndarray
    gains: np.ndarray | None = None

    def proposals(self, weight: float) -> Proposals:
        """The likeliest candidate at each place.

        Its score is its posterior among all candidates and what stands there: the network's chances times those of the
        text to the power of `weight`, as in a noisy channel (Kernighan, Church and Gale 1990).
        """
        change = np.log(np.maximum(self.wrong, _TINY))[:, None] + self.network
        total = np.zeros(len(change))
        if self.gains is not None:
            change = change + weight * self.gains
            stay = np.log(np.maximum(1 - self.wrong, _TINY))
            total = np.logaddexp(stay, np.logaddexp.reduce(change, axis=1))
        best = change.argmax(axis=1)[:, None]
        scores = np.exp(np.take_along_axis(change, best, axis=1)[:, 0] - total)
        points = np.take_along_axis(self.points, best, axis=1)[:, 0]
        return Proposals(self.rows, self.places, points, np.nan_to_num(scores))


@dataclass
class Review:
    """What was proposed for sentences of which it is known what is right."""

    _errors: list[np.ndarray] = field(default_factory=list)
    _columns: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    _sentences: int = 0

    def add(self, read: np.ndarray, right: np.ndarray, proposed: Proposals) -> None:
        """Take in rows as they were read and as they should be, code points [rows, length]."""
        wrong = read != right
        at = (proposed.rows, proposed.places)
        hit, mended = wrong[at], wrong[at] & (right[at] == proposed.points)
        self._errors.append(wrong.sum(axis=1))
        self._columns.append((proposed.rows + self._sentences, proposed.scores, hit, mended))
        self._sentences += len(read)

    def threshold(self, most: float) -> float:
        """The score from which on corrections are best made: highest F1, at most that share of right ones touched."""
        errors, sentence, score, _, mended = self._whole()
        if not len(score):
            return 0.5
        order = np.argsort(-score, kind="stable")
        score, sentence, mended = score[order], sentence[order], mended[order]
        found = np.cumsum(mended)
        f1 = 2 * found / (np.arange(1, len(score) + 1) + max(int(errors.sum()), 1))
        is_clean = errors[sentence] == 0
        _, first = np.unique(np.where(is_clean, sentence, -1), return_index=True)
        touched = np.zeros(len(score), np.int64)
        touched[[place for place in first if is_clean[place]]] = 1
        alarms = np.cumsum(touched) / max(int((errors == 0).sum()), 1)
        # Corrections of one score are made together.
        last = np.append(score[1:] != score[:-1], True)
        allowed = np.flatnonzero((alarms <= most) & last)
        best = allowed[f1[allowed].argmax()] if len(allowed) else -1
        return float(score[best]) if best >= 0 and found[best] else _NONE

    def figures(self, threshold: float) -> Metrics:
        """All figures where corrections of at least this score are made."""
        errors, sentence, score, hit, mended = self._whole()
        made = score >= threshold
        sentence, hit, mended = sentence[made], hit[made], mended[made]
        edits, hits, rights = (
            np.bincount(sentence, weights, minlength=len(errors)) for weights in (None, hit, mended)
        )
        wrong, touched = errors > 0, edits > 0
        exact = wrong & (edits == errors)
        clean = int((~wrong).sum())
        detection = _f1(int(hit.sum()), len(hit), int(errors.sum()))
        correction = _f1(int(mended.sum()), len(hit), int(errors.sum()))
        found: Metrics = {
            "detection_f1": detection[2],
            "correction_precision": correction[0],
            "correction_recall": correction[1],
            "correction_f1": correction[2],
            "sentence_detection_f1": _f1(
                int((exact & (hits == errors)).sum()), int(touched.sum()), int(wrong.sum())
            )[2],
            "sentence_correction_f1": _f1(
                int((exact & (rights == errors)).sum()), int(touched.sum()), int(wrong.sum())
            )[2],
            "false_alarms": float((touched & ~wrong).sum() / clean) if clean else None,
        }
        return found if self._sentences else dict.fromkeys(found)

    def _whole(self) -> tuple[np.ndarray, ...]:
        if not self._columns:
            none = np.zeros(0, np.int64)
            return none, none, np.zeros(0), np.zeros(0, bool), np.zeros(0, bool)
        return np.concatenate(self._errors), *map(np.concatenate, zip(*self._columns, strict=True))


def _f1(right: int, made: int, wanted: int) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    precision, recall = right / max(made, 1), right / max(wanted, 1)
    return precision, recall, 2 * right / max(made + wanted, 1)
