"""Texts corrected."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.errors import DataError
from studio.inference import correction
from studio.inference.correction import NO_HANZI, Proofreader
from studio.inference.evaluation import evaluate_file, evaluate_split
from studio.inference.opened import open_model
from tests import tiny, tiny_texts


@pytest.fixture(scope="module")
def reader() -> Proofreader:
    return correction.proofreader(open_model(tiny_texts.corrected().path, "correction"))


def test_it_has_learnt() -> None:
    report = evaluate_split(open_model(tiny_texts.corrected().path)).report
    assert report["correction_f1"] > 0.3 and report["split"] == "test"
    assert 0 < report["threshold"] <= 1


def test_text_and_edits_belong_together(reader: Proofreader) -> None:
    found = reader.correct("今夭我门在北京吃饭。")
    assert found.edits and len(found.text) == 10
    text = list("今夭我门在北京吃饭。")
    for edit in found.edits:
        assert text[edit.position] == edit.wrong != edit.right and edit.score >= reader.threshold
        text[edit.position] = edit.right
    assert found.text == "".join(text)


def test_a_long_text_is_read_sentence_by_sentence(reader: Proofreader) -> None:
    alone = reader.correct("今夭我们在北京吃饭。")
    long = reader.correct("今夭我们在北京吃饭。\n" * 1000)
    assert len(long.edits) == 1000 * len(alone.edits)
    assert long.text == (alone.text + "\n") * 1000
    assert [edit.position for edit in long.edits] == sorted(edit.position for edit in long.edits)


@pytest.mark.parametrize("text", ["", "x", "😀", "hello, world", "\x00", "。。。"])
def test_without_hanzi(text: str, reader: Proofreader) -> None:
    found = reader.correct(text)
    assert (found.text, found.edits, found.note) == (text, (), NO_HANZI)


@pytest.mark.parametrize("text", ["好", "龘", "😀今天ｘ我们", "今天" * 5000, "今天 \t\r\n我们"])
def test_odd_texts_keep_their_length(text: str, reader: Proofreader) -> None:
    found = reader.correct(text)
    assert len(found.text) == len(text)
    changed = {place for place, (a, b) in enumerate(zip(text, found.text, strict=True)) if a != b}
    assert changed == {edit.position for edit in found.edits}


def test_pairs_in_a_file(tmp_path: Path) -> None:
    opened = open_model(tiny_texts.corrected().path)
    path = tmp_path / "pairs.tsv"
    right = tiny.sentences()[0]
    path.write_text(f"{right}\t{right}\n门{right[1:]}\t{right}\n一\t二三\nno tab\n\n", encoding="utf-8")
    report = evaluate_file(opened, path).report
    assert (report["examples"], report["skipped_lines"]) == (2, 2)
    assert report["false_alarms"] in (0, 1)
    path.write_text("no pair\n", encoding="utf-8")
    with pytest.raises(DataError, match="as written"):
        evaluate_file(opened, path)
