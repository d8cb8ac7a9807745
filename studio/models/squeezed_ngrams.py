"""Packed back-off models in fewer bytes still, for files that travel.

Three things are known of an n-gram before it is read, and used. Its last unit most often follows the shorter context
too, so its place among those followers is written rather than its number, as a gap behind the place before (the
remapping of Pibiri and Venturini 2017, "Efficient data structures for massive n-gram datasets"). How many bits a gap
has is likely to be what the numbers of followers on both sides say. And its probability is likely to be near what the
shorter n-gram says. Numbers are laid out so that those of which the same is known lie together: LZMA's range coder
expects what it has seen last. The bits of gaps, of which nothing is known, are left as they are.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Mapping

import numpy as np

from studio.models.backoff import bits_for, find
from studio.models.packed_ngrams import LOGS_A_NAT, followers_of

_SQUEEZED = ".lzma"
_LAID = ".log_laid"
_WORTH_IT = 2048  # bytes; shorter arrays are left as they are
_GAINED = 0.95  # of its bytes a stream may have; an array that gains less is left as it is
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 0, "lp": 0, "pb": 0}]
_MOST_TIMES_LONGER = 1000  # than its stream; more is no array of ours, but memory asked for by a hostile file
_COARSER = 2  # logarithms of n-grams of two and more units are rounded to so many steps
_BACK_STEP = 0.2  # nats, to which the weights of contexts are rounded
_UNEXPECTED = 255  # instead of an expected logarithm, where the shorter n-gram is unknown
_LONGEST = 40  # bits of a gap; no unit has as many


def squeeze(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of `packed_ngrams.pack`, and whatever is beside them, in fewer bytes; `full` undoes it.

    Logarithms and weights are rounded further, to steps of 0.2 nats.
    """
    found = dict(arrays)
    known = _Known(arrays)
    for length in _lengths(arrays):
        units = found.pop(f"{length}.unit").astype(np.int64)
        contexts = _Contexts(known, arrays, length, len(units))
        shared, place = contexts.shorter(units)
        if length > 2:  # all units follow the empty context
            found[f"{length}.shared"] = np.packbits(shared)
        rank = np.where(shared, place - contexts.first[contexts.owner], units)
        for name, chosen, of in (("gap", shared, contexts.among), ("rest", ~shared, contexts.units)):
            found |= _write_ranks(f"{length}.{name}", rank[chosen], contexts.owner[chosen], of)
        weights, values = _fewer(found.pop(f"{length - 1}.back"), arrays[f"{length - 1}.back_values"])
        found[f"{length - 1}.back_values"] = values
        found[f"{length - 1}.back_laid"] = weights[contexts.by_followers]
        log = np.minimum(
            (found.pop(f"{length}.log").astype(np.int64) + _COARSER // 2) // _COARSER, 255 // _COARSER
        )
        found[f"{length}.log_laid"] = log[contexts.by_expected(shared, place, values[weights])].astype(
            np.uint8
        )
        known.go_on(contexts, units, log * _COARSER)
    return _streams(found)


def is_squeezed(names: Iterable[str]) -> bool:
    """Whether arrays of these names are such that `full` has work to do."""
    return any(name.endswith((_SQUEEZED, _LAID)) for name in names)


def full(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `squeeze` was given but for the rounding; arrays that it did not make are given back as they are.

    Raises:
        ValueError: if something is damaged or missing.
    """
    found = _without_streams(arrays)
    if not any(name.endswith(_LAID) for name in found):  # streams alone: as the first files had them
        return found
    try:
        known = _Known(found)
        for length in _lengths(found):
            laid = found.pop(f"{length}.log_laid").astype(np.int64)
            contexts = _Contexts(known, found, length, len(laid))
            shared = np.ones(len(laid), bool)
            if length > 2:
                shared = np.unpackbits(found.pop(f"{length}.shared"), count=len(laid)).astype(bool)
            rank = np.empty(len(laid), np.int64)
            for name, chosen, of in (("gap", shared, contexts.among), ("rest", ~shared, contexts.units)):
                rank[chosen] = _read_ranks(found, f"{length}.{name}", contexts.owner[chosen], of)
            place = contexts.first[contexts.owner] + rank
            units = np.where(shared, contexts.unit_at(np.where(shared, place, 0)), rank)
            weights = np.empty(len(contexts.first), np.uint8)
            weights[contexts.by_followers] = found.pop(f"{length - 1}.back_laid")
            found[f"{length - 1}.back"] = weights
            values = found[f"{length - 1}.back_values"]
            log = np.empty(len(laid), np.int64)
            log[contexts.by_expected(shared, place, values[weights])] = laid * _COARSER
            found[f"{length}.log"] = log.astype(np.uint8)
            found[f"{length}.unit"] = units.astype(np.uint16 if known.bits <= 16 else np.uint32)
            known.go_on(contexts, units, log)
    except KeyError as error:
        raise ValueError(f"the array {error} is missing") from error
    except IndexError as error:
        raise ValueError(f"arrays do not fit together: {error}") from error
    return found


class _Known:
    """The n-grams of the length that was reached.

    Attributes:
        keys: each packed into one number, ascending: int64 [grams].
        log: quantised logarithms: int64 [grams].
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.log = arrays["1.log"].astype(np.int64)
        self.size = len(self.log)
        self.bits = bits_for(self.size - 3)
        self.keys = np.arange(self.size, dtype=np.int64)

    def go_on(self, contexts: _Contexts, units: np.ndarray, log: np.ndarray) -> None:
        """To the n-grams that are one unit longer."""
        self.keys = contexts.keys[contexts.owner] << self.bits | units
        self.log = log


class _Contexts:
    """The contexts of the n-grams of one length, and what they tell about what follows.

    Attributes:
        keys: packed: int64 [contexts].
        owner: the number of each n-gram's context: int64 [grams].
        first: where the followers of the shorter context, without its oldest unit, begin among the known n-grams:
            int64 [contexts].
        among: how many they are: int64 [contexts].
        units: how many units there are at all, for each context: int64 [contexts].
        by_followers: contexts in the order of how many follow them: int64 [contexts].
    """

    def __init__(self, known: _Known, arrays: Mapping[str, np.ndarray], length: int, grams: int) -> None:
        followers = followers_of(arrays, length, len(known.keys))
        if len(followers) != len(known.keys) or int(followers.sum()) != grams:
            raise ValueError(f"the n-grams of length {length} do not fit those before them")
        continued = np.flatnonzero(followers)
        self._known = known
        self.keys = known.keys[continued]
        self.owner = np.repeat(np.arange(len(continued)), followers[continued])
        self.units = np.full(len(continued), known.size, np.int64)
        self.by_followers = np.argsort(_byte(followers[continued]), kind="stable")
        self._begin = (self.keys & (1 << known.bits * (length - 2)) - 1) << known.bits
        self.first = np.searchsorted(known.keys, self._begin)
        self.among = np.searchsorted(known.keys, self._begin + (1 << known.bits)) - self.first

    def shorter(self, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether each n-gram without its oldest unit is known, and where: bool and int64 [grams]."""
        return find(self._known.keys, self._begin[self.owner] | units)

    def unit_at(self, place: np.ndarray) -> np.ndarray:
        """The last units of known n-grams."""
        return self._known.keys[place] & (1 << self._known.bits) - 1

    def by_expected(self, shared: np.ndarray, place: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """N-grams in the order of the logarithms that shorter ones let expect: int64 [grams].

        Args:
            weights: of the contexts, in nats: float32 [contexts].
        """
        back = np.round(weights * -LOGS_A_NAT).astype(np.int64)[self.owner]
        expected = np.clip(self._known.log[np.where(shared, place, 0)] + back, 0, _UNEXPECTED - 1)
        return np.argsort(np.where(shared, expected, _UNEXPECTED).astype(np.uint8), kind="stable")


def _lengths(arrays: Mapping[str, np.ndarray]) -> range:
    return range(2, max(int(name.split(".")[0]) for name in arrays if name[0].isdigit()) + 1)


def _byte(numbers: np.ndarray) -> np.ndarray:
    return np.minimum(numbers, 255).astype(np.uint8)


def _write_ranks(name: str, rank: np.ndarray, owner: np.ndarray, among: np.ndarray) -> dict[str, np.ndarray]:
    """Ranks that ascend within each owner, each below `among` [owners], as gaps: how many bits each has, and those."""
    new = np.ones(len(rank), bool)
    new[1:] = owner[1:] != owner[:-1]
    before = np.concatenate([[0], rank[:-1]])
    gaps = np.where(new, rank + 1, rank - before)
    length = np.frexp(gaps.astype(np.float64))[1]
    order = _by_likely_bits(owner, among)
    bits = [
        ((gaps[length == count][:, None] >> np.arange(count - 2, -1, -1)) & 1).astype(np.uint8).ravel()
        for count in range(2, int(length.max(initial=0)) + 1)
    ]
    return {
        f"{name}_lengths": length[order].astype(np.uint8),
        f"{name}_bits": np.packbits(np.concatenate(bits or [np.zeros(0, np.uint8)])),
    }


def _read_ranks(arrays: dict[str, np.ndarray], name: str, owner: np.ndarray, among: np.ndarray) -> np.ndarray:
    """What `_write_ranks` was given; its arrays are taken out of `arrays`."""
    stored, bits = arrays.pop(f"{name}_lengths"), np.unpackbits(arrays.pop(f"{name}_bits"))
    if len(stored) != len(owner) or int(stored.max(initial=1)) > _LONGEST or not stored.all():
        raise ValueError(f"the array {name}_lengths is damaged")
    length = np.empty(len(stored), np.uint8)
    length[_by_likely_bits(owner, among)] = stored
    gaps = np.ones(len(stored), np.int64)
    read = 0
    for count in range(2, int(length.max(initial=0)) + 1):
        chosen = np.flatnonzero(length == count)
        size = len(chosen) * (count - 1)
        if read + size > len(bits):
            raise ValueError(f"the array {name}_bits is too short")
        of_each = bits[read : read + size].reshape(-1, count - 1)
        value = np.full(len(chosen), 1, np.int64)
        for column in of_each.T:
            value = value << 1 | column
        gaps[chosen] = value
        read += size
    total = np.cumsum(gaps)
    new = np.ones(len(owner), bool)
    new[1:] = owner[1:] != owner[:-1]
    start = np.flatnonzero(new)
    base = (total - gaps)[start]
    rank = total - 1 - np.repeat(base, np.diff(np.append(start, len(owner))))
    if (rank >= among[owner]).any():
        raise ValueError(f"the array {name}_lengths is damaged: it leads beyond what there is")
    return rank


def _by_likely_bits(owner: np.ndarray, among: np.ndarray) -> np.ndarray:
    """N-grams in the order of how long their gaps are likely to be: int64 [grams]."""
    count = np.bincount(owner, minlength=len(among))
    return np.argsort(
        np.frexp((among // (count + 1)).astype(np.float64))[1].astype(np.uint8)[owner], kind="stable"
    )


def _fewer(codes: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes for values in even steps, the most frequent ones of which cost least in a stream."""
    steps = np.round(values.astype(np.float64) / _BACK_STEP).astype(np.int64)
    levels, code = np.unique(steps, return_inverse=True)
    return code[codes].astype(np.uint8), (levels * _BACK_STEP).astype(np.float32)


def _streams(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        stream = b""
        if array.nbytes >= _WORTH_IT:
            stream = lzma.compress(array.tobytes(), format=lzma.FORMAT_RAW, filters=_FILTERS)
        if len(stream) < _GAINED * array.nbytes < _GAINED * _MOST_TIMES_LONGER * len(stream):
            found[f"{name}.{array.dtype.name}.{len(array)}{_SQUEEZED}"] = np.frombuffer(stream, np.uint8)
        else:
            found[name] = array
    return found


def _without_streams(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        if name.endswith(_SQUEEZED):
            name_of_full, kind, count = name.removesuffix(_SQUEEZED).rsplit(".", 2)
            found[name_of_full] = _unsqueezed(array, kind, int(count))
        else:
            found[name] = array
    return found


def _unsqueezed(stream: np.ndarray, kind: str, count: int) -> np.ndarray:
    if kind not in ("uint8", "uint16", "uint32", "float32"):
        raise ValueError(f"an array holds {kind}, not numbers of a known kind")
    size = count * np.dtype(kind).itemsize
    if size > _MOST_TIMES_LONGER * len(stream):
        raise ValueError(f"an array claims to hold {size:,} bytes in {len(stream):,}")
    try:
        unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=_FILTERS)
        full = unpacker.decompress(stream.tobytes(), max_length=size)
    except lzma.LZMAError as error:
        raise ValueError(f"an array is damaged: {error}") from error
    if len(full) != size:
        raise ValueError(f"an array holds {len(full):,} bytes instead of {size:,}")
    return np.frombuffer(full, kind)
