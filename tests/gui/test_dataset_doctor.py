"""The doctor and the preparation steps: findings that can be mended by a button, and a list that can be ordered."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui.dataset.changed_texts import marked
from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from studio.runs import doctor_requests as dr
from studio.runs import requests as rq
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_data_and_model_panes import previewed, show

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def examined(request: dr.ExamineData) -> dr.DataExamined:
    """Markup until a step takes it off, copies that are taken care of, and labels that only a person can mend."""
    steps = request.recipe["data"].get("steps") or []
    evidence = dr.Evidence(
        source="reviews", document=3, line=4, excerpt="很<b>好", start=1, end=4, note="tag"
    )
    findings = [
        dr.Finding(id="label_conflict", severity="error", count=2, documents=2, examples=(), fix=None),
        dr.Finding(id="markup", severity="warning", count=1200, documents=30, examples=(evidence,),
                   fix=dr.Fix(step={"kind": "remove_markup"}), estimated=True),
        dr.Finding(id="overlong", severity="info", count=5, documents=5, examples=(),
                   fix=dr.Fix(fields={"data.cleaning.max_length": 64}), handled_by="data.cleaning.max_length"),
    ]  # fmt: skip
    if any(step["kind"] == "remove_markup" for step in steps):
        del findings[1]
    sources = (dr.ExaminedSource(source="reviews", documents=100, lines=100, characters=5000, hanzi=4000,
                                 simplified=0, traditional=0),)  # fmt: skip
    report = dr.DoctorReport(sources=sources, findings=tuple(findings), steps=len(steps), seconds=1.5)
    return dr.DataExamined(id=request.id, report=report)


def stepped(request: dr.PreviewSteps) -> dr.StepsPreviewed:
    texts = request.texts or ("很<b>好", "没有")
    rows = tuple(dr.StepRow(source="reviews", before=text, after=text.replace("<b>", "")) for text in texts)
    steps = request.recipe["data"]["steps"]
    tallies = tuple(dr.StepTally(kind=step["kind"], seen=2, changed=1, dropped=0) for step in steps)
    return dr.StepsPreviewed(
        id=request.id, rows=(*rows, dr.StepRow(source="r", before="短", after=None)), tallies=tallies
    )


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.answers |= {rq.PreviewData: previewed, dr.ExamineData: examined, dr.PreviewSteps: stepped}
    session.lab = lab  # type: ignore[assignment]
    return lab


def asked(lab: FakeLab, kind: type) -> list[Any]:
    return [item for item in lab.asked if isinstance(item, kind)]


def kinds(session: Session) -> list[str]:
    return [step["kind"] for step in session.values["data"].get("steps", [])]


def test_findings_and_a_fix_that_is_looked_at_again(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        pane.show_view("doctor")
        view = pane.view("doctor")
        assert not asked(lab, dr.ExamineData), "nothing is read before somebody asks for it"
        lab.hold = True
        view.button.click()
        await until(lambda: asked(lab, dr.ExamineData))
        number = asked(lab, dr.ExamineData)[0].id
        lab.progressed.emit(dr.ExaminationProgress(id=number, documents=1500, source="reviews"))
        assert view._told.text() == "Reviews of books, hotels and goods: 1,500 documents"
        assert view.button.text() == "Cancel"
        lab.release()
        await until(lambda: len(view.cards) == 3)
        assert "100 documents" in view._told.text() and "3 kinds of faults" in view._told.text()
        conflict, markup, overlong = view.cards
        assert conflict.fix.text() == "" and not conflict.fold.isVisible()
        assert markup._count.text() == "Places: ≈ 1,200 · documents: 30"
        assert overlong._handled.text() == "Taken care of by Data › Cleaning › Longest example."
        markup.fold.click()
        assert "line 4" in markup._examples.text() and "&lt;b&gt;</b>" in markup._examples.text()
        assert markup.fix.text() == "Fix: Remove markup"
        markup.fix.click()
        assert kinds(session) == ["remove_markup"]
        await until(lambda: len(view.cards) == 2)
        assert [card.finding.id for card in view.cards] == ["label_conflict", "overlong"]
        view.cards[1].fix.click()
        assert session.values["data"]["cleaning"]["max_length"] == 64
        await until(lambda: len(asked(lab, dr.ExamineData)) == 3 and not view._id)
        session.undo()
        assert view._told.text() == "The recipe has changed since this was found."
        pane.shutdown()

    run_async(scenario())


def test_an_examination_is_called_off_or_refused(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        pane.show_view("doctor")
        view = pane.view("doctor")
        lab.hold = True
        view.examine()
        await until(lambda: asked(lab, dr.ExamineData))
        view.button.click()
        await until(lambda: any(isinstance(item, dr.ExamineData) for item in lab.cancelled))
        assert view.button.text() == "Examine the data" and not view._bar.isVisible()
        lab.release()
        lab.answers[dr.ExamineData] = lambda request: rq.Refused(
            id=request.id, kind="data", message="/a.txt is empty", remedy="choose a file that holds text"
        )
        view.examine()
        await until(lambda: view._refused is not None)
        assert view._told.text() == "/a.txt is empty. Choose a file that holds text."
        session.set_value("data.splits.test", 0.9)
        assert not view.button.isEnabled()
        pane.shutdown()

    run_async(scenario())


def test_steps_are_added_moved_set_and_removed(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        pane.show_view("doctor")
        steps = pane.view("doctor").panel.list
        titles = {action.text(): action for action in steps.menu.actions()}
        for title in ("Remove markup", "Normalise widths", "Filter by length"):
            titles[title].trigger()
        assert kinds(session) == ["remove_markup", "normalise_widths", "filter_length"]
        assert steps.list.currentRow() == 2
        row = next(row for row in steps.rows if row.field.name == "shortest")
        row.editor.setFocus()
        row.editor.selectAll()
        QTest.keyClicks(row.editor, "9")
        assert session.values["data"]["steps"][2]["shortest"] == 9
        assert next(row for row in steps.rows if row.field.name == "shortest") is row, "what is edited stays"
        QTest.keyClick(steps.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert kinds(session) == ["remove_markup", "filter_length", "normalise_widths"]
        steps.up.click()
        assert kinds(session)[0] == "filter_length" and not steps.up.isEnabled()
        moved = steps.list.model().moveRow(steps.list.rootIndex(), 0, steps.list.rootIndex(), 3)
        assert moved and kinds(session) == ["remove_markup", "normalise_widths", "filter_length"]
        assert session.values["data"]["steps"][2]["shortest"] == 9
        steps.list.setCurrentRow(1)
        QTest.keyClick(steps.list, Qt.Key.Key_Delete)
        assert kinds(session) == ["remove_markup", "filter_length"]
        session.undo()
        assert [steps.list.item(n).text()[:9] for n in range(3)] == ["1.  Remov", "2.  Norma", "3.  Filte"]
        pane.shutdown()

    run_async(scenario())


def test_what_steps_do_is_shown_while_they_change(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        pane.show_view("doctor")
        panel = pane.view("doctor").panel
        assert not panel.texts.isVisible() and not asked(lab, dr.PreviewSteps)
        panel.list._add("remove_markup")
        panel.list._add("replace_pattern")
        assert "Mend the settings" in panel.texts.toPlainText()
        session.set_value("data.steps.1.pattern", "a")
        await until(lambda: " change." in panel.texts.toPlainText())
        assert len(asked(lab, dr.PreviewSteps)) == 1
        shown = panel.texts.toPlainText()
        assert "2 of 3 change." in shown and "很<b>好" in shown and "dropped" in shown and "没有" not in shown
        assert panel.list.list.item(0).text() == "1.  Remove markup  ·  1 changed"
        panel.alone.setChecked(True)
        await until(lambda: asked(lab, dr.PreviewSteps)[-1].step == 1)
        panel.own.setText("<b>春")
        await until(lambda: asked(lab, dr.PreviewSteps)[-1].texts == ("<b>春",))
        asked_so_far = len(asked(lab, dr.PreviewSteps))
        pane.show_view("sources")
        session.set_value("data.steps", [{"kind": "remove_markup"}])
        await until(
            lambda: asked(lab, rq.PreviewData)[-1].recipe["data"]["steps"] == [{"kind": "remove_markup"}]
        )
        assert len(asked(lab, dr.PreviewSteps)) == asked_so_far, "a hidden view asks nothing"
        pane.shutdown()

    run_async(scenario())


def test_augmentation_is_shown_as_an_epoch_sees_it(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    def varied(request: dr.PreviewAugmentation) -> dr.AugmentationPreviewed:
        row = dr.AugmentedRow(before="zhe ge", after=f"ze ge {request.epoch}", changed=((0, 2),))
        (item,) = request.recipe["data"]["augmentation"]
        slips = round(10 * item.get("rate", 0.05)) if item["kind"] == "typing_slips" else 0
        return dr.AugmentationPreviewed(id=request.id, rows=(row,), slips=slips, fed=slips // 2)

    async def scenario() -> None:
        lab.answers[dr.PreviewAugmentation] = varied
        pane = show(qtbot, DatasetPane(session), width=900)
        pane.show_view("doctor")
        panel = pane.view("doctor").augmentation
        assert not panel.epoch.isVisible()
        panel.list._add("fuzzy_sounds")
        assert session.values["data"]["augmentation"][0]["kind"] == "fuzzy_sounds"
        await until(lambda: "ge␣0" in panel.texts.toPlainText())
        panel.epoch.setValue(3)
        await until(lambda: "ge␣2" in panel.texts.toPlainText())
        assert "1 of 1 change." in panel.texts.toPlainText()
        # Slips begin as the task can use them; a slider changes what is shown at once.
        panel.list.remove()
        panel.list._add("typing_slips")
        assert session.values["data"]["augmentation"] == [{"kind": "typing_slips", "initials": 0.0}]
        assert not session.problems
        rate = next(row for row in panel.list.rows if row.field.name == "rate")
        assert rate.slider is not None
        rate.slider.setValue(80)
        assert rate.editor.value() == 0.8 and session.values["data"]["augmentation"][0]["rate"] == 0.8
        await until(lambda: "Of 8 syllables typed otherwise 4 make another" in panel.texts.toPlainText())
        session.set_value("data.augmentation", [{"kind": "typing_slips", "rate": 0.2}])
        await until(lambda: rate.slider is not None and rate.slider.value() == 20)
        assert "cuts syllables down to their initials" in session.problems[0].reason
        pane.shutdown()

    run_async(scenario())


def test_changes_are_marked(qtbot: Any) -> None:
    both = marked("很<b>好\u200b 啊", "很好　啊")
    assert "&lt;b&gt;</span>" in both and "[U+200B]" in both and both.count("line-through") == 2
    far = marked("春" * 500 + "旧", "春" * 500 + "新")
    assert far.startswith("…") and far.count("春") < 60
