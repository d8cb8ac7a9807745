"""Models packed by KenLM: refused without its library, asked with it."""

from __future__ import annotations

import math
import sys
import types
from pathlib import Path

import pytest

from studio.data.errors import DataError
from studio.data.language_models.kenlm_binary import MAGIC
from studio.data.language_models.reading import read_model
from tests.data.language_models.test_arpa import silent

_SINGLE = {"中国": 0.5, "人民": 0.3, "银行": 0.2}


class _State:
    word = ""


class _Score:
    def __init__(self, log_prob: float, ngram_length: int) -> None:
        self.log_prob, self.ngram_length = log_prob, ngram_length


class _Model:
    """Knows three words and one pair, and answers as kenlm.Model does."""

    def __init__(self, path: str) -> None:
        if "broken" in path:
            raise OSError("Cannot read model\nthe file is of another version")

    def __contains__(self, word: str) -> bool:
        return word in _SINGLE

    def NullContextWrite(self, state: _State) -> None:  # noqa: N802
        state.word = ""

    def BaseFullScore(self, before: _State, word: str, after: _State) -> _Score:  # noqa: N802
        after.word = word
        if (before.word, word) == ("中国", "人民"):
            return _Score(math.log10(0.6), 2)
        return _Score(math.log10(_SINGLE[word]), 1)

    def BaseScore(self, before: _State, word: str, after: _State) -> float:  # noqa: N802
        return self.BaseFullScore(before, word, after).log_prob


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "news.bin"
    path.write_bytes(MAGIC + b" 5\n\0" + bytes(200))
    return path


def test_without_the_library_the_arpa_file_is_asked_for(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kenlm", None)
    with pytest.raises(DataError, match=r"packed by KenLM.*ARPA file, which `lmplz` writes"):
        read_model([packed], silent)


def test_with_it_known_words_are_looked_up(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = types.SimpleNamespace(Model=_Model, State=_State)
    monkeypatch.setitem(sys.modules, "kenlm", library)
    made = read_model([packed], silent)
    ngrams = made.ngrams
    assert made.kind == "kenlm"
    assert set(ngrams.words) == {"中国", "人民", "银行"}
    assert ngrams.pairs.tolist() == [[ngrams.words.index("中国"), ngrams.words.index("人民")]]
    assert ngrams.pair[0] == pytest.approx(0.3)
    assert any("3 known words" in note for note in made.notes)
    broken = packed.rename(packed.with_name("broken.bin"))
    with pytest.raises(DataError, match="of another version"):
        read_model([broken], silent)
