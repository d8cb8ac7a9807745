"""Augmentation where batches are made: what is fed to a task varies from epoch to epoch, what is asked for does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from studio.data.augmentation.characters import vary
from studio.data.augmentation.syllables import fed_syllables
from studio.data.dataset import Dataset
from studio.data.labelled import shortened
from studio.data.symbols import PADDING
from studio.recipe import Recipe
from studio.tasks.base import Batch, Task
from studio.tasks.correction import Correction
from studio.tasks.masked_language_model import MaskedLanguageModel
from studio.tasks.pinyin_to_hanzi import PinyinToHanzi
from studio.tasks.text_classification import TextClassification

Vary = Callable[[Batch, np.ndarray, int], Batch]
"""A batch of the training split, the numbers of its examples, and the epoch they are seen in -> the batch as it is fed.

A pure function of seed, epoch and example: neither other batches nor other processes make a difference.
"""


def varying(task: Task, dataset: Dataset, recipe: Recipe) -> Vary | None:
    """What varies the batches of a run; None if nothing does."""
    if isinstance(task, MaskedLanguageModel):
        return _masking(task, dataset, recipe)
    if isinstance(task, Correction):
        return _mistyping(task, dataset, recipe)
    if not recipe.data.augmentation:
        return None
    if isinstance(task, PinyinToHanzi):
        return _confusing(recipe)
    if isinstance(task, TextClassification):
        return _rewriting(task, dataset, recipe)
    raise ValueError(f"the task {task.name} has no augmentation")


def _confusing(recipe: Recipe) -> Vary:
    """Syllables are fed as they are confused or mistyped; what is asked for stays what was meant."""
    augmentation, seed = recipe.data.augmentation, recipe.training.seed

    def varied(batch: Batch, chosen: np.ndarray, epoch: int) -> Batch:
        meant = batch.inputs["symbols"]
        heard = fed_syllables(meant.numpy() - 1, augmentation, seed, epoch, chosen) + 1
        return Batch({**batch.inputs, "symbols": torch.from_numpy(heard), "meant": meant}, batch.positions)

    return varied


def _masking(task: MaskedLanguageModel, dataset: Dataset, recipe: Recipe) -> Vary:
    """Other characters are left out in each epoch."""
    examples, training = task.examples(dataset, "train"), recipe.training

    def varied(_batch: Batch, chosen: np.ndarray, epoch: int) -> Batch:
        return task.masked_as((training.seed, epoch), examples, chosen, training.label_smoothing)

    return varied


def _mistyping(task: Correction, dataset: Dataset, recipe: Recipe) -> Vary:
    """Other errors are made in each epoch."""
    examples, training = task.examples(dataset, "train"), recipe.training

    def varied(_batch: Batch, chosen: np.ndarray, epoch: int) -> Batch:
        return task.mistyped((training.seed, epoch), examples, chosen, training.label_smoothing)

    return varied


def _rewriting(task: TextClassification, dataset: Dataset, recipe: Recipe) -> Vary:
    """Texts are written otherwise and read anew; their labels stay."""
    augmentation, seed = recipe.data.augmentation, recipe.training.seed
    train, longest = dataset.train, task.section.max_length

    def varied(batch: Batch, chosen: np.ndarray, epoch: int) -> Batch:
        symbols, lengths = batch.inputs["symbols"].numpy(), batch.inputs["lengths"].numpy()
        rows: list[np.ndarray] = []
        for row, number in enumerate(chosen.tolist()):
            text = train.text_of(number)
            made = vary(text, augmentation, seed, epoch, number).text
            rows.append(symbols[row, : lengths[row]] if made == text else task.read(shortened(made, longest)))
        size = np.array([len(row) for row in rows], np.int64)
        padded = np.full((len(rows), int(size.max())), PADDING, np.int64)
        for row, found in enumerate(rows):
            padded[row, : len(found)] = found
        fed = {"symbols": torch.from_numpy(padded), "lengths": torch.from_numpy(size)}
        return Batch({**batch.inputs, **fed}, batch.positions)

    return varied
