"""How the words of an imported model are read: as its files say, or else by pypinyin's dictionaries."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np

from studio.data.language_models.lines import POLL, Tick
from studio.data.language_models.table import BEGIN, END, UNDECIDED, Readings
from studio.language.pinyin import NoReadingError, read_word, readings

Given = Mapping[str, Sequence[tuple[tuple[int, ...], float]]]


def spelt(words: Sequence[str], given: Given, tick: Tick) -> tuple[Readings, int]:
    """The readings of words.

    A word of several characters gets the reading that it has as a word; a character that stands alone gets all of
    its readings, and how they are divided is left open.

    Args:
        given: readings that are known beforehand, with their shares.

    Returns:
        the readings, and how many words have none.
    """
    owner, syllables, share = array("i"), array("H"), array("f")
    unread = 0
    for number, word in enumerate(words):
        if number % POLL == 0:
            tick(number, len(words))
        if word in (BEGIN, END):
            continue
        found = given.get(word)
        if found is None:
            try:
                found = _usual(word)
            except NoReadingError:
                unread += 1
                continue
        for reading, part in found:
            owner.append(number)
            syllables.extend(reading)
            share.append(part)
    return Readings(
        np.array(owner, np.int32), np.array(syllables, np.uint16), np.array(share, np.float32)
    ), unread


def _usual(word: str) -> list[tuple[tuple[int, ...], float]]:
    if len(word) > 1:
        return [(read_word(word), 1.0)]
    several = readings(word)
    return [((reading,), UNDECIDED if len(several) > 1 else 1.0) for reading in several]
