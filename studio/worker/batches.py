"""What the model sees: batches of a draft's data, with the engine's own order and the task's own collate."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from studio.data import prepare
from studio.data.dataset import Dataset, Split
from studio.data.errors import Cancelled
from studio.data.finding import find_example
from studio.data.symbols import BOUNDARY, UNKNOWN
from studio.engine.order import TrainingOrder
from studio.engine.starting import task_for
from studio.language.tones import marks
from studio.recipe import Model, Recipe, parse
from studio.recipe import Task as Section
from studio.runs.batch_requests import BatchRow, BatchShown, ExampleFound, FindExample, ShowBatch, TensorShape
from studio.runs.requests import Refused
from studio.tasks import HanziToPinyin, PinyinToHanzi, SequenceLabelling, SequenceToSequence
from studio.tasks.base import Examples
from studio.tasks.varying import varying

UNPREPARED = "unprepared"
# What a task's inputs are called: what is fed, and what is to be said.
_FED, _ASKED = ("symbols", "input_ids", "tokens"), ("units", "labels", "targets", "tags")


@dataclass
class _Prepared:
    """The data of one recipe, ready for training."""

    dataset: Dataset
    section: tuple[Section, Model]
    task: Any
    examples: Examples
    epochs: dict[tuple[object, ...], list[np.ndarray]] = field(default_factory=dict)


class Shelf:
    """Keeps the examples that were looked at last, and the order of the epoch."""

    def __init__(self) -> None:
        self._kept: _Prepared | None = None
        self._lock = threading.Lock()

    def show(self, request: ShowBatch) -> BatchShown | Refused:
        """A batch of a recipe's first process.

        Raises:
            RecipeError: if the recipe is bad.
            DataError: if its sources cannot be read.
        """
        recipe = parse(request.recipe)
        with self._lock:
            dataset = prepare.cached(recipe.data, recipe.task)
            if dataset is None:
                self._kept = None
                return unprepared(request.id)
            kept = self._kept
            section = (recipe.task, recipe.model)
            known = (dataset.fingerprint, section)
            if kept is None or (kept.dataset.fingerprint, kept.section) != known:
                task = task_for(recipe, dataset)
                kept = self._kept = _Prepared(dataset, section, task, task.examples(dataset, "train"))
            return _shown(request, recipe, kept)


def unprepared(id: str) -> Refused:
    """What is said where data would have to be prepared first."""
    return Refused(
        id=id, kind=UNPREPARED, message="the data are not prepared yet", remedy="prepare them, or start a run"
    )


def found(request: FindExample, cancelled: Callable[[], bool]) -> ExampleFound:
    """Find where an example stands in its source.

    Raises:
        RecipeError: if the recipe is bad.
        DataError: if the source cannot be read, or does not hold it.
        Cancelled: if the request was taken back.
    """

    def check() -> None:
        if cancelled():
            raise Cancelled

    recipe = parse(request.recipe)
    place = find_example(recipe.data, request.source, request.text, check, recipe.task)
    return ExampleFound(id=request.id, **asdict(place))


def _shown(request: ShowBatch, recipe: Recipe, kept: _Prepared) -> BatchShown:
    key = (
        recipe.training.token_budget,
        recipe.training.seed,
        recipe.data.lexicon_share,
        recipe.data.balance,
        request.epoch,
    )
    if key not in kept.epochs:
        kept.epochs = {key: TrainingOrder(kept.dataset, recipe, kept.examples.lengths).epoch(request.epoch)}
    batches = kept.epochs[key]
    number = min(max(request.batch, 0), len(batches) - 1)
    chosen = batches[number]
    batch = kept.task.collate(kept.examples, chosen, recipe.training.label_smoothing)
    vary = varying(kept.task, kept.dataset, recipe)
    if vary is not None:
        batch = vary(batch, chosen, request.epoch)
    fed = _matrix(batch.inputs, _FED)
    # What is written has positions of its own: it is shown beside the text.
    asked = _matrix(batch.inputs, () if isinstance(kept.task, SequenceToSequence) else _ASKED)
    told = batch.inputs.get("lengths")  # augmentation may have changed them
    lengths = told.numpy() if isinstance(told, Tensor) else kept.examples.lengths[chosen]
    texts = kept.dataset.train
    first = max(request.first_row, 0)
    rows = tuple(
        _row(kept, int(chosen[place]), fed[place], asked[place] if len(asked) else None, int(lengths[place]))
        for place in range(first, min(first + request.rows, len(chosen)))
    )
    return BatchShown(
        id=request.id,
        epoch=request.epoch,
        batch=number,
        batches=len(batches),
        examples=sum(map(len, batches)),
        row_count=len(chosen),
        columns=fed.shape[1],
        filled=int(lengths.sum()),
        asked=batch.positions,
        words=int((chosen >= len(texts)).sum()),
        first_row=first,
        rows=rows,
        tensors=tuple(_shape(name, value) for name, value in batch.inputs.items()),
        sources=tuple(info.name for info in kept.dataset.sources),
    )


def _matrix(inputs: dict[str, object], names: tuple[str, ...]) -> np.ndarray:
    """The first of the named inputs that has rows and columns."""
    for name in names:
        value = inputs.get(name)
        if isinstance(value, Tensor) and value.ndim == 2:
            return value.numpy()
    return np.zeros((0, 0), np.int64)


def _row(kept: _Prepared, number: int, fed: np.ndarray, asked: np.ndarray | None, length: int) -> BatchRow:
    """A row; `asked` are what is asked for at each position, None where a text is asked about as a whole."""
    dataset = kept.dataset
    word = number >= len(dataset.train)
    split: Split = dataset.lexicon if word else dataset.train
    place = number - len(dataset.train) if word else number
    token, target = _words(kept.task)
    return BatchRow(
        example=number,
        source=int(split.source[place]),
        word=word,
        weight=float(split.weight[place]),
        text=split.text_of(place),
        tokens=tuple(token(int(symbol)) for symbol in fed[:length]),
        ids=tuple(map(int, fed)),
        targets=() if asked is None else tuple(target(int(one)) for one in asked[:length]),
        target_ids=() if asked is None else tuple(map(int, asked)),
        label=dataset.labels[int(split.label[place])] if dataset.labels else split.target_of(place),
    )


def _words(task: Any) -> tuple[Callable[[int], str], Callable[[int], str]]:
    """What the numbers that a task is fed, and those that are asked for, stand for."""
    if isinstance(task, PinyinToHanzi):
        known = task.vocabulary
        # Symbol 0 is padding; the others are the syllables, counted from 1.
        return (lambda one: known.syllables[one - 1]), lambda one: known.characters[one] if one >= 0 else ""
    special = {UNKNOWN: "�", BOUNDARY: "▮"}

    def text(one: int) -> str:
        return special.get(one) or task.symbols.text_of(one)

    if isinstance(task, SequenceLabelling):
        tags = task.scheme.tags
        return text, lambda one: tags[one] if one >= 0 else ""
    if isinstance(task, HanziToPinyin):
        return text, lambda one: marks(int(task.readings.of_units[one])) if one >= 0 else ""
    return text, text


def _shape(name: str, value: object) -> TensorShape:
    if isinstance(value, Tensor):
        return TensorShape(name=name, dtype=str(value.dtype).removeprefix("torch."), shape=tuple(value.shape))
    return TensorShape(name=name, dtype=type(value).__name__, value=str(value))
