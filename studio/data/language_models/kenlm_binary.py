"""Models that KenLM has packed for itself: not to be listed, but to be asked, with KenLM's own library.

Such a file holds hashes instead of words. The words of jieba's dictionary are looked up in it, and the most frequent
ones in pairs; which of the pairs it knows, it says itself.
"""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np

from studio.data.errors import DataError
from studio.data.language_models.lines import Tick
from studio.data.language_models.table import Counted
from studio.language.words import vocabulary

MAGIC = b"mmap lm http://kheafield.com/code format version"
_PAIRED = 2000  # words that are tried in pairs: four million questions, some seconds
_ARPA = "give its ARPA file, which `lmplz` writes and `build_binary` is given"


def is_binary(path: Path) -> bool:
    """Whether a file is a model packed by KenLM."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read_kenlm(path: Path, tick: Tick, notes: list[str]) -> Counted:
    """What a packed model says about the words that are known here and about pairs of the most frequent ones.

    Raises:
        DataError: if KenLM's library is not installed or cannot read the file, or no word is known to it.
    """
    try:
        import kenlm
    except ImportError:
        raise DataError(
            f"{path} is a model packed by KenLM, whose words cannot be listed",
            f"{_ARPA}, or install the optional package kenlm to ask it about known words",
        ) from None
    try:
        model = kenlm.Model(str(path))
    except (OSError, RuntimeError) as error:
        reason = str(error).strip().splitlines()
        raise DataError(
            f"{path} cannot be read by KenLM: {reason[-1] if reason else 'no reason given'}", _ARPA
        ) from error
    words = [word for word in vocabulary().words() if word in model]
    if not words:
        raise DataError(
            f"{path} knows no Chinese word", "choose a model of Chinese words in simplified characters"
        )
    nothing, after, rest = kenlm.State(), kenlm.State(), kenlm.State()
    model.NullContextWrite(nothing)
    single = 10 ** np.array([model.BaseScore(nothing, word, rest) for word in words])
    pairs, log = array("i"), array("f")
    frequent = np.argsort(-single, kind="stable")[:_PAIRED].tolist()
    for done, left in enumerate(frequent):
        if done % 50 == 0:
            tick(done, len(frequent))
        model.BaseScore(nothing, words[left], after)
        for right in frequent:
            found = model.BaseFullScore(after, words[right], rest)
            if found.ngram_length >= 2:
                pairs.extend((left, right))
                log.append(found.log_prob)
    notes.append(
        f"a packed model cannot be listed: {len(words):,} known words were looked up in it, "
        f"and the pairs of the {len(frequent):,} most frequent; its ARPA file would give all"
    )
    rows = np.array(pairs, np.int32).reshape(-1, 2)
    often = single / single.sum()
    joint = often[rows[:, 0]] * 10 ** np.array(log, np.float64)
    none = np.zeros(0, np.float32)
    return Counted(
        tuple(words),
        often.astype(np.float32),
        rows,
        joint.astype(np.float32),
        np.zeros((0, 3), np.int32),
        none,
    )
