"""Which two figures the window shows of a run, by its task: its curves, its head, its checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.gui.i18n import tr
from studio.gui.widgets.figures import NONE, decimal, percent
from studio.runs.folder import RunFolder
from studio.runs.model_task import USUAL, task_at


@dataclass(frozen=True)
class TaskFigure:
    """A figure by the name that evaluations give it; a share is shown in percent."""

    metric: str
    share: bool = True

    @property
    def title(self) -> str:
        """Above the figure."""
        return {
            "character_accuracy": tr("Characters right"),
            "sentence_accuracy": tr("Sentences right"),
            "accuracy": tr("Texts right"),
            "macro_f1": tr("Macro F1"),
            "perplexity": tr("Perplexity"),
            "bits_per_character": tr("Bits per character"),
            "syllable_accuracy": tr("Syllables right"),
            "polyphone_accuracy": tr("Polyphones right"),
            "f1": tr("F1 of spans"),
            "recall": tr("Recall"),
            "mask_accuracy": tr("Blanks right"),
            "correction_f1": tr("Correction F1"),
            "false_alarms": tr("False alarms"),
            "chrf": tr("chrF"),
            "bleu": tr("BLEU"),
            "validation_loss": tr("Validation loss"),
        }[self.metric]

    def text(self, value: float | None) -> str:
        """The figure as it is shown."""
        return percent(value) if self.share else decimal(value, 2)


_FIGURES = {
    "pinyin_to_hanzi": (TaskFigure("character_accuracy"), TaskFigure("sentence_accuracy")),
    "text_classification": (TaskFigure("accuracy"), TaskFigure("macro_f1")),
    "language_model": (TaskFigure("perplexity", share=False), TaskFigure("bits_per_character", share=False)),
    "sequence_labelling": (TaskFigure("f1"), TaskFigure("recall")),
    "hanzi_to_pinyin": (TaskFigure("polyphone_accuracy"), TaskFigure("syllable_accuracy")),
    "masked_language_model": (TaskFigure("mask_accuracy"), TaskFigure("validation_loss", share=False)),
    "correction": (TaskFigure("correction_f1"), TaskFigure("false_alarms")),
    "sequence_to_sequence": (TaskFigure("chrf"), TaskFigure("bleu")),
}


def figures_of(folder: RunFolder | None) -> tuple[TaskFigure, TaskFigure]:
    """The figures of a run's task."""
    task = task_at(folder.path) if folder is not None else USUAL
    return _FIGURES.get(task, _FIGURES[USUAL])


def best_text(metrics: Mapping[str, float | None]) -> str:
    """The first figure of whatever task evaluated so."""
    for first, _ in _FIGURES.values():
        if metrics.get(first.metric) is not None:
            return first.text(metrics[first.metric])
    return NONE
