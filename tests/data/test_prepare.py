"""Preparing: what comes out, what stays the same, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio.data.dataset import Dataset, Split
from studio.data.errors import Cancelled, DataError
from studio.data.prepare import prepare
from studio.recipe import BuiltinSource, Cleaning, Data, FileSource, Splits
from studio.recipe.task import LanguageModel
from tests import tiny
from tests.data.conftest import MakeData, lines


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    """Every test has a cache of its own."""


def texts(split: Split) -> list[str]:
    return [split.text_of(i) for i in range(len(split))]


def test_examples_and_labels_fit_together(make_data: MakeData) -> None:
    dataset = prepare(make_data())
    for split in (dataset.train, dataset.validation, dataset.test):
        assert len(split) > 5
        assert split.offsets[-1] == len(split.text) == len(split.syllables) == split.positions
        assert np.all(split.weight == 1)
        assert np.all(split.source == 0)
    first = texts(dataset.train).index("今天我们去公园散步")
    assert dataset.train.pinyin_of(first) == "jin tian wo men qu gong yuan san bu"
    assert len(dataset.lexicon) == 0
    info = dataset.sources[0]
    assert (info.name, info.kind, info.documents, info.entries) == ("text.txt", "text", len(lines()), 0)
    assert dataset.train.text.dtype == np.uint32
    assert dataset.train.syllables.dtype == np.uint16


def test_no_clause_is_in_two_splits_and_train_keeps_repeats(make_data: MakeData) -> None:
    dataset = prepare(make_data())
    train, validation, test = (texts(split) for split in (dataset.train, dataset.validation, dataset.test))
    assert not set(train) & set(validation)
    assert not set(train) & set(test)
    assert not set(validation) & set(test)
    assert len(validation) == len(set(validation))
    assert len(test) == len(set(test))
    assert len(train) > len(set(train))
    assert any("because they occur before" in note for note in dataset.notes)


def test_another_source_moves_no_document(make_data: MakeData, tmp_path: Path) -> None:
    def documents_of(dataset: Dataset) -> list[set[str]]:
        return [
            {text for i, text in enumerate(texts(split)) if split.source[i] == 0}
            for split in (dataset.train, dataset.validation, dataset.test)
        ]

    alone = documents_of(prepare(make_data()))
    other = tmp_path / "more.txt"
    other.write_text(
        "\n".join(f"完全不同的句子有{'很' * (n % 9)}多种{'好' * (n % 7)}说法" for n in range(60)), "utf-8"
    )
    beside = documents_of(prepare(make_data(other)))
    assert beside[0] == alone[0]
    assert beside[1] == alone[1]
    assert beside[2] == alone[2]


def test_repeated_documents_are_dropped_when_asked(make_data: MakeData, text_file: Path) -> None:
    text_file.write_text("\n".join([*lines(), *(f"{line}！" for line in lines())]), encoding="utf-8")
    once = prepare(make_data())
    assert once.sources[0].documents == len(lines())
    assert any("200 documents set aside" in note for note in once.notes)
    twice = prepare(make_data(cleaning=Cleaning(deduplicate_documents=False)))
    assert twice.sources[0].documents == 2 * len(lines())


def test_lines_without_hanzi_do_no_harm(make_data: MakeData, text_file: Path) -> None:
    text_file.write_text("\n".join(["Preface", "* * *", *lines(), "2024"]), encoding="utf-8")
    dataset = prepare(make_data())
    assert dataset.sources[0].documents == len(lines())
    assert any("3 documents without a single hanzi" in note for note in dataset.notes)


def test_characters_without_a_reading_cost_their_example_only(make_data: MakeData, text_file: Path) -> None:
    text_file.write_text("\n".join([*lines(), *["奇字\u3402在此，别的还好"] * 2]), encoding="utf-8")
    dataset = prepare(make_data())
    assert any("\u3402" in note for note in dataset.notes)


def test_lexicons_are_labelled_and_merged(make_data: MakeData, text_file: Path) -> None:
    sources = (FileSource(path=str(text_file), document="line"), BuiltinSource(name="lexicon_modern"))
    dataset = prepare(make_data().model_copy(update={"sources": sources}))
    assert len(dataset.lexicon) > 50_000
    assert set(dataset.lexicon.source.tolist()) == {1}
    assert dataset.sources[1].entries > 50_000
    assert np.all(dataset.lexicon.weight > 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\0\1\2" * 50, "is not text"),
        (b"no Chinese at all\n" * 20, "no Chinese characters"),
        ("只有一行".encode(), "1 document"),
        ("好\n\n坏\n\n大\n\n小".encode(), "no example is left"),
    ],
)
def test_useless_files_are_refused(
    make_data: MakeData, text_file: Path, fresh_home: Path, content: bytes, message: str
) -> None:
    text_file.write_bytes(content)
    with pytest.raises(DataError, match=message) as refused:
        prepare(make_data())
    assert refused.value.remedy
    assert list((fresh_home / "cache" / "datasets").glob("*/meta.json")) == []


def test_a_missing_file_is_refused(make_data: MakeData, text_file: Path) -> None:
    text_file.unlink()
    with pytest.raises(DataError, match="there is no file"):
        prepare(make_data())


def test_too_many_sources_are_refused(make_data: MakeData, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="255"):
        prepare(make_data(*(tmp_path / f"{number}.txt" for number in range(255))))


def test_three_documents_are_enough(make_data: MakeData, text_file: Path) -> None:
    text_file.write_text("今天天气很好\n明天去看电影\n昨天下了大雨\n", encoding="utf-8")
    dataset = prepare(make_data())
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [1, 1, 1]


def test_progress_names_phases_and_counts_up(make_data: MakeData) -> None:
    seen: list[tuple[str, int, int]] = []
    prepare(make_data(), progress=lambda *step: seen.append(step))
    assert list(dict.fromkeys(phase for phase, _, _ in seen)) == ["reading", "labelling", "writing"]
    assert all(0 <= done <= total for _, done, total in seen)


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_cancelling_leaves_nothing_behind(make_data: MakeData, fresh_home: Path, looks: int) -> None:
    remaining = iter([False] * looks)
    with pytest.raises(Cancelled):
        prepare(make_data(), cancelled=lambda: next(remaining, True))
    left = {path.name for path in (fresh_home / "cache" / "datasets").glob("*")}
    assert left <= {"hashes.json"}
    assert len(prepare(make_data()).train) > 0


def test_opening_from_the_cache_loads_no_heavy_library(make_data: MakeData) -> None:
    data = make_data()
    prepare(data)
    code = (
        "import sys; from studio.data.prepare import prepare; from studio.recipe import Data\n"
        f"prepare(Data.model_validate_json({data.model_dump_json()!r}))\n"
        "print(sorted({'pypinyin', 'jieba', 'torch', 'snownlp'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_default_data_in_whole() -> None:
    names = ("peoples_daily", "reviews", "lexicon_jieba", "lexicon_rime", "lexicon_modern")
    data = Data(sources=tuple(BuiltinSource(name=name) for name in names), splits=Splits())
    dataset = prepare(data)
    splits = {name: set(texts(split)) for name, split in dataset.splits().items()}
    assert not splits["train"] & splits["validation"]
    assert not splits["train"] & splits["test"]
    assert not splits["validation"] & splits["test"]
    assert dataset.train.positions > 2_400_000
    assert len(dataset.lexicon) > 350_000
    assert 0.015 < dataset.validation.positions / dataset.train.positions < 0.04
    assert 0.03 < dataset.test.positions / dataset.train.positions < 0.07
    for source in (0, 1):
        assert (dataset.test.source == source).sum() > 4000


def test_texts_that_judge_know_their_documents_and_lines(tmp_path: Path) -> None:
    """Those that are learnt from do not: nothing is ever asked of them one by one."""
    sentences = tiny.sentences()
    source = {"kind": "file", "path": str(tiny.write_text(tmp_path)), "document": "line"}
    data = Data.model_validate({"sources": [source], "splits": {"validation": 0.1, "test": 0.1}})
    for task in (None, LanguageModel()):
        made = prepare(data, task)
        assert not len(made.train.document) and not len(made.lexicon.line)
        for split in (made.validation, made.test):
            assert len(split.document) == len(split.line) == len(split) > 0
            for place in range(len(split)):
                assert split.text_of(place) in sentences[int(split.document[place])]
                assert int(split.line[place]) == int(split.document[place]) + 1
