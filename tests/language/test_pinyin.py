"""Golden readings: polyphonic characters are read as their words want it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.language.pinyin import NoReadingError, label, read_word, readings
from studio.language.syllables import INDEX, SYLLABLES
from tests.language.test_syllables import gb2312


def read(run: str) -> str:
    return " ".join(SYLLABLES[number] for number in label(run))


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("银行", "yin hang"),
        ("行走", "xing zou"),
        ("长大", "zhang da"),
        ("长城", "chang cheng"),
        ("重庆", "chong qing"),
        ("了解", "liao jie"),
        ("觉得", "jue de"),
        ("睡觉", "shui jiao"),
        ("音乐", "yin yue"),
        ("快乐", "kuai le"),
        ("还是", "hai shi"),
        ("都市", "du shi"),
        ("首都", "shou du"),
        ("女儿", "nv er"),
        ("绿色", "lv se"),
        ("战略", "zhan lve"),
        ("虐待", "nve dai"),
        ("今天天气很好", "jin tian tian qi hen hao"),
        ("银行行长", "yin hang hang zhang"),
        ("有中国特色的社会主义", "you zhong guo te se de she hui zhu yi"),
        ("二〇〇八年", "er ling ling ba nian"),
    ],
)
def test_words_are_read_as_words(run: str, expected: str) -> None:
    assert read(run) == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        # The longest phrase from the left is the wrong one in each of these.
        ("静静地坐着", "jing jing de zuo zhe"),
        ("表明了我们的态度", "biao ming le wo men de tai du"),
        ("举世瞩目的成就", "ju shi zhu mu de cheng jiu"),
        ("有数千人参加了比赛", "you shu qian ren can jia le bi sai"),
        ("联合国秘书长安南", "lian he guo mi shu zhang an nan"),
        ("新华社长沙", "xin hua she chang sha"),
        ("世界各国都认为", "shi jie ge guo dou ren wei"),
    ],
)
def test_runs_are_cut_at_the_likeliest_words(run: str, expected: str) -> None:
    assert read(run) == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("快乐地走了", "kuai le de zou le"),
        ("慢慢地走", "man man de zou"),
        ("一个地方", "yi ge di fang"),
        ("这块地很大", "zhe kuai di hen da"),
        ("北京等地", "bei jing deng di"),
        ("时间很长", "shi jian hen chang"),
        ("他长得很高", "ta zhang de hen gao"),
        ("外交部长", "wai jiao bu zhang"),
    ],
)
def test_lone_polyphonic_characters_are_read_by_their_neighbours(run: str, expected: str) -> None:
    assert read(run) == expected


def test_readings_begin_with_the_usual_one() -> None:
    assert [SYLLABLES[number] for number in readings("行")][:2] == ["xing", "hang"]
    assert [SYLLABLES[number] for number in readings("中")] == ["zhong"]
    assert INDEX["de"] in readings("地")


def test_every_character_of_gb2312_has_a_reading() -> None:
    assert all(readings(character) for character in gb2312())


@pytest.mark.parametrize("strange", ["a", "，", "1", "あ", "\u3402"])
def test_a_character_without_reading_is_named(strange: str) -> None:
    with pytest.raises(NoReadingError) as refused:
        label("中" + strange)
    assert refused.value.character == strange
    assert f"U+{ord(strange):04X}" in str(refused.value)


@given(st.text(st.sampled_from(gb2312()), max_size=40))
def test_every_character_gets_a_syllable(run: str) -> None:
    assert len(label(run)) == len(run)
    assert len(read_word(run)) == len(run)


def test_labels_agree_with_pypinyin_where_words_are_not_in_doubt() -> None:
    from pypinyin import lazy_pinyin

    run = "中国人民决心继承邓小平同志的遗志继续把建设有中国"
    assert read(run).split() == lazy_pinyin(run, v_to_u=False)
