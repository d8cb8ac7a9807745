"""What a run will take, from the recipe alone: parameters, bytes of each kind, room on the disk.

Time, and what the activations really take, is found out by trying: see `studio.engine.trial`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from studio import paths
from studio.data.dataset import Dataset
from studio.engine.checkpoints import kept
from studio.engine.device import choose_device
from studio.engine.environment import device_name
from studio.engine.freezing import adapt, freeze
from studio.engine.outline import outline
from studio.engine.room import disk_free, memory_free
from studio.engine.rows import tables
from studio.engine.starting import unprepared_task
from studio.models.pretrained import settings
from studio.recipe import Recipe, Recurrent, Training
from studio.recipe.encoder_decoder import RecurrentEncoderDecoder
from studio.recipe.model import CausalCNN, CausalRecurrent, TextCNN
from studio.recipe.pretrained import PretrainedEncoder
from studio.recipe.pretrained_decoder import Gpt2, PretrainedDecoder
from studio.recipe.pretrained_pairs import PretrainedEncoderDecoder
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.task import Correction, LanguageModel, MaskedLanguageModel
from studio.runs.estimates import NetworkPart, RunEstimated
from studio.tasks.base import Task
from studio.tasks.pretrained import Pretrained

_VOCABULARY = 40_000  # bytes of vocabulary.json and config.json beside the weights
_REMEMBERED = 100_000  # checkpoints back from the end that are looked at; older ones hardly matter
_LIVE_KEPT = 2  # as engine.checkpoints does
# Rules of thumb until a trial has measured: bytes of a process that has loaded torch and the studio, and bytes of
# data at each position of the training split (text, syllables, and the task's columns).
_PROCESS, _DATA = 430_000_000, 26
# Bytes that evaluating takes: scores of whole batches, in the memory of another thread.
_EVALUATION = 180_000_000
_POSITIONS_GUESSED = 3_500_000
_SCORES = 14_000  # of a position over all characters: the scores, their probabilities, their gradient
_INNER = ("intermediate_size", "n_inner", "ffn_dim", "d_ff", "encoder_ffn_dim")
_EVENT, _SAMPLE = 330, 700  # bytes of a step event and of a decoded probe in the journal


@dataclass(frozen=True)
class Sizes:
    """Bytes that follow from the recipe and the vocabulary alone.

    Attributes:
        parameters, trainable: how many numbers there are, and how many of them are learnt.
        weights: parameters and buffers.
        average: the running mean of the weights, if the recipe keeps one.
        checkpoint: one checkpoint's folder; `live`: one folder of published weights.
        outline: of the network.
    """

    parameters: int
    trainable: int
    weights: int
    gradients: int
    optimizer: int
    average: int
    checkpoint: int
    live: int
    outline: tuple[NetworkPart, ...] = ()


def sizes(recipe: Recipe, task: Task | None) -> Sizes:
    """Count a model without making its weights; for a vocabulary of the usual size if there is no task yet."""
    unprepared = unprepared_task(recipe) if task is None else task
    with torch.device("meta"):
        model = unprepared.usual_model(recipe) if task is None else task.build_model(recipe)
        adapt(model, recipe.training.lora)
    freeze(model, recipe.training.frozen)
    learnt = [p for p in model.parameters() if p.requires_grad]
    by_rows = {id(table) for table in tables(model)}
    optimizer = sum(_state_bytes(p, recipe.training, by_rows=id(p) in by_rows) for p in learnt)
    stored = list(model.state_dict().values())
    average = _bytes(*stored) if recipe.training.ema_decay else 0
    return Sizes(
        parameters=sum(p.numel() for p in model.parameters()),
        trainable=sum(p.numel() for p in learnt),
        weights=_bytes(*model.parameters(), *model.buffers()),
        gradients=_bytes(*learnt),
        optimizer=optimizer,
        average=average,
        checkpoint=_bytes(*stored) + optimizer + average + _VOCABULARY,
        live=sum(_bytes(t) // (2 if t.dtype == torch.float32 else 1) for t in stored) + _VOCABULARY,
        outline=outline(model),
    )


def estimate(recipe: Recipe, task: Task | None, dataset: Dataset | None, id: str = "") -> RunEstimated:
    """Estimate a run without trying.

    Args:
        task: prepared for the dataset; without it, the vocabulary is taken to be of the usual size.
        dataset: None while it is not prepared.

    Raises:
        DeviceError: if the recipe's device is not there.
    """
    counted = sizes(recipe, task)
    device = choose_device(recipe.compute)
    on_gpu = device.type == "cuda"
    held = len(dataset.train.text) + len(dataset.lexicon.text) if dataset else _POSITIONS_GUESSED
    memory = {
        "weights": counted.weights,
        "gradients": counted.gradients,
        "optimizer": counted.optimizer,
        "average": counted.average,
        "activations": activations(recipe, getattr(task or unprepared_task(recipe), "pretrained", None)),
    }
    base = {"process": _PROCESS, "data": _DATA * held}
    notes = [] if dataset else ["not_prepared"]
    if recipe.training.early_stopping.enabled:
        notes.append("may_stop_early")
    return RunEstimated(
        id=id,
        parameters=counted.parameters,
        trainable=counted.trainable,
        outline=counted.outline,
        device=device_name(device),
        steps=recipe.training.max_steps,
        memory=memory if on_gpu else base | memory,
        main_memory=sum(base.values()) if on_gpu else 0,
        disk=disk(recipe, counted.checkpoint, counted.live, None),
        disk_most=disk_most(recipe, counted.checkpoint, counted.live),
        # Asking a GPU for its free memory opens it, which takes some of it: the trial's child does that.
        memory_free=torch.cuda.get_device_properties(device).total_memory if on_gpu else memory_free(),
        disk_free=disk_free(paths.runs_home()),
        precision="" if recipe.training.precision == "auto" else recipe.training.precision,
        exact=task is not None,
        notes=tuple(notes),
    )


def worth_trying(counted: RunEstimated) -> bool:
    """Whether a trial may be made: one that takes the last of the memory or the disk harms everything else."""
    return counted.verdict != "too_large"


def saves(training: Training) -> int:
    """How often a run of full length writes a checkpoint: at every multiple, and at the end."""
    return -(-training.max_steps // training.checkpoint_every)


def looks(training: Training) -> int:
    """How often a run of full length evaluates: where the recipe says so, and before each checkpoint."""
    steps, at, save = training.max_steps, training.evaluate_every, training.checkpoint_every
    last = steps % at != 0 and steps % save != 0
    return steps // at + steps // save - steps // math.lcm(at, save) + int(last)


def disk(recipe: Recipe, checkpoint: int, live: int, seconds: float | None) -> dict[str, int]:
    """Bytes of a run folder at the end, the best checkpoint being one of the recent ones, by part.

    Args:
        checkpoint, live: bytes of one folder of each kind.
        seconds: how long the run trains, for the journal; None if that is not known.
    """
    training = recipe.training
    told = training.max_steps if seconds is None else min(training.max_steps, round(seconds * 20) + 1)
    records = told * _EVENT + looks(training) * (3 * _EVENT + 2 * _SAMPLE * len(training.probes))
    return {
        "checkpoints": len(_kept(training)) * checkpoint,
        "live": min(looks(training) + 1, _LIVE_KEPT) * live,
        "records": records,
    }


def disk_most(recipe: Recipe, checkpoint: int, live: int) -> int:
    """Bytes while the newest checkpoint is written: the recent ones, an older best one, and the newest."""
    most = min(saves(recipe.training), len(_kept(recipe.training)) + 2)
    return most * checkpoint + (_LIVE_KEPT + 1) * live


def _kept(training: Training) -> set[int]:
    """The checkpoints that are there at the end, an older best one aside."""
    every, end = training.checkpoint_every, training.max_steps
    first = max(every, end - end % every - _REMEMBERED * every)
    return kept(sorted({*range(first, end + 1, every), end}), training)


def activations(recipe: Recipe, pretrained: Pretrained | None = None) -> int:
    """A rule of thumb for what forward and backward pass keep at once beside weights and gradients, in bytes.

    Floats a position: what each layer keeps for its backward pass, fitted to measured runs on a processor.

    Args:
        pretrained: the encoder of a recipe that names one.
    """
    model = recipe.model
    if isinstance(model, PretrainedEncoder | PretrainedDecoder | PretrainedEncoderDecoder | Gpt2):
        if pretrained is None:
            return 0
        found = settings(pretrained.config)
        width = int(found.hidden_size)
        # Some know the inner width by other names, or make it of the width.
        inner = next((n for name in _INNER if (n := getattr(found, name, None))), 4 * width)
        layers = int(found.num_hidden_layers) * (16 * width + 3 * int(inner))
        if recipe.training.gradient_checkpointing:
            layers = layers // int(found.num_hidden_layers) + 2 * int(found.num_hidden_layers) * width
        return 4 * (layers + 12 * width + _of_scores(recipe)) * recipe.training.token_budget + _EVALUATION
    width = model.width
    if isinstance(model, Recurrent):
        gates = {"lstm": 12, "gru": 10, "rnn": 5}[model.cell]
        layers = model.layers * 2 * gates * width
    elif isinstance(model, CausalRecurrent):
        layers = model.layers * {"lstm": 12, "gru": 10, "rnn": 5}[model.cell] * width
    elif isinstance(model, RecurrentEncoderDecoder):
        layers = model.layers * 2 * {"lstm": 12, "gru": 10, "rnn": 5}[model.cell] * width
    elif isinstance(model, CausalCNN):
        layers = model.layers * 8 * width
    elif isinstance(model, TextCNN):
        layers = 3 * model.filters * len(model.sizes)
    else:
        layers = model.layers * (16 * width + 3 * model.feed_forward)
        if recipe.training.gradient_checkpointing:
            layers = layers // model.layers + 2 * model.layers * width
    floats = layers + 12 * width + (_of_scores(recipe))
    return 4 * floats * recipe.training.token_budget + _EVALUATION


def _of_scores(recipe: Recipe) -> int:
    """Floats a position for what a task asks of it."""
    if isinstance(recipe.task, MaskedLanguageModel):
        return round(_SCORES * recipe.task.mask_rate) + 800
    if isinstance(recipe.task, Correction):
        return round(_SCORES * (recipe.task.mask_rate + recipe.task.error_rate)) + 800
    if isinstance(recipe.task, SequenceToSequence):
        return _SCORES // 2  # of about half of the positions something is asked
    return _SCORES if isinstance(recipe.task, LanguageModel) else 800


def _state_bytes(weight: Tensor, training: Training, *, by_rows: bool) -> int:
    """Bytes of optimiser state for a weight; a test holds it against the optimisers themselves.

    Asking a toy optimiser would be shorter, but its first step loads half of torch, which takes seconds.
    """
    if training.optimizer == "adafactor" and weight.ndim >= 2:  # means of rows and columns
        return sum(weight.numel() // weight.shape[side] for side in (-1, -2)) * weight.element_size()
    if training.optimizer == "sgd" and not training.momentum:
        return 0
    return (2 if training.optimizer == "adamw" and not by_rows else 1) * _bytes(weight)


def _bytes(*tensors: Tensor) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
