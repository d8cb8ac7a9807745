"""What cleaning takes off and what it leaves, and where text is cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.language.text import all_hanzi, clauses, clean, hanzi_only, hanzi_runs, is_hanzi, sentences

CHINESE = st.text(
    st.sampled_from("今天天气很好我们去公园，。！？；：“”（）…、 abcＡ１２0.\n\t<>&/"), max_size=80
)


@pytest.mark.parametrize("ch", ["一", "龥", "〇", "㐀", "𠀀", "﨎"])
def test_hanzi_are_recognised(ch: str) -> None:
    assert is_hanzi(ch)


@pytest.mark.parametrize("ch", ["a", "，", "。", "１", "あ", "ア", "한", "々", "", "中国", " ", "ü"])
def test_everything_else_is_no_hanzi(ch: str) -> None:
    assert not is_hanzi(ch)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ＡＢＣ１９９８年", "ABC1998年"),
        ("今天，天气好！（真的）？", "今天，天气好！（真的）？"),
        ("一个全角的　空格在中间", "一个全角的 空格在中间"),
        ("⼀⼆", "一二"),
        ("二○○八年", "二〇〇八年"),
        ("一九九○年", "一九九〇年"),
        ("○见下文", "○见下文"),
    ],
)
def test_widths_become_ordinary_and_punctuation_stays_wide(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_widths_stay_when_asked_to() -> None:
    assert clean("Ａ１", simplify_widths=False) == "Ａ１"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("<p>今天</p>好", "\n今天\n好"),
        ('<a href="x">好</a><br/>的', "好\n的"),
        ("甲<!-- 注 -->乙", "甲乙"),
        ("今<b>天</b>好", "今天好"),
        ("甲&amp;乙&lt;丙&nbsp;", "甲&乙<丙"),
        ("见https://example.org/a?b=1。好", "见 。好"),
        ("见www.example.com，好", "见 ，好"),
        ("写信给a.b@example.cn吧", "写信给 吧"),
        ("1<2，3>2", "1<2，3>2"),
        ("甲 < 乙", "甲 < 乙"),
    ],
)
def test_markup_and_addresses_go(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_markup_stays_when_asked_to() -> None:
    assert clean("<b>好</b>", strip_markup=False) == "<b>好</b>"


def test_control_characters_go_and_line_ends_become_one_kind() -> None:
    assert clean("甲\x00\u200b乙\r\n丙\r丁\u2028戊\ufeff") == "甲乙\n丙\n丁\n戊"


def test_spaces_of_segmented_text_go() -> None:
    assert clean("今天 天气 很 好 ， 我们 去 公园") == "今天天气很好 ， 我们去公园"


def test_spaces_that_stand_for_commas_stay() -> None:
    assert clean("当时是因为要写读书报告 所以上网到处抄") == "当时是因为要写读书报告 所以上网到处抄"


def test_sentences_keep_their_marks() -> None:
    assert sentences("今天好！“真的吗？”我说……走吧\n。。第二行") == [
        "今天好！",
        "“真的吗？”",
        "我说……",
        "走吧",
        "第二行",
    ]


def test_clauses_leave_marks_out_and_keep_figures_whole() -> None:
    assert clauses("增长3.5%，《人民日报》报道_说 好") == ["增长3.5", "人民日报", "报道", "说", "好"]


def test_runs_break_at_anything_but_hanzi() -> None:
    assert hanzi_runs("第3届A组，冠军") == ["第", "届", "组", "冠军"]
    assert hanzi_only("第3届A组，冠军") == "第届组冠军"
    assert all_hanzi("冠军")
    assert not all_hanzi("")
    assert not all_hanzi("冠 军")


@given(st.text(max_size=200) | CHINESE)
def test_cleaning_is_stable_and_leaves_no_controls(text: str) -> None:
    cleaned = clean(text)
    assert not any(unicodedata.category(ch) == "Cc" and ch != "\n" for ch in cleaned)
    assert "  " not in cleaned
    assert not cleaned.startswith(" ")


@given(CHINESE)
def test_cutting_loses_no_hanzi(text: str) -> None:
    everything = hanzi_only(text)
    assert "".join(run for clause in clauses(text) for run in hanzi_runs(clause)) == everything
    assert "".join(run for sentence in sentences(text) for run in hanzi_runs(sentence)) == everything
