"""Hanzi to pinyin: which of its readings, tone included, each character of a text has."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from studio.data import symbols as vocabularies
from studio.data.batching import epoch_batches
from studio.data.dataset import Dataset, Split
from studio.data.readings import Readings, readings_of
from studio.data.symbols import PADDING, Symbols
from studio.data.tagged import NOTHING
from studio.language.pinyin import NoReadingError, toned_readings
from studio.language.tones import TONES
from studio.models.readings import ReadingTagger
from studio.recipe import Model, Recipe
from studio.recipe.tagging import HanziToPinyin as Section
from studio.tasks.base import VOCABULARY_FILE, Batch, Examples, Metrics, Tick, no_tick
from studio.tasks.pretrained import Pretrained, kept, network_of, restored

_EVALUATION_BUDGET = 16384  # positions a batch; evaluation keeps no gradients
# Of the vocabulary of the default data: symbols, characters, those with several readings, and the most readings.
_USUAL_SYMBOLS, _USUAL_CHARACTERS, _USUAL_SEVERAL, _USUAL_READINGS = 5_000, 7_500, 1_500, 8
_NONE = -1
LEAST = 1e-30  # the least probability that a loss is taken of


@dataclass
class HanziToPinyin:
    """Ready for use after `prepare` or `load`."""

    section: Section = field(default_factory=Section)
    name: str = "hanzi_to_pinyin"
    pretrained: Pretrained | None = None
    _symbols: Symbols | None = field(default=None, repr=False)
    _readings: Readings | None = field(default=None, repr=False)

    @property
    def symbols(self) -> Symbols:
        """What is read, by number: hanzi, marks, letters, digits."""
        if self._symbols is None:
            raise RuntimeError("the task has no vocabulary yet: call prepare() or load()")
        return self._symbols

    @property
    def readings(self) -> Readings:
        """Which readings characters can have."""
        if self._readings is None:
            raise RuntimeError("the task has no readings yet: call prepare() or load()")
        return self._readings

    def prepare(self, dataset: Dataset) -> HanziToPinyin:
        made = HanziToPinyin(self.section, self.name)
        if self.pretrained is not None:
            fitted = self.pretrained.fitted(dataset, self.section.min_count)
            made.pretrained, made._symbols = fitted.for_characters(dataset)
        else:
            made._symbols = vocabularies.characters_of(dataset.train, self.section.min_count)
        made._readings = readings_of(dataset.train)
        return made

    def learn(self, dataset: Dataset, tick: Tick = no_tick) -> None:
        pass

    def build_model(self, recipe: Recipe) -> ReadingTagger:
        return self._model(recipe.model)

    def usual_model(self, recipe: Recipe) -> ReadingTagger:
        units = torch.full((_USUAL_CHARACTERS, _USUAL_READINGS), _NONE)
        units[:_USUAL_SEVERAL, :2] = torch.arange(2 * _USUAL_SEVERAL).view(-1, 2)
        network = network_of(recipe.model, self.pretrained, _USUAL_SYMBOLS)
        return ReadingTagger(network, _USUAL_SYMBOLS, units, torch.zeros(2 * _USUAL_SEVERAL))

    def _model(self, section: Model) -> ReadingTagger:
        units = torch.from_numpy(self.readings.units)
        prior = torch.from_numpy(self.readings.log_prior[self.readings.units >= 0])
        network = network_of(section, self.pretrained, len(self.symbols))
        return ReadingTagger(network, len(self.symbols), units, prior)

    def examples(self, dataset: Dataset, split: str) -> Examples:
        parts = [dataset.splits()[split]]
        if split == "train" and len(dataset.lexicon):
            parts.append(dataset.lexicon)
        return self.encode(*parts)

    def encode(self, *splits: Split) -> Examples:
        """Symbols, rows of the readings' table, what each hanzi is read as, and that as one of the model's units."""
        text = np.concatenate([split.text for split in splits])
        tags = np.concatenate([split.tags for split in splits])
        rows = self.readings.rows[text]
        units = np.full(len(text), _NONE, np.int32)
        for place in range(self.readings.table.shape[1]):
            fits = self.readings.table[rows, place] == tags
            units[fits] = self.readings.units[rows[fits], place]
        lengths = np.concatenate([split.lengths for split in splits])
        columns = {
            "symbols": self.symbols.of_points(text),
            "characters": rows,
            "units": units,
            "tags": tags,
            "text": text,
            "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        }
        return Examples(columns, lengths)

    def collate(self, examples: Examples, chosen: np.ndarray, smoothing: float = 0.0) -> Batch:
        """A batch of the examples with these numbers; a position of its loss is a hanzi, also one with one reading."""
        lengths = examples.lengths[chosen]
        steps = np.arange(int(lengths.max()))
        valid = steps < lengths[:, None]
        places = np.where(valid, examples.columns["offsets"][chosen][:, None] + steps, 0)
        asked = valid & (examples.columns["tags"][places] != NOTHING)

        def filled(name: str, empty: int) -> torch.Tensor:
            return torch.from_numpy(np.where(valid, examples.columns[name][places], empty).astype(np.int64))

        inputs: dict[str, Any] = {
            "symbols": filled("symbols", PADDING),
            "lengths": torch.from_numpy(lengths.astype(np.int64)),
            "characters": filled("characters", 0),
            "units": filled("units", _NONE),
            "smoothing": smoothing,
        }
        return Batch(inputs, max(1, int(asked.sum())))

    @torch.no_grad()
    def evaluate(
        self,
        model: nn.Module,
        examples: Examples,
        device: torch.device,
        tick: Tick = no_tick,
    ) -> Metrics:
        """Loss in nats a hanzi, and shares of right syllables.

        With tone, without tone, and with tone among polyphones: the characters that training texts have with more than
        one reading. Beside it stands what taking each one's most frequent reading would get right.
        """
        assert isinstance(model, ReadingTagger)
        loss, counts, done = 0.0, np.zeros(6, np.int64), 0
        was_training = model.training
        model.eval()
        try:
            for chosen in epoch_batches(examples.lengths, _EVALUATION_BUDGET, seed=0, epoch=0):
                tick(done, len(examples))
                done += len(chosen)
                batch = self.collate(examples, chosen)
                inputs = batch.to(device).inputs
                read = ("symbols", "lengths", "characters")
                shares = model.shares(*(inputs[name] for name in read)).cpu().numpy()
                valid = batch.inputs["symbols"].numpy() != PADDING
                part = examples.select(chosen).columns
                shares = shares[valid]
                right = (self.readings.units[part["characters"]] == part["units"][:, None]) & (
                    part["units"] >= 0
                )[:, None]
                loss -= float(np.log(np.maximum(shares[right], LEAST)).sum())
                counts += self._counted(part, shares.argmax(axis=1))
        finally:
            model.train(was_training)
        return _figures(loss, counts)

    def _counted(self, part: dict[str, np.ndarray], taken: np.ndarray) -> np.ndarray:
        """Hanzi, those right, right without tone; polyphones, those right, right by the most frequent reading."""
        asked = part["tags"] != NOTHING
        rows, tags = part["characters"][asked], part["tags"][asked].astype(np.int64)
        found = self.readings.table[rows, taken[asked]].astype(np.int64)
        strange = rows == 0
        found[strange] = [usual_reading(chr(point)) for point in part["text"][asked][strange]]
        right = found == tags
        many = self.readings.polyphones[rows]
        usual = self.readings.table[rows, 0] == tags
        toneless = found // TONES == tags // TONES
        return np.array(
            [
                len(tags),
                right.sum(),
                toneless.sum(),
                many.sum(),
                (many & right).sum(),
                (many & usual).sum(),
            ]
        )

    def save_vocabulary(self, folder: Path) -> None:
        more = {"task": self.section.model_dump(mode="json"), "readings": self.readings.stored()}
        more |= kept(self.pretrained, folder)
        vocabularies.save(folder / VOCABULARY_FILE, self.symbols, more)

    def load(self, folder: Path, section: Model) -> ReadingTagger:
        self._symbols, more = vocabularies.load(folder / VOCABULARY_FILE)
        self.section = Section.model_validate(more["task"])
        self._readings = Readings.restored(more["readings"])
        self.pretrained = restored(folder, section, more)
        return self._model(section)


def usual_reading(character: str) -> int:
    """The dictionary's first reading of a character that no text and no list had."""
    try:
        return toned_readings(character)[0]
    except NoReadingError:
        return _NONE


def _figures(loss: float, counts: np.ndarray) -> Metrics:
    hanzi, right, toneless, polyphones, polyphones_right, usual = counts.tolist()
    return {
        "loss": loss / hanzi if hanzi else None,
        "syllable_accuracy": right / hanzi if hanzi else None,
        "toneless_accuracy": toneless / hanzi if hanzi else None,
        "polyphone_accuracy": polyphones_right / polyphones if polyphones else None,
        "polyphone_baseline": usual / polyphones if polyphones else None,
    }
