"""What steps do to streams of documents: repetitions, order, counts, and what a recipe without steps gives."""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.data import cache
from studio.data.corpus import read_corpus
from studio.data.errors import DataError
from studio.data.fingerprint import fingerprint
from studio.data.prepare import prepare
from studio.data.sources import Document, locate
from studio.data.steps.minhash import PLACES, bands, earlier_like, jaccard, likeness, signature
from studio.data.steps.pipeline import Pipeline, preview
from studio.recipe import Data, parse
from studio.recipe.steps import AnyStep
from tests import tiny
from tests.data.steps.test_single import step


def documents(*texts: str, source: int = 0) -> list[Document]:
    return [Document(str(number), text, source) for number, text in enumerate(texts)]


def left(pipeline: Pipeline, *texts: str) -> list[str]:
    return [document.text for document in pipeline.run(documents(*texts))]


def test_repetitions_are_remembered_from_source_to_source() -> None:
    pipeline = Pipeline([step("drop_repeats")])
    assert left(pipeline, "今天。", "明天", "今 天！", "……") == ["今天。", "明天", "……"]
    assert left(pipeline, "明天？", "后天", "……") == ["后天", "……"]
    (tally,) = pipeline.tallies
    assert (tally.seen, tally.changed, tally.dropped) == (7, 0, 2)


def test_repeated_lines() -> None:
    pipeline = Pipeline([step("drop_repeats", part="line", shortest=3)])
    assert left(pipeline, "版权所有\n甲\n正文一", "版权所有！\n甲\n正文二", "版权所有") == [
        "版权所有\n甲\n正文一",
        "甲\n正文二",
    ]
    (tally,) = pipeline.tallies
    assert (tally.changed, tally.dropped, tally.lines) == (1, 1, 1)


def test_near_repetitions() -> None:
    text = "今天天气很好，我们一起去公园玩，孩子们都很高兴，到了晚上才回家吃饭。" * 2
    other = "学校明天开会讨论新的计划，老师和学生都要参加，请大家准时到会不要迟到。" * 2
    pipeline = Pipeline([step("drop_near_repeats", threshold=0.7)])
    assert left(pipeline, text, other, text.replace("晚上", "夜里"), "", "，") == [text, other, "", "，"]
    assert left(pipeline, "新的" + other, "别的") == ["别的"]


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95])
def test_bands_find_what_is_as_like_as_the_threshold(threshold: float) -> None:
    count, rows = bands(threshold)
    assert count * rows <= PLACES
    assert 1 - (1 - threshold**rows) ** count >= 0.95


@given(st.integers(0, 2**32 - 1))
def test_signatures_estimate_the_jaccard_index(seed: int) -> None:
    source = random.Random(seed)
    text = "".join(source.choice("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往") for _ in range(300))
    changed = "".join(ch if source.random() > 0.05 else "某" for ch in text)
    found = likeness(signature(text, 3), signature(changed, 3)[None])[0]
    assert abs(found - jaccard(text, changed, 3)) < 0.2  # five standard deviations


def test_likeness_is_found_among_many() -> None:
    source = random.Random(1)
    alphabet = [chr(0x4E00 + n) for n in range(2000)]
    texts = ["".join(source.choices(alphabet, k=120)) for _ in range(400)]
    copies = [texts[n][:60] + "某" + texts[n][61:] for n in range(0, 400, 4)]
    signatures = np.array([signature(text, 3) for text in texts + copies])
    found = earlier_like(signatures, 0.8)
    assert (found[:400] == np.arange(400)).all()
    right = found[400:] == np.arange(0, 400, 4)
    assert right.mean() > 0.95


def test_texts_at_hand_are_compared_exactly() -> None:
    texts = tiny.sentences()
    letters = [text.rstrip("。") for text in texts]
    signatures = np.array([signature(text, 3) for text in letters])
    estimated, exact = earlier_like(signatures, 0.75), earlier_like(signatures, 0.75, letters, 3)
    for place, other in enumerate(exact):
        assert place == other or jaccard(letters[place], letters[other], 3) >= 0.75
    assert (exact != np.arange(len(exact))).sum() > 10
    assert (estimated != exact).any()
    assert left(Pipeline([step("drop_near_repeats", threshold=0.8)]), *texts) == texts
    assert jaccard("今天", "今天", 3) == 1
    assert jaccard("今天天气", "今天天冷", 2) == 0.5


def test_a_preview_of_all_steps_and_of_one() -> None:
    steps = [step("remove_markup"), step("filter_length", shortest=3), step("normalise_widths")]
    texts = ["<b>ＡＢＣ</b>", "<i>短</i>", "正文一二"]
    rows, tallies = preview(steps, texts)
    assert rows == [(0, "<b>ＡＢＣ</b>", "ABC"), (1, "<i>短</i>", None), (2, "正文一二", "正文一二")]
    assert [(t.kind, t.seen, t.changed, t.dropped) for t in tallies] == [
        ("remove_markup", 3, 2, 0),
        ("filter_length", 3, 0, 1),
        ("normalise_widths", 2, 1, 0),
    ]
    rows, tallies = preview(steps, texts, alone=1)
    assert rows == [(0, "ＡＢＣ", "ＡＢＣ"), (1, "短", None), (2, "正文一二", "正文一二")]
    assert len(tallies) == 2


def data_of(path: Path, *steps: dict[str, object]) -> Data:
    values = tiny.values(path)
    values["data"]["steps"] = list(steps)
    return parse(values).data


def test_a_recipe_without_steps_is_known_by_what_it_was_known_by_before(tmp_path: Path) -> None:
    """The same name means the same data: nothing that was prepared before there were steps is prepared again."""
    from studio.data.fingerprint import PREPARATION
    from studio.data.sources import package_version

    path = tiny.write_text(tmp_path)
    data = data_of(path)
    origins = [locate(source) for source in data.sources]
    before = {
        "preparation": PREPARATION,
        "packages": [package_version(name) for name in ("pypinyin", "jieba")],
        "sources": [
            [
                origin.name,
                source.model_dump(mode="json", exclude={"path", "split"}),
                [hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest() for file in origin.files],
            ]
            for source, origin in zip(data.sources, origins, strict=True)
        ],
        "recipe": {
            "cleaning": data.cleaning.model_dump(mode="json", exclude={"readings"}),
            "splits": data.splits.model_dump(mode="json", include={"validation", "test", "seed"}),
        },
    }
    digest = hashlib.blake2b(json.dumps(before, sort_keys=True).encode("ascii"), digest_size=12).hexdigest()
    assert fingerprint(data, origins, tmp_path) == digest
    changed = data_of(path, {"kind": "drop_repeats"})
    assert fingerprint(changed, origins, tmp_path) != digest


def test_without_steps_the_same_examples_are_made_as_before_there_were_any(tmp_path: Path) -> None:
    """The checksums are those of the last version without steps."""
    first = tiny.sentences()
    changed = [f"<b>ＡＢ１２</b>{text}\u200b重复，{text}" for text in first[:40]]
    path = tiny.write_text(tmp_path, [*first, *changed, "今天，", "无繁體"])
    splits = prepare(data_of(path)).splits()
    sums = {
        name: tuple(
            zlib.crc32(np.ascontiguousarray(column).view(np.uint8).data)
            for column in (split.text, split.offsets)
        )
        for name, split in splits.items()
    }
    assert sums["train"] == (3061154246, 1909634610)
    assert sums["validation"] == (3864323621, 946538854)
    assert sums["test"] == (1348494871, 1729259563)


def test_no_steps_leave_every_document_as_it_is(tmp_path: Path) -> None:
    data = data_of(tiny.write_text(tmp_path))
    origins = [locate(source) for source in data.sources]
    given_documents = documents("甲" * 5, "<b>乙</b>\r\n丙", "甲" * 5, "  ", source=0)
    kept = read_corpus(data, origins, lambda _: None, lambda *_: given_documents).documents
    assert [id(document) for document in kept] == [id(given_documents[0]), id(given_documents[1])]
    assert all(a is b for a, b in zip(Pipeline(()).run(given_documents), given_documents, strict=True))


def test_steps_change_what_is_prepared(tmp_path: Path) -> None:
    lines = [*tiny.sentences(), *(f"编号{n}：{text}" for n, text in enumerate(tiny.sentences()[:9]))]
    path = tiny.write_text(tmp_path, lines)
    before = prepare(data_of(path))
    after = prepare(data_of(path, {"kind": "filter_pattern", "pattern": "^编号", "part": "line"}))
    assert after.sources[0].characters < before.sources[0].characters
    assert any(note.startswith("step 1 (filter_pattern): 9 documents dropped") for note in after.notes)
    assert cache.load(before.fingerprint) is not None
    texts = {after.train.text_of(i) for i in range(len(after.train))}
    assert texts
    assert not any("编号" in text for text in texts)


def test_steps_that_leave_nothing_say_so(tmp_path: Path) -> None:
    data = data_of(tiny.write_text(tmp_path), {"kind": "filter_length", "part": "document", "shortest": 999})
    with pytest.raises(DataError, match="the preparation steps leave no document"):
        prepare(data)


CHAINS = [
    step("repair_encoding"),
    step("remove_controls"),
    step("remove_markup"),
    step("normalise_widths", marks="chinese"),
    step("convert_script"),
    step("mask_personal", mask="tag"),
    step("replace_pattern", replacement="\\n"),
    step("filter_hanzi", share=0.2),
    step("filter_length", part="document", shortest=1),
    step("drop_repeats", part="line"),
    step("drop_repeats"),
    step("drop_near_repeats", threshold=0.6, ngram=2),
    step("cut_sentences", at="clause"),
    step("cut_words", stop=("的",)),
    step("cut_long", how="slide", window=7, overlap=3),
]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(CHAINS), max_size=6),
    st.lists(st.text(alphabet="今天天气漢字<b>&lt;\n１２12,。 \u200b\ud800锟斤拷", max_size=30), max_size=6),
)
def test_steps_in_any_order(chain: list[AnyStep], texts: list[str]) -> None:
    pipeline, again = Pipeline(chain), Pipeline(chain)
    kept = list(pipeline.run(documents(*texts)))
    assert kept == list(again.run(documents(*texts)))
    numbers = [int(document.id) for document in kept]
    assert numbers == sorted(set(numbers))
    for tally, before in zip(pipeline.tallies, [None, *pipeline.tallies], strict=False):
        wanted = len(texts) if before is None else before.seen - before.dropped
        assert tally.seen == wanted
        assert tally.changed + tally.dropped <= tally.seen
    if chain:
        assert len(kept) == pipeline.tallies[-1].seen - pipeline.tallies[-1].dropped
