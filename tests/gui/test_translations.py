"""Every text of the window and of the recipe has its Chinese; places to fill in are the same in both."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import studio.gui
from studio import paths
from studio.gui.actions import MENUS, SPECS
from studio.gui.forms.words import all_texts

# Names that are the same in every language.
NAMES = {"Adafactor", "AdamW", "GRU", "LSTM", "Lion", "SGD", "Transformer", "bf16", "fp16", "fp32"}
GUI = Path(studio.gui.__file__).parent
TEXTS: dict[str, str] = json.loads(
    (paths.resources() / "translations" / "zh_CN.json").read_text(encoding="utf-8")
)


def said_in_code() -> Iterator[tuple[str, str]]:
    """Every constant text that is given to `tr`, and the file it stands in."""
    for file in sorted(GUI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "tr"
                and node.args
            ):
                argument = node.args[0]
                options = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                for option in options:
                    if isinstance(option, ast.Constant):
                        yield option.value, file.name


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_texts_in_the_code() -> None:
    missing = sorted({f"{text!r} in {file}" for text, file in said_in_code() if text not in TEXTS})
    assert not missing, "no Chinese for:\n" + "\n".join(missing)


def test_actions_and_menus() -> None:
    said = {*MENUS, *(spec.text for spec in SPECS)}
    assert not sorted(said - TEXTS.keys())


def test_the_recipe() -> None:
    missing = sorted(all_texts() - NAMES - TEXTS.keys())
    assert not missing, "no Chinese for:\n" + "\n".join(missing)


def test_places_to_fill_in_are_the_same() -> None:
    said = {text for text, _ in said_in_code()}
    assert not [text for text, chinese in TEXTS.items() if text in said and places(text) != places(chinese)]
    assert not [text for text, chinese in TEXTS.items() if not chinese.strip()]


def test_the_file_is_sorted() -> None:
    assert list(TEXTS) == sorted(TEXTS)
