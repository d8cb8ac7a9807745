"""The Dataset and Model panes: what they ask the lab, what they show, what they change in the draft."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui.i18n import language
from studio.gui.panes.dataset import DatasetPane
from studio.gui.panes.model import ModelPane
from studio.gui.panes.preview_items import ROW
from studio.gui.session import Session
from studio.runs import lab_messages
from studio.runs import requests as rq
from studio.runs.estimates import RunEstimated
from tests.gui.fake_lab import FakeLab, until

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def previewed(request: rq.PreviewData) -> rq.DataPreviewed:
    sources, rows = [], []
    for item in request.recipe["data"]["sources"]:
        name = item.get("name") or Path(item["path"]).name
        lexicon = name.startswith("lexicon")
        sources.append(
            rq.SourceSummary(
                source=name, title=name, licence="MIT", documents=0 if lexicon else 1200, characters=34000,
                entries=5000 if lexicon else 0,
            )
        )  # fmt: skip
        split = "lexicon" if lexicon else "train"
        examples = (("春天来了", "chun tian lai le"), ("花开了", "hua kai le"))
        rows.append(rq.PreviewRow(source=name, split=split, raw="春天来了，花开了。" * 20, examples=examples))
    return rq.DataPreviewed(
        id=request.id, sources=tuple(sources), rows=tuple(rows), notes=("3 lines set aside",)
    )


def estimated(request: rq.EstimateRun) -> RunEstimated:
    parameters = 1000 * request.recipe["model"]["width"]
    return RunEstimated(
        id=request.id, parameters=parameters, device="CPU", steps=10, memory={"weights": 16 * parameters},
        disk={"checkpoints": parameters}, disk_most=parameters, memory_free=10**10, disk_free=10**10,
    )  # fmt: skip


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.answers |= {rq.PreviewData: previewed, rq.EstimateRun: estimated}
    session.lab = lab  # type: ignore[assignment]
    return lab


def show(qtbot: Any, pane: Any, width: int = 420, height: int = 760) -> Any:
    qtbot.addWidget(pane)
    pane.resize(width, height)
    pane.show()
    return pane


# --- dataset -----------------------------------------------------------------------------------------


def test_sources_are_previewed_with_counts(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        assert pane.preview.empty.title.text() == "Reading the sources"
        await until(lambda: pane.preview.model.rowCount() == 5)
        row = pane.sources.builtin["peoples_daily"]
        assert row.tick.isChecked() and "1.2 k documents" in row.notes.counts.text()
        assert "5 k words" in pane.sources.builtin["lexicon_jieba"].notes.counts.text()
        assert "3 lines set aside" in pane.preview._splits.text()
        assert pane.preview.model.index(0).data(ROW).examples[0] == ("春天来了", "chun tian lai le")
        pane.preview.source.setCurrentIndex(1)
        pane.preview._filter()
        assert pane.preview.model.rowCount() == 1
        before = pane.preview.list.sizeHintForRow(0)
        pane.preview.list.setCurrentIndex(pane.preview.model.index(0))
        assert pane.preview.list.sizeHintForRow(0) > before
        pane.shutdown()

    run_async(scenario())


def test_ticks_change_the_draft_and_keep_the_order(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        pane.sources.builtin["reviews"].tick.click()
        names = [item["name"] for item in session.values["data"]["sources"]]
        assert "reviews" not in names and len(names) == 4
        pane.sources.builtin["reviews"].tick.click()
        assert session.values["data"]["sources"][1] == {"kind": "builtin", "name": "reviews"}
        for name in ("peoples_daily", "reviews"):
            pane.sources.builtin[name].tick.click()
        assert "Every source is a word list" in pane.sources._error.text()
        for name in ("lexicon_jieba", "lexicon_rime", "lexicon_modern"):
            pane.sources.builtin[name].tick.click()
        assert pane.preview.empty.title.text() == "No sources yet"
        pane.shutdown()

    run_async(scenario())


def test_bad_files_are_named_at_their_place_and_the_rest_is_shown(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, tmp_path: Path
) -> None:
    empty, good = str(tmp_path / "empty.txt"), str(tmp_path / "good.txt")

    def answer(request: rq.PreviewData) -> lab_messages.Response:
        if any(item.get("path") == empty for item in request.recipe["data"]["sources"]):
            return rq.Refused(
                id=request.id,
                kind="data",
                message=f"{empty} is empty",
                remedy="choose a file that holds text",
            )
        return previewed(request)

    async def scenario() -> None:
        lab.answers[rq.PreviewData] = answer
        pane = show(qtbot, DatasetPane(session))
        pane.sources.add_sources([{"kind": "file", "path": empty}, {"kind": "file", "path": good}])
        await until(lambda: pane.preview.model.rowCount() == 6)
        first, second = pane.sources.files
        assert first.notes.error.text() == f"{empty} is empty. Choose a file that holds text."
        assert second.notes.error.text() == "" and "1.2 k documents" in second.notes.counts.text()
        QTest.mouseClick(first._remove, Qt.MouseButton.LeftButton)
        assert [row.path for row in pane.sources.files] == [good]
        await until(lambda: lab.asked[-1].recipe["data"]["sources"][-1].get("path") == good)
        pane.shutdown()

    run_async(scenario())


def test_a_file_has_its_settings_in_its_row(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, tmp_path: Path
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        said: list[tuple[str, str]] = []
        session.message.connect(lambda level, text: said.append((level, text)))
        text, table = str(tmp_path / "text.txt"), str(tmp_path / "rows.csv")
        pane.sources.add_sources([{"kind": "file", "path": text}, {"kind": "table", "path": table}])
        pane.sources.add_sources([{"kind": "file", "path": text}])
        assert [item["path"] for item in session.values["data"]["sources"][-2:]] == [text, table]
        assert said == [("info", "text.txt is in the list already.")]
        row = pane.sources.files[0]
        row._fold.click()
        encoding = row.rows[0].editor
        encoding.setFocus()
        encoding.selectAll()
        QTest.keyClicks(encoding, "gb18030")
        assert session.values["data"]["sources"][-2]["encoding"] == "gb18030"
        assert pane.sources.files[0] is row and pane.focusWidget() is encoding
        assert "label" in [field.field.name for field in pane.sources.files[1].rows]
        pane.shutdown()

    run_async(scenario())


def test_a_newer_change_takes_the_older_preview_back(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        lab.hold = True
        pane = show(qtbot, DatasetPane(session))
        await until(lambda: len(lab.asked) == 1)
        session.set_value("data.cleaning.min_length", 3)
        await until(lambda: len(lab.asked) == 2)
        assert len(lab.cancelled) == 1
        lab.release()
        await until(lambda: pane.preview.model.rowCount() == 5)
        asked = len(lab.asked)
        session.set_value("training.max_steps", 123)
        session.set_value("data.cleaning.min_length", 0)
        assert pane.preview.empty.title.text() == "Nothing to preview yet"
        assert len(lab.asked) == asked
        pane.shutdown()

    run_async(scenario())


def test_problems_elsewhere_do_not_stop_the_preview(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        session.set_value("training.max_steps", 0)
        pane = show(qtbot, DatasetPane(session))
        await until(lambda: pane.preview.model.rowCount() == 5)
        assert "training" not in lab.asked[0].recipe
        pane.shutdown()

    run_async(scenario())


# --- model -------------------------------------------------------------------------------------------


def test_the_summary_counts_after_a_pause_and_once(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, ModelPane(session))
        await until(lambda: pane.summary.estimate is not None)
        assert pane.summary._figures[0].text() == f"{session.values['model']['width']} k"
        assert "Fits into the 10.0 GB" in pane.summary._words.text()
        asked = len(lab.asked)
        for width in (320, 352, 384):
            session.set_value("model.width", width)
        await until(lambda: pane.summary._figures[0].text() == "384 k")
        assert len(lab.asked) == asked + 1
        session.set_value("training.max_steps", 77)
        session.set_value("model.width", 3)
        assert pane.summary._figures[0].text() == "–"
        pane.shutdown()

    run_async(scenario())


def test_typing_in_the_form_changes_the_draft_and_says_what_is_in_the_way(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, ModelPane(session))
        row = pane.form.body.row("training.max_steps")
        row.editor.setFocus()
        row.editor.selectAll()
        QTest.keyClicks(row.editor, "0")
        assert session.values["training"]["max_steps"] == 0 and session.recipe is None
        assert "Training › Steps" in pane._obstacle.text() and pane._strip.isVisible()
        pane.form.search.setFocus()
        QTest.mouseClick(pane._show_me, Qt.MouseButton.LeftButton)
        assert pane.focusWidget() is row.editor
        session.undo()
        assert (
            not pane._strip.isVisible() and row.editor.value() == session.values["training"]["max_steps"] > 0
        )
        pane.shutdown()

    run_async(scenario())


def test_presets_are_chosen_changed_reset_and_saved(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, fresh_home: Path
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, ModelPane(session))
        bar = pane.presets
        preset_steps = session.values["training"]["max_steps"]
        said: list[tuple[str, str]] = []
        session.message.connect(lambda level, text: said.append((level, text)))
        assert bar.chooser.currentData() == "pinyin-quick" and not bar._reset.isEnabled()
        session.set_value("training.max_steps", 77)
        assert bar._description.text().startswith("Changed.") and bar._reset.isEnabled()
        bar.save_as("pinyin-quick")
        bar.save_as("a/b")
        assert [level for level, _ in said] == ["warning", "warning"]
        bar.save_as("my own")
        assert (fresh_home / "recipes" / "my own.toml").is_file()
        assert bar.chooser.currentData() == "my own" and bar.chooser.currentText() == "my own (yours)"
        session.set_value("training.max_steps", 78)
        bar._reset.click()
        assert session.values["training"]["max_steps"] == 77 and not session.modified
        bar.chooser.setCurrentIndex(bar.chooser.findData("pinyin-quick"))
        bar.chooser.activated.emit(bar.chooser.currentIndex())
        assert session.values["training"]["max_steps"] == preset_steps
        pane.shutdown()

    run_async(scenario())


def test_both_panes_can_be_painted_in_both_languages_and_any_width(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        panes = [show(qtbot, ModelPane(session)), show(qtbot, DatasetPane(session))]
        await until(lambda: panes[1].preview.model.rowCount() == 5)
        try:
            for code in ("zh_CN", "en"):
                language.set(code)
                for pane in panes:
                    pane.retranslate()
                    for width in (330, 1000):
                        pane.resize(width, 500)
                        assert not pane.grab().isNull() and pane.width() == width
        finally:
            language.set("en")
            for pane in panes:
                pane.shutdown()

    run_async(scenario())


def test_a_problem_of_the_data_leads_to_the_dataset_pane(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run
) -> None:
    async def scenario() -> None:
        panes = [show(qtbot, ModelPane(session)), show(qtbot, DatasetPane(session), height=400)]
        panes[0].data_problem_wanted.connect(panes[1].reveal)
        session.set_value("data.splits.test", 0.9)
        await until(lambda: panes[1].area.verticalScrollBar().maximum() > 0)
        QTest.mouseClick(panes[0]._show_me, Qt.MouseButton.LeftButton)
        row = panes[1].form.row("data.splits.test")
        assert panes[1].focusWidget() is row.editor and not row.visibleRegion().isEmpty()
        for pane in panes:
            pane.shutdown()

    run_async(scenario())
