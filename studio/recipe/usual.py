"""What is usual for a task: filled in where a recipe is silent, and put in place where the task was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.recipe.pretrained_pairs import OF_ONE_TABLE, USUAL
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.task import TASKS, AnyTask, PinyinToHanzi, TextClassification

_OF_ONE_TABLE = {section.model_fields["family"].default for section in OF_ONE_TABLE}


def with_usual(values: Any) -> Any:
    """A recipe's plain values, with what it is silent about and what depends on the task filled in."""
    if not isinstance(values, Mapping):
        return values
    made, task = dict(values), values.get("task")
    if isinstance(task, Mapping) and "name" not in task:
        task = made["task"] = {"name": "pinyin_to_hanzi", **task}
    name = task.get("name") if isinstance(task, Mapping) else getattr(task, "name", "pinyin_to_hanzi")
    section = TASKS.get(name) if isinstance(name, str) else None
    if section is None or section is PinyinToHanzi:
        return made
    made.setdefault("model", {"family": section.FAMILIES[0]})
    model = made["model"]
    family = model.get("family") if isinstance(model, Mapping) else getattr(model, "family", "")
    if section is TextClassification and family == "pretrained_encoder" and isinstance(task, Mapping):
        made["task"] = {"unit": "subword", **task}  # it has pieces of its own
    if section is SequenceToSequence and family in _OF_ONE_TABLE and isinstance(task, Mapping):
        made["task"] = {**USUAL, **task}
    training = made.get("training", {})
    if isinstance(training, Mapping):
        keeping = training.get("checkpoints", {})
        if isinstance(keeping, Mapping):
            keeping = {"best_metric": section.BEST, **keeping}
        made["training"] = {"probes": section.PROBES, **training, "checkpoints": keeping}
    return made


def suited(values: Mapping[str, Any]) -> dict[str, Any]:
    """A draft whose task was changed: what does not go with it gives way to what is usual, all else stays."""
    made, task = dict(values), values.get("task")
    section = TASKS.get(str(task.get("name"))) if isinstance(task, Mapping) else None
    if section is None:
        return made
    model, training, data = (made.get(key) for key in ("model", "training", "data"))
    if isinstance(model, Mapping) and model.get("family", "transformer_encoder") not in section.FAMILIES:
        made["model"] = {"family": section.FAMILIES[0]}
    if isinstance(training, Mapping):
        kept = {key: value for key, value in training.items() if key != "probes"}
        if section.PROBES:
            kept["probes"] = list(section.PROBES)
        keeping, stopping = training.get("checkpoints"), training.get("early_stopping")
        if isinstance(keeping, Mapping):
            kept["checkpoints"] = {**keeping, "best_metric": section.BEST}
        if isinstance(stopping, Mapping):
            kept["early_stopping"] = {**stopping, "metric": "validation_loss"}
        made["training"] = kept
    if isinstance(data, Mapping) and isinstance(data.get("sources"), (list, tuple)):
        made["data"] = {**data, "sources": _usable(data["sources"], section)}
    return made


def with_one_table(values: Mapping[str, Any]) -> dict[str, Any]:
    """A draft whose network was changed: where that has one vocabulary for both sides, the task has, too."""
    task, model = values.get("task"), values.get("model")
    wanted = (
        isinstance(task, Mapping)
        and task.get("name") == "sequence_to_sequence"
        and isinstance(model, Mapping)
        and model.get("family") in _OF_ONE_TABLE
        and not task.get("shared")
    )
    return {**values, "task": {**dict(values["task"]), **USUAL}} if wanted else dict(values)


def _usable(sources: Any, section: type[AnyTask]) -> list[Any]:
    """The sources that a task can learn from; those it comes with, if none of the given ones is."""
    words = any(name.startswith("lexicon_") for name in section.BUILTIN)
    kept = [
        source
        for source in sources
        if not isinstance(source, Mapping)
        or (source.get("kind", "builtin") != "builtin" and (words or source.get("kind") != "lexicon"))
        or source.get("name") in section.BUILTIN
    ]
    return kept or [{"kind": "builtin", "name": name} for name in section.BUILTIN]
