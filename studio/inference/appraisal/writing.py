"""Texts that were written for texts, judged one by one beside those that were wanted."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.nn import functional

from studio.data.symbols import PADDING, UNKNOWN
from studio.inference.appraisal.judge import Decisions, Judged, SplitJudge, by_item, mean_by_item
from studio.inference.appraisal.running import symbol_text
from studio.models.beam_search import beam_search
from studio.models.text_writer import TextWriter
from studio.tasks import SequenceToSequence, overlap


class WritingJudge(SplitJudge[TextWriter, SequenceToSequence]):
    """A decision a symbol, given those before it; and what is written when only the likeliest symbol is followed."""

    network = TextWriter
    budget = 4096

    def class_name(self, number: int, /) -> str:
        return symbol_text(self._task.target_tokens, number)

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
        lengths = inputs["lengths"]
        found = beam_search(self._model, inputs["symbols"], lengths, self._task.most(lengths), 1)
        written = [self._task.text_of(one.symbols) for (one,) in found]
        sought = self._examples.rows["texts"][chosen].tolist()
        counts = overlap.counted(written, sought, chinese=self._task.chinese)
        return Judged(
            example=chosen,
            inputs=self._texts(chosen),
            wanted=sought,
            given=written,
            right=counts["exact"] > 0,
            loss=mean_by_item(item, losses, items),
            confidence=np.array([math.exp(one.log / (len(one.symbols) + 1)) for (one,) in found]),
            counts={**counts, **by_item(item, items, symbols=None, right=hit, loss=losses)},
            decisions=Decisions(item, wanted, given),
            sure=best.values.double().cpu().numpy(),
            hit=hit,
        )
