"""Wrong characters put into right sentences."""

from __future__ import annotations

import numpy as np
import pytest

from studio.data.augmentation.confusion import SAME_SOUND, SIMILAR_SHAPE, common, confusion
from studio.data.misspelling import are_hanzi, misspelt
from studio.language.text import is_hanzi

TEXT = "今天我们在公园里吃饭，天气很好。"
KEY = (3, 1)


def points(*texts: str) -> np.ndarray:
    longest = max(map(len, texts))
    return np.array([[ord(c) for c in text] + [0] * (longest - len(text)) for text in texts], np.int64)


def made(right: np.ndarray, key: tuple[int, ...] = KEY, **changes: float) -> np.ndarray:
    settings = {"rate": 0.1, "sounds": 0.7, **changes}
    return misspelt(right, np.arange(len(right)), key, **settings)


def test_wrong_ones_are_taken_for_right_ones() -> None:
    right = points(*[TEXT] * 500)
    wrong = made(right)
    rows, places = np.nonzero(wrong != right)
    sounds = 0
    for row, place in zip(rows, places, strict=True):
        there, by_rights = chr(wrong[row, place]), chr(right[row, place])
        sounding = there in confusion(SAME_SOUND).get(by_rights, "")
        assert sounding or there in confusion(SIMILAR_SHAPE).get(by_rights, "")
        assert there in common()
        sounds += sounding
    assert 0.65 < sounds / len(rows) < 0.95
    counts = np.bincount(rows, minlength=500)
    hanzi = sum(map(is_hanzi, TEXT))
    assert counts.min() >= 1 and counts.mean() == pytest.approx(0.1 * hanzi, rel=0.15)


def test_some_stay_right() -> None:
    right = points(*[TEXT] * 1000)
    untouched = (made(right, clean=0.3) == right).all(axis=1).mean()
    assert untouched == pytest.approx(0.3, abs=0.05)
    assert not (made(right) == right).all(axis=1).any()


def test_alike_in_any_company_and_not_in_another_epoch() -> None:
    right = points(*[TEXT] * 40)
    whole = made(right)
    some = np.array([31, 7])
    padded = np.pad(right[some], ((0, 0), (0, 20)))
    alone = misspelt(padded, some, KEY, rate=0.1, sounds=0.7)
    assert (alone[:, : right.shape[1]] == whole[some]).all() and not alone[:, right.shape[1] :].any()
    assert (made(right, (3, 2)) != whole).any() and (made(right, (4, 1)) != whole).any()


@pytest.mark.parametrize("text", ["x", "，。！", "😀", "\x00"])
def test_what_cannot_be_mistaken_stays(text: str) -> None:
    assert (made(points(text)) == points(text)).all()


def test_which_are_hanzi() -> None:
    text = "今x，〇😀\U00020000㐀"
    assert are_hanzi(np.array([ord(c) for c in text])).tolist() == [is_hanzi(c) for c in text]
