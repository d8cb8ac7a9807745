"""Sentences with marked words or names, judged one by one."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from studio.inference.appraisal.judge import NONE, Decisions, Judged, SplitJudge, by_item
from studio.inference.labelling import Span, line_of
from studio.models.sequence_tagger import SequenceTagger
from studio.tasks import SequenceLabelling
from studio.tasks.schemes import Spans


class LabellingJudge(SplitJudge[SequenceTagger, SequenceLabelling]):
    """A decision for each span that is there or was found; what is sure is calibrated tag by tag."""

    network = SequenceTagger
    budget = 8192

    def class_name(self, number: int, /) -> str:
        return self._task.labels[number]

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        items = len(chosen)
        batch = self._task.collate(self._examples, chosen)
        inputs = batch.to(self._device).inputs
        scores = self._model.scores(inputs["symbols"], inputs["lengths"])
        best = self._model.best(scores, inputs["lengths"])
        loss = self._losses(scores, inputs["tags"], inputs["lengths"])
        chances = self._chances(scores, inputs["lengths"]).gather(2, best[..., None])[..., 0]
        gold = batch.inputs["tags"].numpy()
        valid = gold >= 0
        item = np.nonzero(valid)[0]
        found, gold = best.cpu().numpy()[valid], gold[valid]
        sure = chances.double().cpu().numpy()[valid].clip(0, 1)
        lengths = self._examples.lengths[chosen]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        there, made = self._task.scheme.spans(gold), self._task.scheme.spans(found)
        decisions = _aligned(there, made, item)
        hit = found == gold
        sums = by_item(
            decisions.item,
            items,
            spans=decisions.wanted != NONE,
            found=decisions.given != NONE,
            right=decisions.wanted == decisions.given,
        )
        surest = np.ones(items)
        np.minimum.at(surest, item, sure)
        texts = self._texts(chosen)
        return Judged(
            example=chosen,
            inputs=texts,
            wanted=self._lines(texts, there, starts),
            given=self._lines(texts, made, starts),
            right=(sums["right"] == sums["spans"]) & (sums["right"] == sums["found"]),
            loss=loss / lengths,
            confidence=surest,
            counts={
                "characters": lengths,
                "loss": loss,
                **by_item(item, items, tags_right=hit),
                **sums,
            },
            decisions=decisions,
            sure=sure,
            hit=hit,
        )

    def _losses(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> np.ndarray:
        """The loss of each sentence, summed over its characters [items]."""
        chain = self._model.chain
        if chain.learnt:
            made = chain.partition(scores, lengths) - chain.score(scores, tags.clamp_min(0), lengths)
        else:
            each = functional.cross_entropy(
                scores.transpose(1, 2), tags.clamp_min(0), reduction="none"
            ).masked_fill(tags < 0, 0)
            made = each.sum(dim=1)
        return np.asarray(made.double().cpu().numpy())

    def _chances(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """How likely each tag is at each position; with a random field, over all valid sequences.

        Those marginals are the derivatives of the logarithm of the partition by the scores.
        """
        if not self._model.chain.learnt:
            return scores.softmax(dim=-1)
        with torch.enable_grad():
            asked = scores.detach().requires_grad_()
            (found,) = torch.autograd.grad(self._model.chain.partition(asked, lengths).sum(), asked)
        return found

    def _lines(self, texts: list[str], spans: Spans, starts: np.ndarray) -> list[str]:
        """Sentences with what is marked in them."""
        bounds = np.searchsorted(spans.start, starts).tolist()
        made = []
        for row, text in enumerate(texts):
            part = slice(bounds[row], bounds[row + 1])
            inside = [
                Span(int(start - starts[row]), int(end - starts[row]), self._task.labels[label])
                for start, end, label in zip(
                    spans.start[part], spans.end[part], spans.label[part], strict=True
                )
            ]
            made.append(line_of(text, inside, words=self._task.section.what == "words"))
        return made


def _aligned(gold: Spans, found: Spans, item: np.ndarray) -> Decisions:
    """Spans of the same bounds side by side; one that stands alone is missed or too much.

    Args:
        item: the item of each position.
    """
    reach = int(max(gold.end.max(initial=0), found.end.max(initial=0))) + 1
    keys, places = np.unique(
        np.concatenate([gold.start * reach + gold.end, found.start * reach + found.end]), return_inverse=True
    )
    wanted, given = np.full(len(keys), NONE), np.full(len(keys), NONE)
    wanted[places[: len(gold)]] = gold.label
    given[places[len(gold) :]] = found.label
    return Decisions(item[keys // reach] if len(keys) else np.zeros(0, np.int64), wanted, given)
