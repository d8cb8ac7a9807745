"""Texts whose words are marked: the tagged People's Daily, and files of the user's in the usual forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice

from studio.data.articles import tagged_articles
from studio.data.errors import DataError
from studio.data.reading import TextFile, read_text
from studio.data.sources import Document, documents, locate
from studio.language.text import clean
from studio.recipe import BuiltinSource, Cleaning, FileSource, Source

Token = tuple[str, str]
"""A piece of text and its label; an empty label is that of what is no part of anything."""

WORD = "word"
"""The label of a word of which no more is said."""

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MARK = re.compile(r"([BIMESO])(?:[-_](.+))?")
_ENOUGH = 0.9  # share of lines by which a form is known
_LOOKED = 1000  # lines
_WORD = 16  # characters; words come again and again and are remembered, longer pieces are not


@dataclass(frozen=True)
class TokenDocument(Document):
    """A text in lines of tokens, which are its text from end to end.

    Attributes:
        lines: of tokens.
        whole: every token is a word; otherwise some are marked, and the others lie between.
    """

    lines: tuple[tuple[Token, ...], ...] = ()
    whole: bool = True


def token_documents(source: Source, number: int, cleaning: Cleaning) -> Iterator[TokenDocument]:
    """The documents of a source with what is marked in them.

    A file has one of three forms, known by its content: lines of `word/tag` tokens, lines of words with blanks between,
    or a character (or word) and its mark on each line, B-x, I-x, M-x, E-x, S-x and O, with blank lines between
    sentences. Rows of a table are such lines of words.

    Raises:
        DataError: if the source cannot be read, or marks nothing.
    """
    origin = locate(source)
    marked = 0
    for document, lines, whole in _read(source, number):
        kept = tuple(tokens for line in lines if (tokens := tuple(_cleaned(line, cleaning))))
        text = "\n".join("".join(piece for piece, _ in line) for line in kept)
        marked += _marks(kept)
        yield TokenDocument(**{**vars(document), "text": text}, lines=kept, whole=whole)
    if not marked:
        raise DataError(
            f"{origin.name} marks no words",
            "give word/tag tokens or words with blanks between, or a character and its mark on each line",
        )


def _read(source: Source, number: int) -> Iterator[tuple[Document, list[list[Token]], bool]]:
    """Documents with the tokens of their lines, and whether every one of those is a word."""
    origin = locate(source)
    if isinstance(source, BuiltinSource):
        if source.name == "peoples_daily":
            for place, article in enumerate(tagged_articles(read_text(origin.files[0], "utf-8"))):
                lines = [_words(words) for words, _ in article]
                yield Document(f"{origin.name}/{place}", "", number), lines, True
        return
    if isinstance(source, FileSource):
        file = TextFile(origin.files[0], source.encoding)
        if is_columns(islice(file.lines(), _LOOKED)):
            for place, (line, sentence) in enumerate(_columns(file.lines())):
                yield Document(f"{origin.name}/{place}", "", number, line=line), [sentence], False
            return
    for document in documents(source, number):
        yield document, [_words(line.split()) for line in document.text.split("\n")], True


def _marks(lines: tuple[tuple[Token, ...], ...]) -> int:
    """How much is marked: a line that is one long word was never cut."""
    tagged = sum(label not in ("", WORD) for line in lines for _, label in line)
    return tagged + sum(len(line) - 1 for line in lines)


def is_columns(first: Iterable[str]) -> bool:
    """Whether a text that begins with these lines has a character and its mark on each, as CoNLL's files do."""
    lines = [line for line in first if line.strip()]
    fitting = sum(len(parts := line.split()) > 1 and _MARK.fullmatch(parts[-1]) is not None for line in lines)
    return fitting > 0 and fitting >= _ENOUGH * len(lines)


def _words(tokens: Iterable[str]) -> list[Token]:
    """Tokens as words with tags; one without a tag is a word and no more."""
    found = []
    for token in tokens:
        word, slash, tag = token.rpartition("/")
        found.append((word, tag) if slash and word and _TAG.fullmatch(tag) else (token, WORD))
    return found


def _columns(lines: Iterable[str]) -> Iterator[tuple[int, list[Token]]]:
    """The sentences of lines `character mark`, with what is marked in one piece, and the lines they begin in."""
    for blank, found in groupby(enumerate(lines, 1), lambda line: not line[1].strip()):
        if not blank:
            sentence = list(found)
            marks = [(parts[0], parts[-1]) for _, line in sentence if len(parts := line.split()) > 1]
            yield sentence[0][0], _joined(marks)


def _joined(marks: list[tuple[str, str]]) -> list[Token]:
    """Characters with their marks, those of one span joined.

    A span ends with E or S, and where another label, B, S or O follows. An I, M or E that continues nothing begins a
    span: what is written is taken as it was meant.
    """
    found: list[Token] = []
    going_on = ""
    for piece, mark in marks:
        parts = _MARK.fullmatch(mark)
        kind = parts[1] if parts is not None else "O"
        label = "" if kind == "O" or parts is None else parts[2] or WORD
        if label and label == going_on and kind in "IME":
            found[-1] = (found[-1][0] + piece, label)
        else:
            found.append((piece, label))
        going_on = "" if kind in "OES" else label
    return found


def _cleaned(line: Iterable[Token], cleaning: Cleaning) -> Iterator[Token]:
    for piece, label in line:
        made = (_clean_word if len(piece) <= _WORD else _clean_piece)(piece, cleaning.simplify_widths)
        if made:
            yield made, label


def _clean_piece(piece: str, simplify_widths: bool) -> str:
    """A token without controls and blanks."""
    return "".join(clean(piece, simplify_widths=simplify_widths, strip_markup=False).split())


_clean_word = lru_cache(maxsize=100_000)(_clean_piece)
