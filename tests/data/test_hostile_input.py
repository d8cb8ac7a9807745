"""Every reader of files, with what nobody would write: it gives something, or says why not, and never breaks."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.data.dictionaries.files import read_dictionary
from studio.data.dictionaries.scel import MAGICS
from studio.data.doctor.reading import opened as doctor_opened
from studio.data.errors import DataError
from studio.data.labelled import LabelledItems
from studio.data.language_models.reading import read_model
from studio.data.reading import TextFile
from studio.data.sources import documents
from studio.data.subwords import read_tokenizer
from studio.data.tables.inspection import inspect
from studio.data.tables.texts import texts
from studio.data.tagged_words import token_documents
from studio.data.tsv import read_pairs
from studio.recipe import Cleaning, FileSource, TableSource
from studio.recipe.task import TextClassification

Reader = Callable[[Path], object]


def table(format: str) -> Reader:
    def read(path: Path) -> object:
        source = TableSource(path=str(path), format=format)
        inspect(source, rows=3, whole=True)
        return list(texts(source))

    return read


def file(document: str) -> Reader:
    return lambda path: list(documents(FileSource(path=str(path), document=document), 0))


READERS: dict[str, Reader] = {
    "text": lambda path: list(TextFile(path).lines()),
    "utf-16": lambda path: list(TextFile(path, "utf-16-le").lines()),
    "line": file("line"),
    "blank_line": file("blank_line"),
    "labelled": lambda path: list(
        LabelledItems(TextClassification(), Cleaning()).documents(FileSource(path=str(path)), 0)
    ),
    "tagged": lambda path: list(token_documents(FileSource(path=str(path)), 0, Cleaning())),
    "doctor": lambda path: list(doctor_opened(FileSource(path=str(path)), 0, documents).records),
    "pairs": read_pairs,
    "dictionary": read_dictionary,
    "language model": lambda path: read_model([path], lambda *_: None),
    "tokenizer": read_tokenizer,
    **{form: table(form) for form in ("auto", "text", "csv", "tsv", "json", "jsonl", "parquet", "arrow", "xlsx")},
}  # fmt: skip

ARPA = (
    "\\data\\\nngram 1=2\nngram 2=1\n\n\\1-grams:\n-1.0\t今天\t-0.3\n-1.2\t天气\n\n"
    "\\2-grams:\n-0.5\t今天 天气\n\n\\end\\\n"
)
RIME = "# x\n---\nname: terms\nversion: '1'\nimport_tables: [other]\n...\n贝叶斯\tbei ye si\t500\n先验\txian yan\n"


def scel() -> bytes:
    """A cell dictionary of one word."""
    raw = bytearray(0x1540)
    raw[: len(MAGICS[0])] = MAGICS[0]
    raw[0x124:0x128] = struct.pack("<I", 1)

    def text(letters: str) -> bytes:
        return struct.pack("<H", 2 * len(letters)) + letters.encode("utf-16-le")

    syllables = b"".join(struct.pack("<H", n) + text(s) for n, s in enumerate(("bei", "ye")))
    word = struct.pack("<HHHH", 1, 4, 0, 1) + text("贝叶") + struct.pack("<HI", 4, 7)
    return bytes(raw) + struct.pack("<HH", 2, 0) + syllables + word


def zipped(names: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return whole.getvalue()


PROSE = "今天天气很好，我们去公园。\n这本书写得非常好看\n\n服务态度太差了\n"
SAMPLES: tuple[bytes, ...] = (
    PROSE.encode(),
    PROSE.encode("gb18030"),
    PROSE.encode("utf-16"),
    "text,label,split\n今天天气很好,好,train\n\"这本书\n写得好\",坏,test\n".encode(),
    b'[{"text": "\xe4\xbb\x8a\xe5\xa4\xa9", "label": 1}, {"text": "a", "x": {"y": [1, null]}}]',
    '{"text": "今天天气"}\n{"text": "很好", "n": 1e999}\n'.encode(),
    "好\t这本书写得很好\n坏\t服务太差\n".encode(),
    "今 B-T\n天 E-T\n很 O\n\n好 S-X\n".encode(),
    "jin tian\t今天\nhao\t好\n".encode(),
    ARPA.encode(),
    RIME.encode(),
    scel(),
    zipped({"a.txt": PROSE.encode(), "b/c.csv": b"text\n" + PROSE.encode()}),
    gzip.compress(PROSE.encode()),
    b'{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "pre_tokenizer": null}',
)  # fmt: skip
CRUMBS = (b"\0", b"\xff\xfe", "\ud800".encode("utf-8", "surrogatepass"), b"\xef\xbb\xbf", b'"', b"\r", b"\x1a", b"[[[[",
          b"{", b"\\u0000", b"\\ud800",
          "\u2028".encode(), b"PK\x03\x04", b"PAR1", b"-1e999", b"...\n", b"\xf4\x90\x80\x80")  # fmt: skip


SUFFIXES = st.sampled_from([".txt", ".dict.yaml", ".csv", ".jsonl", ".zip", ""])


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """Random bytes, or a good file with bytes changed, put in, or cut off."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.binary(max_size=200))
    raw = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(raw)))
        what = draw(st.one_of(st.sampled_from(CRUMBS), st.binary(max_size=8)))
        raw[place : place + draw(st.integers(0, 6))] = what
    return bytes(raw[: draw(st.integers(0, len(raw)))]) if draw(st.booleans()) else bytes(raw)


def read_or_refused(reader: Reader, path: Path) -> str:
    """What the reader says against the file; empty if nothing."""
    try:
        reader(path)
    except DataError as refused:
        assert refused.message and refused.remedy
        return refused.message
    return ""


@pytest.mark.parametrize("name", READERS)
@given(raw=hostile(), suffix=SUFFIXES)
@settings(max_examples=10)
def test_any_file_is_read_or_refused(
    name: str, tmp_path_factory: pytest.TempPathFactory, raw: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"hostile{suffix}"
    path.write_bytes(raw)
    read_or_refused(READERS[name], path)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
@given(raw=hostile(), suffix=SUFFIXES)
@settings(max_examples=250)
def test_any_of_many_files_is_read_or_refused(
    name: str, tmp_path_factory: pytest.TempPathFactory, raw: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"hostile-many{suffix}"
    path.write_bytes(raw)
    read_or_refused(READERS[name], path)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_a_line_of_a_million_characters(name: str, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("今天" * 500_000 + "\n短的一行\n", encoding="utf-8")
    read_or_refused(READERS[name], path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'[{"text": ' + b"9" * 5000 + b"}]",
        b'"' * 10_001,
        b"a," * 20_000,
        b"\n" * 100_000,
        b"\0" * 1000,
        "\ufeff".encode() * 1000,
    ],
    ids=["lists", "objects", "digits", "quotes", "columns", "line ends", "NUL", "marks"],
)
@pytest.mark.parametrize("name", READERS)
def test_what_is_deep_wide_or_empty(name: str, raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(raw)
    read_or_refused(READERS[name], path)


BOMBED = ("text", "labelled", "doctor", "auto", "jsonl", "pairs", "dictionary", "language model")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_is_refused_by_every_reader(
    pack: Callable[[bytes], bytes], tmp_path: Path, small_bombs: None
) -> None:
    path = tmp_path / "bomb.txt.gz"
    path.write_bytes(pack(PROSE.encode() * 100 + "今".encode() * (1 << 20)))
    for name in BOMBED:
        assert "no ordinary text" in read_or_refused(READERS[name], path), name


@pytest.fixture
def small_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.data.tables import packing

    monkeypatch.setattr(packing, "FREE_BELOW", 1 << 17)


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/passwd", "a/../../b.txt", "C:\\x.txt", "a\0b.txt", "..\\b.txt"]
)
def test_names_in_an_archive_are_never_paths(name: str, tmp_path: Path) -> None:
    path = tmp_path / "trick.zip"
    path.write_bytes(zipped({name: PROSE.encode()}))
    before = sorted(tmp_path.parent.rglob("*.txt"))
    assert read_or_refused(READERS["auto"], path) or name == "a\0b.txt"  # zipfile cuts names at NUL
    assert sorted(tmp_path.parent.rglob("*.txt")) == before


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "a/b", "..", "a\\b", "x" * 5000, "7", "[[1]]", "{a: b}", "'a\\0b'"]
)
def test_tables_that_rime_imports_lie_beside_it(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.dict.yaml").write_text(RIME.replace("other", "none"), encoding="utf-8")
    path = inner / "main.dict.yaml"
    path.write_text(RIME.replace("[other]", f"[{name}]").replace("贝叶斯", "公园"), encoding="utf-8")
    found = read_dictionary(path)
    assert "贝叶斯" not in [word.text for word in found.words]
    assert any("that it imports" in problem.reason for problem in found.problems)


@pytest.mark.parametrize(
    "header",
    [
        "version: 2024-99-99",
        "a: &a [x, x]\nb: &b [*a, *a]\nname: &c [*b, *b, *b, *b]\nimport_tables: [*c]",
        "name: " + "[" * 5000,
        "columns: [text, {a: b}]",
        "columns: [text, [code]]",
        "? [a, b]\n: 1",
        "x: !!python/object/apply:os.system ['true']",
        "\n".join(f"k{n}: 1" for n in range(5000)),
    ],
    ids=["date", "aliases", "deep", "mapping", "list", "key", "object", "endless"],
)
def test_headers_of_rime_that_are_none(header: str, tmp_path: Path) -> None:
    path = tmp_path / "a.dict.yaml"
    path.write_text(f"---\nname: a\n{header}\n...\n公园\tgong yuan\t1\n", encoding="utf-8")
    said = read_or_refused(read_dictionary, path)
    assert len(said) < 500
