"""Pieces of running text, judged by how well each next symbol is expected."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from studio.data.dataset import Split
from studio.data.running import ENDS
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN
from studio.inference.appraisal.judge import Decisions, Judged, mean_by_item
from studio.inference.opened import Opened
from studio.models.causal import CausalNetwork
from studio.tasks import LanguageModel

END_OF_TEXT, NOT_KNOWN = "¶", "□"


class RunningJudge:
    """A decision a symbol: what comes next. Nothing is right or wrong as a whole."""

    budget = 4096

    def __init__(self, opened: Opened, split: Split) -> None:
        assert isinstance(opened.model, CausalNetwork)
        self._model, self._device, self._split = opened.model, opened.device, split
        self._task: LanguageModel = opened.task
        self._examples = self._task.encode(split)

    @property
    def lengths(self) -> np.ndarray:
        return self._examples.lengths

    def class_name(self, number: int, /) -> str:
        if number == BOUNDARY:
            return END_OF_TEXT
        return NOT_KNOWN if number == UNKNOWN else self._task.tokens.text_of(number)

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        items = len(chosen)
        batch = self._task.collate(self._examples, chosen).to(self._device)
        found = self._task.best_of(self._model, batch)
        losses, targets, given = -found.logs, batch.inputs["targets"].cpu().numpy(), found.best
        item = np.nonzero(targets != PADDING)[0]
        wanted = targets[targets != PADDING]
        hit = wanted == given
        widths = self._examples.columns.get("widths")
        part = self._examples.select(chosen).columns
        characters = np.ones(len(item)) if widths is None else part["widths"]
        symbols, loss, network, right, width = (
            np.bincount(item, values, minlength=items)
            for values in (None, losses, -found.network, hit, characters)
        )
        bounds = np.searchsorted(item, np.arange(items + 1)).tolist()
        said = ["".join(map(self.class_name, given[a:b].tolist())) for a, b in pairwise(bounds)]
        texts = [self._split.text_of(int(number)) for number in chosen]
        ends = (np.asarray(self._split.label)[chosen] & ENDS) > 0
        return Judged(
            example=chosen,
            inputs=texts,
            wanted=[text + END_OF_TEXT * int(end) for text, end in zip(texts, ends, strict=True)],
            given=said,
            right=None,
            loss=mean_by_item(item, losses, items),
            confidence=np.full(items, np.nan),
            counts={
                "symbols": symbols,
                "characters": width,
                "right": right,
                "loss": loss,
                "joined": symbols * (self._task.counts is not None),
                "network_loss": network,
            },
            decisions=Decisions(item, wanted, given),
            sure=found.chances,
            hit=hit,
        )
