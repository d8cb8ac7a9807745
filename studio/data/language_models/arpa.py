"""N-gram models in the ARPA format, as `lmplz`, SRILM and others write them."""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.data.errors import DataError
from studio.data.language_models.lines import Problems, Tick, opened
from studio.data.language_models.table import BEGIN, END, Counted
from studio.language.text import all_hanzi

LONGEST = 16  # characters of a word
_SECTION = re.compile(r"\\(\d+)-grams:\s*$")
_NOT_USED, _UNKNOWN = -1, -2
_ROUNDS = 30  # of finding how often words come; they settle after about ten


class _Grams:
    """The n-grams of one length of at least two, as they are read."""

    def __init__(self) -> None:
        self.words = array("i")
        self.log = array("f")


@dataclass
class _Model:
    number: dict[str, int]
    words: list[str]
    log: array[float]
    back: array[float]
    longer: dict[int, _Grams]


def read_arpa(path: Path, problems: Problems, tick: Tick, notes: list[str]) -> Counted:
    """Words, pairs and triples of an ARPA file; longer n-grams and words that are not of hanzi are passed over.

    Raises:
        DataError: if it cannot be read, or holds no word of hanzi.
    """
    model = _Model({}, [], array("f"), array("f"), {2: _Grams(), 3: _Grams()})
    promised: dict[int, int] = {}
    section, ended, passed_over = 0, False, 0
    with opened(path) as source:
        for number, line in source.numbered(tick):
            if line[0] == "\\":
                found = _SECTION.match(line)
                if found:
                    section = int(found[1])
                elif line.startswith("\\end\\"):
                    ended = True
                    break
                continue
            if line.isspace():
                continue
            if section == 0:
                name, _, count = line.removeprefix("ngram").partition("=")
                if name.strip().isdecimal() and count.strip().isdecimal():
                    promised[int(name)] = int(count)
                continue
            if section > 3:
                passed_over += 1
                continue
            try:
                if section == 1:
                    _add_word(model, line)
                else:
                    _add_gram(model, section, line)
            except ValueError as error:
                problems.add(number, str(error))
    if not model.words:
        raise DataError(
            f"{path} holds no word of Chinese characters in its \\1-grams section",
            "choose an ARPA model of Chinese words in simplified characters",
        )
    if not ended:
        notes.append("the file ends without \\end\\: it may be cut off")
    if passed_over:
        notes.append(f"{passed_over:,} n-grams of more than three words were passed over")
    if len(model.number) < promised.get(1, 0):
        notes.append(f"the file promises {promised[1]:,} words and holds {len(model.number):,}")
    return _joint(model)


def _add_word(model: _Model, line: str) -> None:
    log, words, back = _fields(line, 1)
    word = words[0]
    if word in model.number:
        raise ValueError(f"{word} comes a second time")
    if word not in (BEGIN, END) and not (len(word) <= LONGEST and all_hanzi(word)):
        model.number[word] = _NOT_USED
        return
    model.number[word] = len(model.words)
    model.words.append(word)
    model.log.append(log)
    model.back.append(back)


def _add_gram(model: _Model, length: int, line: str) -> None:
    log, words, _ = _fields(line, length)
    get = model.number.get
    numbers = [get(word, _UNKNOWN) for word in words]
    lowest = min(numbers)
    if lowest == _UNKNOWN:
        raise ValueError(f"{words[numbers.index(_UNKNOWN)]} is no word of the \\1-grams section")
    if lowest >= 0:
        grams = model.longer[length]
        grams.words.extend(numbers)
        grams.log.append(log)


def _fields(line: str, length: int) -> tuple[float, list[str], float]:
    """Log-probability, words and back-off weight of a line."""
    fields = line.rstrip("\r\n").split("\t")
    words = fields[1].split(" ") if len(fields) > 1 else []
    if len(words) != length:  # some tools write blanks for tabs
        fields = line.split()
        if len(fields) not in (length + 1, length + 2):
            raise ValueError(f"it should be a logarithm, {length} words and perhaps a back-off weight")
        words, fields = fields[1 : length + 1], [fields[0], "", *fields[length + 1 :]]
    log = float(fields[0])
    back = float(fields[2]) if len(fields) > 2 and fields[2] else 0.0
    if not (log <= 1e-3 and math.isfinite(back)):
        raise ValueError(f"{fields[0]} is no logarithm of a probability")
    return log, words, back


def _joint(model: _Model) -> Counted:
    single = 10 ** np.array(model.log, np.float64)
    back = 10 ** np.array(model.back, np.float64)
    pairs = np.array(model.longer[2].words, np.int32).reshape(-1, 2)
    after_one = 10 ** np.array(model.longer[2].log, np.float64)
    triples = np.array(model.longer[3].words, np.int32).reshape(-1, 3)
    after_two = 10 ** np.array(model.longer[3].log, np.float64)
    often = _stationary(model, single, back, pairs, after_one)
    size = np.int64(len(single))
    keys = pairs[:, 0].astype(np.int64) * size + pairs[:, 1]
    order = np.argsort(keys)
    wanted = triples[:, 0].astype(np.int64) * size + triples[:, 1]
    place = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), max(len(keys) - 1, 0))]
    known = keys[place] == wanted if len(keys) else np.zeros(len(wanted), bool)
    first = np.where(
        known, after_one[place] if len(keys) else 0.0, back[triples[:, 0]] * single[triples[:, 1]]
    )
    return Counted(
        words=tuple(model.words),
        single=often.astype(np.float32),
        pairs=pairs,
        pair=(often[pairs[:, 0]] * after_one).astype(np.float32),
        triples=triples,
        triple=(often[triples[:, 0]] * first * after_two).astype(np.float32),
    )


def _stationary(
    model: _Model, single: np.ndarray, back: np.ndarray, pairs: np.ndarray, after_one: np.ndarray
) -> np.ndarray:
    """How often each word comes in text that the model's pairs would make.

    The single words' own figures do not say that: with Kneser-Ney smoothing they tell after how many different words
    each comes.
    """
    often = single / single.sum()
    if not len(pairs):
        return often
    left, right = pairs.T
    begin, end = model.number.get(BEGIN, _NOT_USED), model.number.get(END, _NOT_USED)
    for _ in range(_ROUNDS):
        explicit = np.bincount(right, often[left] * after_one, minlength=len(single))
        taken = np.bincount(right, (often * back)[left], minlength=len(single))
        new = explicit + single * np.maximum((often * back).sum() - taken, 0.0)
        if begin >= 0 and end >= 0:
            new[begin] = new[end]  # each sentence that ends has begun
        often = new / new.sum()
    return often
