"""How much texts have in common: held against sacrebleu's own figures, and against plain loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF

from studio.tasks.overlap import counted, figures, is_chinese, pieces, rouge_l, signatures

ENGLISH = (
    ["Hello, teacher!", "the cat sat on the mat", ""],
    ["Hello teacher!", "a cat sat on a mat .", "yes"],
)
CHINESE = (["今天天气很好。", "我喜欢苹果"], ["今天天气不好。", "我喜欢吃苹果"])


def summed(written: list[str], wanted: list[str], *, chinese: bool) -> dict[str, float]:
    found = figures({k: v.sum() for k, v in counted(written, wanted, chinese=chinese).items()})
    return {name: float(value) for name, value in found.items()}


@pytest.mark.parametrize(("texts", "chinese"), [(ENGLISH, False), (CHINESE, True)])
def test_the_figures_of_sacrebleu(texts: tuple[list[str], list[str]], chinese: bool) -> None:
    found = summed(*texts, chinese=chinese)
    bleu = BLEU(tokenize="zh" if chinese else "13a").corpus_score(texts[0], [texts[1]])
    assert found["bleu"] == pytest.approx(bleu.score / 100) and 0 < found["bleu"] < 1
    chrf = CHRF().corpus_score(texts[0], [texts[1]])
    assert found["chrf"] == pytest.approx(chrf.score / 100) and 0 < found["chrf"] < 1


def test_several_sums_at_once() -> None:
    counts = counted(*ENGLISH, chinese=False)
    drawn = np.array([[0, 1, 2], [0, 0, 0]])
    found = figures({name: values[drawn].sum(axis=1) for name, values in counts.items()})
    for row, places in enumerate(drawn.tolist()):
        alone = summed(*([side[n] for n in places] for side in ENGLISH), chinese=False)
        assert {name: float(values[row]) for name, values in found.items()} == pytest.approx(alone)


def test_the_same_texts_and_none() -> None:
    texts = ["one two three four five", "今天天气很好"]
    assert summed(texts, texts, chinese=False) == pytest.approx(
        {"exact_match": 1, "chrf": 1, "bleu": 1, "rouge_l": 1}
    )
    nothing = figures({k: v.sum() for k, v in counted([], [], chinese=False).items()})
    assert all(np.isnan(value) for value in nothing.values())


def common(one: list[str], other: list[str]) -> int:
    """The longest common subsequence by trying all."""
    for size in range(min(len(one), len(other)), 0, -1):
        if {*itertools.combinations(one, size)} & {*itertools.combinations(other, size)}:
            return size
    return 0


@settings(max_examples=60, deadline=None)
@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_rouge_l(one: str, other: str) -> None:
    wanted = 2 * common([*one], [*other]) / (len(one) + len(other)) if one and other else 0.0
    assert rouge_l([*one], [*other]) == pytest.approx(wanted)


def test_pieces_and_languages() -> None:
    assert pieces("It's 今天, ok", chinese=False) == ["it", "'", "s", "今天", ",", "ok"]
    assert pieces("Ok 今天。", chinese=True) == ["ok", "今", "天", "。"]
    assert is_chinese(["今天 ok"]) and not is_chinese(["today 今", "tomorrow"]) and not is_chinese([])


def test_signatures_say_how_texts_were_cut() -> None:
    assert "tok:zh" in signatures(chinese=True)["bleu"] and "tok:13a" in signatures(chinese=False)["bleu"]
    assert "nc:6" in signatures(chinese=False)["chrf"]
