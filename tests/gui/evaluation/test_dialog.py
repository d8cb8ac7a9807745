"""The evaluation of a model in the window: figures, classes, confusions, calibration, items and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal

from studio.gui.evaluation.dialog import EvaluationDialog, kept_for
from studio.gui.evaluation.items_page import differing
from studio.gui.i18n import language
from studio.gui.session import Session
from studio.gui.theme import theme
from studio.runs import appraisals
from studio.runs import requests as rq
from studio.runs.appraisal_requests import (
    AppraiseModel,
    Compared,
    CompareModels,
    ExportItems,
    Item,
    ItemsExported,
    ItemsPaged,
    ModelAppraised,
    ModelsCompared,
    PageItems,
    Pair,
    SignificanceTest,
)
from studio.runs.appraisals import Appraisal, Bin, Calibration, ClassFigures, Confused, Figure
from studio.runs.evaluations import EvaluationProgress
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_playground import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]
HALF = Figure(0.5, 0.4, 0.6)
ITEMS = 450


def found(**changes: Any) -> Appraisal:
    values: dict[str, Any] = {
        "task": "text_classification",
        "step": 350,
        "split": "test",
        "limit": 0,
        "items": ITEMS,
        "kept": ITEMS,
        "documents": 0,
        "figures": {"loss": Figure(0.25, 0.2, 0.3), "accuracy": Figure(0.9, 0.875, 0.925), "odd": HALF},
        "sources": {},
        "class_kind": "label",
        "classes": (
            ClassFigures("好", 300, 290, Figure(0.91), Figure(0.92), HALF),
            ClassFigures("差", 150, 160, Figure(0.71), Figure(0.72), HALF),
        ),
        "every_class": 2,
        "confusion": (Confused("好", "好", 280), Confused("差", "差", 130), Confused("好", "差", 20)),
        "calibration": Calibration(
            0.0325, 450, (Bin(0.6, 0.8, 50, 0.7, 0.6), Bin(0.8, 1.0, 400, 0.95, 0.94))
        ),
        "level": 0.95,
        "replicates": 1000,
        "data": "abc",
        "records": "step-000350-test.parquet",
        "at": 1.0,
    }
    return Appraisal(**values | changes)


def keep(run: Path, made: Appraisal) -> None:
    (run / appraisals.FOLDER).mkdir(exist_ok=True)
    (run / appraisals.FOLDER / made.records).write_bytes(b"x")
    appraisals.keep(run, made)


def paged(request: PageItems) -> ItemsPaged:
    total = 20 if request.wanted.class_given else ITEMS
    items = tuple(
        Item(n, f"第{n}条<评论>", "差", "好", False, 2.5 - n / 1000, 0.75, "评论.csv", 3, n + 1)
        for n in range(request.offset, min(request.offset + request.count, total))
    )
    return ItemsPaged(id=request.id, items=items, offset=request.offset, total=total)


class Telling(QObject):
    progressed = Signal(object)


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.telling = Telling()  # type: ignore[attr-defined]
    lab.progressed = lab.telling.progressed
    lab.answers |= {PageItems: paged}
    session.lab = lab  # type: ignore[assignment]
    return lab


def opened(qtbot: Any, session: Session) -> EvaluationDialog:
    dialog = EvaluationDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def pages_asked(lab: FakeLab) -> list[PageItems]:
    return [one for one in lab.asked if isinstance(one, PageItems)]


def cells(table: Any, row: int) -> list[str]:
    return [table.item(row, column).text() for column in range(table.columnCount())]


def test_an_evaluation_with_progress(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)
    lab.answers[AppraiseModel] = lambda asked: ModelAppraised(
        id=asked.id, appraisal=found(), folder=str(run), kept=True
    )

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        assert "Not evaluated yet" in dialog.note.text() and dialog.figures.figures.rowCount() == 0
        dialog.split.setCurrentIndex(dialog.split.findData("validation"))
        dialog.limit.setValue(1000)
        lab.hold = True
        dialog.button.click()
        await until(lambda: lab.asked)
        (asked,) = lab.asked
        assert (asked.model, asked.split, asked.limit) == (str(run), "validation", 1000)
        assert dialog.going_on and not dialog.split.isEnabled() and dialog.button.text() == "Cancel"
        told = EvaluationProgress(id=asked.id, done=120, total=450)
        lab.progressed.emit(told)
        assert (dialog.progress.value(), dialog.progress.maximum()) == (120, 450)
        assert dialog.note.text() == "120 of 450 examples judged"
        lab.progressed.emit(replace(told, id="other", done=300))
        assert dialog.progress.value() == 120
        lab.release()
        await until(lambda: not dialog.going_on)
        table = dialog.figures.figures
        assert cells(table, 0) == ["Loss", "0.250", "0.200 … 0.300"]
        assert cells(table, 1) == ["Right", "90.0%", "87.5% … 92.5%"]
        assert table.item(2, 0).text() == "odd", "a figure that has no words yet is shown by its name"
        assert not dialog.progress.isVisible() and "450 items" in dialog.note.text()

    run_async(scenario())


def test_it_can_be_called_off_and_says_what_went_wrong(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    make_run(fresh_home)
    lab.answers[AppraiseModel] = lambda asked: rq.Refused(
        id=asked.id,
        kind="data",
        message="there is nothing to evaluate",
        remedy="choose another split or file",
    )

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        lab.hold = True
        dialog.start()
        await until(lambda: lab.asked)
        dialog.button.click()
        await until(lambda: lab.cancelled)
        assert not dialog.going_on and dialog.note.text() == "Called off." and dialog.limit.isEnabled()
        lab.release()
        dialog.start()
        await until(lambda: not dialog.going_on)
        assert dialog.note.property("role") == "error"
        assert dialog.note.text().endswith("Choose another split or file.")

    run_async(scenario())


def test_what_is_kept_is_there_at_once(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)
    keep(run, found())
    keep(run, found(split="validation", records="step-000350-validation.parquet", data_changed=True, at=2.0))

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        assert dialog.shown is not None and dialog.shown.split == "test"
        assert cells(dialog.figures.classes, 0)[:6] == ["好", "300", "290", "91.0%", "92.0%", "50.0%"]
        dialog.figures.classes.sortItems(3, Qt.SortOrder.AscendingOrder)
        assert dialog.figures.classes.item(0, 0).text() == "差", "sorted by numbers, not by texts"
        dialog.split.setCurrentIndex(1)
        dialog.split.activated.emit(1)
        assert dialog.shown.split == "validation" and dialog.note.property("role") == "warning"
        await until(lambda: pages_asked(lab))

    run_async(scenario())
    assert kept_for(str(run / "checkpoints" / "step-000350"), "test") is not None
    assert kept_for(str(run / "checkpoints" / "step-000100"), "test") is None


def test_a_cell_of_the_matrix_opens_its_items(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    keep(make_run(fresh_home), found())

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        await until(lambda: dialog.items.items.total == ITEMS)
        first = pages_asked(lab)[0]
        assert (first.records, first.wanted.outcome, first.wanted.order) == (
            "step-000350-test.parquet",
            "wrong",
            "loss",
        )
        dialog.tabs.setCurrentWidget(dialog.confusion)
        matrix = dialog.confusion.matrix
        assert [[matrix.item(r, c).text() for c in range(2)] for r in range(2)] == [
            ["280", "20"],
            ["", "130"],
        ]
        assert "20 times, 6.7%" in matrix.item(0, 1).toolTip()
        place = matrix.visualItemRect(matrix.item(0, 1)).center()
        qtbot.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert dialog.tabs.currentWidget() is dialog.items
        await until(lambda: dialog.items.items.total == 20)
        last = pages_asked(lab)[-1].wanted
        assert (last.class_wanted, last.class_given, last.outcome) == ("好", "差", "all")
        assert dialog.items.found.text() == "20 items"
        dialog.figures.class_chosen.emit("差")
        await until(lambda: pages_asked(lab)[-1].wanted.class_wanted == "差")
        assert pages_asked(lab)[-1].wanted.class_given is None

    run_async(scenario())


def test_items_are_paged_filtered_shown_and_exported(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)
    keep(run, found())
    lab.answers[ExportItems] = lambda asked: ItemsExported(id=asked.id, path=asked.target, items=7)

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        dialog.tabs.setCurrentWidget(dialog.items)
        page = dialog.items
        await until(lambda: page.items.total == ITEMS)
        model = page.table.model()
        assert [model.index(0, column).data() for column in range(6)] == [
            "✗",
            "第0条<评论>",
            "差",
            "好",
            "2.500",
            "75.0%",
        ]
        assert "第0条<评论>" in page.whole.toPlainText(), "texts are no markup"
        assert "line 1" in page.whole.toPlainText() and "document 3" in page.whole.toPlainText()
        page.table.verticalScrollBar().setValue(page.table.verticalScrollBar().maximum())
        await until(lambda: page.items.at(ITEMS - 1) is not None)
        page.filter.outcome.setCurrentIndex(1)
        page.filter.search.setText("早餐")
        page.filter.longest.setValue(40)
        await until(lambda: pages_asked(lab)[-1].wanted.text == "早餐")
        wanted = pages_asked(lab)[-1].wanted
        assert (wanted.outcome, wanted.longest, wanted.shortest) == ("all", 40, 0)
        await until(lambda: not page.items.going_on)
        page.write("/tmp/x.csv")
        await until(lambda: "7 items" in page.found.text())
        (asked,) = [one for one in lab.asked if isinstance(one, ExportItems)]
        assert asked.wanted == wanted and asked.target == "/tmp/x.csv"

    run_async(scenario())


def test_many_classes_are_a_list_and_models_without_right_or_wrong_have_all_items(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)
    keep(
        run,
        found(
            task="language_model",
            class_kind="symbol",
            every_class=4800,
            confusion=(Confused("的", "\n", 12), Confused(" ", "的", 3)),
            calibration=None,
        ),
    )

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        await until(lambda: dialog.items.items.total == ITEMS)
        assert pages_asked(lab)[0].wanted.outcome == "all" and not dialog.items.filter.outcome.isEnabled()
        hidden = [place for place in range(6) if dialog.items.table.isColumnHidden(place)]
        assert hidden == [0, 2, 5], "of running text nothing is right or wrong as a whole"
        assert "Likeliest at each place" in dialog.items.whole.toPlainText()
        assert cells(dialog.confusion.pairs, 0) == ["的", "⏎", "12"]
        assert cells(dialog.confusion.pairs, 1) == ["␣", "的", "3"]
        with qtbot.waitSignal(dialog.confusion.pair_chosen) as chosen:
            dialog.confusion.pairs.itemActivated.emit(dialog.confusion.pairs.item(0, 1))
        assert chosen.args == ["的", "\n"]
        assert "4,800 classes" in dialog.figures.hint.text()
        dialog.tabs.setCurrentWidget(dialog.calibration)
        assert not dialog.calibration.plot.isVisible()
        await until(lambda: not dialog.items.items.going_on)

    run_async(scenario())


def test_where_nothing_is_wrong_that_is_said(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    classes = tuple(ClassFigures(f"字{n}", 2, 2, HALF, HALF, HALF) for n in range(40))
    keep(
        make_run(fresh_home),
        found(task="masked_language_model", class_kind="character", classes=classes, confusion=()),
    )
    lab.answers[PageItems] = lambda request: ItemsPaged(id=request.id, items=(), offset=0, total=0)

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        await until(lambda: dialog.items.items.total == 0)
        dialog.tabs.setCurrentWidget(dialog.confusion)
        assert "Nothing was taken" in dialog.confusion.hint.text()
        assert not dialog.confusion.pairs.isVisible() and not dialog.confusion.matrix.isVisible()
        assert dialog.items.found.text().startswith("Nothing is wrong")
        dialog.items.filter.search.setText("早餐")
        await until(lambda: dialog.items.found.text() == "No item is like that.")
        await until(lambda: not dialog.items.items.going_on)

    run_async(scenario())


def test_calibration_and_both_languages_and_themes(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    keep(make_run(fresh_home), found())

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        dialog.tabs.setCurrentWidget(dialog.calibration)
        assert "3.25% over 450 decisions" in dialog.calibration.note.text()
        assert "surer" in dialog.calibration.note.text()
        assert dialog.calibration.plot.accessibleDescription() == "70.0%: 60.0%, 95.0%: 94.0%"
        assert cells(dialog.calibration.table, 0) == ["60.0% to 80.0%", "50", "70.0%", "60.0%"]
        for code, mode in (("zh_CN", "dark"), ("en", "light")):
            language.set(code)
            theme.set_mode(mode)
            for place in range(dialog.tabs.count()):
                dialog.tabs.setCurrentIndex(place)
                assert not dialog.grab().isNull()
        await until(lambda: dialog.items.items.total == ITEMS)

    run_async(scenario())


def compared(**changes: Any) -> Compared:
    pair = Pair("房间太小", "差", "差", "好", 0.1, 2.5)
    values: dict[str, Any] = {
        "task": "text_classification",
        "shared": 440,
        "alone": (10, 0),
        "documents": 0,
        "figures": {"accuracy": (Figure(0.9, 0.8, 1.0), Figure(0.85, 0.8, 0.9), Figure(-0.05, -0.08, -0.02))},
        "test": SignificanceTest("chi_square", 30, 8, 11.605, 0.00066),
        "both_right": 300,
        "both_wrong": 102,
        "only_first": (pair,) * 30,
        "only_second": (pair,) * 8,
        "first_step": 350,
        "second_step": 100,
        "split": "test",
        "level": 0.95,
        "replicates": 1000,
    }
    return Compared(**values | changes)


def test_two_models_beside_each_other(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)
    other = make_run(fresh_home, "other")
    keep(run, found())
    lab.answers[CompareModels] = lambda asked: ModelsCompared(id=asked.id, compared=compared())

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        dialog.picker.choose(str(run))
        dialog.tabs.setCurrentWidget(dialog.compare)
        page = dialog.compare
        assert not page.button.isEnabled() and not page.figures.isVisible()
        page.picker.choose(str(other))
        page.button.click()
        await until(lambda: page.compared is not None)
        (asked,) = [one for one in lab.asked if isinstance(one, CompareModels)]
        assert (asked.first, asked.second, asked.split) == (str(run), str(other), "test")
        assert cells(page.figures, 0) == ["Right", "90.0%", "85.0%", "-5.0%", "-8.0% … -2.0%"]
        assert "A alone gets 30 items right, B alone 8." in page.verdict.text()
        assert "χ² = 11.61, p = 0.0007" in page.verdict.text() and "hardly chance" in page.verdict.text()
        assert [page.lists.tabText(place) for place in (0, 1)] == [
            "Right with A alone (30)",
            "Right with B alone (8)",
        ]
        assert cells(page.only[0], 0) == ["房间太小", "差", "差", "好"]
        assert "left out: 10 that only A has" in page.note.text()
        dialog.split.setCurrentIndex(1)
        dialog.split.activated.emit(1)
        assert page.compared is None, "another split is another comparison"

    run_async(scenario())


def test_comparisons_that_are_refused_or_have_no_right_and_wrong(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run, other = make_run(fresh_home), make_run(fresh_home, "other")
    sign = SignificanceTest("exact", 3, 5, None, 0.7266, "loss")
    answers: list[Any] = [
        lambda asked: rq.Refused(id=asked.id, kind="data", message="they share nothing", remedy="try others"),
        lambda asked: ModelsCompared(id=asked.id, compared=compared(test=sign, alone=(0, 0))),
    ]

    def answer(asked: CompareModels) -> Any:
        return answers.pop(0)(asked)

    lab.answers[CompareModels] = answer

    async def scenario() -> None:
        dialog = opened(qtbot, session)
        dialog.picker.choose(str(run))
        page = dialog.compare
        page.picker.choose(str(other))
        page.start()
        await until(lambda: not page.going_on)
        assert page.note.property("role") == "error" and "Try others." in page.note.text()
        page.start()
        await until(lambda: not page.going_on)
        assert "lower loss on 3 items, B on 5. Sign test, exact: p = 0.7266." in page.verdict.text()
        assert "well be chance" in page.verdict.text()
        assert page.lists.tabText(0).startswith("Better with A")

    run_async(scenario())


def test_only_models_that_type_pinyin_have_sources_of_knowledge(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path
) -> None:
    run, other = make_run(fresh_home), make_run(fresh_home, "other")
    (other / "recipe.toml").write_text(
        (other / "recipe.toml").read_text(encoding="utf-8").replace("pinyin_to_hanzi", "text_classification"),
        encoding="utf-8",
    )
    dialog = opened(qtbot, session)
    for path, there in ((run, True), (other, False)):
        dialog.picker.choose(str(path))
        assert dialog.tabs.isTabVisible(dialog.tabs.indexOf(dialog.sources)) is there


def test_what_differs_is_marked() -> None:
    wanted, given = differing("今天<很>好", "今夭<很>好")
    assert wanted.startswith("今<span") and ">天</span>&lt;很&gt;好" in wanted and ">夭</span>" in given
    wanted, given = differing("今天/t 张伟/nr", "今天/t 张/v 伟/v")
    assert wanted.startswith("今天/t <span") and wanted.endswith(">张伟/nr</span>"), "words as a whole"
    assert differing("<a>", "<b>", mark=False) == ("&lt;a&gt;", "&lt;b&gt;")
