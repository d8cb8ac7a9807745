"""From a recipe's data section to a data set: found in the cache, or made and kept there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from studio.data import cache
from studio.data.corpus import Corpus, read_corpus
from studio.data.dataset import Dataset, SourceInfo, Split, SplitBuilder
from studio.data.errors import Cancelled, DataError
from studio.data.fingerprint import fingerprint
from studio.data.items import Items, PinyinItems, items_for
from studio.data.labelling import ALONE_BELOW, Labelled, Team, helpers
from studio.data.lexicon import Lexicon
from studio.data.paired import PairItems
from studio.data.sources import Document, Origin, entries, locate
from studio.data.splits import NAMES, TEST, TRAIN, VALIDATION
from studio.data.tagged import TaggedItems
from studio.recipe import Data, LexiconSource, Task

Progress = Callable[[str, int, int], None]

READING, LABELLING, WORDS, WRITING = "reading", "labelling", "words", "writing"
# Examples between two looks at whether to go on, sources that a byte can number.
_POLL = 1024
_MOST_SOURCES = 255


def silent(phase: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def prepare(
    data: Data,
    task: Task | None = None,
    *,
    progress: Progress = silent,
    cancelled: Callable[[], bool] = lambda: False,
) -> Dataset:
    """The data set of a recipe, opened from the cache; prepared first if it is not there.

    Args:
        data: the recipe's data section.
        task: the recipe's task section; pinyin, if it is not given.
        progress: called now and then with the phase, how much of it is done, and how much there is.
        cancelled: asked often; when true, the preparation ends and leaves nothing behind.

    Raises:
        DataError: what is wrong with the data or the disk, and what would be right.
        Cancelled: if `cancelled` said so.
    """
    if len(data.sources) > _MOST_SOURCES:
        raise DataError(
            f"the recipe names {len(data.sources)} sources; {_MOST_SOURCES} is the most",
            "join some of the files",
        )
    origins = [locate(source) for source in data.sources]
    name = fingerprint(data, origins, cache.folder(), task)
    found = cache.load(name)
    if found is not None:
        return found
    return cache.store(_Preparation(data, task, origins, progress, cancelled).run(name))


def cached(data: Data, task: Task | None = None) -> Dataset | None:
    """The data set of a recipe if it is prepared already.

    Raises:
        DataError: if a source is missing or cannot be read.
    """
    origins = [locate(source) for source in data.sources]
    return cache.load(fingerprint(data, origins, cache.folder(), task))


class _Preparation:
    """One preparation from start to end; made for one call of `run`."""

    def __init__(
        self,
        data: Data,
        task: Task | None,
        origins: list[Origin],
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self._data = data
        self._items = items_for(task, data.cleaning)
        self._origins = origins
        self._progress = progress
        self._cancelled = cancelled
        self._notes: list[str] = []

    def run(self, name: str) -> Dataset:
        size = len(self._origins)
        corpus = read_corpus(
            self._data,
            self._origins,
            lambda number: self._check(READING, number, size),
            self._items.documents,
        )
        self._notes += corpus.notes
        self._items.begin(corpus)
        if isinstance(self._items, PinyinItems):
            train, validation, test = self._labelled(corpus, self._items)
        else:
            train, validation, test = self._examples(corpus)
        lexicon, words = self._lexicon() if self._items.lexicons else _no_words(size)
        self._check(WRITING, 0, 1)
        infos = tuple(
            SourceInfo(
                name=origin.name,
                title=origin.title,
                licence=origin.licence,
                kind=origin.kind,
                documents=corpus.counts[number],
                characters=corpus.characters[number] + words[number][1],
                entries=words[number][0],
            )
            for number, origin in enumerate(self._origins)
        )
        notes, labels = tuple(self._notes), self._items.labels
        tag_names = self._items.tag_names if isinstance(self._items, TaggedItems) else ()
        return Dataset(train, lexicon, validation, test, infos, name, notes, labels, tag_names)

    def _check(self, phase: str, done: int, total: int) -> None:
        if self._cancelled():
            raise Cancelled
        self._progress(phase, done, total)

    def _examples(self, corpus: Corpus) -> list[Split]:
        """The examples of train, validation and test; train first, so that the others leave out what it holds."""
        seen: set[str] = set()
        built: list[Split] = []
        done = shared = looks = 0
        for split in (TRAIN, VALIDATION, TEST):
            builder = SplitBuilder()
            for place in np.flatnonzero(corpus.split == split):
                document = corpus.documents[place]
                for run, label, tags, target in _made(self._items, document):
                    if looks % _POLL == 0:
                        self._check(LABELLING, done, len(corpus.documents))
                    looks += 1
                    if split != TRAIN and run in seen:
                        shared += 1
                        continue
                    syllables = self._items.syllables(run)
                    if syllables is not None:
                        builder.add(run, syllables, document.source, label=label, tags=tags, target=target)
                        if split != TRAIN:
                            builder.place((_number(document, int(place)),), (document.line,))
                        seen.add(run)
                done += 1
            built.append(builder.build())
            if not len(built[-1]):
                raise _nothing_left(NAMES[split], len(corpus.documents), self._items.notes())
        self._tell(shared)
        return built

    def _labelled(self, corpus: Corpus, items: PinyinItems) -> list[Split]:
        """The same for clauses with syllables, of which there may be very many: by several processes, in columns."""
        characters = sum(corpus.characters)
        known = np.zeros(0, np.uint64)  # examples of the training split, by their digests
        seen: set[int] = set()  # those of the other two
        built: list[Split] = []
        done = shared = 0
        with Team(self._data.cleaning, helpers() if characters >= ALONE_BELOW else 0) as team:
            for split in (TRAIN, VALIDATION, TEST):
                builder = SplitBuilder()
                digests: list[np.ndarray] = []
                documents = [corpus.documents[place] for place in np.flatnonzero(corpus.split == split)]
                sources = np.fromiter((document.source for document in documents), np.uint8, len(documents))
                first = 0

                def check() -> None:
                    self._check(LABELLING, done + first, len(corpus.documents))  # noqa: B023 - as they are now

                for found in team.labelled(((one.text, one.pinyin) for one in documents), check):
                    for run, character in found.unreadable:
                        items.strange.setdefault(run, character)
                    items.unfit += found.unfit
                    counts = np.frombuffer(found.counts, np.int32)
                    source = np.repeat(sources[first : first + len(counts)], counts)
                    owners = np.repeat(np.arange(first, first + len(counts)), counts)
                    first += len(counts)
                    made = np.frombuffer(found.digests, np.uint64)
                    if split == TRAIN:
                        digests.append(made)
                        builder.extend(found.text, found.syllables, found.lengths, source.tobytes())
                        continue
                    fresh = _fresh(made, known, seen)
                    shared += len(made) - int(fresh.sum())
                    builder.extend(*_chosen(found, fresh), source[fresh].tobytes())
                    kept = [documents[owner] for owner in owners[fresh].tolist()]
                    builder.place(map(_number, kept, owners[fresh].tolist()), (one.line for one in kept))
                done += len(documents)
                if digests:
                    known = np.unique(np.concatenate(digests))
                built.append(builder.build())
                if not len(built[-1]):
                    raise _nothing_left(NAMES[split], len(corpus.documents))
        self._tell(shared)
        return built

    def _tell(self, shared: int) -> None:
        if shared:
            self._notes.append(
                f"{shared:,} examples of the validation and test splits left out because they occur before"
            )
        self._notes += self._items.notes()

    def _lexicon(self) -> tuple[Split, list[tuple[int, int]]]:
        """The words of all lexicons, and for each source its words and their characters."""
        lexicon = Lexicon(lambda done, total: self._check(WORDS, done, total))
        words = [(0, 0)] * len(self._origins)
        for number, source in enumerate(self._data.sources):
            if self._origins[number].kind == "lexicon":
                own = source.weight if isinstance(source, LexiconSource) else None
                words[number] = lexicon.add(entries(source, self._notes), number, own)
        builder = SplitBuilder()
        lexicon.build(builder)
        if lexicon.dropped:
            self._notes.append(
                f"{lexicon.dropped:,} words of the lexicons set aside: no reading is known for them"
            )
        split = builder.build()
        if isinstance(self._items, TaggedItems):
            tags = np.frombuffer(self._items.word_tags(self._spelt(split)), np.uint16)
            split = replace(split, syllables=np.zeros(0, np.uint16), tags=tags)
        return split, words

    def _spelt(self, words: Split) -> Iterator[tuple[str, Sequence[int]]]:
        """The words of a lexicon with their syllables."""
        for place in range(len(words)):
            if place % _POLL == 0:
                self._check(WORDS, place, len(words))
            yield words.text_of(place), words.syllables_of(place).tolist()


def _made(items: Items, document: Document) -> Iterator[tuple[str, int | None, Sequence[int], str | None]]:
    """The examples of a document with labels, what is said of their characters, and targets, where a task has these."""
    if isinstance(items, TaggedItems):
        yield from ((text, None, tags, None) for text, tags in items.tagged(document))
    elif isinstance(items, PairItems):
        yield from ((text, None, (), target) for text, target in items.pairs(document))
    else:
        yield from ((text, label, (), None) for text, label in items.of(document))


def _number(document: Document, place: int) -> int:
    """Which document of its source one is; `place` where its id does not say."""
    number = document.id.rpartition("/")[2]
    return int(number) if number.isdecimal() and len(number) < 10 else place


def _fresh(made: np.ndarray, known: np.ndarray, seen: set[int]) -> np.ndarray:
    """Which examples have not occurred before, in the training split or in `seen`, to which they are added.

    Those that are `known` ascend: they are many, and are not gone through again for every few examples.
    """
    at = np.minimum(np.searchsorted(known, made), max(len(known) - 1, 0))
    fresh = known[at] != made if len(known) else np.ones(len(made), bool)
    for place in np.flatnonzero(fresh).tolist():
        digest = int(made[place])
        fresh[place] = digest not in seen
        seen.add(digest)
    return fresh


def _chosen(found: Labelled, fresh: np.ndarray) -> tuple[bytes, bytes, bytes]:
    """Text, syllables and lengths of some of the examples."""
    lengths = np.frombuffer(found.lengths, np.int32)
    positions = np.repeat(fresh, lengths)
    text = np.frombuffer(found.text, "<u4")[positions]
    syllables = np.frombuffer(found.syllables, np.uint16)[positions]
    return text.tobytes(), syllables.tobytes(), lengths[fresh].tobytes()


def _no_words(sources: int) -> tuple[Split, list[tuple[int, int]]]:
    """What there is of lexicons for a task that learns from running text alone."""
    return SplitBuilder().build(), [(0, 0)] * sources


def _nothing_left(split: str, count: int, notes: Sequence[str] = ()) -> DataError:
    documents = "1 document" if count == 1 else f"{count:,} documents"
    return DataError(
        f"no example is left for the {split} split: the sources hold {documents}, and none of those that fell "
        "into it has an example of its own" + "".join(f"; {note}" for note in notes),
        "add text, let a document be a line, or raise the share of the split",
    )
