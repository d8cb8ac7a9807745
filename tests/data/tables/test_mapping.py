"""Columns and what they are used for."""

from __future__ import annotations

import pytest

from studio.data.errors import DataError
from studio.data.tables.header import names_of
from studio.data.tables.mapping import Mapping, assign
from studio.recipe import TableSource
from tests.data.tables.conftest import SENTENCES


def mapped(names: list[str], rows: list[list[str]], **fields: object) -> Mapping:
    return assign(names, rows, TableSource.model_validate({"path": "a.csv", **fields}), "a.csv")[0]


ROWS = [
    [
        str(n),
        f"{SENTENCES[n % 5]}第{n}次",
        "jin tiān tian1 qi4",
        "正面" if n % 3 else "负面",
        f"2021-03-{1 + n % 28:02}",
        "书甲",
    ]
    for n in range(100)
]


def test_by_names() -> None:
    names = ["id", "content", "pinyin", "label", "date", "doc_id"]
    assert mapped(names, ROWS) == Mapping((1,), label=3, pinyin=2, group=5, date=4)
    chinese = ["编号", "正文", "拼音", "类别", "日期", "书名"]
    assert mapped(chinese, ROWS) == Mapping((1,), label=3, pinyin=2, group=5, date=4)


def test_by_content() -> None:
    names = ["a", "b", "c", "d", "e", "f"]
    found, columns = assign(names, ROWS, TableSource(path="x"), "x")
    assert found == Mapping((1,), label=3, pinyin=2, group=-1, date=4)
    assert "different values" in columns[3].why
    assert "hanzi" in columns[1].why
    assert [column.type for column in columns] == ["number", "text", "text", "text", "date", "text"]


def test_every_choice_can_be_overridden() -> None:
    names = ["id", "content", "pinyin", "label", "date", "doc_id"]
    assert mapped(
        names, ROWS, text=["label", "Content"], label="-", pinyin="-", group="-", date="-"
    ) == Mapping((3, 1))
    assert mapped(names, ROWS, label="doc_id").label == 5
    assert mapped(names, ROWS, group="id").group == 0


def test_a_name_that_says_otherwise_than_the_content() -> None:
    # A column called text without hanzi, beside one with them.
    assert mapped(["text", "zh"], [["ok", text] for text in SENTENCES * 4]).text == (1,)
    # A column called pinyin that holds none.
    assert mapped(["text", "pinyin"], [[text, "http://x"] for text in SENTENCES * 4]).pinyin == -1


def test_numbers_of_rows_are_no_labels() -> None:
    rows = [[text, str(n)] for n, text in enumerate(SENTENCES * 4)]
    assert mapped(["1", "2"], rows).label == -1


@pytest.mark.parametrize("role", ["label", "pinyin", "group", "date"])
def test_a_column_that_is_not_there(role: str) -> None:
    with pytest.raises(DataError, match=f"no column 'nix', which is to be its {role}") as refused:
        mapped(["a", "b"], [["x", "y"]], **{role: "nix"})
    assert "a, b" in refused.value.remedy


def test_no_rows_and_no_columns() -> None:
    assert mapped([], []) == Mapping(())
    assert mapped(["a"], []) == Mapping(())


@pytest.mark.parametrize(
    ("first", "body", "expected"),
    [
        (["text", "label"], [["好", "1"]], True),
        (["正文", "类别"], [["好", "1"]], True),
        (["name", "score"], [[text, str(n)] for n, text in enumerate(SENTENCES)], True),
        (["正面", "今天很好"], [["正面", "明天也好"], ["负面", "后天不好"]], False),
        (["体育", "今天天气很好，我们去公园。"], [["财经", "服务态度太差了"]], False),
        (["1", "2"], [["好", "1"]], False),
        (["a", "a"], [["好", "1"]], False),
    ],
)
def test_whether_the_first_row_names_the_columns(
    first: list[str], body: list[list[str]], expected: bool
) -> None:
    raw = [(number, row) for number, row in enumerate([first, *body * 5])]
    header, names = names_of("csv", raw, "auto", None)
    assert header is expected
    assert names == (tuple(first) if expected else ("1", "2"))
    assert names_of("csv", raw, "yes", None)[0]
    assert not names_of("csv", raw, "no", None)[0]


def test_names_that_are_there_twice_or_empty_become_different() -> None:
    assert names_of("csv", [(1, ["text", "", "text", "text"])], "yes", None)[1] == (
        "text",
        "2",
        "text (2)",
        "text (3)",
    )


def test_targets() -> None:
    prose = [[text, f"sentence {n}", str(n % 2)] for n, text in enumerate(SENTENCES * 8)]
    assert mapped(["zh", "English", "n"], prose).target == 1
    assert mapped(["1", "2", "3"], prose).target == 1, "the only other column of texts"
    assert mapped(["zh", "English", "n"], prose, target="-").target == -1
    assert mapped(["zh", "a", "b"], [[one, two, two] for one, two, _ in prose]).target == -1, "one of two"
    assert mapped(["zh", "a", "b"], prose, target="b").target == 2
    # A column of that name may hold labels; what it holds decides.
    assert mapped(["text", "target"], [[one, third] for one, _, third in prose]) == Mapping((0,), label=1)
    long = [[text, f"a sentence that is longer than a label {n}"] for n, text in enumerate(SENTENCES * 8)]
    assert mapped(["text", "target"], long) == Mapping((0,), target=1)
