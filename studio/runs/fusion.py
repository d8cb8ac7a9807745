"""How a model's network, its own n-grams and imported language models decide together: `fusion.json`.

The file lies in a run's folder, for all of its checkpoints, or in a model's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from studio.runs import atomic

FILE = "fusion.json"
FORMAT = 1
_LEAST_SHARE = 1e-3  # of an imported model that is used at all
_USUAL_SHARE = 0.4  # of imported models together, where nothing was tuned


class FusionError(Exception):
    """A `fusion.json` that cannot be read; the message says why and what would be right."""


@dataclass(frozen=True)
class Fusion:
    """Weights in decoding; the defaults were chosen on validation splits of the default data.

    Attributes:
        network: of the network's log-probabilities; that of the n-grams is 1.
        segmentation: of the log-probability of how letters are divided into syllables.
        imported: for each imported model its share among the n-grams, between 0 and 1; the rest is the model's own.
        words: of the log-probability of whole sentences as words, by which the best of them are judged again.
    """

    network: float = 0.6
    segmentation: float = 0.6
    imported: dict[str, float] = field(default_factory=dict)
    words: float = 1.0

    def __post_init__(self) -> None:
        numbers = (self.network, self.segmentation, self.words, *self.imported.values())
        if not all(0 <= number < 100 for number in numbers) or self.own < 0:
            raise ValueError("weights are numbers from 0 to 100, and shares are together at most 1")

    @property
    def own(self) -> float:
        """The share of the model's own n-grams."""
        return 1.0 - sum(self.imported.values())


@dataclass(frozen=True)
class _Stored:
    fusion: Fusion
    format: int = FORMAT


_stored: TypeAdapter[_Stored] = TypeAdapter(_Stored)


def place_of(model: Path) -> Path:
    """Where the weights of a run, or of a checkpoint in one, or of an exported folder are kept."""
    for folder in (model, model.parent.parent):
        if (folder / FILE).is_file() or (
            (folder / "recipe.toml").is_file() and (folder / "metrics.jsonl").is_file()
        ):
            return folder / FILE
    return model / FILE


def read(model: Path) -> Fusion:
    """The weights for a model folder or run; the defaults if nothing is said.

    Raises:
        FusionError: if the file is there and cannot be used.
    """
    path = place_of(model)
    try:
        found = _stored.validate_json(path.read_bytes())
    except FileNotFoundError:
        return Fusion()
    except OSError as error:
        raise FusionError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise FusionError(f"{path} is damaged: {error.errors()[0]['msg']}; tune the model again") from error
    if found.format > FORMAT:
        raise FusionError(f"{path} is of format {found.format}: update Hanzi Studio")
    return found.fusion


def write(model: Path, fusion: Fusion) -> Path:
    """Keep weights for a run or a model folder.

    Raises:
        OSError: if the disk does not take them.
    """
    path = place_of(model)
    values = _stored.dump_python(_Stored(fusion), mode="json")
    atomic.write_text(path, json.dumps(values, ensure_ascii=False, indent=1) + "\n")
    return path


def with_shares(fusion: Fusion, shares: dict[str, float]) -> Fusion:
    """The same weights with other imported models; shares too small to matter are left out."""
    kept = {name: round(share, 4) for name, share in shares.items() if share >= _LEAST_SHARE}
    return replace(fusion, imported=kept)


def using(fusion: Fusion, names: Sequence[str]) -> Fusion:
    """The same weights with these imported models: each keeps its share, or, if one is new, all share alike."""
    wanted = list(dict.fromkeys(names))
    if all(name in fusion.imported for name in wanted):
        return with_shares(fusion, {name: fusion.imported[name] for name in wanted})
    return with_shares(fusion, {name: _USUAL_SHARE / len(wanted) for name in wanted})
