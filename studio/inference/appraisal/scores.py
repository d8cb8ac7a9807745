"""Figures from counts, task by task: of all items, of those of one source, or of items drawn anew.

Each function is given sums of counts by name, arrays of one shape, and returns figures of that shape: not a number
where there is nothing to judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from studio.runs.appraisals import ClassKind
from studio.tasks import overlap

_LARGE = 700.0  # a loss whose exponential no float can hold
Sums = Mapping[str, np.ndarray]
Figures = dict[str, np.ndarray]


@dataclass(frozen=True)
class Scoring:
    """How the items of a task are counted.

    Attributes:
        counted: the names of the counts, each a number an item.
        figures: what is made of their sums.
        kind: what the task's classes are.
        few: there are so few classes that each gets intervals, and right choices are kept as well.
    """

    counted: tuple[str, ...]
    figures: Callable[[Sums], Figures]
    kind: ClassKind
    few: bool = False


def share(part: np.ndarray, of: np.ndarray, empty: float = math.nan) -> np.ndarray:
    """A quotient; `empty` where it would be one by nothing."""
    part, of = np.asarray(part, np.float64), np.asarray(of, np.float64)
    return np.where(of > 0, part / np.where(of > 0, of, 1.0), empty)


def class_figures(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each class; 0 where nothing was found.

    Args:
        counts: how often each class was wanted, given, and both [..., classes, 3].
    """
    wanted, given, right = (counts[..., place] for place in range(3))
    return share(right, given, 0.0), share(right, wanted, 0.0), share(2 * right, wanted + given, 0.0)


def macro(counts: np.ndarray) -> Figures:
    """Plain means over the classes that occur; see `class_figures`."""
    there = (counts[..., 0] + counts[..., 1]) > 0
    named = zip(("macro_precision", "macro_recall", "macro_f1"), class_figures(counts), strict=True)
    return {name: share(np.where(there, each, 0).sum(axis=-1), there.sum(axis=-1)) for name, each in named}


def _classification(sums: Sums) -> Figures:
    made = {
        "loss": share(sums["loss"], sums["texts"]),
        "accuracy": share(sums["right"], sums["texts"]),
    }
    # Only where counts are asked besides the network.
    if np.any(sums["joined"] > 0):
        made["network_accuracy"] = share(sums["network_right"], sums["texts"])
    return made


def _typing(sums: Sums) -> Figures:
    return {
        "loss": share(sums["loss"], sums["known"]),
        "character_accuracy": share(sums["right"], sums["characters"]),
        "sentence_accuracy": share(sums["whole"], sums["clauses"]),
    }


def _readings(sums: Sums) -> Figures:
    return {
        "loss": share(sums["loss"], sums["hanzi"]),
        "syllable_accuracy": share(sums["right"], sums["hanzi"]),
        "toneless_accuracy": share(sums["toneless"], sums["hanzi"]),
        "polyphone_accuracy": share(sums["polyphones_right"], sums["polyphones"]),
        "polyphone_baseline": share(sums["polyphones_usual"], sums["polyphones"]),
    }


def _running(sums: Sums) -> Figures:
    loss = share(sums["loss"], sums["symbols"])
    with np.errstate(over="ignore"):
        perplexity = np.where(loss < _LARGE, np.exp(np.minimum(loss, _LARGE)), math.nan)
    made = {
        "loss": loss,
        "perplexity": perplexity,
        "bits_per_character": share(sums["loss"], sums["characters"]) / math.log(2),
        "next_accuracy": share(sums["right"], sums["symbols"]),
    }
    # Only where counts are asked beside the network.
    if np.any(sums["joined"] > 0):
        made["network_loss"] = share(sums["network_loss"], sums["joined"])
    return made


def _masked(sums: Sums) -> Figures:
    made = {
        "loss": share(sums["loss"], sums["asked"]),
        "mask_accuracy": share(sums["right"], sums["asked"]),
    }
    if np.any(sums["joined"] > 0):
        made["network_accuracy"] = share(sums["network_right"], sums["joined"])
    # Only models that are asked about pairs of sentences have them.
    if np.any(sums["pairs"] > 0):
        made["next_sentence_accuracy"] = share(sums["told"], sums["pairs"])
    return made


def _labelling(sums: Sums) -> Figures:
    found, spans = sums["found"], sums["spans"]
    judged = (found + spans) > 0
    return {
        "loss": share(sums["loss"], sums["characters"]),
        "f1": share(2 * sums["right"], found + spans),
        "precision": np.where(judged, share(sums["right"], found, 0.0), math.nan),
        "recall": np.where(judged, share(sums["right"], spans, 0.0), math.nan),
        "accuracy": share(sums["tags_right"], sums["characters"]),
    }


def _correction(sums: Sums) -> Figures:
    edits, errors = sums["edits"], sums["errors"]
    whole = sums["touched"] + sums["wrong"]
    return {
        "loss": share(sums["loss"], sums["positions"]),
        "detection_f1": share(2 * sums["hits"], edits + errors, 0.0),
        "correction_precision": share(sums["mended"], edits, 0.0),
        "correction_recall": share(sums["mended"], errors, 0.0),
        "correction_f1": share(2 * sums["mended"], edits + errors, 0.0),
        "sentence_detection_f1": share(2 * sums["found_whole"], whole, 0.0),
        "sentence_correction_f1": share(2 * sums["mended_whole"], whole, 0.0),
        "false_alarms": share(sums["alarms"], sums["clean"]),
    }


def _writing(sums: Sums) -> Figures:
    return {
        "loss": share(sums["loss"], sums["symbols"]),
        "token_accuracy": share(sums["right"], sums["symbols"]),
        **overlap.figures(sums),
    }


_TYPED = ("clauses", "characters", "right", "whole", "known", "loss")
_READ = ("hanzi", "right", "toneless", "polyphones", "polyphones_right", "polyphones_usual", "loss")
_CLASSIFIED = ("texts", "right", "loss", "joined", "network_right")
_RUNNING = ("symbols", "characters", "right", "loss", "joined", "network_loss")
_MASKED = ("asked", "right", "loss", "pairs", "told", "joined", "network_right")
_MARKED = ("characters", "tags_right", "loss", "spans", "found", "right")
_SENTENCES = ("wrong", "touched", "found_whole", "mended_whole", "clean", "alarms")
_WRITTEN = ("texts", "exact", "rouge", *overlap.BLEU_COUNTS, *overlap.CHRF_COUNTS)
_CORRECTED = ("errors", "edits", "hits", "mended", *_SENTENCES, "loss", "positions")

SCORINGS: dict[str, Scoring] = {
    "pinyin_to_hanzi": Scoring(_TYPED, _typing, "character"),
    "text_classification": Scoring(_CLASSIFIED, _classification, "label", few=True),
    "language_model": Scoring(_RUNNING, _running, "symbol"),
    "hanzi_to_pinyin": Scoring(_READ, _readings, "reading"),
    "sequence_labelling": Scoring(_MARKED, _labelling, "label", few=True),
    "masked_language_model": Scoring(_MASKED, _masked, "character"),
    "correction": Scoring(_CORRECTED, _correction, "character"),
    "sequence_to_sequence": Scoring((*_WRITTEN, "symbols", "right", "loss"), _writing, "symbol"),
}
"""By the name of the task."""
