"""The duel: several models behind one keyboard."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest

from studio.gui.engine_view.duel import DuelDialog
from studio.gui.engine_view.model_picker import ModelPicker, models
from studio.gui.evaluation.dialog import EvaluationDialog
from studio.gui.main_window import MainWindow
from studio.gui.session import Session
from studio.runs import requests as rq
from studio.runs.bundled import bundled
from studio.runs.events import Candidate
from tests import tiny
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_playground import make_run

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def answer(asked: rq.Predict) -> rq.Predicted | rq.Refused:
    if asked.model.endswith("broken"):
        return rq.Refused(id=asked.id, kind="model", message=f"there is no folder {asked.model}; give a run")
    text = "方按" if asked.judge == "network" else "方案"
    best = (Candidate(text=text, score=0.6), Candidate(text="反感", score=0.1))
    return rq.Predicted(
        id=asked.id, text=asked.text, candidates=best, syllables=(), step=7, live=False, milliseconds=4.2
    )


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.answers[rq.Predict] = answer
    session.lab = lab  # type: ignore[assignment]
    return lab


def test_each_model_says_its_sentence_and_differences_are_marked(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    run = make_run(fresh_home)

    async def scenario() -> None:
        dialog = DuelDialog(session)
        qtbot.addWidget(dialog)
        dialog.show()
        first, second, third, fourth = dialog.contestants
        assert [one.picker.path for one in dialog.contestants] == [str(run)] * 3 + [""]
        assert [one.judge.value() for one in dialog.contestants][:3] == ["both", "network", "ngrams"]
        QTest.keyClicks(dialog.line, "fangan")
        await until(lambda: first.best and second.best and third.best)
        assert dialog.majority() == "方案"
        assert "background" in second.sentence.text() and "background" not in first.sentence.text()
        assert "60.0%" in first.figures.text() and "4.2 ms" in first.figures.text()
        assert "反感 10.0%" in first.others.text()
        assert fourth.sentence.text() == "" and not fourth.judge.isVisible()
        typed = [item for item in lab.asked if item.text == "fangan"]
        assert {item.channel for item in typed} == {"duel-1", "duel-2", "duel-3"}
        fourth.picker.choose(str(fresh_home / "broken"))
        await until(lambda: fourth.problem)
        assert "There is no folder" in fourth.others.text() and fourth.others.property("role") == "error"
        third.judge._buttons["network"].click()
        await until(lambda: third.best == "方按")
        assert dialog.majority() == "方按"
        dialog.line.clear()
        await until(lambda: not first.best)
        for size in ((440, 420), (1600, 900)):
            dialog.resize(*size)
            assert not dialog.grab().isNull()
        dialog.close()

    run_async(scenario())


def test_the_newest_key_wins(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path, run_async: Run
) -> None:
    make_run(fresh_home)

    async def scenario() -> None:
        dialog = DuelDialog(session)
        qtbot.addWidget(dialog)
        lab.hold = True
        dialog.line.setText("fan")
        await until(lambda: "fan" in lab.texts())
        dialog.line.setText("fangan")
        await until(lambda: [item.text for item in lab.cancelled].count("fan") == 3)
        lab.release()
        await until(lambda: all(one.answer for one in dialog.contestants[:3]))
        assert {one.answer.text for one in dialog.contestants[:3] if one.answer} == {"fangan"}
        dialog.close()

    run_async(scenario())


def test_without_a_model_nothing_is_asked(
    qtbot: Any, session: Session, lab: FakeLab, fresh_home: Path
) -> None:
    dialog = DuelDialog(session)
    qtbot.addWidget(dialog)
    QTest.keyClicks(dialog.line, "ni")
    assert lab.asked == [] and dialog.majority() == ""


def test_runs_and_their_checkpoints_are_offered(qtbot: Any, fresh_home: Path) -> None:
    (fresh_home / "runs").mkdir(parents=True)
    run = tiny.copied(fresh_home / "runs")
    ours = [str(path) for path in bundled().values()]
    own = [str(run.path), str(run.checkpoint(6)), str(run.checkpoint(3))]
    assert [path for _, path in models()] == [*own, *ours]
    picker = ModelPicker(optional=True)
    qtbot.addWidget(picker)
    picker.reload()
    assert picker.itemData(0) == "" and picker.count() == 5 + len(ours)
    with qtbot.waitSignal(picker.chosen) as chosen:
        picker.choose(str(run.checkpoint(3)))
    assert chosen.args == [str(run.checkpoint(3))] and "3" in picker.currentText()
    picker.choose(str(fresh_home))
    assert picker.currentText() == fresh_home.name


def test_both_dialogs_open_from_the_menu(qtbot: Any, session: Session, fresh_home: Path) -> None:
    run = make_run(fresh_home)
    window = MainWindow(session)
    qtbot.addWidget(window)
    for name, kind in (("duel", DuelDialog), ("evaluate_model", EvaluationDialog)):
        window.menus.actions[name].trigger()
        dialog = window.findChild(kind)
        assert dialog is not None and dialog.isVisible()
        window.menus.actions[name].trigger()
        assert len(window.findChildren(kind)) == 1
        dialog.close()
    assert window.findChild(EvaluationDialog).picker.path == str(run)
    window.commands.evaluate_run("pinyin")
    assert window.findChild(EvaluationDialog).picker.path == "pinyin"
    window.close()
