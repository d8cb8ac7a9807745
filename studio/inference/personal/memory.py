"""A cache language model over a model's units: what the user chose speaks where it was chosen.

Cache models mix a model of the recent past into a static one (Kuhn and De Mori 1990, "A cache-based natural language
model for speech recognition"); counts fade with every further commit (the decaying cache of Clarkson and Robinson
1997). Here the past is a person's choices. For the units u of one place (a syllable), the static model, n-grams and
network together, gives each a share q0(u) of the place's mass Z. Then, for ever longer contexts h,

    q(u) = (1 - l) q'(u) + l c(h, u) / c(h, place),    l = c(h, place) / (c(h, place) + k T(h, place)),

where c are the counts of those units alone, T says how many different ones they are (Witten and Bell 1991), and k
falls with the length of h (`_CAUTION`). A context of one unit is heeded only if the next syllable is the same as then,
too. What was not seen after h leaves the place as it was, to the last bit. The mass stays Z, unless a long context
foretells the place itself: then it is at least c(h, place) / (c(h) + k).

A phrase that was chosen, or is in a dictionary, also counts where nothing like the text before it was seen: its first
unit gets a share where the syllables that follow are the phrase's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from studio.data.vocabulary import PinyinVocabulary
from studio.inference.beam import Place
from studio.inference.personal.counts import ANY, END, LONGEST, Context, Counts
from studio.inference.words import OF_DICTIONARY, OF_USER
from studio.models.backoff import BackoffModel
from studio.runs.personal import HALF_LIFE

_CAUTION = (4.0, 1.0, 0.5)  # k for contexts of one unit, two, three or more
_AT_BEGINNING = 2.0  # k where the context is nothing but the beginning of a clause
_FOR_PHRASES = 4.0  # k of phrases wherever they stand
_ENTRIES_KEPT = 3_000  # pairs of places, each with what is known of it behind some dozens of contexts
_FIRSTS_KEPT = 20_000
_FORGOTTEN = 1e-3  # a count below means nothing any more

Choice = int | str
Entry = tuple[float, np.ndarray, np.ndarray, float]
"""The share left to the static model; columns and what each of them gets; the least mass of the place: logarithms."""


class Memory:
    """What a person's choices and dictionaries say about a model's units. For use from one thread.

    Attributes:
        words: phrases and what they score as words (see `inference.words`).

    Args:
        units_before: the units that the decoder takes a text in front of the letters for.
        clock: how many commits were made when this memory was.
    """

    def __init__(
        self,
        vocabulary: PinyinVocabulary,
        model: BackoffModel,
        units_before: Callable[[str], Sequence[int]],
        clock: int = 0,
    ) -> None:
        self._vocabulary = vocabulary
        self._model = model
        self._units_before = units_before
        self._owner = np.repeat(np.arange(len(vocabulary.candidates)), np.diff(vocabulary.starts))
        self.typed = Counts(model.order, model.beginning, model.end)
        self.listed = Counts(model.order, model.beginning, model.end)
        self._base = self._clock = clock
        self._entries: dict[tuple[Choice, Choice], dict[int, Entry | None]] = {}
        self._heads: dict[Choice, dict[int, bool]] = {}
        self._firsts: dict[tuple[Choice, ...], dict[int, float]] = {}
        self._syllables: dict[Choice, frozenset[int]] = {}
        self._known: dict[int, set[int]] = {}
        self.words: dict[str, float] = {}

    def units_of(self, text: str, pinyin: str) -> tuple[list[int], list[int]] | None:
        """Units and syllables of a phrase; None where the model's vocabulary has not all of them."""
        units, numbers = [], []
        for character, syllable in zip(text, pinyin.split(" "), strict=False):
            number = self._vocabulary.index.get(syllable, -1)
            place = self._vocabulary.candidates[number].find(character) if number >= 0 else -1
            if place < 0:
                return None
            units.append(int(self._vocabulary.starts[number]) + place)
            numbers.append(number)
        return (units, numbers) if len(units) == len(text) else None

    # --- learning ------------------------------------------------------------------------------------

    def learn(self, text: str, pinyin: str, before: str, weight: float, clock: int) -> None:
        """Count a commit.

        Args:
            before: the text in front.
            weight: what it counted when `clock` commits had been made.
        """
        found = self.units_of(text, pinyin)
        if found is None:
            return
        # Instead of letting all older counts fade, a newer one counts for more; `_now` puts that right.
        weight *= 2.0 ** ((clock - self._base) / HALF_LIFE)
        self._clock = max(self._clock, clock)
        self.typed.add_commit(self._units_before(before), *found, weight)
        self.words[text] = OF_USER
        self._add_phrase(self.typed, pinyin, found, weight)

    def add_word(self, text: str, pinyin: str, weight: float) -> None:
        """Take in a word of a dictionary."""
        found = self.units_of(text, pinyin)
        if found is not None:
            self.listed.add_word(*found, weight)
            self.words.setdefault(text, OF_DICTIONARY)
            self._add_phrase(self.listed, pinyin, found, weight)

    def _add_phrase(
        self, counts: Counts, pinyin: str, found: tuple[list[int], list[int]], weight: float
    ) -> None:
        counts.add_phrase(*found, "".join(part[0] for part in pinyin.split(" ")), weight)
        for unit, number in zip(*found, strict=True):
            self._known.setdefault(number, set()).add(unit)
        for remembered in (self._entries, self._heads, self._firsts):
            remembered.clear()

    # --- decoding ------------------------------------------------------------------------------------

    def widened(
        self, places: Sequence[Place], syllables: Sequence[int], network: Sequence[np.ndarray | None]
    ) -> list[Place]:
        """Places with the known units that are too rare to be tried otherwise.

        Args:
            syllables: of each place, -1 where the letters fit into none.
            network: of each place with a syllable, log-probabilities of all that syllable's units, if there are any.
        """
        rows = iter(network)
        scores = [next(rows) if syllable >= 0 else None for syllable in syllables]
        return [self._widened(place, row) for place, row in zip(places, scores, strict=True)]

    def _widened(self, place: Place, network: np.ndarray | None) -> Place:
        known = self._known.get(place.choice) if isinstance(place.choice, int) else None
        if not known:
            return place
        first, last = int(place.units[0]), int(place.units[-1])
        rare = sorted(unit for unit in known if unit > last)
        if not rare:
            return place
        units = np.concatenate([place.units, np.array(rare, place.units.dtype)])
        scores = np.zeros(len(units), np.float32) if network is None else network[units - first]
        return Place(f"{place.choice}+{','.join(map(str, rare))}", units, scores)

    def over(self, places: Sequence[Place]) -> Recollection:
        """What is known about a row of places."""
        return Recollection(self, places)

    def entries(
        self, contexts: Sequence[int], place: Place, behind: Place | None
    ) -> Iterator[tuple[int, Entry]]:
        """What is known of a place behind packed contexts: their numbers, and what is known of each that tells.

        What was found is remembered until something is learnt.

        Args:
            behind: the next place, None if there is none.
        """
        if len(self._entries) > _ENTRIES_KEPT:
            self._entries.clear()
        heads = self._heads.setdefault(place.choice, {})
        table = self._entries.setdefault((place.choice, END if behind is None else behind.choice), {})
        mask = (1 << self._model.bits) - 1
        for number, context in enumerate(contexts):
            head = context & mask
            tells = heads.get(head)
            if tells is None:
                tells = heads[head] = self._tells(head, place)
            if not tells:
                continue
            if context not in table:
                table[context] = self._found(context, place, behind)
            entry = table[context]
            if entry is not None:
                yield number, entry

    def _tells(self, head: int, place: Place) -> bool:
        """Whether anything of a place was ever seen behind one unit, whatever stood in front of that."""
        syllables = self.syllables(place)
        return any(
            not syllables.isdisjoint(counts.following.get((head,), ()))
            for counts in (self.typed, self.listed)
        )

    @property
    def _now(self) -> float:
        return float(2.0 ** ((self._base - self._clock) / HALF_LIFE))

    def _found(self, packed: int, place: Place, behind: Place | None) -> Entry | None:
        kept, mass = 1.0, 0.0
        shares: dict[int, float] = {}
        nexts = frozenset((END,)) if behind is None else self.syllables(behind)
        for context in self._contexts(packed):
            inside, total = self._after(context, place, nexts)
            count = sum(inside.values())
            if count < _FORGOTTEN:
                continue
            only_beginning = context == (self._model.beginning,)
            caution = _AT_BEGINNING if only_beginning else _CAUTION[min(len(context), len(_CAUTION)) - 1]
            if len(context) > 1:
                mass = max(mass, count / (total + caution))
            taken = count / (count + caution * len(inside))
            kept *= 1 - taken
            shares = {unit: share * (1 - taken) for unit, share in shares.items()}
            for unit, weight in inside.items():
                shares[unit] = shares.get(unit, 0.0) + taken * weight / count
        return self._as_entry(kept, shares, mass, place)

    def _contexts(self, packed: int) -> Iterator[Context]:
        """The ends of a packed context, the shortest first, none longer than its clause."""
        bits, mask = self._model.bits, (1 << self._model.bits) - 1
        context: Context = ()
        for _ in range(self._model.order - 1):
            context = (packed & mask, *context)
            yield context
            if context[0] == self._model.beginning:
                return
            packed >>= bits

    def _after(self, context: Context, place: Place, nexts: frozenset[int]) -> tuple[dict[int, float], float]:
        """What followed a context at such a place in front of such another, by unit, and all that followed it."""
        found: dict[int, float] = {}
        total = 0.0
        for counts, scale in ((self.typed, self._now), (self.listed, 1.0)):
            following = counts.following.get(context)
            if following is None:
                continue
            total += counts.total[context] * scale
            for syllable in self.syllables(place):
                for (unit, behind), weight in following.get(syllable, {}).items():
                    if behind == ANY or behind in nexts:
                        found[unit] = found.get(unit, 0.0) + weight * scale
        return found, total

    def syllables(self, place: Place) -> frozenset[int]:
        """The syllables of a place's units; -1 is the end."""
        found = self._syllables.get(place.choice)
        if found is None:
            real = place.units[place.units < len(self._owner)]
            ends = [-1] if (place.units == self._model.end).any() else []
            found = self._syllables[place.choice] = frozenset((*np.unique(self._owner[real]).tolist(), *ends))
        return found

    def phrases_from(self, places: Sequence[Place]) -> dict[int, float]:
        """Weights of the first units of all phrases that fit a row of places, from its beginning on."""
        places = places[:LONGEST]
        key = tuple(place.choice for place in places)
        found = self._firsts.get(key)
        if found is None:
            if len(self._firsts) > _FIRSTS_KEPT:
                self._firsts.clear()
            found = self._firsts[key] = {}
            known = [self.syllables(place) for place in places]
            for counts, scale in ((self.typed, self._now), (self.listed, 1.0)):
                for syllables in self._phrases_in(counts, known):
                    for units, weight in counts.phrases[syllables].items():
                        found[units[0]] = found.get(units[0], 0.0) + weight * scale
        return found

    def phrases_before(self, known: Sequence[frozenset[int]]) -> dict[tuple[int, ...], float]:
        """Weights of the phrases, as units, that the first syllables of a row may be, from its beginning on.

        Args:
            known: for each place the syllables that its letters may stand for.
        """
        found: dict[tuple[int, ...], float] = {}
        for counts, scale in ((self.typed, self._now), (self.listed, 1.0)):
            for syllables in self._phrases_in(counts, known[:LONGEST]):
                for units, weight in counts.phrases[syllables].items():
                    found[units] = found.get(units, 0.0) + weight * scale
        return {units: weight for units, weight in found.items() if weight >= _FORGOTTEN}

    def _phrases_in(self, counts: Counts, known: Sequence[frozenset[int]]) -> Iterator[tuple[int, ...]]:
        """Syllables of the phrases that fit. Where letters are missing, a syllable may be any that begins so."""
        names = self._vocabulary.syllables
        whole: tuple[int, ...] | None = ()
        initials = ""
        for length, syllables in enumerate(known, start=1):
            letters = {names[number][0] for number in syllables if number >= 0}
            if len(letters) != 1:
                return
            initials += letters.pop()
            whole = (*whole, *syllables) if whole is not None and len(syllables) == 1 else None
            if (initials if whole is None else whole) not in counts.beginnings:
                return
            if length == 1:
                continue
            if whole is not None:
                if whole in counts.phrases:
                    yield whole
                continue
            for key in counts.initials.get(initials, ()):
                if all(number in place for number, place in zip(key, known, strict=False)):
                    yield key

    def first_units(self, place: Place, weights: dict[int, float]) -> Entry | None:
        """What the first place of phrases gets."""
        columns = {unit: weight for unit, weight in weights.items() if weight >= _FORGOTTEN}
        total = sum(columns.values())
        if not columns:
            return None
        taken = total / (total + _FOR_PHRASES * len(columns))
        return self._as_entry(1 - taken, {u: taken * w / total for u, w in columns.items()}, 0.0, place)

    @staticmethod
    def _as_entry(kept: float, shares: dict[int, float], mass: float, place: Place) -> Entry | None:
        # Units of a place ascend, or (letters of a started syllable) stand in no order.
        where = {unit: column for column, unit in enumerate(place.units.tolist())} if shares else {}
        columns = [(where[unit], share) for unit, share in shares.items() if unit in where]
        if not columns:
            return None
        numbers, values = zip(*columns, strict=True)
        return (
            float(np.log(kept)), np.array(numbers), np.log(values), float(np.log(mass)) if mass else -np.inf
        )  # fmt: skip


class Recollection:
    """What a memory says about one row of places."""

    def __init__(self, memory: Memory, places: Sequence[Place]) -> None:
        self._memory = memory
        self._places = places
        self._first = [memory.phrases_from(places[i:]) for i in range(len(places))]

    def adapt(self, number: int, place: Place, contexts: Sequence[int], rows: np.ndarray) -> None:
        """Mix what is known into log-scores, in place.

        Args:
            number: of the place in the row; one more than the last is the end.
            contexts: packed.
            rows: float [contexts, units of the place], static log-scores without those of the path so far.
        """
        memory = self._memory
        weights = self._first[number] if number < len(self._first) else {}
        if weights:
            entry = memory.first_units(place, weights)
            if entry is not None:
                _mix(rows, entry)
        behind = self._places[number + 1] if number + 1 < len(self._places) else None
        for at, entry in memory.entries(contexts, place, behind):
            _mix(rows[at : at + 1], entry)


def _mix(rows: np.ndarray, entry: Entry) -> None:
    """Mix what is known into log-scores [contexts, units], in place."""
    kept, columns, shares, least = entry
    most = rows.max(axis=1, keepdims=True)
    mass = np.maximum(most + np.log(np.exp(rows - most).sum(axis=1, keepdims=True)), least)
    rows += kept
    rows[:, columns] = np.logaddexp(rows[:, columns], shares + mass)
