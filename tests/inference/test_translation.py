"""Texts written for texts: alternatives, pieces, attention, and whatever a person may type."""

from __future__ import annotations

import pytest

from studio.inference.opened import open_model
from studio.inference.probe import decode
from studio.inference.translation import END, NOTHING, Translator, translator
from tests import tiny_texts


@pytest.fixture(scope="module")
def tiny_translator() -> Translator:
    return translator(open_model(tiny_texts.translated().path))


def test_alternatives_and_where_it_looked(tiny_translator: Translator) -> None:
    found = tiny_translator.translate("明天老师唱歌！", 3, looks=True)
    assert found.candidates[0].text == "the teacher sing tomorrow!" and not found.note
    scores = [one.score for one in found.candidates]
    assert scores == sorted(scores, reverse=True) and 0 < scores[-1] < scores[0] <= 1
    assert len({one.text for one in found.candidates}) == len(scores) > 1
    assert found.read == (*"明天老师唱歌！", END)
    for candidate, look in zip(found.candidates, found.looks, strict=True):
        assert "".join(look.written).strip() == candidate.text
        assert all(sum(row) == pytest.approx(1, abs=0.01) and len(row) == 8 for row in look.weights)


def test_several_sentences_and_lines(tiny_translator: Translator) -> None:
    found = tiny_translator.translate("今天我们吃饭。明天他们看书！\n\n老师唱歌吗？", 3)
    assert len(found.candidates) == 1 and not found.looks
    lines = found.candidates[0].text.split("\n")
    assert lines[0] == "we eat today. they read tomorrow!" and lines[1] == "" and "sing" in lines[2]


def test_a_long_text_is_read_in_part_where_that_is_wanted(tiny_translator: Translator) -> None:
    text = "今天我们吃饭。" * 1430  # 10,010 characters
    found = tiny_translator.translate(text, most_pieces=5)
    assert found.rest == len(text) - 5 * 7
    assert found.candidates[0].text == " ".join(["we eat today."] * 5)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b"])
def test_nothing(text: str, tiny_translator: Translator) -> None:
    found = tiny_translator.translate(text)
    assert (found.candidates, found.note) == ((), NOTHING)


@pytest.mark.parametrize("text", ["我", "😀", "hello there", "𠀀囧", "。。。"])
def test_whatever_a_person_types(text: str, tiny_translator: Translator) -> None:
    found = tiny_translator.translate(text, 2, looks=True)
    assert len(found.candidates) == 2 and len(found.read) == len(text) + 1
    strange = "".join(dict.fromkeys(c for c in text if not c.isspace() and c not in "我。"))
    assert found.note == (f"the model does not know {strange}" if strange else "")


def test_pieces_are_whole_sentences_where_they_can_be(tiny_translator: Translator) -> None:
    long = "我们" * 10 + "，" + "他们" * 8
    assert tiny_translator.pieces("我们吃饭") == ["我们吃饭"]
    assert tiny_translator.pieces(f"3.5天。“好！”{long}") == [
        "3.5天。",
        "“好！”",
        "我们" * 10 + "，",
        "他们" * 8,
    ]
    assert tiny_translator.pieces("We eat. They read") == ["We eat.", "They read"]
    assert "".join(tiny_translator.pieces("天" * 100)) == "天" * 100
    assert max(map(len, tiny_translator.pieces("天" * 100))) == 32


def test_probes_are_written_too(tiny_translator: Translator) -> None:
    found = decode(tiny_translator.model, tiny_translator.task, "今天他们看书。", 5)
    assert found[0].text == "they read today."
