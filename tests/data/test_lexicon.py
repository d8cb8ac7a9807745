"""Lists on different scales become one, with the readings that any of them gives."""

from __future__ import annotations

import pytest

from studio.data.builtin import Entry
from studio.data.dataset import Split, SplitBuilder
from studio.data.errors import Cancelled
from studio.data.lexicon import Lexicon


def build(*lists: list[Entry]) -> tuple[Split, Lexicon]:
    lexicon = Lexicon(lambda *_: None)
    for source, entries in enumerate(lists):
        lexicon.add(entries, source)
    builder = SplitBuilder()
    lexicon.build(builder)
    return builder.build(), lexicon


def rows(split: Split) -> list[tuple[str, str, int, int]]:
    return [
        (split.text_of(i), split.pinyin_of(i), int(split.source[i]), round(float(split.weight[i])))
        for i in range(len(split))
    ]


def test_counts_become_counts_per_million_and_are_summed() -> None:
    split, _ = build(
        [Entry("北京", ("bei", "jing"), 300), Entry("上海", ("shang", "hai"), 100)],
        [Entry("北京", ("běi", "jīng"), 1e-9), Entry("天津", ("tiān", "jīn"), 3e-9)],
    )
    assert rows(split) == [
        ("北京", "bei jing", 0, 1_000_000),
        ("上海", "shang hai", 0, 250_000),
        ("天津", "tian jin", 1, 750_000),
    ]


def test_words_without_a_reading_take_those_of_other_lists() -> None:
    split, _ = build(
        [Entry("朝阳", (), 10)],
        [Entry("朝阳", ("zhao", "yang"), 1), Entry("朝阳", ("chao", "yang"), 3)],
    )
    assert rows(split) == [("朝阳", "zhao yang", 0, 500_000), ("朝阳", "chao yang", 0, 1_500_000)]


def test_words_without_any_reading_are_labelled() -> None:
    assert rows(build([Entry("银行", (), 10)])[0]) == [("银行", "yin hang", 0, 1_000_000)]


def test_what_is_no_word_is_passed_over() -> None:
    entries = [
        Entry("卡拉OK", (), 5),
        Entry("好", (), 5),
        Entry("一" * 9, (), 5),
        Entry("好", ("hao",), 5),
        Entry("", (), 5),
    ]
    split, lexicon = build(entries)
    assert rows(split) == [("好", "hao", 0, 1_000_000)]
    assert lexicon.dropped == 0


@pytest.mark.parametrize("reading", [("bei",), ("bei", "jinx"), ("bei", "jing", "shi")])
def test_impossible_readings_are_dropped(reading: tuple[str, ...]) -> None:
    split, lexicon = build([Entry("北京", reading, 5)])
    assert len(split) == 0
    assert lexicon.dropped == 1


def test_characters_that_nobody_can_read_are_dropped() -> None:
    split, lexicon = build([Entry("\u3402好", (), 5)])
    assert len(split) == 0
    assert lexicon.dropped == 1


def test_a_count_of_zero_is_rarer_than_any_other() -> None:
    split, _ = build([Entry("甲乙", ("jia", "yi"), 0), Entry("丙丁", ("bing", "ding"), 2)])
    assert [row[3] for row in rows(split)] == [500_000, 1_000_000]


def test_it_can_be_called_off() -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Lexicon(stop).add([Entry("北京", ("bei", "jing"), 1)], 0)
