"""Pinyin for any text, and figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.errors import DataError
from studio.inference import readings
from studio.inference.evaluation import evaluate_file, evaluate_split
from studio.inference.opened import Opened, open_model
from studio.inference.readings import Reader
from studio.tasks.model_folder import ModelFolderError
from tests import tiny, tiny_tagging


@pytest.fixture(scope="module")
def opened() -> Opened:
    return open_model(tiny_tagging.read().path, "hanzi_to_pinyin")


@pytest.fixture(scope="module")
def reader(opened: Opened) -> Reader:
    return readings.reader(opened)


def pinyin(reader: Reader, text: str) -> list[str]:
    return [one.written for one in reader.read(text)]


def test_it_has_learnt(reader: Reader) -> None:
    found = " ".join(pinyin(reader, "今天老师去银行，老师很快乐。"))
    assert found == "jin1 tian1 lao3 shi1 qu4 yin2 hang2 ， lao3 shi1 hen3 kuai4 le4 。"
    assert pinyin(reader, "孩子慢慢长大")[-2:] == ["zhang3", "da4"]
    assert pinyin(reader, "孩子头发很长")[-1] == "chang2"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("好", ["hao3"]),
        ("😀", ["😀"]),
        ("Ab 1。", ["A", "b", " ", "1", "。"]),
        ("\n\t", ["\n", "\t"]),
        ("鿫㐀", ["ao4", "qiu1"]),
        ("\x00他", ["\x00", "ta1"]),
        ("\U0002ffff", ["\U0002ffff"]),
        ("\ud800他", ["\ud800", "ta1"]),
        ("\uf900", ["qi3"]),
    ],
)
def test_odd_texts(text: str, found: list[str], reader: Reader) -> None:
    assert pinyin(reader, text) == found


def test_a_long_text_has_a_reading_for_each_character(reader: Reader) -> None:
    text = "他去银行，" * 2000
    found = pinyin(reader, text)
    assert len(found) == 10_000
    assert set(found) == {"ta1", "qu4", "yin2", "hang2", "，"}


def test_readings_are_told_with_their_probabilities(reader: Reader) -> None:
    his, fine = reader.read("他行")
    assert his.readings == ((his.readings[0][0], 1.0),)
    shares = [share for _, share in fine.readings]
    assert len(shares) > 1 and sum(shares) == pytest.approx(1, abs=1e-5)
    assert shares == sorted(shares, reverse=True)


def test_what_the_model_does_not_know_is_told(reader: Reader) -> None:
    known, rare = reader.read("他㐀")
    assert known.learnt and not rare.learnt


def test_probes(opened: Opened) -> None:
    best, *others = readings.candidates(opened.model, opened.task, "他行不行？ok", 3)
    assert best.text == "tā xíng bù xíng？ok"
    assert len(others) == 2 and best.score > others[0].score >= others[1].score
    assert readings.candidates(opened.model, opened.task, "", 5)[0].text == ""
    assert len(readings.candidates(opened.model, opened.task, "行", 1)) == 1


def test_figures(opened: Opened, tmp_path: Path) -> None:
    report = evaluate_split(opened).report
    assert report["syllable_accuracy"] > 0.98 and report["data_changed"] is False
    assert report["polyphone_accuracy"] > report["polyphone_baseline"]
    path = tmp_path / "mine.tsv"
    path.write_text("银行\tyín háng\nta1 xing2\t他行！\n银行\tyin hang\nno\n\n", encoding="utf-8")
    own = evaluate_file(opened, path).report
    assert (own["examples"], own["skipped_lines"], own["syllable_accuracy"]) == (2, 2, 1)
    path.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(DataError, match="pinyin with tones"):
        evaluate_file(opened, path)


def test_models_of_other_tasks_are_told_apart() -> None:
    with pytest.raises(ModelFolderError, match="types pinyin; choose a model that gives texts their pinyin"):
        open_model(tiny.finished_run().path, "hanzi_to_pinyin")
    with pytest.raises(ModelFolderError, match="gives texts their pinyin; choose a model that classifies"):
        open_model(tiny_tagging.read().path, "text_classification")
