"""Recipes as small as `tests.tiny`'s for the tasks that say something of each character."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path
from typing import Any

from studio.recipe import Recipe, apply_overrides, parse
from studio.runs.folder import RunFolder
from tests import tiny
from tests.tiny_texts import ENCODERS, run_of

PHRASES = ("去银行", "说行不行", "慢慢长大", "头发很长", "觉得重要", "重新写字", "听音乐", "很快乐", "在家里")
LONGER = ("training.max_steps=80", "training.evaluate_every=40", "training.checkpoint_every=40")


def polyphonic_lines() -> list[str]:
    """Sentences whose polyphones are decided by the character beside them."""
    return [
        f"{time}{subject}{phrase}，{subject}{other}。"
        for number, (time, subject, phrase, other) in enumerate(
            itertools.product(tiny.TIMES, tiny.SUBJECTS, PHRASES, PHRASES)
        )
        if phrase != other and number % 5 == 0
    ]


@functools.cache
def polyphonic() -> Path:
    """The file that tests share."""
    path = tiny.shared_folder() / "polyphonic.txt"
    path.write_text("\n".join(polyphonic_lines()) + "\n", encoding="utf-8")
    return path


def _values(task: dict[str, Any], family: str, path: Path) -> dict[str, Any]:
    values = tiny.values(path)
    values |= {"name": f"tiny-{task['name']}", "task": task, "model": ENCODERS[family]}
    values["training"] = {key: value for key, value in values["training"].items() if key != "probes"}
    return values


def readings(*overrides: str, path: Path | None = None, family: str = "recurrent") -> Recipe:
    """A hanzi to pinyin that takes a moment to learn; with `dotted.key=value` changes."""
    task = {"name": "hanzi_to_pinyin", "max_length": 32, "min_count": 1}
    return parse(apply_overrides(_values(task, family, path or polyphonic()), overrides))


@functools.cache
def read() -> RunFolder:
    """A finished run of hanzi to pinyin. For looking at only."""
    return run_of(readings(*LONGER, "training.token_budget=1024"), tiny.shared_folder())


def tagged_lines() -> list[str]:
    """Lines of word/tag tokens in the People's Daily's tags."""
    people = ("张/nr 伟/nr", "老师/n", "李/nr 小明/nr", "学生/n", "诸葛/nr 亮/nr")
    places = ("北京/ns", "学校/n", "西安/ns", "家里/s")
    deeds = ("吃饭/v", "看/v 书/n", "回家/v", "写/v 字/n")
    return [
        f"{time}/t  {person}  在/p  {place}  {deed}  。/w"
        for time, person, place, deed in itertools.product(tiny.TIMES, people, places, deeds)
    ]


@functools.cache
def tagged() -> Path:
    """The file that tests share."""
    path = tiny.shared_folder() / "tagged.txt"
    path.write_text("\n".join(tagged_lines()) + "\n", encoding="utf-8")
    return path


def labelling(*overrides: str, path: Path | None = None, family: str = "recurrent") -> Recipe:
    """A sequence labelling that takes a moment to learn; with `dotted.key=value` changes."""
    task = {"name": "sequence_labelling", "what": "entities", "max_length": 32, "min_count": 1, "crf": True}
    return parse(apply_overrides(_values(task, family, path or tagged()), overrides))


@functools.cache
def labelled(what: str = "entities") -> RunFolder:
    """A finished run of the sequence labelling. For looking at only."""
    recipe = labelling(*LONGER, "training.token_budget=1024", f"task.what={what}")
    return run_of(recipe, tiny.shared_folder())
