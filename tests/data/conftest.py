"""Small sources that prepare in a moment."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.recipe import Data, FileSource

WHO = ("我们", "他们", "老师", "学生", "孩子", "朋友", "医生", "工人")
WHEN = ("今天", "明天", "昨天", "早上", "晚上")
WHAT = ("去公园散步", "在家里看书", "到北京开会", "一起吃晚饭", "学习写汉字")

DIGITS = "零一二三四五六七八九"

MakeData = Callable[..., Data]


def lines(count: int = 200) -> list[str]:
    """Sentences of two clauses: the first is often that of another sentence, the second never."""
    firsts = [when + who + what for when, who, what in itertools.product(WHEN, WHO, WHAT)]
    return [
        f"{firsts[number * number % 97]}，已经是第{''.join(DIGITS[int(digit)] for digit in str(number))}次。"
        for number in range(count)
    ]


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    """A document a line."""
    path = tmp_path / "texts" / "text.txt"
    path.parent.mkdir()
    path.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def make_data(text_file: Path) -> MakeData:
    """Recipes' data sections on the text file; further fields by name, further files by path."""

    def make(*others: Path, document: str = "line", **fields: Any) -> Data:
        sources = [FileSource(path=str(path), document=document) for path in (text_file, *others)]
        shares = {"validation": 0.1, "test": 0.1}
        return Data.model_validate({"sources": sources, "splits": shares, **fields})

    return make
