"""Characters find their syllables among the letters that were typed for them."""

from __future__ import annotations

import pytest

from studio.inference.load import Loaded
from studio.inference.personal.alignment import align, readings_of, syllables_of


@pytest.fixture(scope="module")
def readings(loaded: Loaded) -> dict[str, list[str]]:
    return readings_of(loaded.predictor.vocabulary)


@pytest.mark.parametrize(
    ("letters", "text", "syllables"),
    [
        ("chongqing", "重庆", "chong qing"),
        ("zhongliang", "重量", "zhong liang"),
        ("xian", "先", "xian"),
        ("xian", "西安", "xi an"),
        ("xi'an", "西安", "xi an"),
        ("lvse", "绿色", "lv se"),
        ("lüe", "略", "lve"),
        ("lue", "略", "lve"),
        ("jvzi", "橘子", "ju zi"),
        ("zgrm", "中国人民", "zhong guo ren min"),
        ("zhongg", "中国", "zhong guo"),
        ("hangy", "行业", "hang ye"),
    ],
)
def test_letters_are_divided(readings: dict[str, list[str]], letters: str, text: str, syllables: str) -> None:
    assert align(letters, text, readings) == tuple(syllables.split())


@pytest.mark.parametrize(
    ("letters", "text"), [("xi'an", "先"), ("wo", "我们"), ("women", "我"), ("wo1", "我"), ("", "我")]
)
def test_letters_of_another_text_fit_nowhere(readings: dict[str, list[str]], letters: str, text: str) -> None:
    assert align(letters, text, readings) is None


def test_where_letters_and_text_differ_the_text_is_read_by_itself(readings: dict[str, list[str]]) -> None:
    assert syllables_of("zhnogguo", "中国", readings) == ("zhong", "guo")
    assert syllables_of("zongguo", "中国", readings) == ("zhong", "guo")
    assert syllables_of("qiu", "㐀", readings) is None
