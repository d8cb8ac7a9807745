"""Clauses of hanzi decided syllable by syllable, by the network alone, judged one by one.

What a person gets when letters are typed, with counts and words as well, is what `studio evaluate --decoded` says.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from studio.data.dataset import Split
from studio.inference.appraisal.judge import Decisions, Judged, SplitJudge, by_item, product_by_item
from studio.models.tagger import PADDING, SyllableTagger
from studio.tasks import PinyinToHanzi


class TypingJudge(SplitJudge[SyllableTagger, PinyinToHanzi]):
    """A decision a syllable: which of its candidates it is."""

    network = SyllableTagger
    budget = 8192

    def _encoded(self, task: PinyinToHanzi, split: Split) -> Any:
        return task.encode([split])

    def class_name(self, number: int, /) -> str:
        vocabulary = self._task.vocabulary
        syllable = int(np.searchsorted(vocabulary.starts, number, "right")) - 1
        return f"{vocabulary.characters[number]} {vocabulary.syllables[syllable]}"

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        items = len(chosen)
        batch = self._task.collate(self._examples, chosen)
        inputs = batch.to(self._device).inputs
        found, logs = self._model.candidates(inputs["symbols"], inputs["lengths"])
        valid = batch.inputs["symbols"].numpy() != PADDING
        item = np.nonzero(valid)[0]
        targets = batch.inputs["units"].numpy()[valid]
        units, chances = found.cpu().numpy(), logs.double().cpu().numpy()
        best = chances.argmax(axis=1)
        every = np.arange(len(targets))
        given, sure = units[every, best], np.exp(chances[every, best])
        hit = (given == targets) & (targets >= 0)
        known = targets >= 0
        lost = -np.where((units == targets[:, None]) & known[:, None], chances, 0.0).sum(axis=1)
        lengths = self._examples.lengths[chosen]
        sums = by_item(item, items, right=hit, known=known, loss=lost)
        characters = self._task.vocabulary.characters
        answers = ["".join(characters[unit] for unit in given[item == row]) for row in range(items)]
        right = sums["right"] == lengths
        return Judged(
            example=chosen,
            inputs=[self._split.pinyin_of(int(number)) for number in chosen],
            wanted=self._texts(chosen),
            given=answers,
            right=right,
            loss=sums["loss"] / np.where(sums["known"], sums["known"], np.nan),
            confidence=product_by_item(item, sure, items),
            counts={"clauses": np.ones(items), "characters": lengths, "whole": right, **sums},
            decisions=Decisions(item, targets, given),
            sure=sure,
            hit=hit,
        )
