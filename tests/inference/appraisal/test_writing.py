"""Texts written for texts, judged one by one: the figures are those of the task, and each text can be looked at."""

from __future__ import annotations

import numpy as np
import pytest

from studio.data.dataset import SplitBuilder
from studio.data.symbols import UNKNOWN
from studio.inference.appraisal.judges import JUDGES
from studio.inference.appraisal.scores import SCORINGS
from studio.inference.opened import open_model
from tests import tiny_texts

PAIRS = [("今天我们吃饭。", "we eat today."), ("明天他们唱歌！", "they read tomorrow!"), ("老师看书", "囧")]


def test_the_figures_are_those_of_the_task() -> None:
    opened = open_model(tiny_texts.translated().path)
    builder = SplitBuilder()
    for text, target in PAIRS:
        builder.add(text, (), 0, target=target)
    judge = JUDGES["sequence_to_sequence"](opened, builder.build())
    parts = [judge.judge(np.array(chosen)) for chosen in ([2, 0], [1])]
    scoring = SCORINGS["sequence_to_sequence"]
    sums = {name: sum(part.counts[name].sum() for part in parts) for name in scoring.counted}
    found = {name: float(value) for name, value in scoring.figures(sums).items()}
    wanted = opened.task.evaluate(opened.model, opened.task.of_pairs(PAIRS), opened.device)
    assert found == pytest.approx(wanted, rel=1e-5) and found["exact_match"] == pytest.approx(1 / 3)
    first = parts[0]
    assert (
        first.inputs == ["老师看书", "今天我们吃饭。"]
        and first.given[1] == first.wanted[1] == "we eat today."
    )
    assert first.right.tolist() == [False, True] and first.confidence[1] > 0.5
    unknown = first.decisions.wanted == UNKNOWN
    assert unknown.sum() == 1 and not first.hit[unknown].any(), "what is unknown is never right"
    assert judge.class_name(int(first.decisions.wanted[-1])) == "¶"
