"""What the window asks the lab about prepared data, and the lab's answers (see `requests`).

`ShowBatch` and `CountData` look at data that are prepared; where they are not, they are refused as `unprepared`, and
`PrepareData` makes them, as the start of a run would, telling `PreparationProgress` any number of times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class PrepareData:
    """Prepare the data of a recipe, in a process of its own."""

    type: Literal["prepare_data"] = "prepare_data"
    id: str
    recipe: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ShowBatch:
    """Show one batch of a recipe exactly as a single training process is fed it.

    Attributes:
        epoch, batch: which one, from 0; the last of the epoch if it has fewer.
        first_row, rows: which of its rows are wanted.
    """

    type: Literal["show_batch"] = "show_batch"
    id: str
    recipe: dict[str, Any]
    epoch: int = 0
    batch: int = 0
    first_row: int = 0
    rows: int = 400


@dataclass(frozen=True, kw_only=True)
class FindExample:
    """Find where an example stands in its source, the recipe's one with this number."""

    type: Literal["find_example"] = "find_example"
    id: str
    recipe: dict[str, Any]
    source: int
    text: str


@dataclass(frozen=True, kw_only=True)
class PreparationProgress:
    """How far a preparation is: a phase, and how much of it is done."""

    type: Literal["preparation_progress"] = "preparation_progress"
    id: str
    phase: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class DataPrepared:
    """The answer to `PrepareData`."""

    type: Literal["data_prepared"] = "data_prepared"
    id: str
    examples: int
    positions: int


@dataclass(frozen=True, kw_only=True)
class TensorShape:
    """One of the arguments that the model is called with; `value` instead of a shape for what is no tensor."""

    name: str
    dtype: str
    shape: tuple[int, ...] = ()
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """One example in a batch.

    Attributes:
        example: its number among the examples of training.
        source: the recipe's source it is from.
        word: it is a word of a lexicon.
        weight: its count in a million words if it is one.
        text: as it was written.
        tokens: what it is fed as, in words, padding left out.
        ids: as fed, padding included [columns].
        targets: what is to be said at each position, in words; an empty word where nothing is asked for, and no words
            at all where something is asked about the text as a whole.
        target_ids: as fed, padding included [columns]; pinyin has negative ones where nothing is asked for.
        label: what is to be said of the text as a whole; empty where positions are asked about.
    """

    example: int
    source: int
    word: bool
    weight: float
    text: str
    tokens: tuple[str, ...]
    ids: tuple[int, ...]
    targets: tuple[str, ...]
    target_ids: tuple[int, ...]
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchShown:
    """The answer to `ShowBatch`.

    Attributes:
        batches, examples: of the epoch.
        row_count, columns: the shape of the whole batch.
        filled: positions that are no padding.
        asked: positions, or texts, of which something is to be said.
        words: rows that are words of lexicons.
        sources: names, by the numbers that rows give.
    """

    type: Literal["batch_shown"] = "batch_shown"
    id: str
    epoch: int
    batch: int
    batches: int
    examples: int
    row_count: int
    columns: int
    filled: int
    asked: int
    words: int
    first_row: int
    rows: tuple[BatchRow, ...]
    tensors: tuple[TensorShape, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExampleFound:
    """The answer to `FindExample`.

    Attributes:
        source: as the recipe names it.
        path: the file it stands in.
        line: from 1; 0 if it is not known, as in packed word lists.
        document: the number of the document, or of the word, from 0.
        text: the line, or as much of it as stands around the example.
        start, end: where in `text` the example is; both 0 where markup or blanks stand inside it.
    """

    type: Literal["example_found"] = "example_found"
    id: str
    source: str
    path: str
    line: int
    document: int
    text: str
    start: int = 0
    end: int = 0


BatchRequest = PrepareData | ShowBatch | FindExample
BatchResponse = DataPrepared | BatchShown | ExampleFound
