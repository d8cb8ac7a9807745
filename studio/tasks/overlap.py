"""How much texts that were written have in common with those that were wanted: chrF, BLEU, ROUGE-L, and the same text.

chrF and BLEU are sacrebleu's, so that they can be compared with other people's; as shares of 1 rather than of 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from studio.language.text import hanzi_only, is_hanzi

Counts = dict[str, np.ndarray]
BLEU_COUNTS = tuple(f"bleu_{number}" for number in range(10))
"""Lengths of both texts; pieces of one to four words or characters that are right; and how many there are."""
CHRF_COUNTS = tuple(f"chrf_{number}" for number in range(18))
"""For one to six characters: how many were written, how many were wanted, how many are right."""
_CHINESE = 0.3  # share of hanzi from which on a text is Chinese


def is_chinese(texts: Sequence[str]) -> bool:
    """Whether texts are mostly Chinese, which has no blanks between its words."""
    joined = "".join(texts)
    solid = len(joined) - sum(map(str.isspace, joined))
    return len(hanzi_only(joined)) >= _CHINESE * max(1, solid)


def counted(written: Sequence[str], wanted: Sequence[str], *, chinese: bool) -> Counts:
    """What the figures are made of, for each text that was written, beside the one that was wanted: numbers [texts].

    Sums of these over any texts give the figures of those texts.

    Args:
        chinese: cut them into characters for BLEU and ROUGE-L, else at blanks and marks.
    """
    pairs = list(zip(written, wanted, strict=True))
    rouge = [rouge_l(pieces(one, chinese=chinese), pieces(other, chinese=chinese)) for one, other in pairs]
    made = {
        "texts": np.ones(len(pairs)),
        "exact": np.array([one == other for one, other in pairs], np.float64),
        "rouge": np.array(rouge, np.float64),
    }
    for names, metric in ((BLEU_COUNTS, _bleu(chinese)), (CHRF_COUNTS, _chrf())):
        found = metric._extract_corpus_statistics(list(written), [list(wanted)]) if pairs else []
        columns = np.array(found, np.float64).reshape(len(pairs), len(names)).T
        made |= dict(zip(names, columns, strict=True))
    return made


def figures(sums: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The figures of sums of `counted`, arrays of one shape: arrays of that shape, not a number for no texts."""
    texts = np.asarray(sums["texts"], np.float64)
    known = np.where(texts > 0, texts, np.nan)
    none = np.where(texts > 0, 0.0, np.nan)
    return {
        "exact_match": np.asarray(sums["exact"]) / known,
        "chrf": _scored(_chrf(), [sums[name] for name in CHRF_COUNTS]) + none,
        "bleu": _scored(_bleu(chinese=False), [sums[name] for name in BLEU_COUNTS]) + none,
        "rouge_l": np.asarray(sums["rouge"]) / known,
    }


def _scored(metric: Any, sums: Sequence[Any]) -> np.ndarray:
    stacked = np.stack([np.asarray(column, np.float64) for column in sums], axis=-1)
    flat = stacked.reshape(-1, stacked.shape[-1])
    scores = [metric._compute_score_from_stats([round(one) for one in row]).score for row in flat.tolist()]
    return np.minimum(np.array(scores).reshape(stacked.shape[:-1]) / 100, 1.0)


def signatures(*, chinese: bool) -> dict[str, str]:
    """What has to be said beside the figures so that others can work them out again."""
    bleu, chrf = _bleu(chinese), _chrf()
    for metric in (bleu, chrf):
        metric.corpus_score(["a"], [["a"]])
    return {"bleu": str(bleu.get_signature()), "chrf": str(chrf.get_signature())}


def pieces(text: str, *, chinese: bool) -> list[str]:
    """A text as ROUGE-L compares it: characters of Chinese, words of others, in small letters."""
    spaced = "".join(f" {one} " if (chinese and is_hanzi(one)) or _is_mark(one) else one for one in text)
    return spaced.lower().split()


def rouge_l(written: Sequence[str], wanted: Sequence[str]) -> float:
    """F1 of the longest common subsequence (Lin 2004, https://aclanthology.org/W04-1013): 0 to 1."""
    common = _common(written, wanted)
    if not common:
        return 0.0
    return 2 * common / (len(written) + len(wanted))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, a row of the table at once in the bits of a number (Hyyrö 2004)."""
    where: dict[str, int] = {}
    for place, piece in enumerate(one):
        where[piece] = where.get(piece, 0) | 1 << place
    full = (1 << len(one)) - 1
    row = full
    for piece in other:
        met = row & where.get(piece, 0)
        row = (row + met | row - met) & full
    return len(one) - row.bit_count()


def _is_mark(character: str) -> bool:
    return not character.isalnum() and not character.isspace()


def _bleu(chinese: bool) -> Any:
    from sacrebleu.metrics import BLEU

    # A warning about texts that end in " ." is meant for people who forgot to join words again.
    return BLEU(tokenize="zh" if chinese else "13a", force=True)


def _chrf() -> Any:
    from sacrebleu.metrics import CHRF

    return CHRF()
