"""A recipe so small that preparing, building and training it takes a moment."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studio.recipe import Recipe, apply_overrides, parse

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


def values(text: Path) -> dict[str, Any]:
    """Plain values of a tiny recipe on a text file."""
    return {
        "name": "tiny",
        "data": {
            "sources": [{"kind": "file", "path": str(text), "document": "line"}],
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


def recipe(text: Path, *overrides: str) -> Recipe:
    """A tiny recipe with `dotted.key=value` changes."""
    return parse(apply_overrides(values(text), overrides))
