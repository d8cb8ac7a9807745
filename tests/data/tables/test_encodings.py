"""Encodings told from the beginning of a file."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.errors import DataError
from studio.data.tables.encodings import recognise
from tests.data.tables.conftest import SENTENCES, TRADITIONAL

TEXT = "\n".join(SENTENCES * 4)


@pytest.mark.parametrize(
    ("text", "codec", "mark", "expected"),
    [
        (TEXT, "utf-8", b"", "utf-8"),
        (TEXT, "utf-8", codecs.BOM_UTF8, "utf-8"),
        (TEXT, "gb18030", b"", "gb18030"),
        (TEXT, "gbk", b"", "gb18030"),
        (TEXT, "utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
        (TEXT, "utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
        (TEXT, "utf-16-le", b"", "utf-16-le"),
        (TEXT, "utf-16-be", b"", "utf-16-be"),
        ("今天天气很好我们去公园" * 8, "utf-16-le", b"", "utf-16-le"),
        ("今天天气很好我们去公园" * 8, "utf-16-be", b"", "utf-16-be"),
        (TRADITIONAL * 10, "big5", b"", "big5"),
        (TRADITIONAL * 10, "utf-8", b"", "utf-8"),
        (TRADITIONAL * 10, "gb18030", b"", "gb18030"),
        ("label,score\n1,2\n" * 10, "ascii", b"", "utf-8"),
        ("id,name\n" * 20 + TEXT, "gb18030", b"", "gb18030"),
        (TEXT, "utf-32-le", codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_recognised(text: str, codec: str, mark: bytes, expected: str) -> None:
    raw = mark + text.encode(codec)
    found = recognise(raw, "a.txt", whole=True)
    assert found.codec == expected
    assert found.mark == len(mark)
    assert found.certainty > 0.6
    assert found.why
    assert raw[found.mark :].decode(found.codec) == text


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("cut", [101, 102, 103])
def test_a_character_cut_at_the_end_of_the_beginning_harms_nothing(codec: str, cut: int) -> None:
    assert recognise(TEXT.encode(codec)[:cut], "a.txt", whole=False).codec == codec


def test_few_wrong_bytes_do_not_make_another_encoding() -> None:
    raw = TEXT.encode() + "坏".encode()[:2] + b"\n" + TEXT.encode()
    found = recognise(raw, "a.txt", whole=True)
    assert found.codec == "utf-8"
    assert found.certainty < 1


@pytest.mark.parametrize(
    "raw",
    [
        bytes(range(1, 32)) * 50,
        b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20,
        "Привет, как дела ".encode("koi8-r") * 20,
    ],
)
def test_what_is_no_chinese_text_is_refused_with_a_remedy(raw: bytes) -> None:
    with pytest.raises(DataError, match=r"a\.bin") as refused:
        recognise(raw, "a.bin", whole=True)
    assert refused.value.remedy


@pytest.mark.parametrize("name", ["utf-nonsense", "base64", "rot13", "", "a b", "x" * 300, "\0"])
def test_a_name_that_is_no_encoding(name: str) -> None:
    with pytest.raises(DataError, match="no text encoding"):
        recognise(TEXT.encode(), "a.txt", whole=True, given=name)


def test_a_named_encoding_is_heeded() -> None:
    assert recognise(TEXT.encode("gb18030"), "a.txt", whole=True, given="GBK").codec == "gbk"
    marked = codecs.BOM_UTF8 + TEXT.encode()
    assert recognise(marked, "a.txt", whole=True, given="utf8").mark == 3
    wide = recognise(TEXT.encode("utf-16"), "a.txt", whole=True, given="utf-16")
    assert (wide.codec, wide.mark) == ("utf-16-le", 2)


@given(raw=st.binary(max_size=400), whole=st.booleans())
def test_any_bytes_have_an_encoding_or_are_refused(raw: bytes, whole: bool) -> None:
    try:
        found = recognise(raw, "any", whole=whole)
    except DataError as refused:
        assert refused.remedy
    else:
        assert 0 <= found.certainty <= 1
        raw.decode(found.codec, "replace")


@given(
    text=st.lists(st.sampled_from(SENTENCES), min_size=4, max_size=30).map("\n".join),
    codec=st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be"]),
)
def test_ordinary_text_comes_back_whole(text: str, codec: str) -> None:
    raw = text.encode(codec)
    assert raw.decode(recognise(raw, "a.txt", whole=True).codec) == text
