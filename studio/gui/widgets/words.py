"""Names of phases, states and metrics in the window's language."""

from __future__ import annotations

from studio.gui.i18n import tr
from studio.gui.record import RunRecord
from studio.gui.widgets.figures import percent, size
from studio.runs import events as ev


def phase_text(name: str) -> str:
    """A phase as a person would say it."""
    return {
        "starting": tr("Starting"),
        "downloading": tr("Downloading the network"),
        "preparing_data": tr("Preparing data"),
        "building_model": tr("Building the model"),
        "training": tr("Training"),
        "evaluating": tr("Evaluating"),
        "saving": tr("Saving"),
        "ending": tr("Ending"),
    }.get(name, name)


def detail_text(detail: str) -> str:
    """What a long phase is busy with, as a person would say it."""
    return {
        "reading": tr("reading the texts"),
        "labelling": tr("labelling with pinyin"),
        "words": tr("reading the word lists"),
        "writing": tr("writing the cache"),
        "n-grams": tr("counting n-grams"),
        "test": tr("on the test split"),
        "processes": tr("waiting for the other processes"),
    }.get(detail, detail)


def gpu_text(gpu: ev.GpuState) -> str:
    """What a GPU is doing, in a few figures."""
    parts = [tr("GPU {used} of {total}", used=size(gpu.memory), total=size(gpu.memory_total))]
    if gpu.utilisation is not None:
        parts.append(percent(gpu.utilisation, 0))
    if gpu.temperature is not None:
        parts.append(f"{gpu.temperature:.0f} °C")
    return " · ".join(parts)


def state_text(state: str) -> str:
    """A run's state as a person would say it."""
    return {
        "running": tr("Running"),
        "waiting": tr("Waiting"),
        "pruned": tr("Broken off"),
        "finished": tr("Finished"),
        "stopped": tr("Stopped"),
        "cancelled": tr("Cancelled"),
        "paused": tr("Paused"),
        "failed": tr("Failed"),
        "interrupted": tr("Interrupted"),
        "unreadable": tr("Unreadable"),
    }.get(state, state)


def stopping_text(how: str) -> str:
    """How a run is being ended, as a person would say it."""
    return {"stop": tr("Stopping…"), "pause": tr("Pausing…")}.get(how, tr("Cancelling…"))


def state_color(state: str) -> str:
    """The palette's colour for a state."""
    return {
        "running": "accent_ink",
        "finished": "jade",
        "stopped": "jade",
        "paused": "jade",
        "failed": "danger",
        "interrupted": "amber",
        "unreadable": "amber",
    }.get(state, "muted")


def metric_text(name: str) -> str:
    """A metric as a person would say it."""
    return {
        "validation_loss": tr("Validation loss"),
        "character_accuracy": tr("Character accuracy"),
        "sentence_accuracy": tr("Sentence accuracy"),
        "accuracy": tr("Accuracy"),
        "macro_precision": tr("Macro precision"),
        "macro_recall": tr("Macro recall"),
        "macro_f1": tr("Macro F1"),
        "perplexity": tr("Perplexity"),
        "bits_per_character": tr("Bits per character"),
        "network_loss": tr("Loss of the network alone"),
        "network_accuracy": tr("Accuracy of the network alone"),
        "typing_top1": tr("Sentences right when typed"),
        "typing_char": tr("Characters right when typed"),
    }.get(name, name.replace("_", " "))


def end_text(record: RunRecord) -> str:
    """How the run ended, in a few words; empty while it goes on."""
    end = record.end
    if isinstance(end, ev.Failed):
        return tr("Failed")
    if isinstance(end, ev.Paused):
        return tr("Paused")
    if isinstance(end, ev.Finished):
        return {
            "max_steps": tr("Finished"),
            "early_stopping": tr("Finished early: no further improvement"),
            "stopped": tr("Stopped and saved"),
            "cancelled": tr("Cancelled"),
            "paused": tr("Paused"),
        }.get(end.reason, end.reason)
    return ""
