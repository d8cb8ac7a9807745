"""Word lists of the user's: read in any format, weighed, mixed into training, and known when it is decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.data.builtin import Entry
from studio.data.dataset import SplitBuilder
from studio.data.errors import DataError
from studio.data.finding import find_example
from studio.data.lexicon import Lexicon
from studio.data.prepare import prepare
from studio.data.preview import preview
from studio.engine.order import TrainingOrder
from studio.inference.load import load as load_model
from studio.recipe import Recipe, RecipeError, parse
from tests import tiny, tiny_texts

TERMS = (
    "鳜鱼\t50\tgui yu\n石斑鱼\t20\tshi ban yu\n# a comment\n清蒸鳜鱼\t5\tqing zheng gui yu\n好鱼\t1\thao\n"
)


def terms(folder: Path, text: str = TERMS, name: str = "terms.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def recipe_with(path: Path | None, *overrides: str, **source: Any) -> Recipe:
    values = tiny.recipe(*overrides).model_dump(mode="json")
    if path is not None:
        values["data"]["sources"] = [
            *values["data"]["sources"],
            {"kind": "lexicon", "path": str(path), **source},
        ]
    return parse(values)


def test_terms_with_weights_and_pinyin(tmp_path: Path) -> None:
    dataset = prepare(recipe_with(terms(tmp_path)).data)
    words = {dataset.lexicon.text_of(n): n for n in range(len(dataset.lexicon))}
    assert set(words) == {"鳜鱼", "石斑鱼", "清蒸鳜鱼"}
    assert dataset.lexicon.pinyin_of(words["石斑鱼"]) == "shi ban yu"
    weights = dataset.lexicon.weight
    assert weights[words["鳜鱼"]] == pytest.approx(2.5 * weights[words["石斑鱼"]])
    assert float(weights.sum()) == pytest.approx(3 * 100), "as frequent as words of a list of 10,000"
    info = dataset.sources[1]
    assert (info.kind, info.entries, info.characters) == ("lexicon", 3, 9)
    assert any("terms.txt: 1 line set aside (line 5: 1 syllables" in note for note in dataset.notes)


def test_formats_of_others_and_lists_without_weights(tmp_path: Path) -> None:
    rime = "# Rime\n---\nname: fish\nversion: '1'\n...\n鳜鱼\tgui yu\t50\n"
    plain = "鳜鱼\n石斑鱼\n"
    for text, name in ((rime, "fish.dict.yaml"), (plain, "fish.txt")):
        dataset = prepare(recipe_with(terms(tmp_path, text, name)).data)
        found = {
            dataset.lexicon.text_of(n): dataset.lexicon.pinyin_of(n) for n in range(len(dataset.lexicon))
        }
        assert found["鳜鱼"] == "gui yu", name
        assert float(dataset.lexicon.weight.max()) == pytest.approx(100), name


def test_the_weight_of_a_list() -> None:
    entries = [Entry(f"{a}{b}", ("a", "bo"), 1.0) for a in "阿啊呵" for b in "波播"]
    light, heavy = (Lexicon(lambda *_: None) for _ in range(2))
    light.add(entries, 0, 1.0)
    heavy.add(entries, 0, 3.0)
    built = []
    for lexicon in (light, heavy):
        builder = SplitBuilder()
        lexicon.build(builder)
        built.append(builder.build())
    assert built[0].weight.sum() == pytest.approx(6 * 100)
    assert built[1].weight.sum() == pytest.approx(3 * built[0].weight.sum())


def test_a_list_is_previewed_and_its_words_are_found(tmp_path: Path) -> None:
    recipe = recipe_with(terms(tmp_path))
    shown = preview(recipe.data)
    assert shown.sources[1].entries == 3
    row = next(row for row in shown.rows if row.source == "terms.txt")
    assert row.split == "lexicon"
    assert row.examples[0] == ("鳜鱼", "gui yu")
    assert any("terms.txt: 1 line set aside" in note for note in shown.notes)
    assert find_example(recipe.data, 1, "石斑鱼").text.startswith("石斑鱼")


def test_a_list_is_mixed_into_training(tmp_path: Path) -> None:
    recipe = recipe_with(terms(tmp_path), "data.lexicon_share=0.3")
    dataset = prepare(recipe.data)
    numbers = [int(number) for batch in TrainingOrder(dataset, recipe).epoch(0) for number in batch]
    drawn = [number for number in numbers if number >= len(dataset.train)]
    lengths = dataset.lexicon.lengths[[number - len(dataset.train) for number in drawn]]
    share = lengths.sum() / (lengths.sum() + dataset.train.positions)
    assert share == pytest.approx(0.3, abs=0.02)


def test_what_is_refused(tmp_path: Path) -> None:
    values = tiny.values()
    values["data"]["sources"] = [{"kind": "lexicon", "path": str(terms(tmp_path))}]
    with pytest.raises(RecipeError, match="every source is a lexicon"):
        parse(values)
    with pytest.raises(RecipeError, match=r"the word list .* does not go with the task language_model"):
        made = tiny_texts.language_model().model_dump(mode="json")
        made["data"]["sources"] = [*made["data"]["sources"], {"kind": "lexicon", "path": str(tmp_path)}]
        parse(made)
    empty = terms(tmp_path, "# nothing\n", "empty.txt")
    with pytest.raises(DataError, match="holds no usable word"):
        prepare(recipe_with(empty).data)


@pytest.mark.slow
def test_a_term_that_no_text_holds_is_decoded_right_with_its_list_only(fresh_home: Path) -> None:
    """Without it, its characters are what they are in running text; with it, they are the word."""
    path = terms(fresh_home)
    found = {}
    for name, recipe in (("without", recipe_with(None)), ("with", recipe_with(path))):
        run = tiny_texts.run_of(recipe, fresh_home / name)
        decoded = load_model(run.path).predictor.predict("guiyu", 5)
        found[name] = [candidate.text for candidate in decoded.candidates]
    assert found["with"][0] == "鳜鱼"
    assert found["without"][0] != "鳜鱼"
