"""Word lists of the kinds that are about."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from studio.data.errors import DataError
from studio.data.language_models.reading import Imported, read_model
from studio.data.language_models.table import UNDECIDED
from studio.language.syllables import SYLLABLES
from tests.data.language_models.test_arpa import ARPA, silent


def read(folder: Path, *texts: str, readings: str = "", encoding: str = "utf-8") -> Imported:
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"{number}.txt")
        files[-1].write_bytes(text.encode(encoding))
    if readings:
        (folder / "readings.txt").write_text(readings, encoding="utf-8")
    return read_model(files, silent, folder / "readings.txt" if readings else None)


def readings_of(made: Imported) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = {}
    place = 0
    for word, share in zip(made.ngrams.readings.word, made.ngrams.readings.share, strict=True):
        text = made.ngrams.words[word]
        syllables = made.ngrams.readings.syllables[place : place + len(text)]
        place += len(text)
        found.setdefault(text, []).append((" ".join(SYLLABLES[s] for s in syllables), float(share)))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "银行\t30\n行\t10\n",
        "银行 30\n行 10\n",
        "银行 30 n\n行 10 v\n",
        "# words\n银行\t30.0\n\n行\t10\nabc\t99\n",
    ],
)
def test_words_with_counts(tmp_path: Path, text: str) -> None:
    made = read(tmp_path, text)
    assert made.kind == "counts" and made.problems.count == 0
    assert made.ngrams.words == ("银行", "行")
    np.testing.assert_allclose(made.ngrams.single, [0.75, 0.25])
    readings = readings_of(made)
    assert readings["银行"] == [("yin hang", 1.0)]
    assert {reading for reading, _ in readings["行"]} >= {"xing", "hang"}
    assert all(share == UNDECIDED for _, share in readings["行"])


def test_words_and_pairs_of_two_files_belong_together(tmp_path: Path) -> None:
    made = read(tmp_path, "我们\t60\n去\t40\n", "我们\t去\t25\n去\t我们\t5\n去\tabc\t7\n")
    assert made.ngrams.pairs.tolist() == [[0, 1], [1, 0]]
    np.testing.assert_allclose(made.ngrams.pair, [0.25, 0.05])


def test_pairs_alone_say_how_often_words_come(tmp_path: Path) -> None:
    made = read(tmp_path, "我们\t去\t30\n我们\t来\t10\n去\t我们\t40\n")
    assert made.ngrams.words == ("我们", "去", "来")
    np.testing.assert_allclose(made.ngrams.single, [0.5, 0.5, 0.0], atol=0.2)
    assert made.ngrams.pair.sum() <= 1.0001


def test_pinyin_in_the_list_is_taken(tmp_path: Path) -> None:
    made = read(tmp_path, "行\txing\t90\n行\thang\t10\n绿色 lü'se\n")
    readings = readings_of(made)
    assert readings["行"] == [("xing", pytest.approx(0.9)), ("hang", pytest.approx(0.1))]
    assert readings["绿色"] == [("lv se", 1.0)]


def test_readings_from_a_dictionary_of_logarithms(tmp_path: Path) -> None:
    made = read(
        tmp_path, "长\t5\n长大\t5\n", readings="长\tchang\t-0.30103\n长\tzhang\t-0.30103\n长大 zhang'da\n"
    )
    readings = readings_of(made)
    assert readings["长"] == [("chang", pytest.approx(0.5)), ("zhang", pytest.approx(0.5))]
    assert readings["长大"] == [("zhang da", 1.0)]


def test_other_encodings_and_packed(tmp_path: Path) -> None:
    text = "".join(f"中国{chr(0x4E00 + n)}\t{n + 1}\n" for n in range(50))
    made = read(tmp_path, text, encoding="gb18030")
    assert len(made.ngrams.words) == 50 and made.problems.count == 0
    path = tmp_path / "list.txt.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert len(read_model([path], silent).ngrams.words) == 50


def test_bad_lines_are_counted(tmp_path: Path) -> None:
    made = read(tmp_path, "中国\t3\n中国\t许多\n人民\t-4\n中国\t人民\n")
    assert made.ngrams.words == ("中国",)
    assert made.problems.count == 3
    assert any("'-4' is no count" in said for said in made.problems.first)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"(\xb5/\xfd\x00\x00\x00\x00", "zstd"),
        (b"hello world\nno hanzi here\n", "no line with Chinese words"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", "is no text"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_model([path], silent)
    with pytest.raises(DataError, match="there is no file"):
        read_model([tmp_path / "none"], silent)


def test_a_whole_model_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "a.arpa").write_text(ARPA, encoding="utf-8")
    (tmp_path / "b.txt").write_text("中国 3\n", encoding="utf-8")
    with pytest.raises(DataError, match="stands alone"):
        read_model([tmp_path / "a.arpa", tmp_path / "b.txt"], silent)
