"""Folders as the transformers library writes them: what is read of one, and what is wrong with one.

Nothing is unpickled, and no code of a folder is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from studio.models.pretrained import TYPES, quiet, settings

CONFIG, WEIGHTS = "config.json", "model.safetensors"
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_ELSEWHERE = ("*.h5", "*.msgpack", "*.onnx", "*.gguf")
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
_DECODER = re.compile(r"ForCausalLM|LMHeadModel|ForConditionalGeneration|Decoder")
_LICENCE = re.compile(r"^licen[cs]e:\s*(.+)$", re.MULTILINE | re.IGNORECASE)


class PretrainedError(Exception):
    """A network that cannot be used: `message` says what is wrong, `remedy` what would be right."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(f"{message}; {remedy}")


@dataclass(frozen=True)
class Kind:
    """Which networks of the transformers library something can be made of.

    Attributes:
        name: as people call one, with its article.
        types: as `config.json` calls them.
        auto: the library's class that opens them.
        otherwise: what is said of a folder whose `config.json` has these values, and that holds none; empty for what is
            said of any.
        may_begin: a configuration without weights will do.
    """

    name: str
    types: tuple[str, ...]
    auto: str
    otherwise: Callable[[Mapping[str, Any]], str]
    may_begin: bool = False


def _writes(values: Mapping[str, Any]) -> str:
    named = [str(one) for one in values.get("architectures") or ()]
    if not values.get("is_decoder") and not any(_DECODER.search(one) for one in named):
        return ""
    what = ", ".join(named) or f"of the type {values.get('model_type')}"
    return f"a model that writes texts ({what}), whose positions do not see what follows"


ENCODER = Kind("an encoder", TYPES, "AutoModel", _writes)


@dataclass(frozen=True)
class About:
    """What a folder says of itself; empty where it says nothing."""

    name: str
    source: str
    licence: str = ""


@dataclass(frozen=True)
class Weights:
    """A network's weights, and the names of those that its folder does not have or has besides."""

    model: nn.Module
    missing: tuple[str, ...]
    others: tuple[str, ...]


def read_config(folder: Path, kind: Kind = ENCODER) -> dict[str, Any]:
    """The configuration of a folder that holds a network which can be used here.

    Raises:
        PretrainedError: if it does not.
    """
    if not folder.is_dir():
        raise PretrainedError(f"there is no folder {folder}", "check the path, or choose the folder anew")
    values = _read_json(folder / CONFIG)
    if values is None:
        raise PretrainedError(
            f"{folder} holds no network: {CONFIG} is missing",
            "choose a folder that the transformers library has written",
        )
    named = values.get("model_type")
    if named == "hanzi_studio" or (not named and {"task", "format", "studio"} <= values.keys()):
        raise PretrainedError(
            f"{folder} holds a model of Hanzi Studio",
            "name it in training.start_from, and take its own model.family",
        )
    _require_kind(folder, values, kind)
    if kind.may_begin and not has_weights(folder):
        return values
    _require_weights(folder)
    if not has_tokenizer(folder):
        raise PretrainedError(
            f"{folder} holds no tokenizer, without which nobody knows what the network's numbers stand for",
            "put its tokenizer.json or vocab.txt beside the weights",
        )
    return values


def has_weights(folder: Path) -> bool:
    """Whether there are weights in a folder, of whatever format."""
    patterns = ("*.safetensors", "*.safetensors.index.json", *_PICKLED, *_ELSEWHERE)
    return any(any(folder.glob(pattern)) for pattern in patterns)


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder says how texts are cut."""
    return any(any(folder.glob(pattern)) for pattern in _TOKENIZERS)


def _require_kind(folder: Path, values: Mapping[str, Any], kind: Kind) -> None:
    found, otherwise = values.get("model_type"), kind.otherwise(values)
    if found in kind.types and not otherwise:
        try:
            settings(values)
        except Exception as error:  # the library's own checks raise errors of many kinds
            raise PretrainedError(
                f"{folder / CONFIG} is not understood: {_first_line(error)}",
                "take the file that came with the weights",
            ) from error
        return
    if otherwise:
        raise PretrainedError(f"{folder} holds {otherwise}", f"take {kind.name}: {', '.join(kind.types)}")
    what = f"of the type {found}" if found else "of no type that is said"
    if values.get("auto_map"):
        raise PretrainedError(
            f"{folder} holds a network {what} with code of its own, which is never run here",
            f"take one of a type that the transformers library knows: {', '.join(kind.types)}",
        )
    raise PretrainedError(f"{folder} holds a network {what}", f"take one of {', '.join(kind.types)}")


def _require_weights(folder: Path) -> None:
    if (folder / WEIGHTS).is_file() or any(folder.glob("*.safetensors.index.json")):
        return
    pickled = sorted(path.name for pattern in _PICKLED for path in folder.glob(pattern))
    if pickled:
        raise PretrainedError(
            f"{folder} holds its weights pickled ({pickled[0]}), and a pickle can run any code when it is opened",
            f"take the folder's {WEIGHTS}, or have it written where you trust the file: "
            "AutoModel.from_pretrained(FOLDER).save_pretrained(OTHER)",
        )
    others = sorted(path.name for pattern in _ELSEWHERE for path in folder.glob(pattern))
    found = f", and {others[0]} is not read here" if others else ""
    raise PretrainedError(f"{folder} holds no weights: {WEIGHTS} is missing{found}", f"put {WEIGHTS} there")


def read_weights(folder: Path, config: Mapping[str, Any], kind: Kind = ENCODER) -> Weights:
    """The network of a folder with its weights, single precision.

    Raises:
        PretrainedError: if they are damaged, or not those of the configuration.
    """
    import transformers

    try:
        with quiet():
            model, told = getattr(transformers, kind.auto).from_pretrained(
                str(folder),
                config=settings(config),
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                dtype=torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,
            )
    except Exception as error:  # safetensors and transformers raise errors of many kinds
        raise PretrainedError(
            f"the network in {folder} cannot be opened: {_first_line(error)}",
            "take a whole copy of the folder",
        ) from error
    if told["mismatched_keys"]:
        name, theirs, ours = sorted(told["mismatched_keys"])[0]
        raise PretrainedError(
            f"{folder / CONFIG} does not describe the weights beside it: {name} is {_shape(theirs)}, and "
            f"by the configuration {_shape(ours)}",
            "take the configuration that came with the weights",
        )
    names = [name for name, _ in model.named_parameters()]
    missing = tuple(name for name in names if name in told["missing_keys"])
    needed = [name for name in names if "pooler" not in name]
    if len([name for name in missing if name in needed]) > len(needed) // 2:
        raise PretrainedError(
            f"the weights in {folder} are those of another network: {missing[0]} and {len(missing) - 1:,} more are "
            "missing",
            "take the configuration that came with the weights",
        )
    return Weights(model, missing, tuple(sorted(told["unexpected_keys"])))


def about(folder: Path, source: str, config: Mapping[str, Any]) -> About:
    """What a folder says of where it comes from: its README's front matter, its configuration."""
    licence = str(config.get("license") or "")
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")[:20_000]
    except OSError:
        text = ""
    if text.startswith("---"):
        front = text[3:].partition("\n---")[0]
        found = _LICENCE.search(front)
        licence = found[1].strip().strip("'\"") if found else licence
    name = folder.name if Path(source).expanduser().is_dir() else source
    return About(name, source, licence)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise PretrainedError(f"{path} cannot be read: {error}", "take a whole copy of the folder") from error
    if not isinstance(values, dict):
        raise PretrainedError(f"{path} holds no object", "take the file that came with the weights")
    return values


def _shape(size: Any) -> str:
    return " x ".join(map(str, size))


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
