"""What the window asks the lab about faults in texts, preparation steps and augmentation, and the lab's answers.

Recipes travel as plain values, steps as the values of `data.steps` (see `studio.recipe.steps`). Texts in examples are
the user's own; personal data in them is partly covered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Severity = Literal["error", "warning", "info"]
"""An error makes data unusable or figures untrue; a warning makes them worse; an info is worth knowing."""
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class CheckWords:
    """What people are told of a check: a short name, and what is wrong and why it matters."""

    title: str
    help: str


CHECKS: dict[str, CheckWords] = {
    "undecodable": CheckWords(
        "Bytes that are no text",
        "Some bytes fit no character of the file's encoding. A recipe with this file is refused until its encoding is "
        "named or the file is mended.",
    ),
    "mojibake": CheckWords(
        "Text read in the wrong encoding",
        "Characters like those that come out when UTF-8 is read as Latin-1 or GBK. Most of it can be turned back.",
    ),
    "lost_characters": CheckWords(
        "Characters that were lost",
        "Replacement marks such as \ufffd or 锟斤拷 stand where an earlier conversion could not keep a character.",
    ),
    "control_characters": CheckWords(
        "Control characters", "Invisible characters: zero-width marks, direction marks, bytes of terminals."
    ),
    "markup": CheckWords("Remains of markup", "HTML tags, comments and entities."),
    "width_mix": CheckWords(
        "Full and half width mixed",
        "Letters and digits printed full-width, or Latin punctuation between hanzi.",
    ),
    "script_mix": CheckWords(
        "Simplified and traditional mixed",
        "A source holds characters of both scripts. A model has to learn every word twice.",
    ),
    "personal_data": CheckWords(
        "Personal data",
        "Phone numbers, identity numbers and bank cards with right check digits, mail addresses. A model can learn "
        "them by heart.",
    ),
    "empty": CheckWords("Documents without hanzi", "Nothing can be learnt from them; they are set aside."),
    "overlong": CheckWords(
        "Examples that are cut",
        "Runs of hanzi longer than the longest example. They are cut there, in the middle of words.",
    ),
    "duplicates": CheckWords(
        "Repeated documents", "Documents with the same letters and hanzi as an earlier one."
    ),
    "repeated_lines": CheckWords(
        "Repeated lines", "Lines of ten hanzi and more that stand in several places: titles, notices, copies."
    ),
    "near_duplicates": CheckWords(
        "Nearly equal documents", "Documents that share most of their text with an earlier one."
    ),
    "leaks": CheckWords(
        "Nearly equal documents in different splits",
        "What the model is judged by stands, but for a few characters, in what it learns from: figures flatter.",
    ),
    "split_copies": CheckWords(
        "The same document in different splits",
        "A document that judges is learnt from as well. Its examples are left out of the split that judges, which "
        "becomes smaller than it looks.",
    ),
    "pinyin_length": CheckWords(
        "Pinyin and hanzi of different length", "An item has more syllables than characters, or fewer."
    ),
    "pinyin_differs": CheckWords(
        "Unusual pinyin",
        "The given reading is not the one that dictionaries give the character in that word.",
    ),
    "label_conflict": CheckWords(
        "One text, several labels",
        "The same text carries different labels. No model can get all of them right.",
    ),
}
"""Every check of the doctor, by the id of its finding."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A place where something was found.

    Attributes:
        source: the source's name.
        document: its place in the source, from 0.
        line: of the file, from 1; 0 where that is not known, as in a Parquet file.
        excerpt: some characters around it; `start` to `end` are what is meant.
        note: what distinguishes it: the kind of personal data, the other place, the expected reading.
    """

    source: str
    document: int
    line: int
    excerpt: str
    start: int = 0
    end: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Fix:
    """What would mend a finding.

    Attributes:
        step: values of a step to be added to `data.steps`; None if there is none.
        fields: dotted paths of the recipe and the values they should have.
    """

    step: dict[str, Any] | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One kind of fault.

    Attributes:
        id: the check's, a key of `CHECKS`.
        count: places; `documents` of them hold one or more.
        estimated: `count` was told from a sample, since memory is bounded.
        examples: the first ones, 20 at the most.
        fix: what would mend it; None if only a person can.
        handled_by: the dotted path of the field that takes care of it already; empty if none does.
    """

    id: str
    severity: Severity
    count: int
    documents: int
    examples: tuple[Evidence, ...]
    fix: Fix | None = None
    estimated: bool = False
    handled_by: str = ""


@dataclass(frozen=True, kw_only=True)
class ExaminedSource:
    """What was read of one source. `simplified` and `traditional` count hanzi that only one script has."""

    source: str
    documents: int
    lines: int
    characters: int
    hanzi: int
    simplified: int
    traditional: int
    encoding: str = ""


@dataclass(frozen=True, kw_only=True)
class DoctorReport:
    """What an examination found: the worst first, those of one severity by how often they occur.

    Attributes:
        steps: how many of the recipe's own steps were carried out before looking.
    """

    sources: tuple[ExaminedSource, ...]
    findings: tuple[Finding, ...]
    steps: int = 0
    seconds: float = 0.0


# --- requests ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ExamineData:
    """Look for faults in a recipe's texts, after its steps. `ExaminationProgress` comes before the answer.

    Attributes:
        recipe: a recipe's plain values; all but `data` may be left out.
        only: ids of the checks to make; empty for all.
    """

    type: Literal["examine_data"] = "examine_data"
    id: str
    recipe: dict[str, Any]
    only: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PreviewSteps:
    """Show texts before and after steps.

    Attributes:
        recipe: a recipe's plain values; all but `data` may be left out. Its steps are shown.
        texts: documents to show them on; empty for the first `documents` of each source.
        step: show what this step alone changes, on what the steps before it left; -1 for all of them together.
    """

    type: Literal["preview_steps"] = "preview_steps"
    id: str
    recipe: dict[str, Any]
    texts: tuple[str, ...] = ()
    documents: int = 20
    step: int = -1


@dataclass(frozen=True, kw_only=True)
class PreviewAugmentation:
    """Show examples before and after augmentation, as epoch `epoch` of a run would see them.

    Attributes:
        recipe: a recipe's plain values; all but `data` may be left out. Its augmentation is shown.
        texts: examples to show it on; empty for the first `documents` of the sources' examples.
    """

    type: Literal["preview_augmentation"] = "preview_augmentation"
    id: str
    recipe: dict[str, Any]
    texts: tuple[str, ...] = ()
    documents: int = 20
    epoch: int = 0


# --- responses ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ExaminationProgress:
    """How far an examination is: documents looked at, and the name of the source at hand."""

    type: Literal["examination_progress"] = "examination_progress"
    id: str
    documents: int
    source: str


@dataclass(frozen=True, kw_only=True)
class DataExamined:
    """The answer to `ExamineData`."""

    type: Literal["data_examined"] = "data_examined"
    id: str
    report: DoctorReport


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """A document before and after the steps; `after` is None where it was dropped."""

    source: str
    before: str
    after: str | None


@dataclass(frozen=True, kw_only=True)
class StepTally:
    """What one step did to the documents it was shown.

    Attributes:
        kind: the step's.
        seen, changed, dropped: documents.
        lines: lines that were dropped from documents that stay.
    """

    kind: str
    seen: int
    changed: int
    dropped: int
    lines: int = 0


@dataclass(frozen=True, kw_only=True)
class StepsPreviewed:
    """The answer to `PreviewSteps`: a row a document, and a tally for each step of the recipe that was carried out."""

    type: Literal["steps_previewed"] = "steps_previewed"
    id: str
    rows: tuple[StepRow, ...]
    tallies: tuple[StepTally, ...]


@dataclass(frozen=True, kw_only=True)
class AugmentedRow:
    """An example before and after.

    Attributes:
        before, after: as the task sees them; syllables have spaces between them.
        changed: spans of `after` that differ, as offsets (start, end).
    """

    before: str
    after: str
    changed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class AugmentationPreviewed:
    """The answer to `PreviewAugmentation`.

    Attributes:
        slips: syllables that were mistyped, where the task reads whole ones; `fed` of them make another syllable.
    """

    type: Literal["augmentation_previewed"] = "augmentation_previewed"
    id: str
    rows: tuple[AugmentedRow, ...]
    slips: int = 0
    fed: int = 0


DoctorRequest = ExamineData | PreviewSteps | PreviewAugmentation
DoctorResponse = ExaminationProgress | DataExamined | StepsPreviewed | AugmentationPreviewed
