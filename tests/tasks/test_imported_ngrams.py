"""Imported word models as n-grams of a vocabulary's units."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from studio.data.language_models import store
from studio.data.language_models.table import UNDECIDED, Readings, WordNgrams
from studio.data.vocabulary import PinyinVocabulary
from studio.language.syllables import INDEX, SYLLABLES
from studio.models.backoff import BackoffModel
from studio.models.kneser_ney import estimate
from studio.runs import language_models
from studio.tasks import imported_ngrams, pinyin_ngrams
from tests import tiny
from tests.data.language_models.test_arpa import ARPA, silent

CANDIDATES = {
    "zhong": "中",
    "guo": "国",
    "ren": "人",
    "min": "民",
    "xing": "行",
    "hang": "行",
    "yin": "银",
    "zou": "走",
}


def vocabulary() -> PinyinVocabulary:
    return PinyinVocabulary(SYLLABLES, tuple(CANDIDATES.get(syllable, "") for syllable in SYLLABLES))


def unit(character: str, syllable: str) -> int:
    made = vocabulary()
    return int(made.units(np.array([ord(character)]), np.array([INDEX[syllable]]))[0])


def own(*texts: str) -> BackoffModel:
    """N-grams of texts written as `行/hang 走/zou`."""
    rows = [[unit(*pair.split("/")) for pair in text.split()] for text in texts]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return estimate(np.concatenate(rows), offsets, len(vocabulary().characters), 3)


def words(
    readings: list[tuple[str, str, float]],
    pairs: Sequence[tuple[str, str, float]] = (),
    ends: bool = False,
) -> WordNgrams:
    names = [*(["<s>", "</s>"] if ends else []), *dict.fromkeys(word for word, _, _ in readings)]
    number = {word: n for n, word in enumerate(names)}
    none = np.zeros(0, np.float32)
    return WordNgrams(
        words=tuple(names),
        single=np.full(len(names), 1 / len(names), np.float32),
        pairs=np.array([[number[a], number[b]] for a, b, _ in pairs], np.int32).reshape(-1, 2),
        pair=np.array([value for _, _, value in pairs], np.float32),
        triples=np.zeros((0, 3), np.int32),
        triple=none,
        readings=Readings(
            np.array([number[word] for word, _, _ in readings], np.int32),
            np.array([INDEX[s] for _, spelt, _ in readings for s in spelt.split()], np.uint16),
            np.array([share for _, _, share in readings], np.float32),
        ),
    )


def test_a_word_read_in_two_ways_is_divided_as_the_own_text_has_it() -> None:
    text = own(*["行/xing 走/zou"] * 3, "银/yin 行/hang")
    spelt = words([("行", "xing", UNDECIDED), ("行", "hang", UNDECIDED), ("走", "zou", 1.0)])
    table = imported_ngrams.unit_table(spelt, vocabulary(), text)
    by_unit = dict(zip(table.units[:, 0].tolist(), table.single.tolist(), strict=True))
    assert table.single.sum() == pytest.approx(1)
    single = np.exp(text.levels[0].log.astype(np.float64))
    one, other = unit("行", "xing"), unit("行", "hang")
    assert by_unit[one] / by_unit[other] == pytest.approx(single[one] / single[other], rel=1e-4)
    given = words([("行", "xing", 0.25), ("行", "hang", 0.75)])
    np.testing.assert_allclose(imported_ngrams.unit_table(given, vocabulary(), text).single, [0.25, 0.75])


def test_the_neighbour_decides_how_a_word_is_read() -> None:
    text = own(*["行/xing 走/zou"] * 5, *["银/yin 行/hang"] * 5)
    readings = [("行", "xing", UNDECIDED), ("行", "hang", UNDECIDED), ("走", "zou", 1.0), ("银", "yin", 1.0)]
    spelt = words(readings, [("行", "走", 0.1), ("银", "行", 0.2)])
    table = imported_ngrams.unit_table(spelt, vocabulary(), text)
    joint: dict[tuple[int, int], float] = {}
    for (left, right), value in zip(table.pairs, table.pair, strict=True):
        joint[int(table.units[left, 0]), int(table.units[right, 0])] = float(value)
    xing, hang, zou, yin = (
        unit(*pair) for pair in (("行", "xing"), ("行", "hang"), ("走", "zou"), ("银", "yin"))
    )
    assert joint[xing, zou] > 5 * joint[hang, zou]
    assert joint[yin, hang] > 5 * joint[yin, xing]
    assert joint[yin, hang] + joint[yin, xing] == pytest.approx(0.2)


def test_words_that_cannot_be_written_are_left_out_with_their_pairs() -> None:
    text = own("中/zhong 国/guo", "人/ren 民/min")
    spelt = words(
        [("中国", "zhong guo", 1.0), ("人民", "ren min", 1.0), ("老虎", "lao hu", 1.0)],
        [("中国", "人民", 0.2), ("中国", "老虎", 0.2), ("老虎", "人民", 0.1)],
    )
    table = imported_ngrams.unit_table(spelt, vocabulary(), text)
    assert table.lengths.tolist() == [2, 2]
    np.testing.assert_allclose(table.pair, [0.2])
    model = imported_ngrams.ngrams_of(spelt, vocabulary(), text)
    assert (model.units, model.order) == (text.units, text.order)
    after = np.array([[unit("中", "zhong"), unit("国", "guo")]])
    assert np.exp(model.score(after, np.array([unit("人", "ren")]))[0]) > 0.5


def test_the_ends_of_sentences_are_those_of_the_units() -> None:
    text = own("中/zhong 国/guo")
    spelt = words(
        [("中国", "zhong guo", 1.0), ("人民", "ren min", 1.0)],
        [("<s>", "人民", 0.2), ("中国", "</s>", 0.2)],
        ends=True,
    )
    model = imported_ngrams.ngrams_of(spelt, vocabulary(), text)
    start = np.array([[model.beginning, model.beginning]])
    first, other = (
        float(model.score(start, np.array([unit(*u)]))[0]) for u in (("人", "ren"), ("国", "guo"))
    )
    assert first > other + 0.5
    closing = model.score(np.array([[unit("中", "zhong"), unit("国", "guo")]]), np.array([model.end]))[0]
    assert np.exp(closing) > 0.5
    everything = np.broadcast_to(np.arange(model.units + 3), (1, model.units + 3))
    assert np.exp(model.score(start, everything).astype(np.float64)).sum() == pytest.approx(1, abs=1e-3)


def test_made_once_for_a_vocabulary(fresh_home: Path) -> None:
    file = next(tiny.finished_run().path.rglob(pinyin_ngrams.FILE))
    known = PinyinVocabulary.load(file.parent / "vocabulary.json")
    path = fresh_home / "news.arpa"
    path.write_text(ARPA, encoding="utf-8")
    model = store.add([path], silent)
    first = imported_ngrams.file_of(model, known, file)
    made = first.stat().st_mtime_ns
    assert imported_ngrams.file_of(language_models.get("news"), known, file) == first
    assert first.stat().st_mtime_ns == made
    assert pinyin_ngrams.read(first).units == len(known.characters)
