"""What each step does to one document."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from studio.data.steps.characters import normalise_widths, remove_controls
from studio.data.steps.encoding import repair
from studio.data.steps.personal import find_personal, is_identity_number, mask_personal, passes_luhn
from studio.data.steps.pipeline import preview, windows
from studio.data.steps.script import converter, only_simplified, only_traditional
from studio.data.steps.sentences import cut_sentences
from studio.data.steps.words import WordCutter
from studio.recipe.steps import STEP_KINDS, AnyStep, Step

ADAPTER: TypeAdapter[AnyStep] = TypeAdapter(Step)
EVERY = frozenset(("phone", "identity_number", "bank_card", "mail"))
NEEDED = {"replace_pattern": {"pattern": "[0-9a中]+"}, "filter_pattern": {"pattern": "中"}}
# Any text, lone surrogates too, and text in which steps find much to do.
ANY = st.text(alphabet=st.characters()) | st.text(
    alphabet="中文文言ａＢ１２,。.!?()<>/b&amp;lt 　\t\r\n\u200b\ufeff0123456789-@xX汉漢后後æ–‡\x87å­—鎴戜滑\ud800"
)


def step(kind: str, **options: object) -> AnyStep:
    return ADAPTER.validate_python({"kind": kind, **NEEDED.get(kind, {}), **options})


def through(text: str, *steps: AnyStep) -> str | None:
    ((_, _, after),), _ = preview(steps, [text])
    return after


@pytest.mark.parametrize("kind", STEP_KINDS)
@given(text=ANY)
def test_no_text_is_too_strange(kind: str, text: str) -> None:
    after = through(text, step(kind))
    assert after is None or after == text or after.strip()


@pytest.mark.parametrize(
    "done",
    [
        step("normalise_widths"),
        step("normalise_widths", marks="chinese"),
        step("normalise_widths", marks="latin"),
        step("remove_controls"),
        step("remove_controls", spaces=False),
        step("mask_personal"),
        step("mask_personal", mask="tag"),
        step("filter_length", shortest=3, longest=9),
        step("filter_hanzi"),
        step("filter_pattern"),
        step("drop_repeats", part="line"),
        step("cut_sentences"),
        step("cut_sentences", at="clause"),
        step("cut_words", own=("今天天气",), stop=("的",)),
        step("cut_long", window=5),
        step("cut_long", how="slide", window=5, overlap=2),
    ],
    ids=lambda done: "-".join(map(str, done.model_dump().values())),
)
@given(text=ANY)
def test_done_twice_is_done_once(done: AnyStep, text: str) -> None:
    once = through(text, done)
    assert once is None or through(once, done) == once


def test_widths_and_marks() -> None:
    assert normalise_widths("ＡＢＣ１２３，好！　＃") == "ABC123，好！ #"
    assert normalise_widths("你好,世界.(测试abc) 3.14 a,b", "chinese") == "你好，世界。（测试abc） 3.14 a,b"
    assert normalise_widths("你好，世界。（甲、乙）", "latin") == "你好,世界.(甲,乙)"
    assert normalise_widths("一九○○年", "keep") == "一九〇〇年"


def test_controls() -> None:
    assert remove_controls("甲\u200b乙\r\n丙\t  丁 \x00\ufeff") == "甲乙\n丙 丁"
    assert remove_controls("甲\u200b乙\t 丙", spaces=False) == "甲乙\t 丙"


def test_markup() -> None:
    assert through("<p>甲&lt;乙</p><br>见 http://a.cn/x 丙", step("remove_markup")) == "\n甲<乙\n\n见 丙"
    assert through("见 http://a.cn/x 丙", step("remove_markup", addresses=False)) == "见 http://a.cn/x 丙"


@pytest.mark.parametrize("text", ["我们学习文字处理。", "天气", "“你好”，他说：好的！"])
@pytest.mark.parametrize("wrong", ["latin-1", "cp1252", "gbk"])
def test_mojibake_is_turned_back(text: str, wrong: str) -> None:
    raw = text.encode("utf-8")
    if wrong == "cp1252":  # as browsers do: what has no character there stays as it is
        spoilt = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in raw)
    else:
        spoilt = raw.decode(wrong, "strict" if wrong == "latin-1" else "ignore")
        if spoilt.encode(wrong) != raw:
            pytest.skip("GBK has no character for some bytes: they are lost")
    assert repair(spoilt) == text


@pytest.mark.parametrize(
    "text",
    ["café à la carte, naïve Ærø", "联通 移动 涓滴之水", "锟斤拷烫烫烫", "鎴", "中文里的涓涓细流和鐨字"],
)
def test_what_is_no_mojibake_stays(text: str) -> None:
    assert repair(text) == text


def test_scripts() -> None:
    assert converter("simplified")("漢字轉換後的頭髮與發展") == "汉字转换后的头发与发展"
    assert converter("traditional")("头发发展") == "頭髮發展"
    assert converter("traditional", "taiwan")("里面") == "裡面"
    assert {"汉", "转"} <= only_simplified()
    assert {"漢", "轉"} <= only_traditional()
    assert not only_simplified() & only_traditional()
    assert not set("的一是不了后里干") & (only_simplified() | only_traditional())


def test_personal_data() -> None:
    text = "电话13812345678或010-12345678，身份证11010519491231002X，卡4111 1111 1111 1111，信a.b@c.com。"
    kinds = [(text[p.start : p.end], p.kind) for p in find_personal(text)]
    assert kinds == [
        ("13812345678", "phone"),
        ("010-12345678", "phone"),
        ("11010519491231002X", "identity_number"),
        ("4111 1111 1111 1111", "bank_card"),
        ("a.b@c.com", "mail"),
    ]
    assert mask_personal(text, EVERY, "tag") == "电话[PHONE]或[PHONE]，身份证[ID]，卡[CARD]，信[MAIL]。"
    masked = mask_personal(text, EVERY, "stars")
    assert len(masked) == len(text)
    assert not re.search(r"\d", masked)
    assert mask_personal(text, frozenset(("mail",)), "remove") == text.replace("a.b@c.com", "")


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002",  # too short
        "110105194912310021",  # wrong check digit
        "010105194912310026",  # begins with 0
        "4111111111111112",  # fails Luhn
        "9111111111111111",  # nobody's
        "12812345678",  # no mobile
        "113812345678",  # part of a longer number
        "3.14159265358979323",
        "订单20240101123456789",
        "@某人",
    ],
)
def test_what_is_no_personal_data(text: str) -> None:
    assert find_personal(text) == []


@given(st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_check_digits(digits: str) -> None:
    number = "11" + digits[2:]
    assert sum(is_identity_number(number + last) for last in "0123456789X") == 1
    assert sum(passes_luhn(digits + last) for last in "0123456789") == 1


def test_filters_look_at_documents_or_lines() -> None:
    text = "一二三四五\n\n一\nabc中"
    assert through(text, step("filter_length", shortest=2)) == "一二三四五\n\nabc中"
    assert through(text, step("filter_length", shortest=2, longest=4)) == "\nabc中"
    assert through(text, step("filter_length", part="document", shortest=20)) is None
    assert through(text, step("filter_hanzi", share=0.5)) == "一二三四五\n\n一"
    assert through(text, step("filter_pattern", pattern="^a")) == "一二三四五\n\n一"
    assert through(text, step("filter_pattern", pattern="^a", matches="keep")) == "\nabc中"
    assert through(text, step("filter_pattern", part="document", pattern="^a")) is None


@given(line=st.text(alphabet="abcdef", max_size=60), window=st.integers(2, 20), overlap=st.integers(0, 10))
def test_windows_cover_a_line(line: str, window: int, overlap: int) -> None:
    overlap = min(overlap, window // 2)
    pieces = list(windows(line, "slide", window, overlap))
    assert all(len(piece) <= window for piece in pieces)
    assert pieces[0] + "".join(piece[overlap:] for piece in pieces[1:]) == line
    assert list(windows(line, "truncate", window, 0)) == [line[:window]]


def test_sentences_and_clauses_become_lines() -> None:
    text = "他说：“今天很好！”我们去公园，散步……回家？！\n\n 只有一句 \n价格1,000元，比3.14多。（完。）再见"
    assert cut_sentences(text).split("\n") == [
        "他说：“今天很好！”",
        "我们去公园，散步……",
        "回家？！",
        "",
        " 只有一句 ",
        "价格1,000元，比3.14多。",
        "（完。）",
        "再见",
    ]
    assert cut_sentences("价格1,000元，比3.14多。来, 看 http://a.b。", clauses=True).split("\n") == [
        "价格1,000元，",
        "比3.14多。",
        "来,",
        "看 http://a.b。",
    ]


@given(st.text(alphabet="今天 很好，。！？…”）\n.,1:", max_size=60), st.booleans())
def test_cutting_sentences_loses_nothing_and_is_done_once(text: str, clauses: bool) -> None:
    cut = cut_sentences(text, clauses=clauses)
    assert "".join(cut.split()) == "".join(text.split())
    assert cut_sentences(cut, clauses=clauses) == cut


def test_words_are_separated_and_stop_words_left_out() -> None:
    text = "我们的老师今天在学校，唱abc歌。\n区块链的应用"
    assert WordCutter((), (), separated=True)(text).split("\n") == [
        "我们 的 老师 今天 在 学校，唱abc歌。",
        "区块 链 的 应用",
    ]
    assert WordCutter(("区块链",), ("的", "在"), separated=True)(text).split("\n") == [
        "我们 老师 今天 学校，唱abc歌。",
        "区块链 应用",
    ]
    # As words alone: 目的 is one, and stays.
    assert WordCutter((), ("的",), separated=False)("我们的目的，的确") == "我们目的，的确"
    assert WordCutter(("唱abc",), (), separated=True)("他唱abc歌") == "他 唱abc 歌"


@given(st.text(alphabet="今天的很好我们学校区块链，a b\n", max_size=60), st.booleans())
def test_cutting_words_changes_blanks_alone_and_is_done_once(text: str, separated: bool) -> None:
    cutter = WordCutter(("区块链", "好我"), (), separated=separated)
    cut = cutter(text)
    assert cut.replace(" ", "") == text.replace(" ", "")
    assert cutter(cut) == cut
    assert separated or cut == text
