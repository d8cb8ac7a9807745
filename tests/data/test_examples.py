"""From a document to runs of hanzi."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.dataset import SplitBuilder
from studio.data.examples import Labeller, examples_of
from studio.language.text import all_hanzi
from studio.recipe import Cleaning

TEXT = "他说：“１９９８年，我们去ＧＤＰ最高的城市。”好\n第二行没有标点"


@pytest.mark.parametrize(
    ("cleaning", "expected"),
    [
        (Cleaning(), ["他说", "我们去", "最高的城市", "第二行没有标点"]),
        (Cleaning(unit="sentence"), ["他说", "年我们去", "最高的城市", "第二行没有标点"]),
        (Cleaning(min_length=4), ["最高的城市", "第二行没有标点"]),
        (Cleaning(max_length=4), ["他说", "我们去", "最高的城", "第二行没", "有标点"]),
    ],
)
def test_recipes_decide_on_the_cut(cleaning: Cleaning, expected: list[str]) -> None:
    assert list(examples_of(TEXT, cleaning)) == expected


@given(
    st.text(st.sampled_from("今天很好，。！ a1\n"), max_size=120),
    st.integers(1, 6),
    st.integers(4, 20),
    st.sampled_from(["clause", "sentence"]),
)
def test_lengths_are_kept(text: str, shortest: int, longest: int, unit: str) -> None:
    cleaning = Cleaning.model_validate({"min_length": shortest, "max_length": longest, "unit": unit})
    for example in examples_of(text, cleaning):
        assert shortest <= len(example) <= longest
        assert all_hanzi(example)


def test_a_book_in_one_piece_gives_what_its_lines_give() -> None:
    lines = [f"第{'一二三四五'[n % 5]}行，写到这里。" for n in range(20_000)]
    whole = list(examples_of("\n".join(lines), Cleaning()))
    assert whole == [run for line in lines for run in examples_of(line, Cleaning())]
    assert list(examples_of("没有换行的长文，" * 20_000, Cleaning())) == ["没有换行的长文"] * 20_000


def test_labels_are_made_once_and_the_unreadable_counted() -> None:
    labeller = Labeller()
    assert labeller("今天") is labeller("今天")
    assert labeller("今\u3402") is None
    assert labeller.unreadable == {"\u3402": 1}


def test_examples_come_back_as_they_were_added() -> None:
    builder = SplitBuilder()
    builder.add("今天", [1, 2], 0)
    builder.add("𠀀好", [3, 4], 7, 2.5)
    split = builder.build()
    assert [split.text_of(i) for i in (0, 1, -1)] == ["今天", "𠀀好", "𠀀好"]
    assert split.syllables_of(1).tolist() == [3, 4]
    assert split.lengths.tolist() == [2, 2]
    assert split.positions == 4
    assert (split.source.tolist(), split.weight.tolist()) == ([0, 7], [1.0, 2.5])
    with pytest.raises(IndexError, match="2 of 2"):
        split.text_of(2)


def test_an_empty_split_is_one_too() -> None:
    split = SplitBuilder().build()
    assert len(split) == split.positions == len(split.lengths) == 0
    assert split.offsets.tolist() == [0]
