"""Models judged item by item and compared in a child, and their items paged and exported by the lab."""

from __future__ import annotations

from pathlib import Path

from studio.runs import appraisals
from studio.runs.appraisal_requests import (
    AppraiseModel,
    CompareModels,
    ExportItems,
    ItemsExported,
    ItemsPaged,
    ModelAppraised,
    ModelsCompared,
    PageItems,
    Wanted,
)
from studio.runs.evaluations import EvaluationProgress
from studio.runs.requests import Refused
from studio.worker import appraisal
from tests import tiny, tiny_texts
from tests.worker.processes import Worker
from tests.worker.test_lab import answer, lab

__all__ = ["lab"]


def test_a_model_is_judged_compared_and_looked_through(lab: Worker, tmp_path: Path) -> None:
    run = tiny_texts.copied(tiny_texts.classified(), tmp_path)
    told: list[EvaluationProgress] = []
    found = appraisal.appraise(AppraiseModel(id="a", model=str(run.path), limit=12), told.append)
    assert isinstance(found, ModelAppraised), found
    assert (found.folder, found.kept, found.appraisal.items) == (str(run.path), True, 12)
    assert appraisals.read(run.path) == [found.appraisal]
    assert (told[0].total, told[-1].done, told[-1].total) == (0, 12, 12)
    request = CompareModels(id="c", first=str(run.path), second=str(run.path), limit=12)
    compared = appraisal.appraise(request, lambda _: None)
    assert isinstance(compared, ModelsCompared) and compared.compared.test.p == 1.0
    assert compared.compared.shared == 12, "what is kept is not evaluated again"
    records, text = found.appraisal.records, "很好"
    asked = PageItems(id="p", folder=str(run.path), records=records, count=5, wanted=Wanted(text=text))
    paged = answer(lab, asked)
    assert isinstance(paged, ItemsPaged) and len(paged.items) == min(5, paged.total)
    assert all(text in item.input for item in paged.items)
    target = tmp_path / "items.csv"
    done = answer(lab, ExportItems(id="x", folder=str(run.path), records=records, target=str(target)))
    assert isinstance(done, ItemsExported) and done.items == 12 and target.is_file()
    for name in ("../recipe.toml", "none.parquet"):
        refused = answer(lab, PageItems(id=name, folder=str(run.path), records=name))
        assert isinstance(refused, Refused) and refused.kind == "data"


def test_models_of_two_tasks_are_not_compared(tmp_path: Path) -> None:
    first, second = tiny_texts.classified().path, tiny.finished_run().path
    found = appraisal.appraise(CompareModels(id="t", first=str(first), second=str(second)), lambda _: None)
    assert isinstance(found, Refused) and found.kind == "data" and "one task" in found.remedy
