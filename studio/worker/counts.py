"""What prepared data hold, counted for the window."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from studio.data import prepare
from studio.data.counting import Counts, count_dataset
from studio.data.errors import Cancelled, DataError
from studio.recipe import parse
from studio.runs.count_requests import CountData, DataCounted
from studio.runs.requests import Refused
from studio.worker.batches import unprepared

_KEPT = 8


class Counter:
    """Remembers what was counted last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], Counts] = OrderedDict()

    def count(self, request: CountData, cancelled: Callable[[], bool]) -> DataCounted | Refused:
        """Count the prepared data of a recipe.

        Raises:
            RecipeError: if the recipe is bad.
            DataError: if its sources cannot be read.
            Cancelled: if the request was taken back.
        """

        def check() -> None:
            if cancelled():
                raise Cancelled

        recipe = parse(request.recipe)
        data = recipe.data
        if request.source >= len(data.sources):
            raise DataError(f"the recipe has no source {request.source + 1}", "choose another source")
        dataset = prepare.cached(data, recipe.task)
        if dataset is None:
            return unprepared(request.id)
        key = (dataset.fingerprint, request.source)
        if key not in self._kept:
            self._kept[key] = count_dataset(dataset, request.source, check)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        kept = self._kept[key]
        return DataCounted(
            id=request.id,
            groups=kept.groups,
            lengths=kept.lengths,
            rankings=kept.rankings,
            words_from=kept.words_from,
        )
