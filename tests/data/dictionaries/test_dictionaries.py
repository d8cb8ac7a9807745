"""Dictionaries of other input methods: each format recognised, no line lost, what is written can be read."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data.dictionaries.files import read_dictionary
from studio.data.dictionaries.lines import format_of, read_lines
from studio.data.dictionaries.rime import read_rime, write_rime
from studio.data.dictionaries.words import Word, WordList
from studio.data.errors import DataError
from studio.language.syllables import SYLLABLES

HEADER = "# Rime\n---\nname: terms\nversion: '1'\nsort: by_weight\n{}...\n"
hanzi = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
words = st.lists(
    st.lists(st.tuples(hanzi, st.sampled_from(SYLLABLES)), min_size=1, max_size=6).map(
        lambda pairs: ("".join(ch for ch, _ in pairs), " ".join(s for _, s in pairs))
    ),
    min_size=1,
    max_size=20,
)
weights = st.one_of(st.integers(0, 10**9).map(float), st.floats(0, 1e9, allow_nan=False))


def texts(found: WordList) -> list[tuple[str, str, float]]:
    return [(word.text, word.pinyin, word.weight) for word in found.words]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# --- rime ----------------------------------------------------------------------------------------


def test_a_rime_table(tmp_path: Path) -> None:
    body = "# a comment\n贝叶斯\tbei ye si\t500\n先验\txian yan\n重庆\n绿色\tlü4 se4\t30%\n\n"
    body += "AA制\ta a zhi\t1\n贝叶\tbei\t1\n"
    found = read_dictionary(write(tmp_path / "terms.dict.yaml", HEADER.format("") + body))
    assert (found.format, found.name) == ("rime", "terms")
    assert texts(found) == [
        ("贝叶斯", "bei ye si", 500),
        ("先验", "xian yan", 0),
        ("重庆", "chong qing", 0),
        ("绿色", "lv se", 30),
    ]
    assert found.read == 1
    assert [(p.line, p.reason) for p in found.problems] == [
        (13, "'A' is no hanzi"),
        (14, "1 syllables for 2 characters"),
    ]


def test_the_columns_of_the_header_hold_including_stems(tmp_path: Path) -> None:
    header = HEADER.format("columns:\n  - code\n  - text\n  - stem\n  - weight\n")
    found = read_dictionary(write(tmp_path / "a.txt", f"{header}bei ye\t贝叶\tby\t7\n"))
    assert texts(found) == [("贝叶", "bei ye", 7)]


def test_without_columns_a_stem_is_the_fourth(tmp_path: Path) -> None:
    found = read_dictionary(write(tmp_path / "a.dict.yaml", HEADER.format("") + "贝叶\tbei ye\t7\tby'\n"))
    assert texts(found) == [("贝叶", "bei ye", 7)]
    assert not found.problems


def test_no_comment_makes_words_of_hashes_lines(tmp_path: Path) -> None:
    found = read_rime(tmp_path / "x", HEADER.format("") + "# no comment\n#\tjing\t1\n井\tjing\t1\n")
    assert [word.text for word in found.words] == ["井"]
    assert [problem.line for problem in found.problems] == [8]


def test_imported_tables_are_read_from_the_same_folder(tmp_path: Path) -> None:
    write(
        tmp_path / "base.dict.yaml",
        "---\nname: base\nimport_tables: [terms]\n...\n先验\txian yan\t2\nx\ty\t1\n",
    )
    main = write(
        tmp_path / "terms.dict.yaml",
        HEADER.format("import_tables:\n  - base\n  - missing\n") + "贝叶\tbei ye\t1\n",
    )
    found = read_dictionary(main)
    assert found.name == "terms"
    assert [word.text for word in found.words] == ["贝叶", "先验"]
    assert [problem.line for problem in found.problems] == [6, 0]
    assert "base.dict.yaml" in found.problems[0].reason
    assert "missing" in found.problems[1].reason


@pytest.mark.parametrize("header", ["name: [a\n...\n", "name: a\ncolumns: [code]\n...\n", "- name: a\n...\n"])
def test_a_broken_header_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(DataError, match="header"):
        read_dictionary(write(tmp_path / "a.dict.yaml", header + "贝叶\tbei ye\t1\n"))


@given(words, st.data())
def test_what_is_written_for_rime_is_read_again(chosen: list[tuple[str, str]], data: st.DataObject) -> None:
    given_words = [Word(text, pinyin, data.draw(weights)) for text, pinyin in chosen]
    found = read_rime(Path("x.dict.yaml"), write_rime("词库: '#1", given_words))
    assert found.words == given_words
    assert found.name == "词库: '#1"
    assert not found.problems


# --- lists of lines ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "format", "expected"),
    [
        (
            "贝叶斯 bei'ye'si 12\n先验 xian'yan 0\n",
            "libime",
            [("贝叶斯", "bei ye si", 12), ("先验", "xian yan", 0)],
        ),
        ("贝叶斯 bei'ye'si -7.25\n", "libime", [("贝叶斯", "bei ye si", 0)]),
        (
            "'bei'ye'si 贝叶斯\n'xian'yan 先验\n",
            "sogou",
            [("贝叶斯", "bei ye si", 0), ("先验", "xian yan", 0)],
        ),
        ("贝叶斯\tbei ye si\t12\n", "plain", [("贝叶斯", "bei ye si", 12)]),
        ("贝叶斯\t12\tbei'ye'si\n", "plain", [("贝叶斯", "bei ye si", 12)]),
        ("贝叶斯\t12\n重庆\n", "plain", [("贝叶斯", "bei ye si", 12), ("重庆", "chong qing", 0)]),
        ("贝叶斯 12\n重庆 chóng qìng\n", "plain", [("贝叶斯", "bei ye si", 12), ("重庆", "chong qing", 0)]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_lists(
    tmp_path: Path, text: str, format: str, expected: list[tuple[str, str, float]], encoding: str
) -> None:
    if encoding == "gb18030" and "ó" in text:
        text = text.replace("chóng qìng", "chong qing")
    found = read_dictionary(write(tmp_path / "words.txt", text.replace("\n", "\r\n"), encoding))
    assert (found.format, found.name) == (format, "words")
    assert texts(found) == expected
    assert not found.problems


def test_bad_lines_are_counted_and_told_with_their_numbers(tmp_path: Path) -> None:
    text = "# words\n贝叶斯\tbei ye si\n\n贝叶\tbei\n先验\txian yanx\nhello\n先 验\n"
    text += "先验\txian yan\t1\t2\n先验\txian yan\t-3\n"
    found = read_dictionary(write(tmp_path / "w.txt", text))
    assert [word.text for word in found.words] == ["贝叶斯"]
    assert [problem.line for problem in found.problems] == [4, 5, 6, 7, 8, 9]
    assert found.passed_over == 3  # the comment, the blank line, the end of the last line
    with pytest.raises(DataError, match="line 1: 'h' is no hanzi"):
        read_dictionary(write(tmp_path / "none.txt", "hello\n"))


@given(st.text(st.sampled_from("贝叶斯a'-#. \t\n12%ü"), max_size=80))
def test_no_line_is_lost_whatever_it_holds(text: str) -> None:
    for tried in {format_of(text), "libime", "sogou", "plain"}:
        found = read_lines(text, tried, "x")
        assert len(found.words) + len(found.problems) + found.passed_over == len(text.split("\n"))
        assert all(len(word.pinyin.split()) == len(word.text) for word in found.words)


@given(words, st.sampled_from(["libime", "sogou", "plain"]))
def test_well_made_lists_lose_nothing(chosen: list[tuple[str, str]], format: str) -> None:
    lines = {
        "libime": lambda text, pinyin: f"{text} {pinyin.replace(' ', chr(39))} 3",
        "sogou": lambda text, pinyin: f"'{pinyin.replace(' ', chr(39))} {text}",
        "plain": lambda text, pinyin: f"{text}\t{pinyin}\t3",
    }[format]
    text = "\n".join(lines(*word) for word in chosen)
    assert format_of(text) == format
    found = read_lines(text, format, "x")
    assert [(word.text, word.pinyin) for word in found.words] == chosen


# --- binary files --------------------------------------------------------------------------------


def scel(entries: list[tuple[list[str], list[str]]], tail: bytes = b"") -> bytes:
    """A cell dictionary as others describe it."""
    syllables = sorted({syllable for reading, _ in entries for syllable in reading})
    raw = bytearray(0x1540)
    raw[:12] = b"\x40\x15\x00\x00DCS\x01\x01\x00\x00\x00"
    struct.pack_into("<I", raw, 0x124, sum(len(same) for _, same in entries))
    raw[0x130:0x134] = "词库".encode("utf-16-le")
    raw += struct.pack("<HH", len(syllables), 0)
    for number, syllable in enumerate(syllables):
        letters = syllable.encode("utf-16-le")
        raw += struct.pack("<HH", number, len(letters)) + letters
    for reading, same in entries:
        raw += struct.pack("<HH", len(same), 2 * len(reading))
        raw += struct.pack(f"<{len(reading)}H", *map(syllables.index, reading))
        for rank, word in enumerate(same):
            text = word.encode("utf-16-le")
            raw += struct.pack("<H", len(text)) + text + struct.pack("<HHQ", 10, rank, 0)
    return bytes(raw) + tail


def test_a_cell_dictionary_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cells.scel"
    deleted = "DELTBL".encode("utf-16-le") + b"\x01\x00\x04\x00" + "删除".encode("utf-16-le")
    path.write_bytes(scel([(["bei", "di"], ["北地", "北堤"]), (["lv", "se"], ["绿色"])], deleted))
    found = read_dictionary(path)
    assert (found.format, found.name) == ("scel", "词库")
    assert texts(found) == [("北地", "bei di", 0), ("北堤", "bei di", 0), ("绿色", "lv se", 0)]


@pytest.mark.parametrize("cut", [0x100, 0x1542, 0x1550, -1, -9])
def test_a_cell_dictionary_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cells.scel"
    path.write_bytes(scel([(["bei", "di"], ["北地", "北堤"])])[:cut])
    with pytest.raises(DataError, match="damaged cell dictionary"):
        read_dictionary(path)


def test_other_binary_files_are_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "user.dict"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(DataError, match="binary file that is not known; export it as text"):
        read_dictionary(path)
