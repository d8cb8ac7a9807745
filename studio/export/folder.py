"""Export as a folder: weights, configuration, vocabulary and a model card."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.data.encoder_tokens import TOKENIZER, TOKENIZER_CONFIG
from studio.export.card import model_card
from studio.export.ngrams import LICENCE_PREFIX, write_ngrams
from studio.inference.load import find
from studio.models.rounding import Precision
from studio.runs import atomic, fusion, start
from studio.runs.folder import RunFolder
from studio.runs.language_models import ImportedModel, LanguageModelError
from studio.tasks import pinyin_ngrams, text_counts
from studio.tasks.base import VOCABULARY_FILE
from studio.tasks.model_folder import CONFIG, WEIGHTS, read_model, round_weights, write_parts
from studio.tasks.pair_files import GENERATION

_FILES = (WEIGHTS, CONFIG, VOCABULARY_FILE)
_BESIDE = (TOKENIZER, TOKENIZER_CONFIG, GENERATION)
_OPTIONAL = (pinyin_ngrams.FILE, text_counts.FILE, *_BESIDE)
_CARD, _RECIPE = "README.md", "recipe.toml"


class ExportError(Exception):
    """An export that cannot be made as asked."""


@dataclass(frozen=True)
class Exported:
    """What an export wrote. `size` is in bytes."""

    path: Path
    files: tuple[str, ...]
    size: int


def export_folder(
    model: Path,
    target: Path,
    *,
    overwrite: bool = False,
    precision: Precision = "single",
    ngrams: int | None = None,
    fused: bool = False,
) -> Exported:
    """Write the model that `model` means (a run, a checkpoint, an export) to a folder of its own.

    Args:
        precision: of the weights; what is stored in fewer bits is read back as single precision.
        ngrams: at most so many n-grams of two and more units, those that say most; None keeps all.
        fused: mix in the imported language models that the model was tuned with.
        overwrite: replace what an earlier export wrote to `target`. A folder that holds anything else is
            never replaced.

    Raises:
        ModelFolderError: if there is no model, or it is damaged.
        ExportError: if `target` is in the way.
        OSError: if the disk does not take it.
    """
    source = find(model).folder
    network, task, config = read_model(source)  # a damaged model is not worth exporting
    target = target.expanduser().absolute()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        if not _is_export(target):
            raise ExportError(f"{target} exists and is no earlier export; choose another name")
        if not overwrite:
            raise ExportError(f"{target} holds an earlier export; choose another name, or replace it")
    if config.task != "pinyin_to_hanzi" and (fused or ngrams is not None):
        raise ExportError(
            f"a model for {config.task} has no n-grams to choose from or to mix; leave that out"
        )
    with atomic.new_folder(target, replace=True) as folder:
        if config.adapters:  # merged into the weights when they were read
            write_parts(folder, network, task, replace(config, adapters={}), precision)
        else:
            _copy_model(source, folder, precision)
        mixed_in: Sequence[ImportedModel] = ()
        if (source / pinyin_ngrams.FILE).is_file():
            try:
                mixed_in = write_ngrams(source, folder, fused=fused, most=ngrams)
            except (ValueError, fusion.FusionError, LanguageModelError) as error:
                raise ExportError(f"the n-grams cannot be exported: {error}") from error
        if (source / text_counts.FILE).is_file():
            shutil.copyfile(source / text_counts.FILE, folder / text_counts.FILE)
        for licence in source.glob(f"{LICENCE_PREFIX}*"):
            shutil.copyfile(licence, folder / licence.name)
        recipe, environment = _run_of(source)
        if recipe:
            shutil.copyfile(recipe, folder / _RECIPE)
        if _is_export(source):
            # The card of the first export knows what no longer lies beside it.
            shutil.copyfile(source / _CARD, folder / _CARD)
        else:
            (folder / _CARD).write_text(
                model_card(config, environment, mixed_in, precision), encoding="utf-8"
            )
    files = tuple(sorted(file.name for file in target.iterdir()))
    return Exported(target, files, sum((target / name).stat().st_size for name in files))


def _copy_model(source: Path, folder: Path, precision: Precision) -> None:
    """Weights, configuration, vocabulary and tokenizer as they are, the weights in fewer bits if that is wanted."""
    for name in (*_FILES, *(name for name in _BESIDE if (source / name).is_file())):
        if name == WEIGHTS and precision != "single":
            round_weights(source, folder, precision)
        else:
            shutil.copyfile(source / name, folder / name)


def _is_export(folder: Path) -> bool:
    """Whether a folder holds what an export writes and nothing besides."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir() if not path.name.startswith(LICENCE_PREFIX)}
    return {*_FILES, _CARD} <= names <= {*_FILES, *_OPTIONAL, fusion.FILE, _CARD, _RECIPE}


def _run_of(model: Path) -> tuple[Path | None, dict[str, Any]]:
    """Recipe and environment of the run that a checkpoint lies in, as far as they are there."""
    for folder in (model, model.parent.parent):
        recipe = folder / _RECIPE
        if recipe.is_file():
            environment = RunFolder.read_json(folder / "environment.json")
            return recipe, {**environment, "started_from": start.read(folder)}
    return None, {}
