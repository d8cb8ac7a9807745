"""ARPA files: what they say, and what is wrong with them."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.data.errors import DataError
from studio.data.language_models.reading import Imported, read_model
from studio.data.language_models.table import BEGIN, END

ARPA = """
\\data\\
ngram 1=7
ngram 2=5
ngram 3=1

\\1-grams:
-99\t<s>\t-0.30103
-0.60206\t</s>
-2\t<unk>\t0
-0.60206\t中国\t-0.30103
-0.60206\t人民\t-0.2
-0.60206\t的\t0
-1\tABC\t0

\\2-grams:
-0.30103\t<s> 中国\t0
-0.30103\t中国 人民\t-0.1
-0.60206\t中国 的
-0.5\tABC 的
-0.1\t人民 </s>

\\3-grams:
-0.09691\t<s> 中国 人民

\\end\\
"""


def silent(_done: int, _total: int) -> None:
    pass


def read(path: Path, text: str) -> Imported:
    path.write_text(text, encoding="utf-8")
    return read_model([path], silent)


def test_probabilities_become_joint_ones(tmp_path: Path) -> None:
    made = read(tmp_path / "a.arpa", ARPA)
    ngrams = made.ngrams
    assert made.kind == "arpa" and made.problems.count == 0
    assert ngrams.words == (BEGIN, END, "中国", "人民", "的")
    assert ngrams.single.sum() == pytest.approx(1, abs=1e-5)
    number = {word: n for n, word in enumerate(ngrams.words)}
    joint = {tuple(row): value for row, value in zip(ngrams.pairs.tolist(), ngrams.pair, strict=True)}
    single = ngrams.single
    assert set(joint) == {
        (number[a], number[b]) for a, b in ((BEGIN, "中国"), ("中国", "人民"), ("中国", "的"), ("人民", END))
    }
    assert joint[number["中国"], number["人民"]] == pytest.approx(single[number["中国"]] * 0.5, rel=1e-4)
    # As often as sentences end they begin, and 人民 comes mostly after 中国.
    assert single[number[BEGIN]] == pytest.approx(single[number[END]], rel=1e-4)
    assert ngrams.triples.tolist() == [[number[BEGIN], number["中国"], number["人民"]]]
    assert ngrams.triple[0] == pytest.approx(single[number[BEGIN]] * 0.5 * 0.8, rel=1e-3)


def test_how_often_words_come_is_where_the_pairs_lead(tmp_path: Path) -> None:
    ngrams = read(tmp_path / "a.arpa", ARPA).ngrams
    size = len(ngrams.words)
    single, back = (
        10.0 ** np.array([-99, *[-0.60206] * 4]),
        10.0 ** np.array([-0.30103, 0, -0.30103, -0.2, 0]),
    )
    after = np.repeat(back[:, None], size, axis=1) * single
    for (left, right), joint in zip(ngrams.pairs, ngrams.pair, strict=True):
        after[left, right] = joint / ngrams.single[left]
    moved = ngrams.single @ after
    moved[0] = moved[1]
    np.testing.assert_allclose(moved / moved.sum(), ngrams.single, rtol=1e-3)


@pytest.mark.parametrize(
    ("ending", "pack"), [("gz", gzip.compress), ("xz", lzma.compress), ("bz2", bz2.compress)]
)
def test_packed_files_are_the_same(tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]) -> None:
    plain = read(tmp_path / "a.arpa", ARPA).ngrams
    packed = tmp_path / f"b.arpa.{ending}"
    packed.write_bytes(pack(ARPA.encode()))
    found = read_model([packed], silent).ngrams
    assert found.words == plain.words
    np.testing.assert_array_equal(found.triple, plain.triple)
    packed.write_bytes(pack(ARPA.encode())[:-20])
    with pytest.raises(DataError, match=r"is damaged"):
        read_model([packed], silent)


def test_bad_lines_are_counted_and_named(tmp_path: Path) -> None:
    text = ARPA.replace("-0.1\t人民 </s>", "-0.1\t人民 日报\nbad\t中国 的\n-0.2\t人民\n-0.1 人民 </s>")
    made = read(tmp_path / "a.arpa", text)
    assert made.problems.count == 3
    assert any("日报 is no word" in said for said in made.problems.first)
    assert len(made.ngrams.pairs) == 4  # blanks instead of tabs are understood


def test_what_is_missing_is_noted(tmp_path: Path) -> None:
    made = read(tmp_path / "a.arpa", ARPA.replace("\\end\\", "").replace("ngram 1=7", "ngram 1=9"))
    assert any("cut off" in note for note in made.notes)
    assert any("promises 9 words and holds 7" in note for note in made.notes)
    longer = ARPA.replace("\\end\\", "\\4-grams:\n-0.1\t<s> 中国 人民 的\n\\end\\")
    assert any("1 n-grams of more than three" in note for note in read(tmp_path / "b.arpa", longer).notes)


def test_a_model_without_hanzi_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no word of Chinese"):
        read(tmp_path / "a.arpa", "\\data\\\nngram 1=1\n\\1-grams:\n-1\tthe\n\\end\\\n")


def test_a_longer_file_can_be_called_off(tmp_path: Path) -> None:
    from studio.data.errors import Cancelled

    words = "\n".join(f"-3\t{chr(0x4E00 + n % 5000)}{chr(0x4E00 + n // 5000)}" for n in range(40_000))
    path = tmp_path / "a.arpa"
    path.write_text(f"\\data\\\n\\1-grams:\n{words}\n\\end\\\n", encoding="utf-8")

    def stop(_done: int, total: int) -> None:
        assert total > 0
        raise Cancelled

    with pytest.raises(Cancelled):
        read_model([path], stop)


@pytest.mark.parametrize("head", ["", "\\data\\\nngram 1=1\n\n\\1-grams:\n"], ids=["list", "arpa"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_line_without_end_is_refused_and_never_held(tmp_path: Path, head: str, packed: bool) -> None:
    path = tmp_path / "endless.arpa"
    content = head.encode() + b"-1\t" + b"a" * (64 << 20)
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"line \d of .* is longer than 1,048,576 characters"):
            read_model([path], silent)
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held < 24 << 20
