"""The task of a run that may be going on: what a checkpoint knows is not made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.data import symbols
from studio.data.dataset import Dataset
from studio.data.tokens import Tokens
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.task import LanguageModel, TextClassification
from studio.recipe.task import Task as Section
from studio.tasks.base import VOCABULARY_FILE, Task
from studio.tasks.pretrained import Pretrained, read_by
from studio.tasks.pretrained_pairs import PretrainedPair


def prepared(
    section: Section,
    dataset: Dataset,
    checkpoint: Path | None = None,
    known: tuple[str, ...] = (),
    pretrained: Pretrained | PretrainedPair | None = None,
) -> Task:
    """The task of a recipe with the vocabulary of its data.

    Args:
        checkpoint: that a run goes on from. Pieces of words that are learnt again may be others, and a vocabulary that
            was taken over may be gone: both are read from here.
        known: characters that keep the numbers they have in the model that a run starts from.
        pretrained: the encoder of a recipe that names one; of a run that goes on, its own.

    Raises:
        DataError: if a vocabulary cannot be made or taken over.
        ValueError, OSError: if the checkpoint's is damaged.
    """
    from studio.tasks import create

    task: Any = create(section)
    if known and hasattr(task, "known"):
        task.known = known
    if pretrained is not None:
        task.pretrained = pretrained
        if isinstance(section, LanguageModel) and isinstance(pretrained, Pretrained) and checkpoint:
            # Some have symbols of the training texts, which might be learnt otherwise now.
            again: Task = task.prepare(dataset, read_by(pretrained, section, checkpoint))
            return again
        fitted: Task = task.prepare(dataset)
        return fitted
    tokens: Any = None
    if checkpoint is not None and isinstance(section, TextClassification | LanguageModel):
        tokens = _kept(section, checkpoint)
    if checkpoint is not None and isinstance(section, SequenceToSequence):
        tokens = _same(section, checkpoint)
    made: Task = task.prepare(dataset) if tokens is None else task.prepare(dataset, tokens)
    return made


def _same(section: SequenceToSequence, checkpoint: Path) -> Any:
    """The checkpoint's task, where pieces might be others if they were learnt again."""
    from studio.tasks import create

    if "subword" not in (section.source_unit, section.target_unit):
        return None
    kept = create(section)
    kept.restore(checkpoint)
    return kept


def _kept(section: TextClassification | LanguageModel, checkpoint: Path) -> Tokens | None:
    """The checkpoint's vocabulary, where another one might be made now."""
    if section.unit != "subword" and not section.vocabulary.source:
        return None
    texts, values = symbols.load(checkpoint / VOCABULARY_FILE)
    return Tokens.restored(texts, values, section.unit, lossless=isinstance(section, LanguageModel))
