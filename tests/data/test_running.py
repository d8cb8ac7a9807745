"""Running text in pieces."""

from __future__ import annotations

import pytest

from studio.data.prepare import cached, prepare
from studio.data.running import BEGINS, ENDS, cleaned, pieces
from studio.recipe import Cleaning
from tests import tiny, tiny_texts


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("一二三四五", [("一二三", BEGINS), ("四五", ENDS)]),
        ("一二三", [("一二三", BEGINS | ENDS)]),
        ("一", [("一", BEGINS | ENDS)]),
        (
            "一二三四",
            [("一二三", BEGINS)],
        ),  # of a piece of one character nothing is known and nothing is asked
        ("", []),
    ],
)
def test_pieces(text: str, made: list[tuple[str, int]]) -> None:
    assert list(pieces(text, 3)) == made


def test_cleaning_keeps_marks_and_lines() -> None:
    assert cleaned("<p>你好，世界！</p>\n\n  第二行。", Cleaning()) == "你好，世界！\n第二行。"


def test_no_piece_is_in_two_splits() -> None:
    recipe = tiny_texts.language_model()
    dataset = prepare(recipe.data, recipe.task)
    texts = [
        {split.text_of(i) for i in range(len(split))}
        for split in (dataset.train, dataset.validation, dataset.test)
    ]
    assert all(texts)
    assert not texts[0] & texts[1] and not texts[0] & texts[2] and not texts[1] & texts[2]
    assert any("。" in text for text in texts[0])
    again = cached(recipe.data, recipe.task)
    assert again is not None and list(again.train.label) == list(dataset.train.label)
    assert cached(recipe.data, tiny_texts.classification().task) is None


def test_lexicons_are_left_aside() -> None:
    sources = [*tiny_texts.language_model().data.model_dump()["sources"]]
    sources.append({"kind": "builtin", "name": "lexicon_modern"})
    recipe = tiny_texts.language_model()
    data = type(recipe.data).model_validate({**recipe.data.model_dump(), "sources": sources})
    dataset = prepare(data, recipe.task)
    assert not len(dataset.lexicon)
    assert len(dataset.train) == len(prepare(recipe.data, recipe.task).train)
    assert tiny.text().name in {source.name for source in dataset.sources}
