"""Pieces of running text, judged by how well each next symbol is expected."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from studio.data.running import ENDS
from studio.data.symbols import BOUNDARY, PADDING, UNKNOWN
from studio.data.tokens import Tokens
from studio.inference.appraisal.judge import Decisions, Judged, SplitJudge, by_item, mean_by_item
from studio.models.causal import CausalNetwork
from studio.tasks import LanguageModel

END_OF_TEXT, NOT_KNOWN = "¶", "□"


def symbol_text(tokens: Tokens, number: int) -> str:
    """A symbol as a person reads it."""
    if number == BOUNDARY:
        return END_OF_TEXT
    return NOT_KNOWN if number == UNKNOWN else tokens.text_of(number)


class RunningJudge(SplitJudge[CausalNetwork, LanguageModel]):
    """A decision a symbol: what comes next. Nothing is right or wrong as a whole."""

    network = CausalNetwork
    budget = 4096

    def class_name(self, number: int, /) -> str:
        return symbol_text(self._task.tokens, number)

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
        sums = by_item(
            item,
            items,
            symbols=None,
            characters=characters,
            right=hit,
            loss=losses,
            network_loss=-found.network,
        )
        bounds = np.searchsorted(item, np.arange(items + 1)).tolist()
        said = ["".join(map(self.class_name, given[a:b].tolist())) for a, b in pairwise(bounds)]
        texts = self._texts(chosen)
        ends = (np.asarray(self._split.label)[chosen] & ENDS) > 0
        return Judged(
            example=chosen,
            inputs=texts,
            wanted=[text + END_OF_TEXT * int(end) for text, end in zip(texts, ends, strict=True)],
            given=said,
            right=None,
            loss=mean_by_item(item, losses, items),
            confidence=np.full(items, np.nan),
            counts={**sums, "joined": sums["symbols"] * (self._task.counts is not None)},
            decisions=Decisions(item, wanted, given),
            sure=found.chances,
            hit=hit,
        )
