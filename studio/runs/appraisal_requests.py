"""What the window asks about models judged item by item, and what the lab answers (see `requests`).

`EvaluationProgress` comes any number of times before `ModelAppraised` and `ModelsCompared`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from studio.runs.appraisals import Appraisal, Figure
from studio.runs.judged_splits import SplitName

Order = Literal["loss", "confidence", "length", "number"]
TestKind = Literal["exact", "chi_square"]


@dataclass(frozen=True)
class Wanted:
    """Which items are wanted.

    Attributes:
        outcome: all, those that are wrong, or those that are right.
        class_wanted, class_given: items in which the one was right and the other said; None for any, an empty name
            for what is no class at all. With one of them None, items in which the other one occurs on that side.
        text: items whose input, right answer or given answer holds this; capitals do not count.
        shortest, longest: characters of the input; 0 for no bound.
        order: by loss or by length the largest first, by confidence the surest first, or as they stand in the split.
    """

    outcome: Literal["all", "wrong", "right"] = "all"
    class_wanted: str | None = None
    class_given: str | None = None
    text: str = ""
    shortest: int = 0
    longest: int = 0
    order: Order = "loss"


@dataclass(frozen=True)
class Item:
    """One item as it was judged.

    Attributes:
        number: its place among the items.
        wanted, given: what would be right, and what the model said.
        right: None where nothing is right or wrong as a whole.
        loss: mean, in nats; None where there is none.
        confidence: of the answer as a whole, 0 to 1; None where there is none.
        source: the name of the source; with `document`, its place in it, and `line`, of its file, both 0 if not known.
    """

    number: int
    input: str
    wanted: str
    given: str
    right: bool | None
    loss: float | None
    confidence: float | None
    source: str = ""
    document: int = 0
    line: int = 0


@dataclass(frozen=True)
class SignificanceTest:
    """Whether a difference is more than chance: counts of items for the one and the other, and the probability.

    Attributes:
        first, second: items that only the first, and that only the second gets right (or has a lower loss on).
        statistic: chi-square with one degree of freedom; None where the probability is exact.
        p: of a difference at least as large if both were alike.
        by: whether items are right or wrong, or have the lower loss.
    """

    kind: TestKind
    first: int
    second: int
    statistic: float | None
    p: float
    by: Literal["right", "loss"] = "right"


@dataclass(frozen=True)
class Pair:
    """An item as two models answered it."""

    input: str
    wanted: str
    first: str
    second: str
    first_loss: float | None
    second_loss: float | None


@dataclass(frozen=True)
class Compared:
    """Two models on the items that both were judged on.

    Attributes:
        first, second: the appraisals that were compared.
        shared: items that both have; `alone` those that only the one, and only the other has.
        figures: of the first and the second on the shared items, and of the second less the first.
        only_first, only_second: items that one gets right and the other does not (or has a lower loss on), those
            first on which they differ most; at most some hundred.
    """

    task: str
    shared: int
    alone: tuple[int, int]
    documents: int
    figures: dict[str, tuple[Figure, Figure, Figure]]
    test: SignificanceTest
    both_right: int
    both_wrong: int
    only_first: tuple[Pair, ...]
    only_second: tuple[Pair, ...]
    first_step: int
    second_step: int
    split: str
    level: float
    replicates: int


@dataclass(frozen=True, kw_only=True)
class AppraiseModel:
    """Judge a model item by item.

    Attributes:
        limit: at most so many examples, spread evenly; 0 takes all.
    """

    type: Literal["appraise_model"] = "appraise_model"
    id: str
    model: str
    split: SplitName = "test"
    limit: int = 0


@dataclass(frozen=True, kw_only=True)
class ModelAppraised:
    """The answer to `AppraiseModel`. `kept` says that figures and items are in the run folder, `folder`, now."""

    type: Literal["model_appraised"] = "model_appraised"
    id: str
    appraisal: Appraisal
    folder: str
    kept: bool


@dataclass(frozen=True, kw_only=True)
class PageItems:
    """Some items of a kept evaluation. `folder` is the run's, `records` the name of the file with the items."""

    type: Literal["page_items"] = "page_items"
    id: str
    folder: str
    records: str
    wanted: Wanted = field(default_factory=Wanted)
    offset: int = 0
    count: int = 100


@dataclass(frozen=True, kw_only=True)
class ItemsPaged:
    """The answer to `PageItems`; `total` is how many there are that are wanted."""

    type: Literal["items_paged"] = "items_paged"
    id: str
    items: tuple[Item, ...]
    offset: int
    total: int


@dataclass(frozen=True, kw_only=True)
class ExportItems:
    """Write the items that are wanted as CSV or as JSON lines, as the name of the file ends."""

    type: Literal["export_items"] = "export_items"
    id: str
    folder: str
    records: str
    target: str
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True, kw_only=True)
class ItemsExported:
    """The answer to `ExportItems`."""

    type: Literal["items_exported"] = "items_exported"
    id: str
    path: str
    items: int


@dataclass(frozen=True, kw_only=True)
class CompareModels:
    """Hold two models against each other; what was not evaluated yet is evaluated first."""

    type: Literal["compare_models"] = "compare_models"
    id: str
    first: str
    second: str
    split: SplitName = "test"
    limit: int = 0


@dataclass(frozen=True, kw_only=True)
class ModelsCompared:
    """The answer to `CompareModels`."""

    type: Literal["models_compared"] = "models_compared"
    id: str
    compared: Compared


AppraisalRequest = AppraiseModel | PageItems | ExportItems | CompareModels
AppraisalResponse = ModelAppraised | ItemsPaged | ItemsExported | ModelsCompared
