"""Text in any customary encoding is read; what is no text is refused with what, where and what would be right."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data import reading
from studio.data.errors import DataError
from studio.data.reading import TextFile, read_text
from studio.data.sources import documents
from studio.recipe import FileSource

TEXT = "今天天气很好，我们去公园。\n他说：“明天也好。”\n" * 8
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8, max_size=60)


def refusal(path: Path, encoding: str = "auto") -> DataError:
    with pytest.raises(DataError) as refused:
        read_text(path, encoding)
    assert str(path) in refused.value.message
    assert refused.value.remedy
    return refused.value


@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("gb18030", b""),
        ("gbk", b""),
        ("gb2312", b""),
    ],
)
def test_encodings_are_recognised(tmp_path: Path, codec: str, mark: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(mark + TEXT.encode(codec))
    assert read_text(path) == TEXT


@pytest.mark.parametrize("codec", ["big5", "utf-16-le", "hz"])
def test_other_encodings_can_be_named(tmp_path: Path, codec: str) -> None:
    text = "今天天氣很好\n" if codec == "big5" else TEXT
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(codec))
    assert read_text(path, codec) == text


def test_line_ends_become_one_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("甲\r\n乙\r丙\n".encode())
    assert read_text(path) == "甲\n乙\n丙\n"


def test_missing(tmp_path: Path) -> None:
    assert "no file" in refusal(tmp_path / "none.txt").message


def test_folder(tmp_path: Path) -> None:
    assert "folder" in refusal(tmp_path).message


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX device files")
def test_a_device_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "no ordinary file" in refusal(pipe).message


@pytest.mark.parametrize("content", [b"", b"  \n\n", codecs.BOM_UTF8, codecs.BOM_UTF8 + b"\r\n"])
def test_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert "empty" in refusal(path).message or "blanks" in refusal(path).message


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(DataError):
        read_text(Path("a\0b"))


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    assert "may not be read" in refusal(path).message


def test_binary_names_the_first_nul(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"GIF89a\x01\x00\x01\x00\xff\xff\xff")
    assert "byte 7 is NUL" in refusal(path).message


def test_control_characters_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(1, 32)) * 50)
    assert "control characters" in refusal(path).message


def test_utf_16_without_its_mark_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(("abc def 中文 " * 40).encode("utf-16-le"))
    assert "utf-16-le" in refusal(path).remedy


def test_a_damaged_utf_8_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    raw = TEXT.encode()
    path.write_bytes(raw + "第几行".encode()[:-1] + b"\n" + raw)
    refused = refusal(path)
    assert "utf-8" in refused.message
    assert f"offset {len(raw) + 6}" in refused.message
    assert "line 17" in refused.message


def test_neither_utf_8_nor_gb18030_says_where(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("中文".encode("gbk") * 40 + b"\xff\xff\n")
    assert "offset 160 (line 1)" in refusal(path).message


@pytest.mark.parametrize("codec", ["big5", "shift_jis", "koi8-r"])
def test_other_encodings_are_not_taken_for_gb18030(tmp_path: Path, codec: str) -> None:
    text = {
        "big5": "這個學習環境讓學生體驗傳統藝術",
        "shift_jis": "これはテストです。",
        "koi8-r": "Привет, как дела",
    }
    path = tmp_path / "a.txt"
    path.write_bytes((text[codec] * 20).encode(codec))
    refusal(path)


def test_a_named_encoding_is_held_to(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode("gb18030"))
    assert "not valid utf-8" in refusal(path, "utf-8").message


@pytest.mark.parametrize("codec", ["utf-nonsense", "base64", "rot13", "", "a b", "idna", "x" * 300, "\0"])
def test_an_encoding_that_is_none(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode())
    refusal(path, codec)


@given(raw=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(raw)
    try:
        text = read_text(path)
    except DataError as refused:
        assert refused.message
        assert refused.remedy
    else:
        assert "\0" not in text
        assert "\r" not in text


@given(text=HAN, codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_chinese_comes_back_whole(tmp_path_factory: pytest.TempPathFactory, text: str, codec: str) -> None:
    path = tmp_path_factory.getbasetemp() / "han.txt"
    path.write_bytes(text.encode(codec))
    try:
        assert read_text(path) == text
    except DataError as refused:  # rare characters alone do not look like Chinese in GB18030
        assert codec == "gb18030"
        assert "not recognised" in refused.message


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_are_unpacked(packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    content = packed("今天天气很好。\n".encode("gb18030") * 30)
    path.write_bytes(content)
    assert read_text(path) == "今天天气很好。\n" * 30
    path.write_bytes(content[:-9])
    with pytest.raises(DataError, match="damaged"):
        read_text(path)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_comes_in_blocks_that_join(
    tmp_path: Path, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    text = TEXT.replace("\n", "\r\n") * 3
    path.write_bytes(text.encode(codec))
    for size in (1, 2, 3, 50):
        monkeypatch.setattr(reading, "_BLOCK", size)
        file = TextFile(path)
        assert "".join(file.blocks()) == TEXT * 3
        assert list(file.lines()) == (TEXT * 3).split("\n")


def test_faults_are_found_behind_the_first_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 16)
    path = tmp_path / "a.txt"
    raw = TEXT.encode() * 20
    path.write_bytes(raw + b"\xe4\xbd\n" + raw)
    refused = refusal(path)
    assert f"offset {len(raw)} (line {raw.count(10) + 1})" in refused.message
    path.write_bytes(raw + b"\0")
    assert f"byte {len(raw)} is NUL" in refusal(path).message


def test_a_large_text_is_never_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 1 << 15)
    path = tmp_path / "a.txt.gz"
    line = "今天天气很好，我们去公园散步。\n\n"
    path.write_bytes(gzip.compress((line * 200_000).encode("gb18030"), 1))
    source = FileSource(path=str(path))
    tracemalloc.start()
    try:
        found = sum(len(document.text) for document in documents(source, 0))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == 3_000_000
    assert peak < 4e6, "the text alone takes more than 6 MB"
