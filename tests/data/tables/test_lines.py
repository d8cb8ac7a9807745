"""Lines of streams, good and bad."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.tables import lines as lines_module
from studio.data.tables.encodings import Encoding
from studio.data.tables.lines import lines
from studio.data.tables.problems import KEPT, Problems

CODECS = ["utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "utf-32-le"]
HAN = st.text(st.sampled_from("中文字abc ,\t\"'"), max_size=12)


def read(raw: bytes, codec: str, mark: int = 0) -> tuple[list[tuple[int, str]], Problems]:
    problems = Problems()
    return list(lines(io.BytesIO(raw), Encoding(codec, 1.0, "", mark), problems)), problems


@pytest.fixture(params=[1 << 20, 7], ids=["large blocks", "small blocks"])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(lines_module, "_BLOCK", request.param)
    return int(request.param)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_kinds(block: int, codec: str, end: str) -> None:
    text = ["第一行", "", "中文abc", "字"]
    for tail in ("", end):
        found, problems = read((end.join(text) + tail).encode(codec), codec)
        assert [line for _, line in found] == text
        assert [number for number, _ in found] == [1, 2, 3, 4]
        assert not problems.count


def test_bad_lines_are_counted_and_the_others_kept(block: int) -> None:
    raw = "好\n".encode() + b"\xff\xfe\n" + "一\0二\n".encode() + "行\n".encode() + b"\xe4\xb8"
    found, problems = read(raw, "utf-8")
    assert found == [(1, "好"), (4, "行")]
    assert [bad.line for bad in problems.kept] == [2, 3, 5]
    assert "0xff at place 1 is not utf-8" in problems.kept[0].reason
    assert "NUL" in problems.kept[1].reason


def test_half_surrogate_pairs_and_odd_bytes_of_utf_16(block: int) -> None:
    raw = "好\n".encode("utf-16-le") + b"\x00\xd8" + "坏\n行\n".encode("utf-16-le") + b"a"
    found, problems = read(raw, "utf-16-le")
    assert found == [(1, "好"), (3, "行")]
    assert [bad.line for bad in problems.kept] == [2, 4]


def test_a_line_without_end_is_set_aside_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "_BLOCK", 1000)
    monkeypatch.setattr(lines_module, "LONGEST", 5000)
    long = "长" * 100_000
    for codec in ("utf-8", "utf-16-le"):
        found, problems = read(f"甲\n{long}\n乙\n{long}".encode(codec), codec)
        assert found == [(1, "甲"), (3, "乙")]
        assert [bad.line for bad in problems.kept] == [2, 4]
        assert "longer" in problems.kept[0].reason


def test_millions_of_bad_lines_are_counted_but_not_kept() -> None:
    problems = Problems()
    list(lines(io.BytesIO(b"\xff\n" * 5000), Encoding("utf-8", 1.0, ""), problems))
    assert problems.count == 5000
    assert len(problems.kept) == KEPT
    assert "5,000 lines set aside" in problems.note("a.txt")[0]


@given(st.lists(HAN, min_size=1, max_size=20), st.sampled_from(CODECS))
def test_lines_come_back_whole(text: list[str], codec: str) -> None:
    raw = "\n".join([*text, "尾"]).encode(codec, "replace")
    found, problems = read(raw, codec)
    assert [line for _, line in found] == raw.decode(codec).split("\n")
    assert not problems.count


@given(
    st.binary(max_size=200),
    st.sampled_from([*CODECS, "ascii", "latin-1", "utf-7", "hz", "shift_jis", "idna"]),
)
def test_any_bytes_in_any_encoding(raw: bytes, codec: str) -> None:
    found, problems = read(raw, codec)
    bad = {problem.line for problem in problems.kept}
    numbers = [number for number, _ in found]
    assert numbers == sorted(set(numbers))
    assert not bad & set(numbers)
    # No line is lost: each is there, or told.
    assert len(numbers) + problems.count == max([*numbers, *bad], default=0)
    assert not any("\0" in line or "\n" in line for _, line in found)
    for _, line in found:
        line.encode("utf-8")
