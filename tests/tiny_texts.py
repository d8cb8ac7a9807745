"""Recipes as small as `tests.tiny`'s for the tasks that read text as it stands."""

from __future__ import annotations

import functools
import itertools
import shutil
from pathlib import Path
from typing import Any

from studio.recipe import Recipe, apply_overrides, dump, parse
from studio.runs.folder import RunFolder
from tests import tiny

GOOD, BAD = ("很好", "真不错", "喜欢", "满意"), ("很差", "太糟糕", "讨厌", "失望")
THINGS = ("房间", "早餐", "服务", "手机", "屏幕", "这本书", "故事", "送货", "包装", "价格", "声音", "电池")
ENDS = ("。", "，下次再说。", "，朋友也这么说。", "，就是这样。", "，大家都知道。")


def labelled_lines() -> list[str]:
    """`label<TAB>text` lines that a few words tell apart; two good ones to a bad one."""
    lines = []
    for label, words in (("good", GOOD), ("bad", BAD)):
        for place, (thing, word, end) in enumerate(itertools.product(THINGS, words, ENDS)):
            if label == "good" or place % 2:
                lines.append(f"{label}\t{thing}{word}{end}")
    return lines


@functools.cache
def labelled() -> Path:
    """The file that tests share."""
    path = tiny.shared_folder() / "labelled.tsv"
    path.write_text("\n".join(labelled_lines()) + "\n", encoding="utf-8")
    return path


def _values(task: dict[str, Any], model: dict[str, Any], path: Path) -> dict[str, Any]:
    values = tiny.values(path)
    values |= {"name": f"tiny-{task['name']}", "task": task, "model": model}
    values["training"] = {key: value for key, value in values["training"].items() if key != "probes"}
    return values


CNN: dict[str, Any] = {"family": "text_cnn", "width": 16, "filters": 8, "kernels": "1,2,3", "dropout": 0.1}
ENCODERS: dict[str, dict[str, Any]] = {
    "text_cnn": CNN,
    "transformer_encoder": tiny.values()["model"],
    "recurrent": {"family": "recurrent", "width": 16, "layers": 1, "ngram_buckets": 64, "ngram_width": 8},
}


def classification(*overrides: str, path: Path | None = None, family: str = "text_cnn") -> Recipe:
    """A classification that takes a moment to learn; with `dotted.key=value` changes."""
    task = {"name": "text_classification", "max_length": 32, "min_count": 1}
    return parse(apply_overrides(_values(task, ENCODERS[family], path or labelled()), overrides))


CAUSAL: dict[str, dict[str, Any]] = {
    "causal_transformer": {**tiny.values()["model"], "family": "causal_transformer"},
    "causal_recurrent": {"family": "causal_recurrent", "width": 16, "layers": 1, "ngram_buckets": 64},
    "causal_cnn": {"family": "causal_cnn", "width": 16, "layers": 2, "ngram_buckets": 64},
}


def language_model(*overrides: str, path: Path | None = None, family: str = "causal_transformer") -> Recipe:
    """A language model of the few words of `tests.tiny`."""
    task = {"name": "language_model", "context": 16, "min_count": 1}
    return parse(apply_overrides(_values(task, CAUSAL[family], path or tiny.text()), overrides))


def masked(*overrides: str, path: Path | None = None, family: str = "transformer_encoder") -> Recipe:
    """A masked language model of the few words of `tests.tiny`."""
    task = {"name": "masked_language_model", "context": 16, "min_count": 1}
    return parse(apply_overrides(_values(task, ENCODERS[family], path or tiny.text()), overrides))


@functools.cache
def filled() -> RunFolder:
    """A finished run of the masked language model. For looking at only."""
    many = ("training.max_steps=240", "training.evaluate_every=120", "training.checkpoint_every=120")
    return run_of(masked(*many, "training.token_budget=1024", "model.width=32"), tiny.shared_folder())


def correction(*overrides: str, path: Path | None = None, family: str = "transformer_encoder") -> Recipe:
    """A correction of the few words of `tests.tiny`."""
    task = {"name": "correction", "max_length": 32, "min_count": 1, "most_false_alarms": 0.2}
    return parse(apply_overrides(_values(task, ENCODERS[family], path or tiny.text()), overrides))


@functools.cache
def corrected() -> RunFolder:
    """A finished run of the correction. For looking at only."""
    many = ("training.max_steps=240", "training.evaluate_every=120", "training.checkpoint_every=120")
    return run_of(correction(*many, "training.token_budget=1024", "model.width=32"), tiny.shared_folder())


@functools.cache
def written() -> RunFolder:
    """A finished run of the language model. For looking at only."""
    many = ("training.max_steps=120", "training.evaluate_every=60", "training.checkpoint_every=60")
    return run_of(language_model(*many, "training.token_budget=1024", "model.width=32"), tiny.shared_folder())


def run_of(recipe: Recipe, parent: Path) -> RunFolder:
    """A finished run of a recipe."""
    run = RunFolder.create(parent, recipe.name)
    run.recipe.write_text(dump(recipe), encoding="utf-8")
    for event in tiny.training(recipe, run):
        if event.type == "failed":
            raise AssertionError(event)
    return run


@functools.cache
def classified() -> RunFolder:
    """A finished run of the classification. For looking at only."""
    recipe = classification(
        "training.max_steps=60", "training.evaluate_every=30", "training.checkpoint_every=30"
    )
    return run_of(recipe, tiny.shared_folder())


def copied(run: RunFolder, parent: Path) -> RunFolder:
    """A copy of a run, to change."""
    return RunFolder(Path(shutil.copytree(run.path, parent / "copied")))


WORDS = {
    "今天": "today",
    "明天": "tomorrow",
    "我们": "we",
    "他们": "they",
    "老师": "the teacher",
    "吃饭": "eat",
    "看书": "read",
    "唱歌": "sing",
}


def paired_lines() -> list[str]:
    """`text<TAB>target` lines whose words stand in another order in the target."""
    times, subjects, deeds = ("今天", "明天"), ("我们", "他们", "老师"), ("吃饭", "看书", "唱歌")
    return [
        f"{time}{subject}{deed}{end}\t{WORDS[subject]} {WORDS[deed]} {WORDS[time]}{mark}"
        for time, subject, deed in itertools.product(times, subjects, deeds)
        for end, mark in (("。", "."), ("！", "!"), ("吗？", "?"), ("", ""))
    ]


@functools.cache
def pairs() -> Path:
    """The file that tests share."""
    path = tiny.shared_folder() / "pairs.tsv"
    path.write_text("\n".join(paired_lines()) + "\n", encoding="utf-8")
    return path


WRITERS: dict[str, dict[str, Any]] = {
    "recurrent_encoder_decoder": {
        "family": "recurrent_encoder_decoder",
        "width": 16,
        "layers": 2,
        "dropout": 0.1,
    },
    "transformer_encoder_decoder": {
        "family": "transformer_encoder_decoder",
        "width": 16,
        "layers": 1,
        "heads": 2,
        "feed_forward": 32,
        "dropout": 0.1,
    },
}


def translation(
    *overrides: str, path: Path | None = None, family: str = "recurrent_encoder_decoder"
) -> Recipe:
    """A sequence-to-sequence task that takes a moment to learn."""
    task = {"name": "sequence_to_sequence", "max_length": 32, "max_target": 48, "min_count": 1, "beam": 3}
    return parse(apply_overrides(_values(task, WRITERS[family], path or pairs()), overrides))


@functools.cache
def translated() -> RunFolder:
    """A finished run of the sequence-to-sequence task. For looking at only."""
    many = ("training.max_steps=40", "training.evaluate_every=20", "training.checkpoint_every=20")
    large = ("training.token_budget=1024", "training.learning_rate=0.02", "model.width=32")
    return run_of(translation(*many, *large), tiny.shared_folder())
