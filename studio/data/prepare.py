"""From a recipe's data section to a data set: found in the cache, or made and kept there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from studio.data import cache
from studio.data.corpus import Corpus, read_corpus
from studio.data.dataset import Dataset, SourceInfo, Split, SplitBuilder
from studio.data.digests import Digests, digests_of
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

# Text, label, what is said of its characters, and target; then with the place of its document, and that.
_Example = tuple[str, int | None, Sequence[int], str | None]
_Placed = tuple[int, Document, _Example]

READING, LABELLING, WORDS, WRITING = "reading", "labelling", "words", "writing"
# Examples between two looks at whether to go on, sources that a byte can number.
_POLL = 1024
_MOST_SOURCES = 255
# Examples and characters that are held while it is looked up which of them are known; clauses are many and short.
_MOST_AT_ONCE, _MOST_CHARACTERS, _MOST_EXAMPLES = 1 << 14, 1 << 20, 1 << 16


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
    with cache.draft(name) as draft:
        _Preparation(data, task, origins, progress, cancelled).run(name, draft)
    return cache.prepared(name)


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

    def run(self, name: str, draft: cache.Draft) -> None:
        size = len(self._origins)
        corpus = read_corpus(
            self._data,
            self._origins,
            lambda number: self._check(READING, number, size),
            self._items.documents,
            draft.room,
        )
        self._notes += corpus.notes
        self._items.begin(corpus)
        known = Digests(draft.room)
        if isinstance(self._items, PinyinItems):
            self._labelled(corpus, self._items, known, draft)
        else:
            self._examples(corpus, known, draft)
        lexicon, words = self._lexicon() if self._items.lexicons else _no_words(size)
        self._check(WRITING, 0, 1)
        draft.put("lexicon", lexicon)
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
        tag_names = self._items.tag_names if isinstance(self._items, TaggedItems) else ()
        draft.finish(name, infos, self._notes, self._items.labels, tag_names)

    def _check(self, phase: str, done: int, total: int) -> None:
        if self._cancelled():
            raise Cancelled
        self._progress(phase, done, total)

    def _examples(self, corpus: Corpus, known: Digests, draft: cache.Draft) -> None:
        """The examples of train, validation and test; train first, so that the others leave out what it holds."""
        done = shared = 0
        for split in (TRAIN, VALIDATION, TEST):
            with draft.split(NAMES[split]) as builder:
                for some, finished in self._batches(corpus, split, done):
                    digests = digests_of(one[0] for _, _, one in some)
                    fresh = np.ones(len(some), bool)
                    if split == TRAIN:
                        known.add(digests)
                    else:
                        fresh = known.fresh(digests)
                        shared += len(some) - int(fresh.sum())
                    for place, document, (run, label, tags, target) in compress(some, fresh.tolist()):
                        builder.add(run, (), document.source, label=label, tags=tags, target=target)
                        if split != TRAIN:
                            builder.place((_number(document, place),), (document.line,))
                    done = finished
            if not len(builder):
                raise _nothing_left(NAMES[split], len(corpus.documents), self._items.notes())
        self._tell(shared)

    def _batches(self, corpus: Corpus, split: int, done: int) -> Iterator[tuple[list[_Placed], int]]:
        """The examples of a split, some at a time, and how many documents are dealt with after them.

        Args:
            done: documents of the splits before.
        """
        batch: list[_Placed] = []
        characters = 0
        for place, document in corpus.documents.chosen(corpus.split == split):
            for one in _made(self._items, document):
                if not len(batch) % _POLL:
                    self._check(LABELLING, done, len(corpus.documents))
                batch.append((place, document, one))
                characters += len(one[0])
                if len(batch) == _MOST_AT_ONCE or characters >= _MOST_CHARACTERS:
                    yield batch, done
                    batch, characters = [], 0
            done += 1
        yield batch, done

    def _labelled(self, corpus: Corpus, items: PinyinItems, known: Digests, draft: cache.Draft) -> None:
        """The same for clauses with syllables, of which there may be very many: by several processes, in columns."""
        characters = sum(corpus.characters)
        done = shared = 0
        with Team(self._data.cleaning, helpers() if characters >= ALONE_BELOW else 0) as team:
            for split in (TRAIN, VALIDATION, TEST):
                with draft.split(NAMES[split]) as builder:
                    for batch in self._gathered(team, corpus, items, split, done):
                        if split == TRAIN:
                            for piece in batch:
                                known.add(piece.digests)
                                builder.extend(*piece.columns)
                            continue
                        fresh = known.fresh(np.concatenate([piece.digests for piece in batch]))
                        shared += len(fresh) - int(fresh.sum())
                        for piece, some in zip(batch, _parted(fresh, batch), strict=True):
                            builder.extend(*_chosen(piece, some))
                            builder.place(piece.numbers[some].tolist(), piece.lines[some].tolist())
                done += int((corpus.split == split).sum())
                if not len(builder):
                    raise _nothing_left(NAMES[split], len(corpus.documents))
        self._tell(shared)

    def _gathered(
        self, team: Team, corpus: Corpus, items: PinyinItems, split: int, done: int
    ) -> Iterator[list[_Piece]]:
        """The examples of a split as they come, many at a time, since what is known of others may lie on the disk."""
        under_way: deque[tuple[int, int, int]] = deque()  # source, number and line of what is being labelled
        finished = 0

        def texts() -> Iterator[tuple[str, str]]:
            for place, (_, document) in enumerate(corpus.documents.chosen(corpus.split == split)):
                under_way.append((document.source, _number(document, place), document.line))
                yield document.text, document.pinyin

        def check() -> None:
            self._check(LABELLING, done + finished, len(corpus.documents))

        batch: list[_Piece] = []
        examples = 0
        for found in team.labelled(texts(), check):
            for run, character in found.unreadable:
                items.strange.setdefault(run, character)
            items.unfit += found.unfit
            counts = np.frombuffer(found.counts, np.int32)
            finished += len(counts)
            said = np.array([under_way.popleft() for _ in range(len(counts))], np.int64).reshape(-1, 3)
            batch.append(_Piece(found, *np.repeat(said, counts, axis=0).T))
            examples += len(batch[-1].digests)
            if examples >= _MOST_EXAMPLES:
                yield batch
                batch, examples = [], 0
        if batch:
            yield batch

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


def _made(items: Items, document: Document) -> Iterator[_Example]:
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


class _Piece:
    """Examples that were labelled together.

    Attributes:
        columns: text, syllables, lengths and sources, as `SplitBuilder.extend` takes them.
        digests: uint64 [examples].
        numbers, lines: of their documents, see `Split`, int64 [examples].
    """

    def __init__(self, found: Labelled, sources: np.ndarray, numbers: np.ndarray, lines: np.ndarray) -> None:
        self.columns = found.text, found.syllables, found.lengths, sources.astype(np.uint8).tobytes()
        self.digests = np.frombuffer(found.digests, np.uint64)
        self.numbers, self.lines = numbers, lines


def _parted(fresh: np.ndarray, batch: Sequence[_Piece]) -> list[np.ndarray]:
    """What is said of all examples of a batch, piece by piece."""
    return np.split(fresh, np.cumsum([len(piece.digests) for piece in batch])[:-1])


def _chosen(piece: _Piece, fresh: np.ndarray) -> tuple[bytes, bytes, bytes, bytes]:
    """The columns of some of the examples of a piece."""
    text, syllables, lengths, sources = piece.columns
    sizes = np.frombuffer(lengths, np.int32)
    positions = np.repeat(fresh, sizes)
    return (
        np.frombuffer(text, "<u4")[positions].tobytes(),
        np.frombuffer(syllables, np.uint16)[positions].tobytes(),
        sizes[fresh].tobytes(),
        np.frombuffer(sources, np.uint8)[fresh].tobytes(),
    )


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
