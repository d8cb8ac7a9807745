"""A run that needs no long preparation and then keeps all cores busy for as long as one likes."""

from __future__ import annotations

import itertools
from pathlib import Path

from studio.recipe import dump, parse
from studio.runs import atomic

_TIMES = ("今天", "明天", "昨天", "现在", "早上", "晚上", "中午", "去年")
_SUBJECTS = ("我们", "他们", "老师", "学生", "孩子", "朋友", "医生", "工人", "农民", "记者")
_PLACES = ("在北京", "在西安", "在学校", "在家里", "在公园", "在医院", "在上海", "在路上")
_DEEDS = ("吃饭", "看书", "上学", "回家", "开会", "唱歌", "工作", "写字", "休息", "跑步")


def write_recipe(folder: Path) -> Path:
    """A recipe file and the text that it learns from: the quick preset's network on made-up sentences."""
    text = folder / "practice.txt"
    words = itertools.product(_TIMES, _SUBJECTS, _PLACES, _DEEDS)
    atomic.write_text(
        text, "\n".join(f"{time}{who}{where}{what}。" for time, who, where, what in words) + "\n"
    )
    recipe = parse(
        {
            "name": "practice",
            "data": {"sources": [{"kind": "file", "path": str(text), "document": "line"}]},
            "model": {
                "family": "transformer_encoder",
                "layers": 2,
                "width": 256,
                "heads": 4,
                "feed_forward": 512,
                "ngram_buckets": 131072,
                "ngram_width": 64,
            },
            "training": {
                "max_steps": 1_000_000,
                "token_budget": 2048,
                "evaluate_every": 50,
                "checkpoint_every": 100,
            },
            "compute": {"device": "cpu"},
        }
    )
    path = folder / "practice.toml"
    atomic.write_text(path, dump(recipe))
    return path
