"""Packed files, archives and folders, and those that mean harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.data.errors import DataError
from studio.data.tables import packing
from studio.data.tables.parts import files_of, parts
from studio.data.tables.texts import texts
from studio.recipe import TableSource
from tests.data.tables.conftest import SENTENCES, Read

TEXT = "\n".join(SENTENCES * 8) + "\n"
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def all_texts(path: Path, **fields: object) -> list[str]:
    return [one.text for one in texts(TableSource.model_validate({"path": str(path), **fields}))]


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_packed_files(tmp_path: Path, read: Read, packer: str, codec: str) -> None:
    path = tmp_path / f"a.csv.{packer}"
    body = "text,label\n" + "".join(f"{text},{n % 2}\n" for n, text in enumerate(SENTENCES * 8))
    path.write_bytes(PACKERS[packer](body.encode(codec)))
    table, rows, bad = read(path)
    assert (table.format, table.header, len(rows), bad) == ("csv", True, 40, [])
    path.write_bytes(PACKERS[packer](body.encode(codec))[:-7])
    with pytest.raises(DataError, match="damaged"):
        read(path)


def test_the_name_does_not_matter_for_what_is_packed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert all_texts(path) == TEXT.splitlines()


def test_a_text_that_begins_like_a_packed_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("BZh9是一行文字\n" + TEXT, encoding="utf-8")
    assert len(all_texts(path)) == 41


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def test_archives_hold_files_of_all_formats(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": ["表里的字"]}), buffer)
    path = archive(
        tmp_path / "a.zip",
        {
            "b/two.txt": "第二\n".encode("gb18030") * 40,
            "a/one.csv": "text,label\n第一,x\n".encode(),
            "c.parquet": buffer.getvalue(),
            "__MACOSX/._a": b"\0",
            ".hidden.txt": b"hidden",
            "picture.png": b"\x89PNG",
        },
    )
    assert all_texts(path) == ["第一", *["第二"] * 40, "表里的字"]
    assert "picture.png" in parts(path)[1][0]


def test_names_in_gbk_are_shown_as_they_were_meant(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"xxxx.txt": TEXT.encode()})
    path.write_bytes(path.read_bytes().replace(b"xxxx.txt", "语料.txt".encode("gbk")))
    (part,), _ = parts(path)
    assert part.name.endswith("a.zip!语料.txt")
    assert all_texts(path) == TEXT.splitlines()


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt", "a\n.txt"]
)
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", {name: TEXT.encode(), "good.txt": TEXT.encode()})
    with pytest.raises(DataError, match="leads out"):
        all_texts(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"a.txt": TEXT.encode()})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(DataError, match="encrypted"):
        all_texts(path)


@pytest.mark.parametrize("packer", PACKERS)
def test_bombs_are_refused_while_they_unpack(
    tmp_path: Path, packer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "FREE_BELOW", 1 << 20)
    path = tmp_path / f"a.txt.{packer}"
    path.write_bytes(PACKERS[packer]((TEXT.encode() * 2000)[: 8 << 20] + b"\n" * (64 << 20)))
    with pytest.raises(DataError, match="no ordinary text"):
        all_texts(path)


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"a.txt": b"\n" * (packing.FREE_BELOW + 1)})
    with pytest.raises(DataError, match="no ordinary text"):
        all_texts(path)


def test_an_archive_that_lies_about_sizes_is_damaged(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"a.txt": TEXT.encode() * 50})
    raw = path.read_bytes()
    size = (len(TEXT.encode()) * 50).to_bytes(4, "little")
    assert raw.count(size) == 2
    path.write_bytes(raw.replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(DataError, match="damaged"):
        all_texts(path)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "a.7z", "a.rar"])
def test_other_archives_say_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"x"))
    with pytest.raises(DataError, match="kind that is not read") as refused:
        all_texts(tmp_path / name)
    assert "zip" in refused.value.remedy


def test_folders(tmp_path: Path) -> None:
    home = tmp_path / "corpus"
    (home / "b").mkdir(parents=True)
    (home / "b" / "two.txt").write_text("第二行\n", encoding="utf-8")
    (home / "a.jsonl.gz").write_bytes(gzip.compress('{"text": "第一行"}\n'.encode()))
    (home / "z.zip").write_bytes(archive(tmp_path / "z.zip", {"c.txt": "第三行\n".encode()}).read_bytes())
    (home / "README.md").write_text("#")
    (home / ".git").mkdir()
    (home / ".git" / "x.txt").write_text("hidden")
    (home / "loop").symlink_to(home)
    assert all_texts(home) == ["第一行", "第二行", "第三行"]
    assert "1 files of other kinds" in parts(home)[1][0]
    assert [path.name for path in files_of(home)] == ["README.md", "a.jsonl.gz", "two.txt", "z.zip"]


@pytest.mark.parametrize("content", [None, {}, {"a.png": b"x"}])
def test_nothing_to_read(tmp_path: Path, content: dict[str, bytes] | None) -> None:
    if content is None:
        home = tmp_path / "empty"
        home.mkdir()
    else:
        home = archive(tmp_path / "a.zip", content)
    with pytest.raises(DataError, match="no file of a known format"):
        all_texts(home)


@pytest.mark.parametrize("name", ["none.csv", "a\0b", "x" * 5000])
def test_a_path_without_a_file(name: str) -> None:
    with pytest.raises(DataError):
        all_texts(Path(name))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["zip", *PACKERS]))
def test_damaged_archives_are_read_or_refused(tmp_path: Path, data: st.DataObject, kind: str) -> None:
    path = tmp_path / f"damaged.{kind}"
    if kind == "zip":
        archive(path, {"a.txt": TEXT.encode(), "b.csv": b"text\n\xe5\xa5\xbd\n"})
    else:
        path.write_bytes(PACKERS[kind](TEXT.encode()))
    raw = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
        raw[place] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(1, len(raw)))])
    try:
        all_texts(path)
    except DataError as refused:
        assert "damaged." in refused.message


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=300)
    | st.text(st.sampled_from('中文,"\t\n{}[]:01ab'), max_size=120).map(str.encode),
    name=st.sampled_from(
        ["a.txt", "a.csv", "a.tsv", "a.json", "a.jsonl", "a.parquet", "a.arrow", "a.xlsx", "a.gz", "a"]
    ),
    form=st.sampled_from(["auto", "text", "csv", "json", "jsonl", "parquet", "arrow", "xlsx"]),
    encoding=st.sampled_from(["auto", "utf-8", "gb18030", "big5", "utf-16"]),
)
def test_any_bytes_under_any_name(tmp_path: Path, raw: bytes, name: str, form: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    try:
        found = all_texts(path, format=form, encoding=encoding)
    except DataError as refused:
        assert refused.message
        assert refused.remedy
    else:
        for text in found:
            text.encode("utf-8")
            assert "\0" not in text
            assert text.strip()
