"""Pieces of text cut in two, whose second half is now and then that of another: does it follow?

As in Devlin et al. 2019, but for halves of one piece rather than sentences that are looked for; a pure function of the
key and of an example's number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.data.augmentation.draws import uniform
from studio.data.symbols import PADDING
from studio.tasks.base import Examples

_SHORTEST = 4  # characters of a piece that is cut at all


@dataclass(frozen=True)
class Halves:
    """Cuts pieces behind the end of a sentence nearest to their middle; `boundary` stands before each half."""

    ends: np.ndarray
    boundary: int

    def of(
        self,
        examples: Examples,
        symbols: np.ndarray,
        starts: np.ndarray | None,
        lengths: np.ndarray,
        numbers: np.ndarray,
        key: tuple[int, ...],
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
        """The rows of a batch in halves.

        Args:
            examples: of which other halves are taken.
            symbols, starts: of the rows, with where words begin if that matters, each [rows, length].
            lengths, numbers: of the rows [rows].

        Returns:
            symbols, starts, lengths, and whether the second half follows: 1, 0, or -1 where a piece is not cut.
        """
        longest = int(lengths.max()) + 2
        drawn = uniform((*key, 3), numbers, 2)
        made = np.full((len(symbols), longest), PADDING, np.int64)
        words = np.tile(np.arange(longest), (len(symbols), 1))
        size, follows = np.zeros(len(symbols), np.int64), np.full(len(symbols), -1, np.int64)
        for row, length in enumerate(lengths.tolist()):
            whole = symbols[row, :length]
            cut = self._cut(whole)
            begin = starts[row, :length] if starts is not None else np.arange(length)
            first, second, second_words = whole[:cut], whole[cut:], begin[cut:] - cut
            if cut < length and len(examples) > 1:
                follows[row] = int(drawn[row, 0] < 0.5)
                if not follows[row]:
                    other = min(int(drawn[row, 1] * len(examples)), len(examples) - 1)
                    if examples.rows["numbers"][other] == numbers[row]:
                        other = (other + 1) % len(examples)
                    second, second_words = self._second(examples, other, length - cut)
            size[row] = 2 + len(first) + len(second)
            made[row, : size[row]] = np.concatenate([[self.boundary], first, [self.boundary], second])
            words[row, 1 : cut + 1] = begin[:cut] + 1
            # A word that the cut goes through begins anew behind it.
            words[row, cut + 2 : size[row]] = np.maximum(second_words, 0) + cut + 2
        return made, None if starts is None else words, size, follows

    def _cut(self, symbols: np.ndarray) -> int:
        if len(symbols) < _SHORTEST:
            return len(symbols)
        behind = np.flatnonzero(np.isin(symbols[:-1], self.ends)) + 1
        middle = len(symbols) // 2
        return int(behind[np.abs(behind - middle).argmin()]) if len(behind) else middle

    def _second(self, examples: Examples, number: int, most: int) -> tuple[np.ndarray, np.ndarray]:
        start, stop = (int(place) for place in examples.columns["offsets"][number : number + 2])
        whole = examples.columns["symbols"][start:stop].astype(np.int64)
        cut = self._cut(whole)
        cut = cut if cut < len(whole) else 0
        words = examples.columns.get("starts")
        begin = words[start:stop].astype(np.int64) if words is not None else np.arange(len(whole))
        return whole[cut : cut + most], begin[cut : cut + most] - cut
