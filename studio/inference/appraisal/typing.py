"""Clauses of hanzi decided syllable by syllable, by the network alone, judged one by one.

What a person gets when letters are typed, with counts and words as well, is what `studio evaluate --decoded` says.
"""

from __future__ import annotations

import numpy as np
import torch

from studio.data.dataset import Split
from studio.inference.appraisal.judge import Decisions, Judged, product_by_item
from studio.inference.opened import Opened
from studio.models.tagger import PADDING, SyllableTagger
from studio.tasks import PinyinToHanzi


class TypingJudge:
    """A decision a syllable: which of its candidates it is."""

    budget = 8192

    def __init__(self, opened: Opened, split: Split) -> None:
        assert isinstance(opened.model, SyllableTagger)
        self._model, self._device, self._split = opened.model, opened.device, split
        self._task: PinyinToHanzi = opened.task
        self._examples = self._task.encode([split])

    @property
    def lengths(self) -> np.ndarray:
        return self._examples.lengths

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
        rights = np.bincount(item, hit, minlength=items)
        asked, loss = (np.bincount(item, x, minlength=items) for x in (known, lost))
        characters = self._task.vocabulary.characters
        answers = ["".join(characters[unit] for unit in given[item == row]) for row in range(items)]
        right = rights == lengths
        return Judged(
            example=chosen,
            inputs=[self._split.pinyin_of(int(number)) for number in chosen],
            wanted=[self._split.text_of(int(number)) for number in chosen],
            given=answers,
            right=right,
            loss=loss / np.where(asked, asked, np.nan),
            confidence=product_by_item(item, sure, items),
            counts={
                "clauses": np.ones(items),
                "characters": lengths,
                "right": rights,
                "whole": right,
                "known": asked,
                "loss": loss,
            },
            decisions=Decisions(item, targets, given),
            sure=sure,
            hit=hit,
        )
