"""What happens to documents before they are cut into examples: a list of steps, carried out in the order given."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from studio.recipe.fields import Section, setting
from studio.recipe.patterns import LONGEST, compile_pattern, parse_template

Part = Literal["document", "line"]
_PART_HELP = "Whole documents, or each of their lines by itself."


class NormaliseWidths(Section):
    """Write letters, digits and marks in one width."""

    kind: Literal["normalise_widths"] = setting(
        "normalise_widths",
        title="Normalise widths",
        help="Full-width letters and digits, compatibility characters and radicals become the ordinary ones.",
    )
    marks: Literal["keep", "chinese", "latin"] = setting(
        "keep",
        title="Punctuation",
        help="Chinese: half-width marks behind hanzi become full-width ones. Latin: full-width ones become ASCII.",
    )


class RemoveMarkup(Section):
    """Take off HTML."""

    kind: Literal["remove_markup"] = setting(
        "remove_markup", title="Remove markup", help="HTML tags and comments go, entities become characters."
    )
    addresses: bool = setting(True, title="Addresses too", help="Web and mail addresses go as well.")


class RemoveControls(Section):
    """Take out what cannot be seen."""

    kind: Literal["remove_controls"] = setting(
        "remove_controls",
        title="Remove control characters",
        help="Zero-width characters, direction marks and bytes of terminals go; line ends of all kinds become one.",
    )
    spaces: bool = setting(
        True, title="Join blanks", help="Several blanks, tabs and wide spaces become one ordinary space."
    )


class RepairEncoding(Section):
    """Turn back what was read in the wrong encoding."""

    kind: Literal["repair_encoding"] = setting(
        "repair_encoding",
        title="Repair mojibake",
        help="UTF-8 that was read as Latin-1, Windows-1252 or GBK is read again as UTF-8, where that gives Chinese.",
    )


class ConvertScript(Section):
    """Write everything in one script."""

    kind: Literal["convert_script"] = setting(
        "convert_script",
        title="Convert the script",
        help="Traditional to simplified or back, word by word, with OpenCC's dictionaries.",
    )
    script: Literal["simplified", "traditional"] = setting(
        "simplified", title="To", help="What the text is to be written in."
    )
    region: Literal["standard", "taiwan", "hong_kong"] = setting(
        "standard",
        title="Traditional of",
        help="Whose standard the traditional characters follow.",
        advanced=True,
    )


class MaskPersonal(Section):
    """Cover personal data."""

    kind: Literal["mask_personal"] = setting(
        "mask_personal",
        title="Mask personal data",
        help="Only what is certain: numbers of the right form, and where there are check digits, with the right ones.",
    )
    phones: bool = setting(True, title="Phone numbers", help="Mobile and landline numbers of mainland China.")
    identity_numbers: bool = setting(
        True, title="Identity numbers", help="18 digits with a date and the check digit of GB 11643."
    )
    bank_cards: bool = setting(
        True, title="Bank cards", help="13 to 19 digits with a known beginning and a right Luhn check digit."
    )
    mails: bool = setting(True, title="Mail addresses", help="name@host.")
    mask: Literal["stars", "tag", "remove"] = setting(
        "stars",
        title="Replace by",
        help="As many stars as characters, a word in brackets such as [PHONE], or nothing.",
    )


class ReplacePattern(Section):
    """Replace what a regular expression matches."""

    kind: Literal["replace_pattern"] = setting(
        "replace_pattern",
        title="Replace by a pattern",
        help="RE2's regular expressions: no back references, no look-around, and never slow.",
    )
    pattern: str = setting(
        title="Pattern",
        help=r"A regular expression; ^ and $ are the ends of lines, \p{Han} is a hanzi.",
        min_length=1,
        max_length=LONGEST,
    )
    replacement: str = setting(
        "",
        title="Replacement",
        help=r"Text; \1 to \9 and \g<name> are groups, \n is a line end.",
        max_length=200,
    )
    ignore_case: bool = setting(False, title="Ignore case", help="A and a are the same.", advanced=True)

    @model_validator(mode="after")
    def _is_understood(self) -> ReplacePattern:
        parse_template(self.replacement, compile_pattern(self.pattern, self.ignore_case))
        return self


class FilterLength(Section):
    """Keep what is neither too short nor too long."""

    kind: Literal["filter_length"] = setting(
        "filter_length", title="Filter by length", help="Drops what is shorter or longer."
    )
    part: Part = setting("line", title="Applies to", help=_PART_HELP)
    shortest: int = setting(2, title="Shortest", help="In characters, blanks not counted.", ge=0, le=10**9)
    longest: int = setting(
        10_000, title="Longest", help="In characters, blanks not counted; 0 for any.", ge=0, le=10**9
    )

    @model_validator(mode="after")
    def _in_order(self) -> FilterLength:
        if self.longest and self.longest < self.shortest:
            raise ValueError(
                f"the longest ({self.longest}) is below the shortest ({self.shortest}); nothing would be left"
            )
        return self


class FilterHanzi(Section):
    """Keep what is mostly Chinese."""

    kind: Literal["filter_hanzi"] = setting(
        "filter_hanzi", title="Filter by hanzi", help="Drops what has too small a share of hanzi."
    )
    part: Part = setting("line", title="Applies to", help=_PART_HELP)
    share: float = setting(
        0.5,
        title="Least share",
        help="Hanzi among letters, digits and hanzi; punctuation and blanks do not count.",
        step=0.05,
        ge=0,
        le=1,
    )


class FilterPattern(Section):
    """Keep or drop what a regular expression occurs in."""

    kind: Literal["filter_pattern"] = setting(
        "filter_pattern", title="Filter by a pattern", help="Drops, or keeps, what holds a match."
    )
    part: Part = setting("line", title="Applies to", help=_PART_HELP)
    pattern: str = setting(
        title="Pattern",
        help=r"A regular expression; ^ and $ are the ends of lines, \p{Han} is a hanzi.",
        min_length=1,
        max_length=LONGEST,
    )
    matches: Literal["drop", "keep"] = setting(
        "drop", title="What matches", help="Drop it, or keep it and drop all else."
    )
    ignore_case: bool = setting(False, title="Ignore case", help="A and a are the same.", advanced=True)

    @model_validator(mode="after")
    def _is_understood(self) -> FilterPattern:
        compile_pattern(self.pattern, self.ignore_case)
        return self


class DropRepeats(Section):
    """Keep the first of what is the same."""

    kind: Literal["drop_repeats"] = setting(
        "drop_repeats",
        title="Drop repetitions",
        help="The first stays. Letters, digits and hanzi are compared; case, punctuation and blanks do not matter.",
    )
    part: Part = setting("document", title="Applies to", help=_PART_HELP)
    shortest: int = setting(
        0,
        title="From",
        help="Shorter ones, in characters, may come as often as they like.",
        ge=0,
        le=10_000,
    )


class DropNearRepeats(Section):
    """Keep the first of what is nearly the same."""

    kind: Literal["drop_near_repeats"] = setting(
        "drop_near_repeats",
        title="Drop near repetitions",
        help="The first stays; MinHash compares the sets of neighbouring characters, once a source was read.",
    )
    threshold: float = setting(
        0.8,
        title="Likeness",
        help="Share of character n-grams that two documents have in common (Jaccard), from which one is dropped.",
        step=0.05,
        ge=0.5,
        le=1,
    )
    ngram: int = setting(
        3,
        title="N-gram",
        help="How many neighbouring characters are compared; longer ones suit longer documents.",
        ge=1,
        le=10,
    )


class CutSentences(Section):
    """Make a line of each sentence."""

    kind: Literal["cut_sentences"] = setting(
        "cut_sentences",
        title="Cut into sentences",
        help="Each sentence, or each clause, becomes a line of its document; all marks stay.",
    )
    at: Literal["sentence", "clause"] = setting(
        "sentence", title="A line is a", help="Sentences end at 。！？ and ……; clauses at ，、；： as well."
    )


class CutWords(Section):
    """Cut texts into words, or leave words out."""

    kind: Literal["cut_words"] = setting(
        "cut_words",
        title="Cut into words",
        help="By jieba's counts and the words given here; stop words are left out.",
    )
    own: tuple[str, ...] = setting(
        (), title="Own words", help="Kept whole wherever they stand, one a line.", max_length=100_000
    )
    stop: tuple[str, ...] = setting(
        (),
        title="Stop words",
        help="Left out where they stand as words, one a line, such as 的 and 了.",
        max_length=100_000,
    )
    separated: bool = setting(
        True, title="Blanks between words", help="Off, texts lose their stop words and nothing else."
    )


class CutLong(Section):
    """Bring long lines to a length."""

    kind: Literal["cut_long"] = setting(
        "cut_long",
        title="Cut long texts",
        help="Of lines longer than a window only the beginning is kept, or windows that overlap, each a line.",
    )
    how: Literal["truncate", "slide"] = setting(
        "truncate", title="How", help="Keep the beginning, or slide a window over all of it."
    )
    window: int = setting(512, title="Window", help="The longest line, in characters.", ge=2, le=10**6)
    overlap: int = setting(
        0,
        title="Overlap",
        help="Characters that a window shares with the one before; windows stay in one document.",
        ge=0,
        le=10**6,
    )

    @model_validator(mode="after")
    def _goes_on(self) -> CutLong:
        if self.overlap * 2 > self.window:
            raise ValueError(f"the overlap {self.overlap} is more than half of the window {self.window}")
        return self


AnyStep = (
    NormaliseWidths
    | RemoveMarkup
    | RemoveControls
    | RepairEncoding
    | ConvertScript
    | MaskPersonal
    | ReplacePattern
    | FilterLength
    | FilterHanzi
    | FilterPattern
    | DropRepeats
    | DropNearRepeats
    | CutSentences
    | CutWords
    | CutLong
)
Step = Annotated[AnyStep, Field(discriminator="kind")]

STEP_KINDS: tuple[str, ...] = tuple(str(step.model_fields["kind"].default) for step in get_args(AnyStep))
"""Every kind of step, in the order in which they are usually wanted."""
