"""Imported models on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.data.errors import DataError
from studio.data.language_models import store
from studio.runs import language_models
from studio.runs.language_models import LanguageModelError
from tests.data.language_models.test_arpa import ARPA, silent


@pytest.fixture
def arpa(fresh_home: Path) -> Path:
    path = fresh_home / "news.arpa"
    path.write_text(ARPA, encoding="utf-8")
    return path


def test_kept_listed_read_and_removed(arpa: Path) -> None:
    licence = arpa.parent / "COPYING.txt"
    licence.write_text("GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1\n", encoding="utf-8")
    made = store.add([arpa], silent, licence=str(licence))
    assert made == language_models.get("news") == language_models.imported()[0]
    assert (made.words, made.pairs, made.triples) == (5, 4, 1)
    assert made.licence == "GNU LESSER GENERAL PUBLIC LICENSE"
    assert (made.folder / "LICENCE.txt").read_text(encoding="utf-8").endswith("Version 2.1\n")
    assert made.size > 100
    words = store.load(made)
    assert "人民" in words.words
    language_models.remove("news")
    assert not language_models.imported()
    with pytest.raises(LanguageModelError, match="none has been imported"):
        language_models.get("news")


def test_names_are_not_used_twice(arpa: Path) -> None:
    assert store.add([arpa], silent).name == "news"
    assert store.add([arpa], silent).name == "news-2"
    with pytest.raises(LanguageModelError, match="news is taken"):
        store.add([arpa], silent, name="news")
    assert store.add([arpa], silent, name="news", licence="LGPL-3.0", replace=True).licence == "LGPL-3.0"
    assert [model.name for model in language_models.imported()] == ["news", "news-2"]
    with pytest.raises(LanguageModelError, match="there are news, news-2"):
        language_models.get("other")


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".x", "x" * 200, "a\nb"])
def test_what_can_be_no_name(arpa: Path, name: str) -> None:
    if name:
        with pytest.raises(LanguageModelError, match="is no name"):
            store.add([arpa], silent, name=name)
    with pytest.raises(LanguageModelError, match="is no name"):
        language_models.remove(name)


def test_damage_is_named(arpa: Path) -> None:
    made = store.add([arpa], silent)
    table = made.folder / "words.safetensors"
    whole = table.read_bytes()
    table.write_bytes(whole[:-30])
    with pytest.raises(DataError, match="damaged"):
        store.load(made)
    table.unlink()
    with pytest.raises(DataError, match="import the model again"):
        store.load(made)
    (made.folder / "model.json").write_text(json.dumps({"name": "news"}))
    with pytest.raises(LanguageModelError, match="damaged"):
        language_models.get("news")
    assert language_models.imported() == []


def test_arrays_that_do_not_fit_are_refused(arpa: Path) -> None:
    arrays = store.load(store.add([arpa], silent)).arrays()
    for name in ("single", "pair", "triple", "reading.syllables"):
        with pytest.raises(ValueError, match="do not fit"):
            type(store.load(language_models.get("news"))).from_arrays({**arrays, name: arrays[name][:-1]})
    with pytest.raises(ValueError, match="do not fit"):
        type(store.load(language_models.get("news"))).from_arrays(
            {**arrays, "pairs": arrays["pairs"] + np.int32(9)}
        )


def test_a_missing_licence_file_is_not_taken_for_a_name(arpa: Path) -> None:
    with pytest.raises(DataError, match="no licence file"):
        store.add([arpa], silent, licence="COPYING.txt")
    assert not language_models.imported()
