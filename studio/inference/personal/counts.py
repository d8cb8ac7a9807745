"""Counts of what followed which units, and of whole phrases, over a model's units."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 8  # units of a phrase that is looked for as a whole, wherever it is typed

END, ANY = -1, -2
Context = tuple[int, ...]
Followers = dict[tuple[int, int], float]


class Counts:
    """N-gram counts that grow while a person types.

    Attributes:
        total: of each context, the weights of all that followed it.
        following: of each context, by syllable (`END` is the end), the weight of each unit that followed it and of
            the syllable behind that. A context of one unit says little: it is heeded only where the next syllable is
            the same as well. Behind longer contexts, and behind the end of phrases and words, it is `ANY`.
        phrases: by syllables, the weight of each sequence of units that was a phrase.
        initials: by the first letters of their syllables, the syllables of all phrases.
        beginnings: what the syllables, and the first letters, of phrases begin with.
    """

    def __init__(self, order: int, beginning: int, end: int) -> None:
        self.order = order
        self.beginning = beginning
        self.end = end
        self.total: dict[Context, float] = {}
        self.following: dict[Context, dict[int, Followers]] = {}
        self.phrases: dict[tuple[int, ...], dict[tuple[int, ...], float]] = {}
        self.initials: dict[str, set[tuple[int, ...]]] = {}
        self.beginnings: set[tuple[int, ...] | str] = set()

    def add_commit(
        self, before: Sequence[int], units: Sequence[int], syllables: Sequence[int], weight: float
    ) -> None:
        """Count units that were typed behind others, to the end of what was typed.

        Args:
            before: units in front; none at the beginning of a clause.
            syllables: of each unit, its number.
        """
        # What is shorter than a context begins its clause: the decoder sees the beginning in front of it.
        front = before if len(before) >= self.order - 1 else [self.beginning, *before]
        # What was typed as one syllable is no word: behind a single unit it speaks only where it is typed so again.
        last = ANY if len(units) > 1 else END
        self._add_run(front, [*units, self.end], [*syllables, END], [*syllables[1:], last, ANY], weight)

    def add_word(self, units: Sequence[int], syllables: Sequence[int], weight: float) -> None:
        """Count what follows what inside a word, wherever it may stand."""
        self._add_run(units[:1], units[1:], syllables[1:], [*syllables[2:], ANY], weight)

    def add_phrase(
        self, units: Sequence[int], syllables: Sequence[int], initials: str, weight: float
    ) -> None:
        """Count a phrase as a whole."""
        if 2 <= len(units) <= LONGEST:
            key = tuple(syllables)
            known = self.phrases.setdefault(key, {})
            known[tuple(units)] = known.get(tuple(units), 0.0) + weight
            if key not in self.beginnings:
                self.initials.setdefault(initials, set()).add(key)
                for length in range(1, len(key) + 1):
                    self.beginnings.update((key[:length], initials[:length]))

    def _add_run(
        self,
        before: Sequence[int],
        units: Sequence[int],
        syllables: Sequence[int],
        nexts: Sequence[int],
        weight: float,
    ) -> None:
        row = [*before[-(self.order - 1) :], *units]
        start = len(row) - len(units)
        for place, (unit, syllable, behind) in enumerate(
            zip(units, syllables, nexts, strict=False), start=start
        ):
            for length in range(1, min(self.order - 1, place) + 1):
                context = tuple(row[place - length : place])
                self.total[context] = self.total.get(context, 0.0) + weight
                followers = self.following.setdefault(context, {}).setdefault(syllable, {})
                key = (unit, behind if length == 1 else ANY)
                followers[key] = followers.get(key, 0.0) + weight
