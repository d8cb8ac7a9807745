from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.data import symbols
from studio.data.dataset import Split, SplitBuilder
from studio.data.symbols import UNKNOWN, Symbols


def split_of(*texts: str) -> Split:
    builder = SplitBuilder()
    for text in texts:
        builder.add(text, (), 0)
    return builder.build()


def test_frequent_characters_come_first_and_rare_ones_are_unknown() -> None:
    made = symbols.characters_of(split_of("好好好好大大小", "A大"), 2)
    assert made.texts == ("好", "大")
    found = made.of_points(np.array([ord(c) for c in "大好小😀"]))
    assert [made.text_of(int(number)) for number in found] == ["大", "好", "", ""]
    assert list(found[2:]) == [UNKNOWN, UNKNOWN]
    assert len(made) == 5


def test_words() -> None:
    assert symbols.cut("我们喜欢iPhone 15，真的！") == ["我们", "喜欢", "iphone", "15", "，", "真的", "！"]
    assert symbols.cut("") == [] == symbols.cut("  ")
    made = symbols.words_of([["我们", "喜欢"], ["我们"]], 1)
    assert made.texts == ("我们", "喜欢")
    assert list(made.of_words(["喜欢", "它"])) == [made.index["喜欢"], UNKNOWN]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    symbols.save(path, Symbols(("好", "很差")), {"labels": ["a"]})
    again, more = symbols.load(path)
    assert again.texts == ("好", "很差") and more["labels"] == ["a"]


@pytest.mark.parametrize(
    "values",
    [
        [],
        {},
        {"format": 9, "symbols": []},
        {"format": 1, "symbols": "好"},
        {"format": 1, "symbols": ["好", "好"]},
    ],
)
def test_damaged_files(values: object, tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(ValueError):
        symbols.load(path)
