"""An encoder-decoder of others as its task sees it: how it reads and writes, its network, and where that comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from studio.data.dataset import Dataset
from studio.data.encoder_tokens import EncoderTokens
from studio.data.errors import DataError
from studio.data.pair_tokens import Frame, PairTokens, reading, silent, with_symbols
from studio.models.hugging_face import CONFIG, About
from studio.models.library_encoder_decoder import PairArchitecture, longest
from studio.tasks.pretrained import OURS

_KEY = "network"


@dataclass(frozen=True)
class PretrainedPair:
    """An encoder-decoder without its weights.

    Attributes:
        config: as the transformers library keeps it in `config.json`.
        frame: what stands around texts.
        about: where it comes from.
        apart: what is written is scored by vectors of its own.
    """

    config: Mapping[str, Any]
    tokens: EncoderTokens
    frame: Frame
    about: About
    apart: bool = False

    def fitted(self, dataset: Dataset, least: int) -> PretrainedPair:
        """Made to know what training texts hold at least `least` times; those that are written are among them.

        Raises:
            DataError: if it knows too little of them, or has no room for one of them.
        """
        tokens = with_symbols(self.tokens.fitted(dataset, least, self.about.name, folds=False))
        made = replace(self, tokens=tokens, config={**self.config, "vocab_size": tokens.rows})
        made._require_room(dataset)
        return made

    def reading(self) -> PairTokens:
        """How texts are cut into symbols, once it was fitted."""
        return reading(self.tokens, self.room)

    @property
    def room(self) -> int:
        """Pieces of a text that it can read or write; 0 for any number."""
        most, frame = longest(self.config), self.frame
        around = max(len(frame.before) + len(frame.behind), len(frame.start))
        return max(1, most - around) if most else 0

    def architecture(self) -> PairArchitecture:
        """What its network is built from; before there are data, for the symbols that it comes with."""
        tokens = self.tokens if self.tokens.pieces else with_symbols(self.tokens)
        return PairArchitecture(
            {**self.config, "vocab_size": tokens.rows},
            tokens.pieces,
            self.frame.before,
            self.frame.behind,
            self.frame.start,
            silent(tokens),
            self.apart,
        )

    def _require_room(self, dataset: Dataset) -> None:
        if not self.room:
            return
        lengths = replace(self.reading(), most=0).encode(dataset.train)[1]
        longest_text = int(lengths.max(initial=0))
        if longest_text > self.room:
            raise DataError(
                f"the network {self.about.name} has room for {self.room:,} pieces of a text, and its tokenizer makes "
                f"{longest_text:,} of one of the training texts",
                "lower task.max_length and task.max_target",
            )


def kept(pair: PretrainedPair, folder: Path) -> dict[str, Any]:
    """Write the tokenizer of a task's network into a model folder; what `vocabulary.json` says beside that."""
    pair.tokens.save(folder)
    more = {"frame": asdict(pair.frame), "about": asdict(pair.about), "apart": pair.apart}
    return {_KEY: {**pair.tokens.described(), **more}}


def restored(folder: Path, values: Mapping[str, Any]) -> PretrainedPair | None:
    """The network of a task in a model folder, None if it has none of others.

    Args:
        values: of `vocabulary.json`.

    Raises:
        OSError, ValueError, KeyError, TypeError: if something is missing or damaged.
    """
    found = values.get(_KEY)
    if found is None:
        return None
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config = {name: value for name, value in config.items() if name not in OURS}
    tokens = EncoderTokens.restored(folder, found)
    if sorted(tokens.pieces) != list(range(tokens.rows)):
        raise ValueError("its symbols are not those of its tokenizer")
    rows = {name: tuple(map(int, found["frame"][name])) for name in ("before", "behind", "start")}
    if not all(0 <= row < tokens.rows for part in rows.values() for row in part):
        raise ValueError("what stands around its texts is not in its tokenizer")
    return PretrainedPair(config, tokens, Frame(**rows), About(**found["about"]), bool(found["apart"]))
