"""What each source of a model's knowledge gets right alone, in the window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from studio.gui.evaluation.sources_page import SourcesPage, kept_for
from studio.gui.i18n import language
from studio.gui.session import Session
from studio.runs import evaluations
from studio.runs import requests as rq
from studio.runs.evaluations import Accuracy, Decoded, EvaluationProgress, ModelEvaluated
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_playground import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]
DECODED = Decoded(
    350, 40, 5, 30, 400, {name: Accuracy(0.5, 0.6, 0.7, 0.8, 40) for name in evaluations.SOURCES}, at=1.0
)


class Telling(QObject):
    progressed = Signal(object)


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.telling = Telling()  # type: ignore[attr-defined]
    lab.progressed = lab.telling.progressed  # type: ignore[attr-defined]
    session.lab = lab  # type: ignore[assignment]
    return lab


def page_of(qtbot: Any, session: Session, run: Path) -> SourcesPage:
    page = SourcesPage(session)
    qtbot.addWidget(page)
    page.retranslate()
    page.look_at(str(run))
    return page


def test_progress_figures_and_the_end(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)
    lab.answers[rq.EvaluateModel] = lambda asked: ModelEvaluated(
        id=asked.id, decoded=DECODED, folder=str(run), kept=False
    )

    async def scenario() -> None:
        dialog = page_of(qtbot, session, run)
        dialog.show()
        assert not dialog.table.isVisible()
        dialog.limit.setValue(40)
        dialog.shortest.setValue(30)
        dialog.longest.setValue(5)
        lab.hold = True
        dialog.button.click()
        await until(lambda: lab.asked)
        asked = lab.asked[0]
        assert (asked.limit, asked.shortest, asked.longest) == (40, 5, 30), "either way round"
        assert dialog.going_on and not dialog.limit.isEnabled() and dialog.button.text() == "Cancel"
        part = replace(DECODED, sources={"both": Accuracy(0.25, 0.5, 0.5, 0.9, 10)})
        told = EvaluationProgress(id=asked.id, done=10, total=40, decoded=part)
        lab.progressed.emit(told)  # type: ignore[attr-defined]
        assert (dialog.progress.value(), dialog.progress.maximum()) == (10, 40)
        assert "10 of 40" in dialog.note.text() and dialog.table.rowCount() == 1
        lab.progressed.emit(replace(told, id="other", done=30))  # type: ignore[attr-defined]
        assert dialog.progress.value() == 10
        lab.release()
        await until(lambda: not dialog.going_on)
        cells = [dialog.table.item(0, column).text() for column in range(5)]
        assert cells == ["Word lists alone", "50.0%", "60.0%", "70.0%", "80.0%"]
        assert dialog.table.rowCount() == 4 and not dialog.progress.isVisible()
        assert "not kept" in dialog.note.text()
        assert "Counts and network: 50.0%" in dialog.bars.accessibleDescription()
        for code in ("zh_CN", "en"):
            language.set(code)
            dialog.retranslate()
            assert not dialog.grab().isNull()

    run_async(scenario())


def test_it_can_be_called_off(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)

    async def scenario() -> None:
        dialog = page_of(qtbot, session, run)
        lab.hold = True
        dialog.start()
        await until(lambda: lab.asked)
        dialog.button.click()
        await until(lambda: lab.cancelled)
        assert not dialog.going_on and dialog.note.text() == "Called off."
        await asyncio.sleep(0.01)
        assert dialog.button.isEnabled() and dialog.limit.isEnabled()

    run_async(scenario())


def test_what_went_wrong_is_said(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)
    lab.answers[rq.EvaluateModel] = lambda asked: rq.Refused(
        id=asked.id,
        kind="data",
        message="there are no sentences of 5 to 30 characters to type",
        remedy="allow shorter or longer ones",
    )

    async def scenario() -> None:
        dialog = page_of(qtbot, session, run)
        dialog.start()
        await until(lambda: not dialog.going_on)
        assert dialog.note.property("role") == "error"
        assert dialog.note.text().endswith("Allow shorter or longer ones.")

    run_async(scenario())


def test_figures_of_before_are_there_at_once(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path
) -> None:
    run = make_run(fresh_home)
    evaluations.keep(run, replace(DECODED, step=100))
    evaluations.keep(run, DECODED)
    dialog = page_of(qtbot, session, run)
    dialog.show()
    assert dialog.table.isVisible() and "step 350" in dialog.note.text() and lab.asked == []
    older = kept_for(str(run / "checkpoints" / "step-000100"))
    assert older is not None and older.step == 100
    assert kept_for(str(run / "checkpoints" / "step-000200")) is None
