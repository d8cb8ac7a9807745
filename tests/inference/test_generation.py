"""Texts drawn from a language model."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from studio.inference import generation
from studio.inference.evaluation import evaluate_split
from studio.inference.generation import Writer
from studio.inference.load import load
from studio.inference.opened import open_model
from studio.runs.generation import Sampling
from studio.tasks.model_folder import ModelFolderError
from tests import tiny, tiny_texts

GREEDY = Sampling(temperature=0)


@pytest.fixture(scope="module")
def writer() -> Writer:
    return generation.writer(open_model(tiny_texts.written().path, "language_model"))


def test_it_has_learnt(writer: Writer) -> None:
    """All sentences are a time, people, a place and a deed."""
    best = writer.next_characters("今", 3)
    assert best[0].text == "天" and best[0].score > 0.5
    (made,) = writer.texts("今天", GREEDY, 1)
    assert "今天" + made.text in "".join(tiny.sentences()) or any(
        word in made.text for word in (*tiny.SUBJECTS, *tiny.PLACES)
    )
    assert 0 < made.score <= 1


def test_chances_of_the_next_character(writer: Writer) -> None:
    every = writer.next_characters("今天我们在", 10_000)
    assert sum(one.score for one in every) == pytest.approx(1)
    assert [one.score for one in every] == sorted((one.score for one in every), reverse=True)


def test_the_same_seed_writes_the_same(writer: Writer) -> None:
    hot = Sampling(temperature=2.0, top_p=1.0, seed=5)
    once, again = writer.texts("他们", hot, 3), writer.texts("他们", hot, 3)
    assert once == again
    assert once != writer.texts("他们", Sampling(temperature=2.0, top_p=1.0, seed=6), 3)
    assert [one.score for one in once] == sorted((one.score for one in once), reverse=True)


def test_streaming_grows_to_what_is_drawn_at_once(writer: Writer) -> None:
    sampling = Sampling(seed=3, length=12)
    grown = list(writer.stream("我们", sampling))
    assert all(later.text.startswith(earlier.text) for earlier, later in itertools.pairwise(grown))
    assert grown[-1] == writer.texts("我们", sampling, 1)[0]
    assert grown[-1].ended in ("length", "end")
    assert len(grown[-1].text) <= 12


def test_a_stop_ends_the_text_and_is_never_shown(writer: Writer) -> None:
    whole = writer.texts("今天", GREEDY, 1)[0].text
    stop = whole[2:4]
    grown = list(writer.stream("今天", Sampling(temperature=0, stop=stop)))
    assert grown[-1].ended == "stop"
    assert grown[-1].text == whole[: whole.index(stop)]
    assert not any(stop[0] in step.text[len(grown[-1].text) :] for step in grown)


def test_top_k_and_top_p() -> None:
    scores = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log().double()
    chances = generation._chances
    assert chances(scores, Sampling(temperature=1, top_p=1))[0] == pytest.approx([0.5, 0.3, 0.15, 0.05])
    assert (chances(scores, Sampling(temperature=1, top_p=1, top_k=2))[0] > 0).tolist() == [1, 1, 0, 0]
    assert (chances(scores, Sampling(temperature=1, top_p=0.6))[0] > 0).tolist() == [1, 1, 0, 0]
    assert (chances(scores, Sampling(temperature=1, top_p=0.01))[0] > 0).tolist() == [1, 0, 0, 0]
    cold, hot = (chances(scores, Sampling(temperature=t, top_p=1))[0, 0] for t in (0.5, 2.0))
    assert cold > 0.5 > hot
    assert chances(scores, GREEDY)[0].tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    "bad",
    [
        {"temperature": -1},
        {"temperature": math.nan},
        {"top_p": 0},
        {"top_p": 2},
        {"top_k": -1},
        {"length": 0},
    ],
)
def test_impossible_settings(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Sampling(**bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "😀", "hello", "今天" * 5000, "\x00", "今天\n"])
def test_odd_beginnings(text: str, writer: Writer) -> None:
    (made,) = writer.texts(text, Sampling(length=5), 1)
    assert len(made.text) <= 5
    assert "".join(writer.unknown("今😀天😀x")) == "😀x"


def test_figures() -> None:
    opened = open_model(tiny_texts.written().path)
    report = evaluate_split(opened).report
    assert report["loss"] < 3
    assert report["perplexity"] == pytest.approx(math.exp(report["loss"]))
    assert set(report["sources"]) == {tiny.text().name}


def test_other_tasks_are_told_apart() -> None:
    with pytest.raises(ModelFolderError, match="continues texts; choose a model that types pinyin"):
        load(tiny_texts.written().path)
