"""Pieces of text with characters left out, judged by which of these are guessed."""

from __future__ import annotations

import numpy as np
import torch

from studio.data.symbols import BOUNDARY, MASK, PADDING
from studio.inference.appraisal.judge import (
    Decisions,
    Judged,
    SplitJudge,
    by_item,
    mean_by_item,
    product_by_item,
)
from studio.inference.appraisal.running import END_OF_TEXT, NOT_KNOWN
from studio.models.masked import MaskedLanguageModel as Network
from studio.tasks import MaskedLanguageModel


class MaskedJudge(SplitJudge[Network, MaskedLanguageModel]):
    """A decision for each character that is asked for; which ones these are is the same for every model."""

    network = Network
    budget = 8192

    @property
    def lengths(self) -> np.ndarray:
        return np.asarray(self._examples.rows["fed"])

    def class_name(self, number: int, /) -> str:
        return self._task.symbols.text_of(number) or NOT_KNOWN

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        items = len(chosen)
        batch = self._task.collate(self._examples, chosen)
        inputs = batch.to(self._device).inputs
        hidden, follows = self._model.judged(inputs["symbols"], inputs["lengths"])
        there = inputs["targets"] != PADDING
        targets = inputs["targets"][there]
        logs = self._model.scores(hidden[there]).float().log_softmax(dim=-1)
        losses = -logs.gather(1, targets[:, None])[:, 0].double().cpu().numpy()
        guesses = self._task.guesses(logs, inputs["symbols"], inputs["lengths"], there.nonzero())
        asked = there.cpu().numpy()
        item = np.nonzero(asked)[0]
        best, chances = guesses.best(float(self._model.counts_weight))
        wanted, given, sure = targets.cpu().numpy(), best[:, 0], chances[:, 0]
        hit = wanted == given
        alone = wanted == guesses.best(0.0)[0][:, 0]
        sums = by_item(item, items, asked=None, right=hit, loss=losses, network_right=alone)
        pairs, told = np.zeros(items), np.zeros(items)
        if "follows" in inputs:
            answers = inputs["follows"].cpu().numpy()
            pairs = (answers >= 0).astype(np.float64)
            told = pairs * (follows.argmax(dim=-1).cpu().numpy() == answers)
        fed = batch.inputs["symbols"].numpy()
        read, filled, guessed = fed, fed.copy(), fed.copy()
        filled[asked], guessed[asked] = wanted, given
        return Judged(
            example=chosen,
            inputs=[self._text(row) for row in read],
            wanted=[self._text(row) for row in filled],
            given=[self._text(row) for row in guessed],
            right=sums["right"] == sums["asked"],
            loss=mean_by_item(item, losses, items),
            confidence=product_by_item(item, sure, items),
            counts={
                **sums,
                "pairs": pairs,
                "told": told,
                "joined": sums["asked"] * (self._task.counts is not None),
            },
            decisions=Decisions(item, wanted, given),
            sure=sure,
            hit=hit,
        )

    def _text(self, row: np.ndarray) -> str:
        names = {BOUNDARY: END_OF_TEXT, self._task.mask: MASK}
        return "".join(
            names.get(number) or self.class_name(number) for number in row.tolist() if number != PADDING
        )
