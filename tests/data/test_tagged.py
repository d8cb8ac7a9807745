"""Sentences of running text: where they are cut."""

from __future__ import annotations

import pytest

from studio.data.tagged import cleaned, cut
from studio.recipe import Cleaning


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("好", ["好"]),
        ("好。坏！”他说？", ["好。", "坏！”", "他说？"]),
        ("一\n二", ["一\n", "二"]),
        ("……", ["……"]),
        ("\n\n", ["\n", "\n"]),
        ("一二，三四五六七八", ["一二，", "三四五六七", "八"]),
        ("一二三四五六七", ["一二三四五", "六七"]),
        ("一，二，三，四，", ["一，二，", "三，四，"]),
    ],
)
def test_cuts(text: str, pieces: list[str]) -> None:
    spans = list(cut(text, 5))
    assert [text[start:end] for start, end in spans] == pieces
    assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]


def test_nothing_is_lost_and_nothing_is_too_long() -> None:
    text = "他说：“好的，明天见！”（笑）然后……就走了\n\n他" * 300 + "字" * 1000
    spans = list(cut(text, 16))
    assert "".join(text[start:end] for start, end in spans) == text
    assert max(end - start for start, end in spans) <= 16


def test_cleaning_keeps_lines() -> None:
    assert cleaned("ＡＢ<br>好\u200b\n\n坏", Cleaning()) == "AB\n好\n坏"
