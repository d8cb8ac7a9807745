"""The lab's part in looking at a vocabulary: counted in a process of its own, kept on disk, paged from there."""

from __future__ import annotations

import contextlib
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from studio import paths
from studio.data import prepare
from studio.data.errors import DataError
from studio.data.vocabulary_table import VocabularyTable, of_task, stored
from studio.recipe import Recipe, RecipeError, parse
from studio.runs import atomic
from studio.runs.lab_messages import Response
from studio.runs.requests import Refused
from studio.runs.vocabulary_requests import InspectVocabulary, VocabularyInspected
from studio.worker.batches import unprepared
from studio.worker.child import ChildError, answered, asked_child
from studio.worker.doctor import data_recipe
from studio.worker.refused import of_data

_KEPT, _FILES = 3, 12
_MOST = 2000
_NICENESS = 5
_FORMAT = 1
_WITH_TOKENIZERS = ("pretrained_encoder", "pretrained_decoder", "pretrained_encoder_decoder")
"""Families that bring a vocabulary of their own."""


class Vocabularies:
    """Remembers the tables that were looked at last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, VocabularyTable] = OrderedDict()

    def inspect(self, request: InspectVocabulary, cancelled: Callable[[], bool]) -> Response:
        """Answer a request.

        Raises:
            RecipeError: if the recipe is bad.
            DataError: if its sources cannot be read.
            Cancelled: if the request was taken back.
        """
        recipe = _recipe_of(request.recipe)
        dataset = prepare.cached(recipe.data, recipe.task)
        if dataset is None:
            return unprepared(request.id)
        name = _name(recipe, dataset.fingerprint)
        if name not in self._kept:
            table = _recall(name)
            if table is None:
                try:
                    response = asked_child("vocabulary", request, lambda _: False, cancelled)
                except ChildError as error:
                    message = f"the vocabulary could not be counted: {error}"
                    return Refused(id=request.id, kind="vocabulary", message=message)
                table = _recall(name)
                if table is None:
                    return response
            self._kept[name] = table
        self._kept.move_to_end(name)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return _page(request, self._kept[name])


def _page(request: InspectVocabulary, table: VocabularyTable) -> VocabularyInspected:
    rows = table.chosen(request.search, request.order, known=request.known)
    first = max(request.offset, 0)
    return VocabularyInspected(
        id=request.id,
        unit=table.unit,
        size=table.size,
        unused=table.unused,
        longest=table.longest,
        mean=table.mean,
        coverage=table.coverage,
        total=len(rows),
        offset=first,
        rows=tuple(rows[first : first + max(1, min(request.count, _MOST))]),
    )


def counted(recipe: Recipe) -> VocabularyTable:
    """The table of a recipe's task and prepared data.

    Raises:
        RecipeError: if an encoder that the recipe names cannot be used.
        DataError: if there is no vocabulary to look at, or it cannot be made.
    """
    from studio.engine.starting import task_for

    dataset = prepare.cached(recipe.data, recipe.task)
    if dataset is None:
        raise DataError("the data are not prepared yet", "prepare them, or start a run")
    table = of_task(task_for(recipe, dataset), dataset)
    if table is None:
        raise DataError(f"the task {recipe.task.name} has no vocabulary to look at", "choose another view")
    _remember(_name(recipe, dataset.fingerprint), table)
    return table


def _recipe_of(values: dict[str, Any]) -> Recipe:
    """The recipe of a draft's task and data, with an encoder that brings its own vocabulary.

    Raises:
        RecipeError: with what is wrong with those.
    """
    model = values.get("model")
    if not isinstance(model, dict) or model.get("family") not in _WITH_TOKENIZERS:
        return data_recipe(values)
    training = values.get("training")
    start = training.get("start_from", "") if isinstance(training, dict) else ""
    kept: dict[str, Any] = {key: values[key] for key in ("task", "data", "model") if key in values}
    return parse({**kept, "training": {"start_from": start}})


def serve() -> NoReturn:
    """Read a request, count, and answer with the first page."""
    answered(InspectVocabulary, _answer, _NICENESS)


def _answer(request: InspectVocabulary, _send: Callable[[Response], object]) -> Response:
    try:
        return _page(request, counted(_recipe_of(request.recipe)))
    except RecipeError as error:
        return of_data(request.id, DataError(str(error)))
    except (DataError, OSError) as error:
        return of_data(request.id, error)


def _name(recipe: Recipe, fingerprint: str) -> str:
    """What a table is known by: the data, the task, and the files of a vocabulary that is taken over."""
    section = getattr(recipe.task, "vocabulary", None)
    stamp = ""
    if section is not None and section.source:
        with contextlib.suppress(OSError):
            files = sorted(Path(section.source).expanduser().rglob("*.json"))[:200]
            stamp = repr([(str(file), file.stat().st_mtime_ns) for file in files])
    model = recipe.model.model_dump_json() if recipe.model.family in _WITH_TOKENIZERS else ""
    text = f"{_FORMAT} {fingerprint} {recipe.task.model_dump_json()} {model} {stamp}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _recall(name: str) -> VocabularyTable | None:
    try:
        return stored.validate_json((_folder() / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return None


def _remember(name: str, table: VocabularyTable) -> None:
    """Keep a table; older ones can be counted again."""
    with contextlib.suppress(OSError):
        _folder().mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(_folder() / f"{name}.json", stored.dump_json(table))
        for old in sorted(_folder().glob("*.json"), key=lambda file: file.stat().st_mtime)[:-_FILES]:
            old.unlink()


def _folder() -> Path:
    return paths.cache_home() / "vocabularies"
