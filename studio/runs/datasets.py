"""What is known of a file of texts: how it is read, what its columns hold, and what stands in them, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

FORMATS = ("text", "csv", "tsv", "jsonl", "json", "parquet", "arrow", "xlsx")
"""How a file can be read; `arrow` is also how a saved Hugging Face data set is read."""

Role = Literal["text", "label", "pinyin", "group", "date", "split", "target", ""]
"""What a column is used for; empty for a column that is not used."""
ROLES: tuple[Role, ...] = get_args(Role)
ColumnType = Literal["text", "number", "date", "boolean", "empty"]


@dataclass(frozen=True)
class BadLine:
    """A line, or a row of a format without lines, that was set aside: its number, counted from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Counted:
    """Something and how often it occurs."""

    name: str
    count: int


@dataclass(frozen=True)
class ColumnProfile:
    """One column, as the first rows show it.

    Attributes:
        name: as the file has it; "1", "2" ... where it has none.
        role: what the column is used for.
        why: why it was given this role, for people; empty without a role.
        filled: share of the rows in which it is not empty.
        distinct: different values among the first rows.
        hanzi: share of hanzi among its characters that are no blanks.
        example: the first value that is not empty, cut to 80 characters.
    """

    name: str
    type: ColumnType
    role: Role = ""
    why: str = ""
    filled: float = 0.0
    distinct: int = 0
    hanzi: float = 0.0
    example: str = ""


@dataclass(frozen=True)
class Bin:
    """How many texts have `shortest` to `longest` characters, both included."""

    shortest: int
    longest: int
    count: int


@dataclass(frozen=True)
class Contents:
    """What stands in the rows that were counted.

    Attributes:
        rows: that were read; lines set aside are not among them.
        empty: rows among them without any text.
        characters: of the texts, blanks and line ends included.
        hanzi: among the characters.
        hanzi_share: of the characters that are no blanks.
        lengths: of the texts, in characters; only bins that hold some.
        longest: characters of the longest text.
        labels: the most frequent ones first, a bounded number.
        distinct_labels: different labels; if there are more than are counted, so many at least.
        character_types: different hanzi.
        outside_gb2312: hanzi that GB 2312 does not have, the most frequent first, a bounded number.
        outside_gb2312_count: how often such hanzi occur.
        unknown: hanzi for which no reading is known, the most frequent first, a bounded number.
        unknown_count: how often such hanzi occur.
        words: the most frequent words of hanzi, a bounded number.
        word_tokens, word_types: words counted, and different ones among them.
        word_characters: characters in which words were counted: of large files an even sample of the rows.
    """

    rows: int = 0
    empty: int = 0
    characters: int = 0
    hanzi: int = 0
    hanzi_share: float = 0.0
    lengths: tuple[Bin, ...] = ()
    longest: int = 0
    labels: tuple[Counted, ...] = ()
    distinct_labels: int = 0
    character_types: int = 0
    outside_gb2312: tuple[Counted, ...] = ()
    outside_gb2312_count: int = 0
    unknown: tuple[Counted, ...] = ()
    unknown_count: int = 0
    words: tuple[Counted, ...] = ()
    word_tokens: int = 0
    word_types: int = 0
    word_characters: int = 0


@dataclass(frozen=True)
class Row:
    """One row as it is read.

    Attributes:
        number: of the row within its source, counted from 0; rows set aside have none.
        cells: one a column, as text; long ones are cut.
        file: the place of its file in the source, counted from 0.
    """

    number: int
    cells: tuple[str, ...]
    file: int = 0


@dataclass(frozen=True)
class FileProfile:
    """One file of a source; of an archive or a folder, one of the files in it.

    Attributes:
        name: the file, and behind `!` its name in an archive.
        format: one of `FORMATS`.
        packed: gzip, bzip2, xz or zip; empty if it is not packed.
        size: bytes on the disk; of a file in an archive, as packed there.
        encoding: a codec's name; empty for formats that settle it themselves.
        certainty: of the encoding, from 0 to 1.
        encoding_why: what it was recognised by.
        delimiter: between the cells of a line; empty for formats without.
        header: whether the first row names the columns.
        columns: in the file's order.
        preview: the first rows.
        set_aside: lines or rows that could not be used; `bad_lines` has the first of them.
        contents: what stands in it, as far as it was read.
        complete: whether it was read to its end.
        notes: for people: sheets or keys that are not read, and the like.
    """

    name: str
    format: str
    packed: str = ""
    size: int = 0
    encoding: str = ""
    certainty: float = 1.0
    encoding_why: str = ""
    delimiter: str = ""
    header: bool = False
    columns: tuple[ColumnProfile, ...] = ()
    preview: tuple[Row, ...] = ()
    set_aside: int = 0
    bad_lines: tuple[BadLine, ...] = ()
    contents: Contents = field(default_factory=Contents)
    complete: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceProfile:
    """A source: all its files. `problems` are files that cannot be read, each with the reason and a remedy."""

    files: tuple[FileProfile, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.contents.rows for file in self.files)

    @property
    def set_aside(self) -> int:
        """Lines of all files that could not be used."""
        return sum(file.set_aside for file in self.files)
