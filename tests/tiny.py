"""A recipe so small that preparing, building and training it takes a moment."""

from __future__ import annotations

import atexit
import functools
import itertools
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from studio.recipe import Recipe, apply_overrides, dump, parse
from studio.runs.commands import CommandQueue
from studio.runs.events import Event
from studio.runs.folder import RunFolder
from studio.runs.journal import recorded

SUBJECTS = ("我们", "他们", "老师", "学生", "孩子", "朋友", "医生", "工人")
TIMES = ("今天", "明天", "昨天", "现在", "早上", "晚上")
DEEDS = ("吃饭", "看书", "上学", "回家", "开会", "唱歌", "工作", "写字")
PLACES = ("在北京", "在西安", "在学校", "在家里", "在公园")


def sentences() -> list[str]:
    """Every way to say who does what, when and where: few words, so that a small model learns them fast."""
    return [
        f"{time}{subject}{place}{deed}。"
        for time, subject, place, deed in itertools.product(TIMES, SUBJECTS, PLACES, DEEDS)
        if (len(time + subject + place + deed) + ord(deed[0]) + ord(subject[0]) + ord(place[1])) % 4 == 0
    ]


def write_text(folder: Path, lines: Iterable[str] | None = None) -> Path:
    """A text file of a document a line."""
    path = folder / "text.txt"
    path.write_text("\n".join(lines or sentences()) + "\n", encoding="utf-8")
    return path


@functools.cache
def shared_folder() -> Path:
    """A folder for what several tests look at and none changes; it goes when Python ends."""
    folder = tempfile.mkdtemp(prefix="hanzi-studio-tiny-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@functools.cache
def text() -> Path:
    """The text file that tests share, so that it is prepared once."""
    return write_text(shared_folder())


def values(path: Path | None = None) -> dict[str, Any]:
    """Plain values of a tiny recipe on a text file."""
    return {
        "name": "tiny",
        "data": {
            "sources": [{"kind": "file", "path": str(path or text()), "document": "line"}],
            "splits": {"validation": 0.1, "test": 0.1},
        },
        "model": {
            "family": "transformer_encoder",
            "width": 16,
            "layers": 1,
            "heads": 2,
            "feed_forward": 32,
            "dropout": 0.1,
            "ngram_buckets": 64,
            "ngram_width": 8,
        },
        "training": {
            "max_steps": 6,
            "token_budget": 256,
            "warmup_steps": 1,
            "learning_rate": 0.01,
            "precision": "fp32",
            "evaluate_every": 3,
            "evaluation_examples": 20,
            "checkpoint_every": 3,
            "probes": ["jin tian"],
        },
        "compute": {"device": "cpu", "threads": 1},
    }


def recipe(*overrides: str, path: Path | None = None) -> Recipe:
    """A tiny recipe with `dotted.key=value` changes."""
    return parse(apply_overrides(values(path), overrides))


def new_run(parent: Path, *overrides: str, path: Path | None = None) -> tuple[Recipe, RunFolder]:
    """A run folder with a recipe in it, as the window makes it."""
    made = recipe(*overrides, path=path)
    run = RunFolder.create(parent, made.name)
    run.recipe.write_text(dump(made), encoding="utf-8")
    return made, run


def training(recipe: Recipe, run: RunFolder, commands: CommandQueue | None = None) -> Iterator[Event]:
    """A run with its journal, in this process."""
    from studio.engine.loop import train
    from studio.inference.probe import decode

    with run.locked():
        yield from recorded(run, train(recipe, run, commands or CommandQueue(), decode=decode))


@functools.cache
def finished_run() -> RunFolder:
    """A short run that has ended in order. For looking at only: use `copied` to change it."""
    recipe, run = new_run(shared_folder())
    for _ in training(recipe, run):
        pass
    return run


def copied(parent: Path) -> RunFolder:
    """A copy of the finished run."""
    run = finished_run()
    return RunFolder(Path(shutil.copytree(run.path, parent / "copied")))
