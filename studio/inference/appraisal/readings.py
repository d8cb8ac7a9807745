"""Sentences given their pinyin, judged one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from studio.data.dataset import Split
from studio.data.symbols import PADDING
from studio.data.tagged import NOTHING
from studio.inference.appraisal.judge import Decisions, Judged, SplitJudge, by_item, product_by_item
from studio.inference.opened import Opened
from studio.language.tones import TONES, digits, marks
from studio.models.readings import ReadingTagger
from studio.tasks import HanziToPinyin
from studio.tasks.hanzi_to_pinyin import LEAST, usual_reading


class ReadingsJudge(SplitJudge[ReadingTagger, HanziToPinyin]):
    """A decision for each character with several readings; of the others nothing is decided."""

    network = ReadingTagger
    budget = 16384

    def __init__(self, opened: Opened, split: Split) -> None:
        super().__init__(opened, split)
        readings = self._task.readings
        rows, places = np.nonzero(readings.units >= 0)
        self._of_unit = dict(
            zip(
                readings.units[rows, places].tolist(),
                zip(rows.tolist(), places.tolist(), strict=True),
                strict=True,
            )
        )

    def class_name(self, number: int, /) -> str:
        readings = self._task.readings
        row, place = self._of_unit[number]
        return f"{readings.characters[row - 1]} {digits(readings.numbers[row - 1][place])}"

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        items, readings = len(chosen), self._task.readings
        batch = self._task.collate(self._examples, chosen)
        inputs = batch.to(self._device).inputs
        shares = self._model.shares(*(inputs[name] for name in ("symbols", "lengths", "characters")))
        part = self._examples.select(chosen).columns
        valid = batch.inputs["symbols"].numpy() != PADDING
        # Rows one after another, as `select` lays them.
        shares = shares.cpu().numpy()[valid]
        item = np.repeat(np.arange(items), self._examples.lengths[chosen])
        taken = shares.argmax(axis=1)
        rows, tags, units = part["characters"], part["tags"].astype(np.int64), part["units"]
        asked = tags != NOTHING
        found = readings.table[rows, taken].astype(np.int64)
        strange = asked & (rows == 0)
        found[strange] = [usual_reading(chr(point)) for point in part["text"][strange]]
        hit = asked & (found == tags)
        toneless = asked & (found // TONES == tags // TONES)
        many = asked & readings.polyphones[rows]
        usual = many & (readings.table[rows, 0] == tags)
        decided = asked & (readings.units[rows, 0] >= 0)
        is_right = (readings.units[rows] == units[:, None]) & (units >= 0)[:, None]
        lost = -np.log(np.maximum(np.where(is_right, shares, 0).sum(axis=1), LEAST)) * is_right.any(axis=1)
        sure = shares[np.arange(len(item)), taken].astype(np.float64)
        counts = by_item(
            item,
            items,
            hanzi=asked,
            right=hit,
            toneless=toneless,
            polyphones=many,
            polyphones_right=many & hit,
            polyphones_usual=usual,
            loss=lost,
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            loss = counts["loss"] / counts["hanzi"]
        given = readings.units[rows, taken]
        text = [chr(point) for point in part["text"].tolist()]
        bounds = np.searchsorted(item, np.arange(items + 1)).tolist()
        return Judged(
            example=chosen,
            inputs=self._texts(chosen),
            wanted=[_line(text[a:b], tags[a:b], asked[a:b]) for a, b in pairwise(bounds)],
            given=[_line(text[a:b], found[a:b], asked[a:b]) for a, b in pairwise(bounds)],
            right=counts["right"] == counts["hanzi"],
            loss=loss,
            confidence=product_by_item(item[decided], sure[decided], items),
            counts=counts,
            decisions=Decisions(
                item[decided], units[decided].astype(np.int64), given[decided].astype(np.int64)
            ),
            sure=sure[decided],
            hit=hit[decided],
        )


def _line(text: list[str], tags: np.ndarray, asked: np.ndarray) -> str:
    """Readings with their tone marks and blanks between them; what has none as it stands."""
    made: list[str] = []
    for character, tag, is_asked in zip(text, tags.tolist(), asked.tolist(), strict=True):
        if is_asked and made and not made[-1].isspace():
            made.append(" ")
        made.append((marks(tag) if tag >= 0 else "?") if is_asked else character)
    return "".join(made)
