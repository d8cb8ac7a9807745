"""Figures of a classification from its confusion matrix."""

from __future__ import annotations

import numpy as np

from studio.tasks.base import Metrics


def figures(confusion: np.ndarray) -> Metrics:
    """Accuracy, and precision, recall and F1 as plain means over the labels that occur.

    Args:
        confusion: how often texts of a label (rows) were taken for one (columns) [labels, labels].
    """
    total = int(confusion.sum())
    if not total:
        return {"accuracy": None, "macro_precision": None, "macro_recall": None, "macro_f1": None}
    precision, recall, f1 = _by_label(confusion)
    # A label that is neither there nor ever given has no figures; scikit-learn leaves such out, too.
    there = (confusion.sum(axis=0) + confusion.sum(axis=1)) > 0
    return {
        "accuracy": float(np.trace(confusion) / total),
        "macro_precision": float(precision[there].mean()),
        "macro_recall": float(recall[there].mean()),
        "macro_f1": float(f1[there].mean()),
    }


def _by_label(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each label; 0 where nothing was found."""
    right = np.diagonal(confusion).astype(np.float64)
    precision = right / np.maximum(confusion.sum(axis=0), 1)
    recall = right / np.maximum(confusion.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return precision, recall, f1
