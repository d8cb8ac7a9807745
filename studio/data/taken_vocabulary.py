"""The vocabulary of another run, of an exported model, or of a Hugging Face folder, to be used as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from studio.data import subwords, symbols
from studio.data.errors import DataError
from studio.data.symbols import Symbols
from studio.data.tokens import Tokens, Unit, require_text
from studio.runs.folder import steps_in

VOCABULARY, TOKENIZER = "vocabulary.json", "tokenizer.json"
# What stands in other people's tokenizers for symbols that these tasks have already.
_RESERVED = frozenset(("[PAD]", "[UNK]", "<pad>", "<unk>", "<|padding|>", "<|unknown|>", "<|boundary|>"))


def taken(path: str, unit: Unit, *, lossless: bool) -> Tokens:
    """The vocabulary at a path.

    Args:
        path: a run, a checkpoint, an exported model, or a folder with a `tokenizer.json`.
        unit: what the recipe says its symbols are.
        lossless: see `Tokens`.

    Raises:
        DataError: if there is none, or it is made of something else.
    """
    folder = Path(path).expanduser()
    found = _file_of(folder)
    if found.name == TOKENIZER:
        _require_unit(folder, "subword", unit)
        text = subwords.read_tokenizer(found)
        pieces = subwords.tokens_of(subwords.opened(text))
        tokens = Tokens(
            Symbols(tuple(p for p in pieces if p and p not in _RESERVED)), unit, (), lossless, text
        )
    else:
        tokens = _of_model(folder, found, unit, lossless=lossless)
    require_text(tokens, str(folder))
    return tokens


def _file_of(folder: Path) -> Path:
    """Where the vocabulary stands; of a run, in its newest checkpoint or its newest published weights."""
    if folder.is_file() and folder.name in (VOCABULARY, TOKENIZER):
        return folder
    homes = [folder, *reversed(steps_in(folder / "checkpoints")), *reversed(steps_in(folder / "live"))]
    for home in homes:
        for name in (VOCABULARY, TOKENIZER):
            if (home / name).is_file():
                return home / name
    raise DataError(
        f"{folder} holds no vocabulary" if folder.exists() else f"there is no folder {folder}",
        "give a run, a checkpoint, an exported model, or a folder with a tokenizer.json",
    )


def _of_model(folder: Path, file: Path, unit: Unit, *, lossless: bool) -> Tokens:
    try:
        texts, values = symbols.load(file)
        task: Any = values.get("task")
        own = task.get("unit", "character") if isinstance(task, dict) else ""
        if own not in get_args(Unit):
            raise ValueError("its task reads no text")
        _require_unit(folder, own, unit)
        return Tokens.restored(texts, values, unit, lossless=lossless)
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}", "check the path and the disk") from error
    except ValueError as error:
        raise DataError(
            f"the vocabulary in {folder} cannot be used here: {error}",
            "take that of a text classification or a language model",
        ) from error


def _require_unit(folder: Path, own: str, unit: str) -> None:
    if own != unit:
        raise DataError(
            f"the vocabulary in {folder} is made of {own}s, and the recipe's input is the {unit}",
            f"set task.unit to {own}, or take another vocabulary",
        )
