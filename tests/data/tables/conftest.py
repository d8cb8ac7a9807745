"""Files of every format with the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.data.tables.parts import parts
from studio.data.tables.problems import Problems
from studio.data.tables.table import Table, open_table
from studio.recipe import TableSource
from studio.runs.datasets import BadLine

SENTENCES = (
    "今天天气很好，我们去公园。",
    "这本书写得非常好看",
    "服务态度太差了，不会再来",
    "酒店的房间很大，早餐也不错",
    "物流很快，包装完好",
)
TRADITIONAL = "這個學習環境讓學生體驗傳統藝術，我們來說說看"

Rows = list[list[str]]
Read = Callable[..., tuple[Table, Rows, list[BadLine]]]


@pytest.fixture
def read() -> Read:
    """Open a path that is one file, and read all of it."""

    def work(path: Path, **fields: object) -> tuple[Table, Rows, list[BadLine]]:
        source = TableSource.model_validate({"path": str(path), **fields})
        (part,), _ = parts(path)
        table = open_table(part, source)
        problems = Problems()
        rows = [cells for _, cells in table.rows(problems)]
        assert problems.count >= len(problems.kept)
        return table, rows, problems.kept

    return work
