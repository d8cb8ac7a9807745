from __future__ import annotations

from pathlib import Path

import pytest

from studio.runs.model_task import USUAL, task_at


@pytest.mark.parametrize(
    ("name", "content", "task"),
    [
        ("config.json", '{"task": "language_model"}', "language_model"),
        ("config.json", "{", USUAL),
        ("config.json", "[]", USUAL),
        ("config.json", '{"task": 3}', USUAL),
        ("recipe.toml", '[task]\nname = "text_classification"\n', "text_classification"),
        ("recipe.toml", "version = 1\n", USUAL),
        ("recipe.toml", "[", USUAL),
        ("other", "", USUAL),
    ],
)
def test_what_a_folder_says(name: str, content: str, task: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert task_at(tmp_path) == task


def test_no_folder() -> None:
    assert task_at(Path("/nowhere/at/all")) == USUAL
