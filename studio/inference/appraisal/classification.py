"""Texts with labels, judged one by one."""

from __future__ import annotations

import numpy as np
import torch

from studio.inference.appraisal.judge import Decisions, Judged, SplitJudge
from studio.models.classifier import TextClassifier
from studio.tasks import TextClassification


class ClassificationJudge(SplitJudge[TextClassifier, TextClassification]):
    """One decision a text."""

    network = TextClassifier
    budget = 16384

    def class_name(self, number: int, /) -> str:
        return self._task.labels[number]

    @torch.no_grad()
    def judge(self, chosen: np.ndarray, /) -> Judged:
        inputs = self._task.collate(self._examples, chosen).to(self._device).inputs
        scores, network = self._model.joined_scores(inputs["symbols"], inputs["lengths"])
        logs = scores.double().log_softmax(dim=1).cpu().numpy()
        wanted, given = self._examples.rows["labels"][chosen], logs.argmax(axis=1)
        every = np.arange(len(chosen))
        right, loss = wanted == given, -logs[every, wanted]
        alone = network.argmax(dim=1).cpu().numpy() == wanted
        sure = np.exp(logs[every, given])
        return Judged(
            example=chosen,
            inputs=self._texts(chosen),
            wanted=[self._task.labels[number] for number in wanted],
            given=[self._task.labels[number] for number in given],
            right=right,
            loss=loss,
            confidence=sure,
            counts={
                "texts": np.ones(len(chosen)),
                "right": right,
                "loss": loss,
                "joined": np.full(len(chosen), self._model.evidence is not None),
                "network_right": alone,
            },
            decisions=Decisions(every, wanted, given),
            sure=sure,
            hit=right,
        )
