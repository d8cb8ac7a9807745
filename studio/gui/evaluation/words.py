"""Figures, classes and splits in the window's words."""

from __future__ import annotations

from studio.gui.i18n import tr
from studio.gui.widgets.figures import NONE, decimal, percent
from studio.runs.appraisals import ClassKind, Figure

_NO_SHARES = frozenset({"loss", "network_loss", "perplexity", "bits_per_character"})


def figure_title(name: str) -> str:
    """What a figure is called; its own name where it is not known here."""
    titles = {
        "loss": tr("Loss"),
        "accuracy": tr("Right"),
        "network_accuracy": tr("Right by the network alone"),
        "network_loss": tr("Loss of the network alone"),
        "macro_precision": tr("Macro precision"),
        "macro_recall": tr("Macro recall"),
        "macro_f1": tr("Macro F1"),
        "character_accuracy": tr("Characters right"),
        "sentence_accuracy": tr("Sentences right"),
        "syllable_accuracy": tr("Syllables right"),
        "toneless_accuracy": tr("Syllables right without tone"),
        "polyphone_accuracy": tr("Polyphones right"),
        "polyphone_baseline": tr("Polyphones right by the most frequent reading"),
        "perplexity": tr("Perplexity"),
        "bits_per_character": tr("Bits per character"),
        "next_accuracy": tr("Next symbol right"),
        "mask_accuracy": tr("Blanks right"),
        "next_sentence_accuracy": tr("Next sentence told right"),
        "f1": tr("F1 of spans"),
        "precision": tr("Precision of spans"),
        "recall": tr("Recall of spans"),
        "detection_f1": tr("Detection F1"),
        "correction_precision": tr("Correction precision"),
        "correction_recall": tr("Correction recall"),
        "correction_f1": tr("Correction F1"),
        "sentence_detection_f1": tr("Detection F1 of sentences"),
        "sentence_correction_f1": tr("Correction F1 of sentences"),
        "false_alarms": tr("False alarms"),
        "token_accuracy": tr("Symbols right, given those before"),
        "exact_match": tr("Texts right"),
        "rouge_l": tr("ROUGE-L"),
        "chrf": tr("chrF"),
        "bleu": tr("BLEU"),
    }
    return titles.get(name, name)


def figure_text(name: str, value: float | None, *, sign: bool = False) -> str:
    """A figure as it is shown: shares in percent, others as numbers; with `sign` a difference."""
    text = decimal(value) if name in _NO_SHARES else percent(value)
    return f"+{text}" if sign and value is not None and value > 0 else text


def interval_text(name: str, figure: Figure, *, sign: bool = False) -> str:
    """The bounds of a figure's interval."""
    if figure.low is None or figure.high is None:
        return NONE
    low, high = (figure_text(name, bound, sign=sign) for bound in (figure.low, figure.high))
    return f"{low} … {high}"


def class_title(kind: ClassKind) -> str:
    """What a class of a task is."""
    return {
        "label": tr("Label"),
        "character": tr("Character"),
        "reading": tr("Reading"),
        "symbol": tr("Symbol"),
    }[kind]


def class_text(name: str) -> str:
    """A class as it is shown; an empty name stands for none, blanks are shown as what they are."""
    shown = name.replace("\n", "⏎")
    return tr("(none)") if not name else shown if shown.strip() else "␣" * len(shown)


def split_text(name: str) -> str:
    """A split in the window's words."""
    return {"validation": tr("Validation"), "test": tr("Test")}.get(name, name)
