"""Of all cuttings the likeliest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.language import words
from studio.language.words import Vocabulary, vocabulary


def test_the_likelier_cutting_wins() -> None:
    small = Vocabulary({"研究": 50, "研究生": 10, "生命": 40, "命": 1, "起源": 5}, frozenset())
    assert small.cut("研究生命起源") == ["研究", "生命", "起源"]
    assert small.cut("研究生") == ["研究生"]


def test_a_phrase_without_a_count_is_rarer_than_any_word() -> None:
    assert Vocabulary({"表明": 3000, "了": 30000}, frozenset({"明了"})).cut("表明了") == ["表明", "了"]
    assert Vocabulary({"去": 5, "银": 1, "行": 1}, frozenset({"银行"})).cut("去银行") == ["去", "银行"]


@pytest.mark.parametrize(
    ("run", "expected"),
    [("今天天气很好", "今天 天气 很 好"), ("有数千人参加", "有 数千 人 参加"), ("新华社长沙", "新华社 长沙")],
)
def test_the_words_of_the_dictionaries(run: str, expected: str) -> None:
    assert vocabulary().cut(run) == expected.split()


@given(st.text(st.sampled_from("中国人民大会堂前面的广场上有许多游客龘"), max_size=40))
def test_nothing_is_lost(run: str) -> None:
    assert "".join(vocabulary().cut(run)) == run


def test_without_jieba_phrases_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words.importlib.util, "find_spec", lambda _: None)
    assert words._counts() == {}
    assert Vocabulary({}, frozenset({"银行"})).cut("去银行") == ["去", "银行"]
