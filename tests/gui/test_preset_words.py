"""What the studio's presets say of themselves is said in every language of the window."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from studio import paths

PRESETS = sorted((paths.resources() / "recipes").glob("*.toml"))
CHINESE = json.loads((paths.resources() / "translations" / "zh_CN.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_a_preset_is_described_in_chinese(preset: Path) -> None:
    description = tomllib.loads(preset.read_text(encoding="utf-8"))["description"]
    assert any("一" <= character <= "龥" for character in CHINESE.get(description, ""))
