"""What was typed, divided into letters and other text."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.inference.keystrokes import pieces


def shape(typed: str) -> list[tuple[str, str, list[int]]]:
    return [(piece.kind, piece.text, sorted(piece.breaks)) for piece in pieces(typed)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", []),
        (" ' ", []),
        ("nihao", [("pinyin", "nihao", [])]),
        ("ni hao", [("pinyin", "nihao", [2])]),
        ("xi'an", [("pinyin", "xian", [2])]),
        ("xi’an", [("pinyin", "xian", [2])]),
        ("'ni  hao'", [("pinyin", "nihao", [2])]),
        ("NiHao", [("pinyin", "nihao", [])]),
        ("ＮＩ", [("pinyin", "ni", [])]),
        ("nv lü lu:se NÜ", [("pinyin", "nvlvlvsenv", [2, 4, 8])]),
        ("nu\u0308", [("pinyin", "nv", [])]),
        ("zhu:yi", [("pinyin", "zhu", []), ("literal", ":", []), ("pinyin", "yi", [])]),
        ("wo3", [("pinyin", "wo", []), ("literal", "3", [])]),
        ("wo 3 ge", [("pinyin", "wo", []), ("literal", "3 ", []), ("pinyin", "ge", [])]),
        ("ni,hao", [("pinyin", "ni", []), ("literal", ",", []), ("pinyin", "hao", [])]),
        ("你hao！", [("literal", "你", []), ("pinyin", "hao", []), ("literal", "！", [])]),
    ],
)
def test_pieces(typed: str, wanted: list[tuple[str, str, list[int]]]) -> None:
    assert shape(typed) == wanted


@given(st.text(max_size=60) | st.text(string.ascii_letters + "ü:' 1，", max_size=60))
def test_nothing_is_lost(typed: str) -> None:
    """Pieces lie in order without overlap; what lies between and around them is separators."""
    place = 0
    for piece in pieces(typed):
        assert len(piece.starts) == len(piece.text) + 1
        assert list(piece.starts[:-1]) == sorted(set(piece.starts[:-1]))
        assert piece.starts[-1] >= piece.starts[0] + 1
        assert not set(typed[place : piece.starts[0]]) - set(" '’‘`\t")
        if piece.kind == "literal":
            assert typed[piece.starts[0] : piece.starts[-1]] == piece.text
        else:
            assert piece.text.isascii()
            assert piece.text.islower()
            assert piece.text.isalpha()
            assert all(0 < b < len(piece.text) for b in piece.breaks)
        place = piece.starts[-1]
    assert not set(typed[place:]) - set(" '’‘`\t")
