"""Documents of text files, found line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data import cutting
from studio.data.cutting import Cut, cut
from studio.data.errors import DataError
from studio.language.text import hanzi_only


def documents(text: str, document: Cut) -> list[tuple[int, str]]:
    return list(cut(lambda: iter(text.split("\n")), document))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("line", [(1, "甲"), (2, "乙"), (5, "丙")]),
        ("blank_line", [(1, "甲\n乙"), (5, "丙")]),
        ("file", [(1, "甲\n乙\n \n\n丙\n")]),
    ],
)
def test_documents_of_a_file(document: Cut, expected: list[tuple[int, str]]) -> None:
    assert documents("甲\n乙\n \n\n丙\n", document) == expected


def test_a_text_without_blank_lines_is_cut_into_blocks() -> None:
    text = "\n".join(f"第{number}行" for number in range(1000))
    blocks = documents(text, "blank_line")
    assert len(blocks) == 100
    assert "\n".join(block for _, block in blocks) == text
    assert [line for line, _ in blocks] == list(range(1, 1000, 10))
    assert len(documents("\n".join("行" * 3), "blank_line")) == 3
    assert max(block.count("\n") for _, block in documents(text * 20, "blank_line")) == 49


@given(st.text(st.sampled_from("甲乙\n "), max_size=60), st.sampled_from(["line", "blank_line", "file"]))
def test_documents_keep_every_line_with_text_and_know_where_they_begin(text: str, document: Cut) -> None:
    found = documents(text, document)
    assert hanzi_only("".join(one for _, one in found)) == hanzi_only(text)
    lines = text.split("\n")
    for number, one in found:
        assert lines[number - 1 : number + one.count("\n")] == one.split("\n")


@pytest.mark.parametrize(("document", "line"), [("line", 2), ("blank_line", 2), ("file", 1)])
def test_a_document_that_is_too_long_is_refused(
    document: Cut, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "LONGEST", 8)
    with pytest.raises(DataError, match=f"begins in line {line} is longer than 8 characters"):
        documents(
            "\n今天天气很好很好\n\n甲" if document == "file" else "\n今天天气很好很好很\n\n甲", document
        )
