"""Texts with marked words: the forms files have, what is learnt of them, and how sentences are cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.data.dataset import Dataset, Split
from studio.data.errors import DataError
from studio.data.prepare import cached, prepare
from studio.data.sources import documents
from studio.data.tagged_words import is_columns, token_documents
from studio.recipe import BuiltinSource, Cleaning, FileSource, Recipe, parse
from tests import tiny_tagging

CONLL = "张 B-PER\n伟 E-PER\n在 O\n北 B-LOC\n京 I-LOC\n。 O\n\n他 O\n走 O\n了 O\n\n"


def prepared(recipe: Recipe) -> Dataset:
    return prepare(recipe.data, recipe.task)


def marked(dataset: Dataset, split: Split) -> set[str]:
    """The sentences of a split with brackets around what is marked."""
    found = set()
    for place in range(len(split)):
        start = int(split.offsets[place])
        text, line, label = split.text_of(place), "", ""
        for number, character in enumerate(text):
            tag = int(split.tags[start + number])
            if tag == 0 or tag % 2:
                line += f"]{label}" if label else ""
                label = dataset.tag_names[(tag - 1) // 2] if tag else ""
                line += "[" if label else ""
            line += character
        found.add(line + (f"]{label}" if label else ""))
    return found


def everything(dataset: Dataset) -> set[str]:
    return (
        marked(dataset, dataset.train) | marked(dataset, dataset.validation) | marked(dataset, dataset.test)
    )


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("words", "[今天]word[张]word[伟]word[在]word[北京]word[看]word[书]word[。]word"),
        ("parts_of_speech", "[今天]t[张]nr[伟]nr[在]p[北京]ns[看]v[书]n[。]w"),
        ("entities", "今天[张伟]PER在[北京]LOC看书。"),
    ],
)
def test_what_is_learnt_of_tagged_words(what: str, sentence: str) -> None:
    dataset = prepared(tiny_tagging.labelling(f"task.what={what}"))
    assert sentence in everything(dataset)
    assert len(everything(dataset)) == len(tiny_tagging.tagged_lines())
    if what == "entities":
        assert set(dataset.tag_names) == {"PER", "LOC"}
        assert any("[诸葛亮]PER" in one and "[李小明]PER" not in one for one in everything(dataset))


def test_the_cache_gives_back_what_was_made() -> None:
    recipe = tiny_tagging.labelling("data.splits.seed=5")
    made = prepared(recipe)
    again = cached(recipe.data, recipe.task)
    assert again is not None and again.tag_names == made.tag_names
    assert (again.train.tags == made.train.tags).all()
    assert (
        prepared(tiny_tagging.labelling("data.splits.seed=5", "task.scheme=bio")).fingerprint
        == made.fingerprint
    )


def test_lines_of_characters_with_marks(tmp_path: Path) -> None:
    path = tmp_path / "own.conll"
    more = "".join(
        CONLL.replace("伟", one) + f"{one} S-ORG\n说 O\n\n" for one in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"
    )
    path.write_text(CONLL + more, encoding="utf-8")
    assert is_columns(path.read_text(encoding="utf-8").split("\n"))
    dataset = prepared(tiny_tagging.labelling(path=path))
    assert {"[张伟]PER在[北京]LOC。", "他走了"} <= everything(dataset)


def test_words_with_blanks_between(tmp_path: Path) -> None:
    path = tmp_path / "cut.txt"
    lines = [f"今天  {one}  天气 很 好 。" for one in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"]
    path.write_text("\n".join(lines), encoding="utf-8")
    dataset = prepared(tiny_tagging.labelling("task.what=words", path=path))
    assert "[今天]word[甲]word[天气]word[很]word[好]word[。]word" in everything(dataset)
    with pytest.raises(DataError, match="marks words and no more"):
        prepared(tiny_tagging.labelling("task.what=entities", path=path))


def test_texts_in_which_nothing_is_marked() -> None:
    with pytest.raises(DataError, match="marks no words"):
        prepared(tiny_tagging.labelling("task.what=words", path=tiny_tagging.polyphonic()))


def test_marks_that_do_not_fit_are_taken_as_meant(tmp_path: Path) -> None:
    path = tmp_path / "odd.conll"
    path.write_text("甲 I-X\n乙 I-X\n丙 I-Y\n丁 E-Y\n戊 E-Y\n己 B-X\n庚 B-X\n辛 S\n", encoding="utf-8")
    (document,) = token_documents(FileSource(path=str(path)), 0, Cleaning())
    (line,) = document.lines
    assert line == (("甲乙", "X"), ("丙丁", "Y"), ("戊", "Y"), ("己", "X"), ("庚", "X"), ("辛", "word"))


def test_the_tagged_news_are_the_same_documents_with_and_without_tags() -> None:
    source = BuiltinSource(name="peoples_daily")
    plain = [document.text for document in documents(source, 0)]
    cleaning = Cleaning(simplify_widths=False)
    tagged = list(token_documents(source, 0, cleaning))
    assert [one.text for one in tagged] == plain
    assert tagged[0].lines[0][0] == ("迈向", "v")


def test_long_sentences_are_cut_between_words(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    lines = [
        f"{one}  " + "中国  人民  " * 20 + "。  ”  好" for one in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    ]
    path.write_text("\n".join(lines) + "\n" + "字" * 50 + "  长", encoding="utf-8")
    dataset = prepared(tiny_tagging.labelling("task.what=words", "task.max_length=16", path=path))
    for split in (dataset.train, dataset.validation, dataset.test):
        assert split.lengths.max() <= 16
        assert all(int(split.tags[start]) % 2 for start in split.offsets[:-1])


def test_steps_that_change_what_is_marked_are_refused() -> None:
    values = tiny_tagging.labelling().model_dump(mode="json")
    values["data"]["steps"] = [{"kind": "replace_pattern", "pattern": "在", "replacement": "于"}]
    with pytest.raises(DataError, match="mark nothing that could be learnt"):
        prepared(parse(values))


def test_sources_without_words() -> None:
    from studio.recipe import RecipeError

    values = tiny_tagging.labelling().model_dump(mode="json")
    values["data"]["sources"] = [{"kind": "builtin", "name": "reviews"}]
    with pytest.raises(RecipeError, match="reviews marks no words"):
        parse(values)
