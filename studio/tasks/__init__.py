"""One task a file: its examples, head, loss, metrics and prediction, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

from studio.recipe import Task as Section
from studio.recipe.task import TASKS
from studio.tasks.base import Batch, Examples, Metrics, Task
from studio.tasks.correction import Correction
from studio.tasks.hanzi_to_pinyin import HanziToPinyin
from studio.tasks.language_model import LanguageModel
from studio.tasks.masked_language_model import MaskedLanguageModel
from studio.tasks.pinyin_to_hanzi import PinyinToHanzi
from studio.tasks.sequence_labelling import SequenceLabelling
from studio.tasks.sequence_to_sequence import SequenceToSequence
from studio.tasks.text_classification import TextClassification

_TASKS: dict[str, Callable[[Any], Any]] = {
    "pinyin_to_hanzi": lambda _: PinyinToHanzi(),
    "text_classification": TextClassification,
    "language_model": LanguageModel,
    "hanzi_to_pinyin": HanziToPinyin,
    "sequence_labelling": SequenceLabelling,
    "masked_language_model": MaskedLanguageModel,
    "correction": Correction,
    "sequence_to_sequence": SequenceToSequence,
}


@overload
def create(task: Literal["pinyin_to_hanzi"]) -> PinyinToHanzi: ...


@overload
def create(task: str | Section) -> Any: ...


def create(task: str | Section) -> Any:
    """A fresh task of a recipe's section, or by its name with the usual settings.

    Its type is that of the section; whoever needs one task in particular asks for it.

    Raises:
        ValueError: if there is no such task.
    """
    if isinstance(task, str):
        if task not in TASKS:
            raise ValueError(f"no task named {task!r}; there is {', '.join(TASKS)}")
        task = TASKS[task]()
    return _TASKS[task.name](task)


__all__ = [
    "Batch",
    "Correction",
    "Examples",
    "HanziToPinyin",
    "LanguageModel",
    "MaskedLanguageModel",
    "Metrics",
    "PinyinToHanzi",
    "SequenceLabelling",
    "SequenceToSequence",
    "Task",
    "TextClassification",
    "create",
]
