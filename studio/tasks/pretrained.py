"""A network that others have made as tasks see it: how it reads, what its network is, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from studio.data import decoder_tokens
from studio.data import symbols as vocabularies
from studio.data.dataset import Dataset
from studio.data.encoder_tokens import EncoderTokens
from studio.data.symbols import Symbols
from studio.data.tokens import Tokens, Unit, made_for
from studio.models.hugging_face import CONFIG, About
from studio.models.pretrained import Architecture
from studio.models.reader import ReadBy
from studio.models.tagger import encoder_of
from studio.recipe import Model
from studio.recipe.pretrained import PretrainedEncoder
from studio.recipe.pretrained_decoder import Gpt2, PretrainedDecoder
from studio.recipe.task import LanguageModel
from studio.tasks.base import VOCABULARY_FILE

OURS = ("task", "model", "step", "recipe", "metrics", "format", "studio", "adapters")
"""What `config.json` of a model folder says besides what the transformers library does."""
_KEY = "encoder"
_SECTIONS = PretrainedEncoder | PretrainedDecoder | Gpt2


@dataclass(frozen=True)
class Pretrained:
    """A network without its weights.

    Attributes:
        config: as the transformers library keeps it in `config.json`.
        about: where it comes from.
    """

    config: Mapping[str, Any]
    tokens: EncoderTokens
    about: About

    def fitted(self, dataset: Dataset, least: int) -> Pretrained:
        """Made to know what training texts hold at least `least` times.

        Raises:
            DataError: if it knows too little of them.
        """
        return self._reading(self.tokens.fitted(dataset, least, self.about.name))

    def for_characters(self, dataset: Dataset, *, mask: bool = False) -> tuple[Pretrained, Symbols]:
        """For a task that reads characters, with the symbols it then has."""
        tokens, symbols = self.tokens.characters(dataset, mask=mask)
        return self._reading(tokens), symbols

    def for_unit(self, unit: Unit, dataset: Dataset) -> tuple[Pretrained, Tokens]:
        """For a task whose recipe says what a symbol is."""
        tokens, read = self.tokens.read_by(unit, dataset)
        return self._reading(tokens), read

    def for_writing(
        self, section: LanguageModel, dataset: Dataset, known: tuple[str, ...]
    ) -> tuple[Pretrained, Tokens]:
        """For a task that continues texts; with symbols of the training texts where no tokenizer comes along.

        Args:
            known: characters that come first among those symbols.

        Raises:
            DataError: if the tokenizer knows too little of the texts, or writes others.
        """
        least, unit = section.min_count, section.unit
        if self.tokens.text:
            tokens, read = decoder_tokens.fitted(self.tokens, dataset, unit, least, self.about.name)
        else:
            made = made_for(dataset, section.vocabulary, unit, least, lossless=True, known=known)
            tokens, read = decoder_tokens.made_of(made)
        # What the library is told that texts begin and end with is what is learnt here.
        called = {"bos_token_id": "first", "eos_token_id": "last", "pad_token_id": "padding"}
        ends = {key: tokens.special[role] for key, role in called.items()}
        return replace(self, config={**self.config, **ends})._reading(tokens), read

    def _reading(self, tokens: EncoderTokens) -> Pretrained:
        return replace(self, tokens=tokens, config={**self.config, "vocab_size": tokens.rows})

    def read(
        self, symbols: Symbols, unit: Unit, special: tuple[str, ...] = (), *, lossless: bool = False
    ) -> Tokens:
        """How texts are cut into symbols that are known already; see `Tokens`."""
        return Tokens(symbols, unit, special, lossless, self.tokens.text if unit == "subword" else "")

    def with_layers(self, layers: int) -> Pretrained:
        """With another number of layers; 0 for as many as there are."""
        return replace(self, config=_with_layers(self.config, layers)) if layers else self


def kept(pretrained: Pretrained | None, folder: Path) -> dict[str, Any]:
    """Write the tokenizer of a task's encoder into a model folder; what `vocabulary.json` says beside that."""
    if pretrained is None:
        return {}
    pretrained.tokens.save(folder)
    return {_KEY: {**pretrained.tokens.described(), "about": asdict(pretrained.about)}}


def restored(folder: Path, section: Model, values: Mapping[str, Any]) -> Pretrained | None:
    """The encoder of a task in a model folder, None if it has none.

    Args:
        values: of `vocabulary.json`.

    Raises:
        OSError, ValueError, KeyError, TypeError: if something is missing or damaged.
    """
    if not isinstance(section, _SECTIONS):
        return None
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config = {name: value for name, value in config.items() if name not in OURS}
    found = values[_KEY]
    return Pretrained(config, EncoderTokens.restored(folder, found), About(**found["about"]))


def read_by(pretrained: Pretrained, section: LanguageModel, folder: Path) -> Tokens:
    """How a model in a folder cuts texts that it continues.

    Raises:
        OSError, ValueError: if its vocabulary is missing or damaged.
    """
    found, values = vocabularies.load(folder / VOCABULARY_FILE)
    special = tuple(map(str, values.get("special", ())))
    return pretrained.read(found, section.unit, special, lossless=True)


def network_of(section: Model, pretrained: Pretrained | None, symbols: int) -> ReadBy:
    """What a network over symbols is built from; for so many of them where nobody knows yet which.

    Raises:
        ValueError: if the section's family has no vector for each symbol.
    """
    if not isinstance(section, PretrainedEncoder):
        return encoder_of(section)
    if pretrained is None:
        raise RuntimeError("the task has no encoder yet: give it one before prepare()")
    special = pretrained.tokens.special
    pieces = pretrained.tokens.pieces or (0,) * symbols
    return Architecture(pretrained.config, pieces, special["first"], special["last"], section.dropout)


def decoder_of(
    section: PretrainedDecoder | Gpt2, pretrained: Pretrained | None, symbols: int
) -> Architecture:
    """What a network that continues texts is built from; for so many symbols where nobody knows yet which."""
    if pretrained is None:
        raise RuntimeError("the task has no decoder yet: give it one before prepare()")
    config, tokens = pretrained.config, pretrained.tokens
    if not tokens.text:
        config = {**config, "vocab_size": symbols}
    pieces = tokens.pieces or (0,) * symbols
    dropout = section.dropout if isinstance(section, PretrainedDecoder) else 0.0  # GPT-2's own is inside
    return Architecture(config, pieces, tokens.special["first"], tokens.special["last"], dropout)


def _with_layers(config: Mapping[str, Any], layers: int) -> dict[str, Any]:
    from studio.models.pretrained import settings

    # The library knows the number of layers by several names; lists with an entry a layer are made anew.
    name = settings(config).attribute_map.get("num_hidden_layers", "num_hidden_layers")
    left_out = ("layer_types", "num_hidden_layers")
    return {**{key: value for key, value in config.items() if key not in left_out}, name: layers}
