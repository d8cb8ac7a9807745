"""Texts that were written for texts, judged one by one beside those that were wanted."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.nn import functional

from studio.data.dataset import Split
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN
from studio.inference.appraisal.judge import Decisions, Judged, mean_by_item
from studio.inference.appraisal.running import END_OF_TEXT, NOT_KNOWN
from studio.inference.opened import Opened
from studio.models.beam_search import beam_search
from studio.models.text_writer import TextWriter
from studio.tasks import SequenceToSequence, overlap


class WritingJudge:
    """A decision a symbol, given those before it; and what is written when only the likeliest symbol is followed."""

    budget = 4096

    def __init__(self, opened: Opened, split: Split) -> None:
        assert isinstance(opened.model, TextWriter)
        self._model, self._device, self._split = opened.model, opened.device, split
        self._task: SequenceToSequence = opened.task
        self._examples = self._task.encode(split)

    @property
    def lengths(self) -> np.ndarray:
        return self._examples.lengths

    def class_name(self, number: int, /) -> str:
        if number == BOUNDARY:
            return END_OF_TEXT
        return NOT_KNOWN if number == UNKNOWN else self._task.target_tokens.text_of(number)

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        items = len(chosen)
        inputs = self._task.collate(self._examples, chosen).to(self._device).inputs
        asked = inputs["targets"] != PADDING
        targets = inputs["targets"][asked]
        hidden = self._model.hidden(inputs["symbols"], inputs["lengths"], inputs["written"])[asked]
        scores = self._model.scores(hidden).float()
        losses = functional.cross_entropy(scores, targets, reduction="none").double().cpu().numpy()
        best = scores.softmax(dim=-1).max(dim=-1)
        item = np.nonzero(asked.cpu().numpy())[0]
        wanted, given = targets.cpu().numpy(), best.indices.cpu().numpy()
        hit = (wanted == given) & (wanted != UNKNOWN)
        symbols, loss, right = (np.bincount(item, x, minlength=items) for x in (None, losses, hit))
        lengths = inputs["lengths"]
        found = beam_search(self._model, inputs["symbols"], lengths, self._task.most(lengths), 1)
        written = [self._task.text_of(one.symbols) for (one,) in found]
        sought = self._examples.rows["texts"][chosen].tolist()
        counts = overlap.counted(written, sought, chinese=self._task.chinese)
        return Judged(
            example=chosen,
            inputs=[self._split.text_of(int(number)) for number in chosen],
            wanted=sought,
            given=written,
            right=counts["exact"] > 0,
            loss=mean_by_item(item, losses, items),
            confidence=np.array([math.exp(one.log / (len(one.symbols) + 1)) for (one,) in found]),
            counts={**counts, "symbols": symbols, "right": right, "loss": loss},
            decisions=Decisions(item, wanted, given),
            sure=best.values.double().cpu().numpy(),
            hit=hit,
        )
