"""What documents are divided by: groups and files, dates, labels, and splits that are given."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.data.errors import DataError
from studio.data.placing import Placing, Ticket, moment, split_of_file
from studio.data.prepare import prepare
from studio.data.sources import Document
from studio.data.split_report import split_report
from studio.data.splits import NAMES, TEST, TRAIN, VALIDATION
from studio.recipe import Data, RecipeError, Splits, parse
from studio.recipe.task import TextClassification
from tests import tiny

SHARES = {"validation": 0.2, "test": 0.2}


def table(folder: Path, rows: Iterable[tuple[str, ...]], name: str = "rows.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    return path


def data_of(*sources: Mapping[str, object], **splits: object) -> Data:
    values = {"sources": [{"kind": "table", **source} for source in sources], "splits": {**SHARES, **splits}}
    return parse({**tiny.values(), "data": values}).data


def sentences(count: int) -> list[str]:
    return [line.rstrip("。") for line in tiny.sentences()[:count]]


def placed(data: Data) -> dict[str, list[str]]:
    """The texts of each split's documents."""
    from studio.data.corpus import read_corpus
    from studio.data.sources import locate

    corpus = read_corpus(data, [locate(source) for source in data.sources], lambda _: None)
    found: dict[str, list[str]] = {name: [] for name in NAMES}
    for document, split in zip(corpus.documents, corpus.split.tolist(), strict=True):
        found[NAMES[split]].append(document.text)
    return found


# --- dates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("2024-03-05", "2024年3月5日"),
        ("2024-03-05", "2024/3/5"),
        ("2024-03-05", "20240305"),
        ("2024-03-05", "20240305.0"),
        ("2024-03-05T08:00:00+08:00", "2024-03-05 00:00"),
        ("2024-03-01", "2024年3月"),
        ("2024-01-01", "2024"),
        ("1970-01-01 00:00:01", "0000000001"),
        ("2023-11-14T22:13:20Z", "1700000000"),
        ("2023-11-14T22:13:20Z", "1700000000000"),
    ],
)
def test_dates_are_the_same_however_they_are_written(written: str, same: str) -> None:
    assert moment(written) == moment(same)


@pytest.mark.parametrize("written", ["", "昨天", "05/03/2024", "2024-13-45", "12", "123456789012345"])
def test_what_is_no_date(written: str) -> None:
    assert math.isnan(moment(written))


def test_the_newest_are_for_the_test(tmp_path: Path) -> None:
    texts = sentences(40)
    rows = [("text", "date"), *((text, f"2024-01-{1 + n // 2:02}") for n, text in enumerate(texts))]
    data = data_of({"path": str(table(tmp_path, rows))}, by="date")
    found = placed(data)
    assert {name: len(texts) for name, texts in found.items()} == {"train": 24, "validation": 8, "test": 8}
    assert found["test"] == texts[32:]
    assert found["validation"] == texts[24:32]
    report = split_report(data)
    assert [(split.first, split.last) for split in report.splits] == [
        ("2024-01-01", "2024-01-12"), ("2024-01-13", "2024-01-16"), ("2024-01-17", "2024-01-20"),
    ]  # fmt: skip


def test_a_text_without_a_date_is_learnt_from_and_told(tmp_path: Path) -> None:
    texts = sentences(30)
    rows = [
        ("text", "date"),
        *((t, f"2024-02-{1 + n % 28:02}" if n % 3 else "bald") for n, t in enumerate(texts)),
    ]
    data = data_of({"path": str(table(tmp_path, rows)), "date": "date"}, by="date")
    assert set(texts[::3]) <= set(placed(data)["train"])
    assert "dates: 10 documents without a date are learnt from" in split_report(data).notes


def test_too_few_dates(tmp_path: Path) -> None:
    rows = [("text", "date"), *((text, "2024-01-01") for text in sentences(20))]
    data = data_of({"path": str(table(tmp_path, rows)), "date": "date"}, by="date")
    with pytest.raises(DataError, match="cannot be divided by date: there are 1 different dates"):
        placed(data)


@given(st.lists(st.integers(0, 12), min_size=6, max_size=60).filter(lambda days: len(set(days)) >= 3))
def test_no_moment_is_divided_and_time_goes_on(days: list[int]) -> None:
    tickets = [Ticket(0.5, when=float(day)) for day in days]
    split = Placing(Splits(by="date", validation=0.2, test=0.2)).assigned(tickets)
    when = np.array(days)
    assert set(split.tolist()) == {TRAIN, VALIDATION, TEST}
    assert when[split == TRAIN].max() < when[split == VALIDATION].min()
    assert when[split == VALIDATION].max() < when[split == TEST].min()


# --- labels --------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from("abc"), min_size=12, max_size=200),
    st.integers(0, 1000),
    st.sampled_from([0.05, 0.1, 0.2]),
)
@settings(max_examples=50)
def test_each_label_has_its_share_in_every_split(labels: list[str], seed: int, share: float) -> None:
    splits = Splits(by="label", validation=share, test=share, seed=seed)
    placing = Placing(splits)
    documents = [Document(str(n), f"文{n}", 0, label=label) for n, label in enumerate(labels)]
    split = placing.assigned([placing.ticket(document, document.text) for document in documents])
    for label, count in Counter(labels).items():
        mine = Counter(split[np.array(labels) == label].tolist())
        if count >= 3:
            assert set(mine) == {TRAIN, VALIDATION, TEST}
        for judged in (VALIDATION, TEST):
            assert abs(mine[judged] - share * count) <= 1.0
    again = placing.assigned([placing.ticket(document, document.text) for document in documents])
    assert np.array_equal(split, again)


def test_rows_of_a_group_stay_together_whatever_their_labels() -> None:
    placing = Placing(Splits(by="label", **SHARES))
    documents = [Document(str(n), f"文{n}", 0, label="ab"[n % 2], group=f"g{n // 2}") for n in range(60)]
    split = placing.assigned([placing.ticket(document, document.text) for document in documents])
    assert np.array_equal(split[::2], split[1::2])
    assert set(split.tolist()) == {TRAIN, VALIDATION, TEST}


def test_without_labels_there_is_no_dividing_by_them() -> None:
    placing = Placing(Splits(by="label"))
    with pytest.raises(DataError, match="divided by label: none has one"):
        placing.assigned([placing.ticket(Document("0", "文", 0), "文")])


# --- groups and files ----------------------------------------------------------------------------------


def test_files_are_not_divided(tmp_path: Path) -> None:
    texts = sentences(60)
    for n in range(20):
        table(tmp_path / "folder", [(text,) for text in texts[3 * n : 3 * n + 3]], f"{n}.txt")
    source = {"path": str(tmp_path / "folder")}
    found = placed(data_of(source, by="group"))
    assert all(found.values())
    for n in range(20):
        homes = {name for name, kept in found.items() for text in texts[3 * n : 3 * n + 3] if text in kept}
        assert len(homes) == 1
    alone = placed(data_of(source))
    assert any(
        len({name for name, kept in alone.items() for t in texts[3 * n : 3 * n + 3] if t in kept}) > 1
        for n in range(20)
    )


def test_a_single_file_cannot_be_divided_by_files(tmp_path: Path) -> None:
    path = table(tmp_path, [(text,) for text in sentences(30)], "one.txt")
    with pytest.raises(DataError, match="divided by group: there are 1 groups and files"):
        placed(data_of({"path": str(path)}, by="group"))


# --- given splits --------------------------------------------------------------------------------------


def test_a_column_says_the_split(tmp_path: Path) -> None:
    texts = sentences(30)
    words = ["train", "Dev", "测试"]
    rows = [("text", "fold"), *((text, words[n % 3]) for n, text in enumerate(texts))]
    source = {"path": str(table(tmp_path, rows)), "split_column": "fold", "label": "-"}
    found = placed(data_of(source))
    assert found == {"train": texts[::3], "validation": texts[1::3], "test": texts[2::3]}


def test_a_column_with_another_word_is_refused(tmp_path: Path) -> None:
    rows = [("text", "fold"), *((text, "1") for text in sentences(30))]
    source = {"path": str(table(tmp_path, rows)), "split_column": "fold", "label": "-"}
    with pytest.raises(DataError, match=r"rows\.csv has a split named '1'"):
        placed(data_of(source))


def test_a_given_test_file_leaves_validation_to_be_drawn(tmp_path: Path) -> None:
    texts = sentences(90)
    first = table(tmp_path, [(text,) for text in texts[:70]], "a.txt")
    second = table(tmp_path, [(text,) for text in texts[70:]], "b.txt")
    found = placed(data_of({"path": str(first)}, {"path": str(second), "split": "test"}))
    assert found["test"] == texts[70:]
    assert 5 <= len(found["validation"]) <= 25
    assert set(found["train"]) | set(found["validation"]) == set(texts[:70])


def test_names_of_files_say_the_split(tmp_path: Path) -> None:
    texts = sentences(30)
    for n, name in enumerate(("train-00000.txt", "validation/part.txt", "test.txt")):
        table(tmp_path / "set", [(text,) for text in texts[10 * n : 10 * n + 10]], name)
    found = placed(data_of({"path": str(tmp_path / "set"), "split": "names"}))
    assert {name: len(kept) for name, kept in found.items()} == {"train": 10, "validation": 10, "test": 10}
    assert set(found["test"]) == set(texts[20:])
    assert split_of_file("data/dev-00001-of-2.parquet") == VALIDATION
    assert split_of_file("latest/greatest.csv") == -1
    assert split_of_file("train/test.csv") == TEST


def test_a_text_file_can_be_one_split_and_a_label_file_another(tmp_path: Path) -> None:
    lines = [f"{'好坏'[n % 2]}\t{text}" for n, text in enumerate(sentences(60))]
    learnt, judged = tmp_path / "learnt.tsv", tmp_path / "judged.tsv"
    learnt.write_text("\n".join(lines[:40]), encoding="utf-8")
    judged.write_text("\n".join(lines[40:]), encoding="utf-8")
    values = tiny.values()
    values["data"]["sources"] = [
        {"kind": "file", "path": str(learnt), "document": "line", "split": "train"},
        {"kind": "file", "path": str(judged), "document": "line"},
    ]
    values |= {"task": {"name": "text_classification"}, "model": {"family": "text_cnn"}}
    values["training"].pop("probes")
    data = parse(values).data
    dataset = prepare(data, TextClassification())
    assert len(dataset.train) >= 40
    judging = {dataset.validation.text_of(n) for n in range(len(dataset.validation))}
    assert judging <= {line.partition("\t")[2] for line in lines[40:]}


def test_no_splits_by_such_a_name() -> None:
    with pytest.raises(RecipeError, match=r"data\.splits\.by"):
        parse({**tiny.values(), "data": {**tiny.values()["data"], "splits": {"by": "weekday"}}})


# --- the report ----------------------------------------------------------------------------------------


def test_what_stands_in_two_splits_is_found(tmp_path: Path) -> None:
    long = ["".join(sentences(120)[n : n + 12]) for n in range(0, 60, 12)]
    learnt = table(tmp_path, [(text,) for text in long], "learnt.txt")
    again = [long[0], long[1][:-2] + "尾巴", *sentences(20)]
    judged = table(tmp_path, [(text,) for text in again], "judged.txt")
    watched = table(tmp_path, [(text,) for text in sentences(90)[70:]], "watched.txt")
    data = data_of(
        {"path": str(learnt), "split": "train"},
        {"path": str(judged), "split": "test"},
        {"path": str(watched), "split": "validation"},
    )
    kept = data.model_copy(
        update={"cleaning": data.cleaning.model_copy(update={"deduplicate_documents": False})}
    )
    found = {finding.id: finding for finding in split_report(kept).findings}
    assert found["split_copies"].count == 1
    assert found["split_copies"].examples[0].note == "test; as learnt.txt, document 0 (train)"
    assert found["leaks"].count == 1
    assert "split_copies" not in {finding.id for finding in split_report(data).findings}


def test_splits_side_by_side(tmp_path: Path) -> None:
    rows = [("text", "label"), *((text, "甲乙乙"[n % 3]) for n, text in enumerate(sentences(90)))]
    data = data_of({"path": str(table(tmp_path, rows))}, by="label")
    report = split_report(data)
    assert sum(split.documents for split in report.splits) == 90
    assert [name for name, _ in report.labels.items] == ["乙", "甲"]
    (_, often), (_, rare) = report.labels.items
    assert often == (36, 12, 12)
    assert rare == (18, 6, 6)
    assert report.sources.items == (("rows.csv", (54, 18, 18)),)
    assert report.label_examples == ()
