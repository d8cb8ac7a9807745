"""Figures of corrections, against what counting by hand gives."""

from __future__ import annotations

import numpy as np
import pytest

from studio.tasks.edits import Proposals, Review


def rows(*texts: str) -> np.ndarray:
    return np.array([[ord(c) for c in text] for text in texts])


def review() -> Review:
    """Two errors in the first sentence, one in the second, none in the others."""
    found = Review()
    proposed = Proposals(
        np.array([0, 0, 1, 2]),
        np.array([0, 1, 0, 2]),
        np.array([ord(c) for c in "甲乙错丁"]),
        np.array([0.9, 0.8, 0.7, 0.6]),
    )
    found.add(rows("错误丙", "误乙丙", "甲乙丙"), rows("甲乙丙", "甲乙丙", "甲乙丙"), proposed)
    nothing = Proposals(*(np.zeros(0, np.int64) for _ in range(3)), np.zeros(0))
    found.add(rows("甲乙丙"), rows("甲乙丙"), nothing)
    return found


def test_by_hand() -> None:
    all_made = review().figures(0.0)
    assert all_made["detection_f1"] == pytest.approx(2 * 3 / (4 + 3))
    assert all_made["correction_precision"] == pytest.approx(2 / 4)
    assert all_made["correction_recall"] == pytest.approx(2 / 3)
    assert all_made["correction_f1"] == pytest.approx(2 * 2 / (4 + 3))
    assert all_made["sentence_detection_f1"] == pytest.approx(2 * 2 / (3 + 2))
    assert all_made["sentence_correction_f1"] == pytest.approx(2 * 1 / (3 + 2))
    assert all_made["false_alarms"] == pytest.approx(1 / 2)
    sure = review().figures(0.75)
    assert sure["correction_f1"] == pytest.approx(2 * 2 / (2 + 3)) and sure["false_alarms"] == 0
    assert sure["sentence_correction_f1"] == pytest.approx(2 * 1 / (1 + 2))


def test_the_threshold_keeps_false_alarms_down() -> None:
    assert review().threshold(0.0) == 0.8
    assert review().threshold(1.0) == 0.8, "what is more than enough for the best F1 is not used"


def test_a_threshold_that_cannot_be_kept_makes_no_correction() -> None:
    found = Review()
    wrong = Proposals(np.array([0]), np.array([0]), np.array([ord("错")]), np.array([0.99]))
    found.add(rows("甲"), rows("甲"), wrong)
    limit = found.threshold(0.5)
    assert limit > 1 and found.figures(limit)["false_alarms"] == 0


def test_nothing_at_all() -> None:
    assert set(Review().figures(0.5).values()) == {None}
    assert Review().threshold(0.1) == 0.5
