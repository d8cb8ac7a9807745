"""Sentences whose words, parts of speech or names are marked, character by character."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from studio.data.corpus import Corpus
from studio.data.errors import DataError
from studio.data.sources import Document, locate
from studio.data.splits import TRAIN
from studio.data.tagged import NOTHING, TaggedItems
from studio.data.tagged_words import WORD, Token, TokenDocument, token_documents
from studio.recipe import Cleaning, Source
from studio.recipe.tagging import SequenceLabelling

OUTSIDE = 0
"""The number of a character that is part of nothing; 1 + 2 n begins a span of label n, 2 + 2 n goes on with it."""

NAMES = {"nr": "PER", "ns": "LOC", "nt": "ORG"}
"""The tags of the People's Daily's names, and what they are usually called."""

_MOST_LABELS = 1000
_END = frozenset("。！？!?…")
# The People's Daily has a family name and a given name as two words.
_SURNAMES = "欧阳 上官 司马 诸葛 司徒 皇甫 夏侯 东方 尉迟 公孙 慕容 令狐 宇文 长孙 端木"


class SpanItems(TaggedItems):
    """The examples of a sequence labelling: sentences of tokens, cut between tokens where one is too long."""

    lexicons = True  # whose words models are shown

    def __init__(self, task: SequenceLabelling, cleaning: Cleaning, labels: Sequence[str] = ()) -> None:
        """`labels` are those that a model knows; without them `begin` finds those of the training texts."""
        super().__init__(cleaning)
        self._task = task
        self.tag_names = tuple(labels)
        self._numbers = {label: number for number, label in enumerate(labels)}
        self._changed = 0
        self._strange: Counter[str] = Counter()

    @property
    def strange(self) -> int:
        """Sentences set aside because of labels that are not known."""
        return sum(self._strange.values())

    def documents(self, source: Source, number: int) -> Iterable[Document]:
        labels = 0
        for document in token_documents(source, number, self._cleaning):
            labels += any(label not in ("", WORD) for line in document.lines for _, label in line)
            yield document
        if not labels and self._task.what != "words":
            raise DataError(
                f"{locate(source).name} marks words and no more",
                "learn words from it, or give word/tag tokens",
            )

    def begin(self, corpus: Corpus) -> None:
        learnt: Counter[str] = Counter()
        for document, split in zip(corpus.documents, corpus.split, strict=True):
            if split == TRAIN and self._fits(document):
                for tokens in self._lines(document):
                    learnt.update(label for _, label in tokens if label)
        if not learnt:
            raise DataError(
                "the training texts mark nothing that could be learnt",
                "choose other labels, or leave out the steps that change the texts",
            )
        if len(learnt) > _MOST_LABELS:
            raise DataError(
                f"the texts have {len(learnt):,} different labels; {_MOST_LABELS:,} is the most",
                "choose texts that are marked otherwise",
            )
        self.tag_names = tuple(sorted(learnt, key=lambda label: (-learnt[label], label)))
        self._numbers = {label: number for number, label in enumerate(self.tag_names)}

    def word_tags(self, words: Iterable[tuple[str, Sequence[int]]]) -> array[int]:
        return array("H", (NOTHING for word, _ in words for _ in word))

    def tagged(self, document: Document) -> Iterator[tuple[str, Sequence[int]]]:
        if not self._fits(document):
            self._changed += 1
            return
        for tokens in self._lines(document):
            for sentence in _sentences(tokens, self._task.max_length):
                strange = [label for _, label in sentence if label and label not in self._numbers]
                if strange:
                    self._strange[strange[0]] += 1
                    continue
                yield "".join(piece for piece, _ in sentence), self._tags(sentence)

    def notes(self) -> list[str]:
        made = []
        if self._changed:
            made.append(
                f"{self._changed:,} texts set aside: a preparation step has changed what is marked in them"
            )
        if self._strange:
            made.append(
                f"{self.strange:,} validation and test sentences set aside: no training text has "
                f"their label ({', '.join(sorted(self._strange)[:5])})"
            )
        return made

    def _fits(self, document: Document) -> bool:
        """Whether a document's text is still what its tokens say."""
        if not isinstance(document, TokenDocument):
            return False
        pieces = ("".join(piece for piece, _ in line) for line in document.lines)
        return document.text == "\n".join(pieces)

    def _lines(self, document: Document) -> Iterator[list[Token]]:
        """The lines of a document with the labels that the task learns."""
        assert isinstance(document, TokenDocument)
        for line in document.lines:
            if self._task.what == "words":
                yield [(piece, WORD if label else "") for piece, label in line]
            elif self._task.what == "entities" and document.whole:
                yield _named(line)
            else:
                yield list(line)

    def _tags(self, sentence: Sequence[Token]) -> array[int]:
        tags = array("H")
        for piece, label in sentence:
            if label:
                first = 1 + 2 * self._numbers[label]
                tags.append(first)
                tags.extend([first + 1] * (len(piece) - 1))
            else:
                tags.extend([OUTSIDE] * len(piece))
        return tags


def _named(line: Sequence[Token]) -> list[Token]:
    """Words with their tags as names and what lies between: 江/nr 泽民/nr is one person."""
    found: list[Token] = []
    family = False
    for word, tag in line:
        label = NAMES.get(tag, "")
        if tag == "nr" and family:
            found[-1] = (found[-1][0] + word, label)
            family = False
        else:
            found.append((word, label))
            family = tag == "nr" and (len(word) == 1 or word in _SURNAMES.split())
    return found


def _sentences(tokens: Sequence[Token], most: int) -> Iterator[list[Token]]:
    """Tokens in sentences of at most so many characters; what closes a quotation stays with its sentence."""
    sentence: list[Token] = []
    length, ended = 0, False
    for piece, label in tokens:
        closes = piece in "”’」』）)》"
        parts = [piece[start : start + most] for start in range(0, len(piece), most)]
        for part in parts:
            if sentence and (length + len(part) > most or (ended and not closes)):
                yield sentence
                sentence, length = [], 0
            sentence.append((part, label))
            length += len(part)
            ended = part[-1] in _END or (ended and closes)
    if sentence:
        yield sentence
