"""Evaluation files: good lines are kept, bad ones counted and described."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.errors import DataError
from studio.data.tsv import read_pairs
from studio.language.syllables import SYLLABLES


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_pairs_of_any_spelling(tmp_path: Path) -> None:
    content = "jin tian\t今天\n# a remark\n\nNǚ'er2\t女儿\nlu:4 se4\t 绿色 \r\n"
    pairs = read_pairs(write(tmp_path / "a.tsv", content))
    assert pairs.texts == ("今天", "女儿", "绿色")
    assert [[SYLLABLES[n] for n in reading] for reading in pairs.syllables] == [
        ["jin", "tian"],
        ["nv", "er"],
        ["lv", "se"],
    ]
    assert pairs.lines == (1, 4, 5)
    assert len(pairs) == 3
    assert pairs.problems == ()


def test_bad_lines_are_described(tmp_path: Path) -> None:
    content = (
        "jin tian\t今天\njin tian 今天\na\tb\tc\njin tan xx\t今天天\njin\t今天\njin tian\t今天!\n\t\nni\t你"
    )
    pairs = read_pairs(write(tmp_path / "a.tsv", content))
    assert pairs.texts == ("今天", "你")
    assert [str(problem) for problem in pairs.problems] == [
        "line 2: 1 field between tabs instead of 2",
        "line 3: 3 fields between tabs instead of 2",
        "line 4: 'xx' is no syllable of Mandarin",
        "line 5: 1 syllables for 2 characters",
        "line 6: '!' is no hanzi",
    ]


def test_other_encodings(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path / "a.tsv", "jin tian\t今天\n".encode("gb18030")))
    assert pairs.texts == ("今天",)


@pytest.mark.parametrize("content", ["天气\n", "# nothing\n", "jin\t今天\n" * 9])
def test_nothing_usable_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match="no usable line") as refused:
        read_pairs(write(tmp_path / "a.tsv", content))
    assert "TAB" in refused.value.remedy


@given(st.binary(max_size=200) | st.text("jin tian\t今天\n#'12x", max_size=80).map(str.encode))
def test_any_content_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    try:
        pairs = read_pairs(write(tmp_path_factory.getbasetemp() / "any.tsv", content))
    except DataError:
        return
    assert len(pairs) > 0
    assert all(len(a) == len(b) for a, b in zip(pairs.syllables, pairs.texts, strict=True))
