"""The studio's own models for the transformers library's AutoConfig and AutoModel: importing this registers them.

    import studio.export.auto_classes
    from transformers import AutoModel
    model = AutoModel.from_pretrained(FOLDER)

Models made of a pretrained encoder need none of it: the library knows those by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.utils import ModelOutput

from studio.data.symbols import PADDING
from studio.tasks.model_folder import MODEL_TYPE, ModelFolderError, read_model


class HanziStudioConfig(PretrainedConfig):
    """`config.json` of a model folder; see `studio.tasks.model_folder.ModelConfig` for what it says."""

    model_type = MODEL_TYPE


@dataclass
class Read(ModelOutput):
    """What a network makes of texts.

    Attributes:
        last_hidden_state: a vector for each symbol [texts, length, width].
        logits: of a classification, a score for each label [texts, labels].
    """

    last_hidden_state: Tensor | None = None
    logits: Tensor | None = None


class HanziStudioModel(PreTrainedModel):
    """A model of the studio.

    Attributes:
        network: the studio's own module.
        task: knows the vocabulary and what the network's numbers mean.
    """

    config_class = HanziStudioConfig
    base_model_prefix = "network"

    def __init__(self, config: HanziStudioConfig, network: nn.Module, task: Any) -> None:
        super().__init__(config)
        self.network, self.task = network, task

    @classmethod
    def from_pretrained(cls, folder: str | Path, *_positional: Any, **named: Any) -> HanziStudioModel:
        """Open a model folder, as `AutoModel.from_pretrained` does.

        Raises:
            OSError: if it holds no model of the studio.
        """
        place = Path(folder)
        config = named.get("config") or HanziStudioConfig.from_pretrained(str(place))
        try:
            network, task, _config = read_model(place)
        except ModelFolderError as error:
            raise OSError(str(error)) from error
        return cls(config, network, task).eval()

    def read(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """What `forward` is given for some texts; for a model that types, syllables with blanks between them.

        Raises:
            ValueError: if a text holds nothing.
        """
        if not all(text.strip() for text in texts):
            raise ValueError("a text is empty")
        rows = [self._symbols(text) for text in texts]
        lengths = torch.tensor([len(row) for row in rows])
        symbols = torch.full((len(rows), int(lengths.max())), PADDING)
        for place, row in zip(symbols, rows, strict=True):
            place[: len(row)] = torch.from_numpy(row.astype(np.int64))
        return {"symbols": symbols, "lengths": lengths}

    def _symbols(self, text: str) -> np.ndarray:
        if hasattr(self.task, "read") and self.task.name != "correction":
            found: np.ndarray = self.task.read(text)
            return found
        if hasattr(self.task, "symbols"):
            points = np.array([ord(character) for character in text], np.int64)
            known: np.ndarray = self.task.symbols.of_points(points)
            return known
        numbers = {syllable: number for number, syllable in enumerate(self.task.vocabulary.syllables, 1)}
        return np.array([numbers[syllable] for syllable in text.split()], np.int64)

    def forward(self, symbols: Tensor, lengths: Tensor) -> Read:
        """`symbols` [texts, length] with 0 behind the end of each, `lengths` [texts]."""
        network: Any = self.network
        if hasattr(network, "hidden"):  # of a language model
            return Read(last_hidden_state=network.hidden(symbols))
        hidden = network.encode(symbols, lengths)
        logits = network.scores(symbols, lengths) if self.task.name == "text_classification" else None
        return Read(last_hidden_state=hidden, logits=logits)


AutoConfig.register(MODEL_TYPE, HanziStudioConfig, exist_ok=True)
AutoModel.register(HanziStudioConfig, HanziStudioModel, exist_ok=True)
