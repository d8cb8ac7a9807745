"""The estimate beside Start: when the lab is asked, what is shown, what cancels what."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui import estimator as module
from studio.gui.estimator import Estimator
from studio.gui.i18n import language
from studio.gui.panes.run_estimate import RunEstimate
from studio.gui.panes.training_header import TrainingHeader
from studio.gui.session import Session
from studio.gui.widgets.estimate_words import line_text, table_html, verdict_text
from studio.gui.widgets.figures import rough_duration
from studio.runs import requests as rq
from studio.runs.estimates import RunEstimated
from tests.gui.conftest import MakeSession
from tests.gui.fake_lab import FakeLab, until

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]

COUNTED = RunEstimated(
    id="", parameters=4_100_000, device="CPU", steps=520, disk={"checkpoints": 150_000_000}, disk_most=300_000_000,
    memory={"process": 400_000_000, "activations": 500_000_000}, memory_free=21_000_000_000, disk_free=10**11,
)  # fmt: skip
TRIED = dataclasses.replace(
    COUNTED, tried=True, precision="bf16", step_seconds=0.5, seconds={"training": 1600.0, "testing": 80.0},
    memory={"process": 400_000_000, "activations": 800_000_000},
)  # fmt: skip


def answered(request: rq.EstimateRun) -> RunEstimated:
    parameters = 1000 * request.recipe["model"]["width"]
    return dataclasses.replace(TRIED if request.trial else COUNTED, id=request.id, parameters=parameters)


@pytest.fixture
def lab(session: Session, monkeypatch: pytest.MonkeyPatch) -> FakeLab:
    return quick(session, monkeypatch)


def quick(session: Session, monkeypatch: pytest.MonkeyPatch) -> FakeLab:
    """A fake lab, and no patience for drafts at rest."""
    monkeypatch.setattr(module, "COUNT_AFTER", 10)
    monkeypatch.setattr(module, "TRY_AFTER", 60)
    lab = FakeLab()
    lab.answers |= {rq.EstimateRun: answered}
    session.lab = lab  # type: ignore[assignment]
    return lab


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    language.set("en")


def asked(lab: FakeLab) -> list[tuple[int, bool]]:
    return [(request.recipe["model"]["width"], request.trial) for request in lab.asked]


def test_a_count_at_once_and_a_trial_after_it(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        header = TrainingHeader(session)
        qtbot.addWidget(header)
        header.show()
        estimator = Estimator.of(session)
        assert Estimator.of(session) is estimator
        assert "Estimating" in header.estimate.text.text()
        shown: list[str] = []
        estimator.changed.connect(lambda: shown.append(header.estimate.accessibleName()))
        await until(lambda: estimator.estimate is not None and estimator.estimate.tried)
        counted = next(name for name in shown if "900 MB of 21.0 GB" in name)
        assert "timing a few steps" in counted
        name = header.estimate.accessibleName()
        assert name == "256 k parameters · 1.2 GB of 21.0 GB · ~28 min · 150 MB on disk · ✓\xa0fits"
        assert not estimator.trying
        assert asked(lab) == [(256, False), (256, True)]
        session.set_value("name", "another")
        session.set_value("description", "which costs nothing")
        await asyncio.sleep(0.15)
        assert len(lab.asked) == 2
        estimator.shutdown()

    run_async(scenario())


def test_a_change_cancels_and_the_newest_draft_wins(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        estimator = Estimator.of(session)
        lab.hold = True
        estimator.refresh()
        await until(lambda: len(lab.asked) == 2)
        for width in (320, 352, 384):
            session.set_value("model.width", width)
        await until(lambda: len(lab.cancelled) == 2)
        lab.release()
        await until(lambda: estimator.estimate is not None and estimator.estimate.tried)
        assert estimator.estimate.parameters == 384_000
        assert asked(lab) == [(256, False), (256, True), (384, False), (384, True)]
        # What was tried once is known.
        session.undo()
        session.set_value("model.width", 384)
        await until(lambda: len(lab.asked) > 4 and estimator.estimate.tried and not estimator.trying)
        await asyncio.sleep(0.15)
        assert asked(lab)[4:] == [(384, False)]
        assert estimator.estimate.seconds_total == 1680
        session.set_value("model.width", 3)
        assert estimator.estimate is None
        estimator.shutdown()

    run_async(scenario())


def test_no_trial_while_a_run_goes_on(
    qtbot: Any, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch, run_async: Run
) -> None:
    session = make_session("--steps", "400", "--pause", "0.02")
    lab = quick(session, monkeypatch)

    async def scenario() -> None:
        line = RunEstimate(session)
        qtbot.addWidget(line)
        line.show()
        estimator = Estimator.of(session)
        await until(lambda: estimator.estimate is not None)
        lab.hold = True
        session.set_value("training.token_budget", 1024)
        await until(lambda: asked(lab)[-1][1] and estimator.trying)
        session.start()
        assert not estimator.trying and not line.isVisible()
        await until(lambda: any(request.trial for request in lab.cancelled))
        lab.release()
        seen = len(lab.asked)
        session.set_value("training.token_budget", 512)
        await until(lambda: len(lab.asked) > seen)
        await asyncio.sleep(0.15)
        assert not any(request.trial for request in lab.asked[seen:])
        session.cancel()
        await until(lambda: not session.running, 10)
        await until(lambda: estimator.estimate is not None and estimator.estimate.tried)
        assert lab.asked[-1].trial and line.isVisible()
        estimator.shutdown()

    run_async(scenario())


def test_a_refusal_is_shown_and_a_crashed_lab_is_asked_again(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        refusal = rq.Refused(
            id="", kind="device", message="cuda asks for a CUDA device and it has none on this machine"
        )
        lab.answers[rq.EstimateRun] = lambda _: refusal
        line = RunEstimate(session)
        qtbot.addWidget(line)
        await until(lambda: Estimator.of(session).refused is not None)
        assert "no device cuda" in line.text.text()
        lab.answers[rq.EstimateRun] = lambda _: dataclasses.replace(refusal, kind="lab_crashed")
        session.set_value("training.seed", 5)
        await until(lambda: len(lab.asked) >= 4 or not Estimator.of(session).trying)
        lab.answers[rq.EstimateRun] = answered
        session.set_value("name", "asks again")
        await until(lambda: Estimator.of(session).estimate is not None)
        Estimator.of(session).shutdown()

    run_async(scenario())


def test_parts_open_by_key_and_by_click(qtbot: Any, session: Session, lab: FakeLab) -> None:
    line = RunEstimate(session)
    qtbot.addWidget(line)
    line.show()
    line.show_parts()
    assert line.parts is None  # there is nothing to show yet
    estimator = Estimator.of(session)
    estimator.estimate = TRIED
    estimator.changed.emit()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert line.parts is not None and line.parts.isVisible()
    line.parts.close()
    qtbot.waitUntil(lambda: line.parts is None)
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)
    assert line.parts is not None
    line.parts.close()
    qtbot.waitUntil(lambda: line.parts is None)
    estimator.shutdown()


def test_words_and_signs_besides_colours(qtbot: Any) -> None:
    tight = dataclasses.replace(TRIED, memory_free=1_300_000_000, notes=("may_stop_early",))
    large = dataclasses.replace(
        COUNTED, memory_free=10, exact=False, notes=("not_prepared", "too_large_to_try")
    )
    assert [verdict_text(one) for one in (TRIED, tight, large)] == [
        "✓\xa0fits",
        "⚠\xa0tight",
        "✕\xa0too large",
    ]
    assert line_text(large, trying=False).startswith("≈ 4.1 M parameters · ≈ 900 MB of 10 B · 150 MB")
    shown = table_html(tight)
    for words in ("Memory", "Activations", "800 MB", "Training", "27 min", "520 steps of 0.5 s", "CPU, bf16"):
        assert words in shown
    assert "sooner" in shown and "tight" in shown and "Gradients" not in shown
    failed = dataclasses.replace(COUNTED, notes=("trial_failed",), error="<odd> it broke")
    assert "&lt;odd&gt; it broke" in table_html(failed)
    gpu = dataclasses.replace(TRIED, main_memory=900_000_000)
    assert "Main memory" in table_html(gpu)
    language.set("zh_CN")
    assert verdict_text(tight).endswith("有点紧") and verdict_text(large).endswith("放不下")
    assert "约 28 分钟" in line_text(TRIED, trying=False)
    assert "正在试跑" in line_text(COUNTED, trying=True)
    assert "早停" in table_html(tight)


def test_rough_durations() -> None:
    shown = [rough_duration(seconds) for seconds in (3.14, 45, 100, 1680, 7500, 300_000)]
    assert shown == ["3.1 s", "45 s", "2 min", "28 min", "2 h 5 min", "3 d 11 h"]
