"""What counting alone knows about running text: n-grams of a language model's symbols, beside its network.

Rare sequences are remembered at once by counts, and only after many steps by a small network; the network knows what
lies further back and what is alike. Their probabilities are mixed linearly, as in Mikolov et al. 2011 (Empirical
evaluation and combination of advanced language modeling techniques).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from studio import paths
from studio.data.symbols import BOUNDARY
from studio.models.backoff import BackoffModel, bits_for
from studio.models.kneser_ney import estimate
from studio.models.packed_ngrams import pack, unpack
from studio.runs import atomic
from studio.tasks.base import Examples

FILE = "counts.safetensors"
Texts = tuple[np.ndarray, np.ndarray]
_VERSION = 1  # of the way they are made; another number makes them anew
_TIMES = 30  # rounds that find the share; each is a mean over the positions
_BETWEEN = (0.01, 0.99)  # neither side is ever left out: the other may give some symbol no chance at all


class TextCounts:
    """The n-grams in a file; read when they are first asked.

    Logarithms are rounded to a tenth there, so that chances after a context sum to 1 within about a thousandth.

    Args:
        file: as `learnt` or a model folder has it.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @cached_property
    def ngrams(self) -> BackoffModel:
        """The n-grams.

        Raises:
            ValueError: if the file is damaged.
            OSError: if it cannot be read.
        """
        try:
            return unpack(load(self.file.read_bytes()))
        except SafetensorError as error:
            raise ValueError(f"{self.file.name} is damaged: {error}") from error

    def lay(self, folder: Path) -> None:
        """Put the file into a model folder."""
        atomic.lay(self.file, folder / FILE)

    def contexts(self, symbols: np.ndarray) -> np.ndarray:
        """What stands before each place: `symbols` [rows, length] as read -> int64 [rows, length, order - 1]."""
        model = self.ngrams
        known = np.where(symbols == BOUNDARY, model.beginning, symbols).astype(np.int64)
        padded = np.pad(known, ((0, 0), (model.order - 2, 0)), constant_values=model.beginning)
        return np.lib.stride_tricks.sliding_window_view(padded, model.order - 1, axis=1)

    def log_of(self, symbols: np.ndarray, targets: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """Log-probabilities of the targets where they are asked: all [rows, length] -> float32 [asked]."""
        return self.ngrams.score(self.contexts(symbols)[asked], targets[asked].astype(np.int64))

    def next(self, symbols: np.ndarray, size: int) -> np.ndarray:
        """Log-probability of every symbol after each row: `symbols` [rows, length] -> float32 [rows, size]."""
        last = self.contexts(symbols)[:, -1]
        return self.ngrams.score(last, np.tile(np.arange(size), (len(last), 1)))


def learnt(size: int, order: int, identity: str, texts: Callable[[], Texts]) -> TextCounts:
    """The n-grams of a training split, in a file of the cache; made if it is not there.

    Args:
        size: number of symbols.
        order: length of the longest n-grams; shorter where so many symbols leave no room in a key.
        identity: of the texts.
        texts: symbols end to end, int64, and where each text begins, with the end of the last one.

    Raises:
        OSError: if the cache cannot be written.
    """
    order = min(order, 62 // bits_for(size))
    name = hashlib.sha256(repr((_VERSION, order, size, identity)).encode()).hexdigest()[:24]
    target = paths.cache_home() / "ngrams" / f"{name}.counts.safetensors"
    if not target.is_file():
        made = save(pack(estimate(*texts(), size, order)))
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(target, made)
    with contextlib.suppress(OSError):
        os.utime(target)
    return TextCounts(target)


def beside(folder: Path) -> TextCounts | None:
    """The counts in a model folder, if there are any."""
    file = folder / FILE
    return TextCounts(file) if file.is_file() else None


def joined(examples: Examples) -> Texts:
    """Whole texts of pieces that follow each other: symbols end to end, int64, and where each text begins."""
    read, targets = examples.columns["symbols"], examples.columns["targets"]
    starts = examples.columns["offsets"][:-1][examples.lengths > 0]
    begins = read[starts] == BOUNDARY
    # A piece that does not begin a text is not asked for its first symbol, which is only read.
    places = starts[~begins]
    units = np.insert(targets.astype(np.int64), places, read[places].astype(np.int64))
    grown = np.arange(len(starts)) - np.cumsum(begins) + begins  # symbols put in before each piece
    offsets = (starts + grown)[begins | (np.arange(len(starts)) == 0)]
    return units, np.concatenate([offsets, [len(units)]]).astype(np.int64)


def best_share(network: np.ndarray, counts: np.ndarray) -> float:
    """The network's share of a mixture that makes both sides' log-probabilities of the same symbols likeliest.

    Expectation maximisation for mixture weights (Jelinek and Mercer 1980): every round the share becomes the mean
    posterior of the network's side, and the likelihood rises to its one maximum.
    """
    share = 0.5
    apart = np.clip(counts.astype(np.float64) - network, -60, 60)
    for _ in range(_TIMES):
        share = float(np.mean(share / (share + (1 - share) * np.exp(apart))))
    return min(max(share, _BETWEEN[0]), _BETWEEN[1])


def mixed(network: np.ndarray, counts: np.ndarray, share: float) -> np.ndarray:
    """Log-probabilities of the mixture: float64, shaped as both."""
    return np.logaddexp(np.log(share) + network.astype(np.float64), np.log1p(-share) + counts)
