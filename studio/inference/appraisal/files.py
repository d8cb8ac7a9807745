"""Files of the user's that models are judged on, each as its task reads it.

Pinyin: `pin yin<TAB>汉字` lines. Classification: `label<TAB>text`. Hanzi to pinyin: text and toned pinyin with a tab
between, in either order. Correction: `as written<TAB>as it should be`. Sequence labelling: marked texts. Language
models: any text. Sequence to sequence: `what is read<TAB>what is to be written`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from studio.data.dataset import Split, SplitBuilder
from studio.data.errors import DataError
from studio.data.labelled import cleaned as cleaned_text
from studio.data.labelled import parsed, shortened
from studio.data.paired import parted
from studio.data.reading import read_text
from studio.data.readings import GivenTones
from studio.data.running import cleaned as cleaned_running
from studio.data.running import pieces
from studio.data.spans import OUTSIDE, SpanItems
from studio.data.tagged import NOTHING, cut
from studio.data.tsv import read_pairs
from studio.inference.appraisal.correction import CorrectionJudge
from studio.inference.appraisal.judge import Judge
from studio.inference.appraisal.judges import JUDGES
from studio.inference.opened import Opened
from studio.language.text import hanzi_only, hanzi_spans
from studio.recipe import Cleaning, FileSource

_PROBLEMS = 20  # that are told


@dataclass(frozen=True)
class FromFile:
    """What a file holds for a model.

    Attributes:
        about: what the report says of the file: lines that were left out, and why.
    """

    split: Split
    judge: Judge
    about: dict[str, Any] = field(default_factory=dict)


def read_file(opened: Opened, path: Path) -> FromFile:
    """What a file holds for the task of a model.

    Raises:
        DataError: if it cannot be read, or holds nothing of the kind.
    """
    return READERS[opened.config.task](opened, path)


def _judged(opened: Opened, split: Split, about: dict[str, Any] | None = None) -> FromFile:
    return FromFile(split, JUDGES[opened.config.task](opened, split), about or {})


def _typing(opened: Opened, path: Path) -> FromFile:
    pairs = read_pairs(path)
    builder = SplitBuilder()
    for text, syllables in zip(pairs.texts, pairs.syllables, strict=True):
        builder.add(text, np.array(syllables, np.uint16), 0)
    problems = [str(problem) for problem in pairs.problems[:_PROBLEMS]]
    return _judged(opened, builder.build(), {"skipped_lines": len(pairs.problems), "problems": problems})


def _classification(opened: Opened, path: Path) -> FromFile:
    """Lines of another form and unknown labels are counted and left out."""
    task = opened.task
    numbers = {label: number for number, label in enumerate(task.labels)}
    builder, skipped, strange = SplitBuilder(), 0, 0
    for line in read_text(path).splitlines():
        label, text = parsed(line)
        read = shortened(cleaned_text(text, Cleaning()), task.section.max_length)
        if not read:
            skipped += bool(line.strip())
        elif label not in numbers:
            strange += 1
        else:
            builder.add(read, (), 0, label=numbers[label])
    split = builder.build()
    if not len(split):
        raise DataError(
            f"{path} holds no line `label<TAB>text` with a label of the model ({', '.join(task.labels[:10])})",
            "write the label, a tab, and the text",
        )
    return _judged(opened, split, {"skipped_lines": skipped, "unknown_labels": strange})


def _running(opened: Opened, path: Path) -> FromFile:
    """The file is one text."""
    builder = SplitBuilder()
    for text, flags in pieces(cleaned_running(read_text(path), Cleaning()), opened.task.section.context):
        builder.add(text, (), 0, label=flags)
    split = builder.build()
    if not len(split):
        raise DataError(f"{path} holds no text once it is cleaned", "choose another file")
    return _judged(opened, split)


def _readings(opened: Opened, path: Path) -> FromFile:
    """Tones as marks or digits; lines of another form are counted and left out."""
    builder, skipped = SplitBuilder(), 0
    for line in read_text(path).splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        text, pinyin = cells if len(cells) == 2 and hanzi_only(cells[0]) else (*reversed(cells), "", "")[:2]
        given = GivenTones(text, pinyin)
        if len(cells) != 2 or not given.fits:
            skipped += bool(line.strip())
            continue
        tags = array("H", [NOTHING]) * len(text)
        for start, end in hanzi_spans(text):
            tags[start:end] = given.of(text[start:end])
        for start, end in cut(text, opened.task.section.max_length):
            builder.add(text[start:end], (), 0, tags=tags[start:end])
    split = builder.build()
    if not len(split):
        raise DataError(
            f"{path} holds no line with hanzi, a tab, and their pinyin with tones",
            "write the text, a tab, and a syllable for each hanzi, such as zhong1 guo2",
        )
    return _judged(opened, split, {"skipped_lines": skipped})


def _labelling(opened: Opened, path: Path) -> FromFile:
    """Word/tag tokens, words with blanks between, or a character and its mark on each line.

    Sentences with labels that the model does not know are counted and left out.
    """
    items = SpanItems(opened.task.section, Cleaning(), opened.task.labels)
    builder, strange = SplitBuilder(), 0
    for document in items.documents(FileSource(kind="file", path=str(path), document="line"), 0):
        for text, tags in items.tagged(document):
            if OUTSIDE in tags and not opened.task.outside:
                strange += 1
                continue
            builder.add(text, (), 0, tags=tags)
    split = builder.build()
    if not len(split):
        raise DataError(f"{path} holds no sentence with labels of the model", "choose another file")
    return _judged(opened, split, {"unknown_labels": items.strange + strange})


def _correction(opened: Opened, path: Path) -> FromFile:
    """Both texts of one length; other lines are counted and left out."""
    builder, written = SplitBuilder(), []
    skipped, longest = 0, opened.task.section.max_length
    for line in read_text(path).splitlines():
        read, tab, right = line.partition("\t")
        if tab and read and len(read) == len(right) <= longest:
            builder.add(right, (), 0)
            written.append(read)
        else:
            skipped += bool(line.strip())
    split = builder.build()
    if not written:
        raise DataError(
            f"{path} holds no line `as written<TAB>as it should be` with two texts of one length, at most {longest}",
            "write both, with a tab between them",
        )
    return FromFile(split, CorrectionJudge(opened, split, written), {"skipped_lines": skipped})


def _writing(opened: Opened, path: Path) -> FromFile:
    """Lines that are no such pair, and pairs that are too long, are counted and left out."""
    section, builder, skipped = opened.task.section, SplitBuilder(), 0
    for line in read_text(path).splitlines():
        text, target = (cleaned_text(one, Cleaning()) for one in parted(line))
        if text and target and len(text) <= section.max_length and len(target) <= section.max_target:
            builder.add(text, (), 0, target=target)
        else:
            skipped += bool(line.strip())
    split = builder.build()
    if not len(split):
        raise DataError(
            f"{path} holds no line with a text, a tab, and what is to be written for it",
            "write both, with a tab between them, what is read in front",
        )
    return _judged(opened, split, {"skipped_lines": skipped})


READERS: dict[str, Callable[[Opened, Path], FromFile]] = {
    "pinyin_to_hanzi": _typing,
    "text_classification": _classification,
    "language_model": _running,
    "hanzi_to_pinyin": _readings,
    "sequence_labelling": _labelling,
    "masked_language_model": _running,
    "correction": _correction,
    "sequence_to_sequence": _writing,
}
"""By the name of the task."""
