"""Words and names in any text, and figures."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from studio.data.errors import DataError
from studio.inference import labelling
from studio.inference.evaluation import evaluate_file, evaluate_split
from studio.inference.labelling import Labeller
from studio.inference.opened import Opened, open_model
from studio.tasks.model_folder import ModelFolderError
from tests import tiny, tiny_tagging


@pytest.fixture(scope="module")
def opened() -> Opened:
    return open_model(tiny_tagging.labelled().path, "sequence_labelling")


@pytest.fixture(scope="module")
def labeller(opened: Opened) -> Labeller:
    return labelling.labeller(opened)


def said(labeller: Labeller, text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.label) for span in labeller.spans(text)]


def test_it_has_learnt(labeller: Labeller) -> None:
    assert said(labeller, "今天张伟在北京看书。") == [("张伟", "PER"), ("北京", "LOC")]
    assert said(labeller, "昨天老师在学校写字。\n明天李小明在西安回家。") == [
        ("李小明", "PER"),
        ("西安", "LOC"),
    ]


def test_words_cover_everything_but_blanks() -> None:
    cutter = labelling.labeller(open_model(tiny_tagging.labelled("words").path))
    text = "今天张伟在北京看书。 \n明天 老师"
    spans = cutter.spans(text)
    assert "".join(text[span.start : span.end] for span in spans) == "".join(text.split())
    assert [text[span.start : span.end] for span in spans][:2] == ["今天", "张"]
    assert {span.label for span in spans} == {"word"}


@pytest.mark.parametrize("text", ["", " \n\t", "\u3000"])
def test_nothing_to_read(text: str, labeller: Labeller) -> None:
    assert labeller.spans(text) == []


@pytest.mark.parametrize("text", ["张", "😀", "hello world 1", "龘靐", "\x00", "\ud800", "\uf900", "。。。"])
def test_odd_texts_have_sound_answers(text: str, labeller: Labeller) -> None:
    for spans in (labeller.spans(text), labeller.spans(f"今天{text}在北京")):
        assert all(span.start < span.end for span in spans)
        assert all(one.end <= other.start for one, other in itertools.pairwise(spans))


def test_a_long_text(labeller: Labeller) -> None:
    text = "今天张伟在北京看书。" * 1000
    assert said(labeller, text) == [("张伟", "PER"), ("北京", "LOC")] * 1000


def test_probes(opened: Opened) -> None:
    def probe(text: str) -> str:
        (found,) = labelling.candidates(opened.model, opened.task, text, 5)
        return found.text

    assert probe("今天张伟在北京看书。") == "今天 张伟/PER 在 北京/LOC 看书。"
    assert probe("") == ""
    words = open_model(tiny_tagging.labelled("words").path)
    (found,) = labelling.candidates(words.model, words.task, "今天老师在学校", 5)
    assert found.text == "今天 老师 在 学校"


def test_figures(opened: Opened, tmp_path: Path) -> None:
    report = evaluate_split(opened).report
    assert report["f1"] > 0.9 and report["data_changed"] is False
    assert set(report["labels"]) == {"PER", "LOC"}
    path = tmp_path / "mine.txt"
    path.write_text("今天/t  张/nr  伟/nr  在/p  北京/ns  看/v  书/n  。/w\n", encoding="utf-8")
    own = evaluate_file(opened, path).report
    assert (own["examples"], own["f1"], own["unknown_labels"]) == (1, 1, 0)
    path.write_text("张 B-PER\n伟 E-PER\n\n甲 S-THING\n乙 O\n", encoding="utf-8")
    own = evaluate_file(opened, path).report
    assert (own["examples"], own["unknown_labels"]) == (1, 1)
    path.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(DataError, match="marks no words"):
        evaluate_file(opened, path)
    path.write_text("甲 S-THING\n乙 O\n", encoding="utf-8")
    with pytest.raises(DataError, match="no sentence with labels of the model"):
        evaluate_file(opened, path)


def test_models_of_other_tasks_are_told_apart() -> None:
    with pytest.raises(ModelFolderError, match="types pinyin; choose a model that marks words and names"):
        open_model(tiny.finished_run().path, "sequence_labelling")
    with pytest.raises(ModelFolderError, match="marks words and names; choose a model that gives texts"):
        open_model(tiny_tagging.labelled().path, "hanzi_to_pinyin")
