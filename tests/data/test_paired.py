"""Pairs of texts from lines, tables and the graded sentences, and texts in letters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from studio.data.errors import DataError
from studio.data.paired import parted, spelt
from studio.data.prepare import prepare
from studio.data.tagged import NOTHING
from studio.language.tones import toned
from studio.recipe import Recipe, parse

NUMBERS = [f"{ten}十{one}" for ten in "二三四五六七" for one in "一二三四五六七八九"]
ROWS = [(f"第{number}天我们去学校。", f"Day {n}: we go to school.") for n, number in enumerate(NUMBERS)]


def recipe(*sources: dict[str, Any], **task: Any) -> Recipe:
    section = {"name": "sequence_to_sequence", **task}
    splits = {"validation": 0.15, "test": 0.15}
    return parse({"task": section, "data": {"sources": list(sources), "splits": splits}})


def written(folder: Path, rows: Sequence[Sequence[str]], name: str = "pairs.tsv") -> dict[str, Any]:
    path = folder / name
    path.write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8")
    kind = "file" if name.endswith(".txt") else "table"
    return {"kind": kind, "path": str(path)}


def pairs_of(made: Recipe) -> tuple[set[tuple[str, str]], tuple[str, ...]]:
    dataset = prepare(made.data, made.task)
    splits = [split for name, split in dataset.splits().items() if name != "lexicon"]
    found = [(split.text_of(n), split.target_of(n)) for split in splits for n in range(len(split))]
    assert len(found) == len(set(found))
    return set(found), dataset.notes


def test_lines_with_a_tab(tmp_path: Path) -> None:
    source = written(tmp_path, [*ROWS, ["没有目标"], ["", "no text"]], "pairs.txt")
    found, notes = pairs_of(recipe(source))
    assert found == set(ROWS)
    assert "pairs.txt: 2 texts without a target set aside" in notes
    turned, _ = pairs_of(recipe(source, direction="target_to_text"))
    assert turned == {(target, text) for text, target in ROWS}


def test_tables_whose_columns_are_found_or_named(tmp_path: Path) -> None:
    found, _ = pairs_of(recipe(written(tmp_path, [("zh", "english"), *ROWS])))
    assert found == set(ROWS)
    styles = [(text, text.replace("我们", "咱们")) for text, _ in ROWS]
    source = written(tmp_path, [("plain", "other"), *styles], "styles.tsv")
    found, _ = pairs_of(recipe({**source, "text": ["other"], "target": "plain"}))
    assert found == {(target, text) for text, target in styles}


def test_what_is_too_long_is_left_out(tmp_path: Path) -> None:
    source = written(tmp_path, [*ROWS, ["天" * 40, "short"], ["短", "x" * 90]], "pairs.txt")
    found, notes = pairs_of(recipe(source, max_length=32, max_target=64))
    assert found == set(ROWS)
    assert any(note.startswith("2 pairs left out: a text has more than 32 characters") for note in notes)
    with pytest.raises(DataError, match=r"no example is left .* 38 pairs left out"):
        pairs_of(recipe(source, max_length=32, max_target=8))


def test_sources_without_targets_are_refused(tmp_path: Path) -> None:
    made = recipe(written(tmp_path, [["天地玄黄"], ["宇宙洪荒"]], "text.txt"))
    with pytest.raises(DataError, match=r"text\.txt has no target texts") as refused:
        prepare(made.data, made.task)
    assert "target = ..." in refused.value.remedy and "text_to_pinyin" in refused.value.remedy


def test_pinyin_is_read_from_any_text(tmp_path: Path) -> None:
    lines = [[f"{one}们在银行等他。OK？"] for one in "我你他她它咱人孩学友"]
    source = written(tmp_path, lines, "text.txt") | {"document": "line"}
    found, _ = pairs_of(recipe(source, direction="text_to_pinyin"))
    assert ("他们在银行等他。", "ta men zai yin hang deng ta。") in found and ("OK？", "OK？") not in found
    turned, _ = pairs_of(recipe(source, direction="pinyin_to_text", tones=True))
    assert ("tā men zài yín háng děng tā。", "他们在银行等他。") in turned


def test_graded_sentences() -> None:
    made = recipe({"kind": "builtin", "name": "graded_sentences"})
    dataset = prepare(made.data, made.task)
    splits = (dataset.train, dataset.validation, dataset.test)
    targets = [split.target_of(i) for split in splits for i in range(len(split))]
    assert len(targets) > 4_200 and not any(target.startswith("placeholder") for target in targets)
    assert dataset.sources[0].licence.startswith("CC BY-SA 4.0")
    assert (dataset.train.text_of(0), dataset.train.target_of(0)) == ("老师，您好！", "Hello, teacher!")
    levels = parse({"task": {"name": "text_classification"}, "data": made.data.model_dump()})
    assert prepare(levels.data, levels.task).labels == tuple(f"HSK {level}" for level in range(1, 7))


def test_texts_in_letters() -> None:
    def said(text: str, *readings: str, tones: bool = False) -> str:
        return spelt(text, [toned(one) if one else NOTHING for one in readings], tones=tones)

    assert said("中国", "zhong1", "guo2") == "zhong guo"
    assert said("绿，A好3", "lv4", "", "", "hao3", "", tones=True) == "lǜ，A hǎo 3"
    assert said("a b", "", "", "") == "a b" and said("") == ""


def test_lines_are_parted_at_the_first_tab() -> None:
    assert parted("我\tI\tmore") == ("我", "I")
    assert parted("我 I") == parted("\tI") == parted("我\t ") == ("", "")
