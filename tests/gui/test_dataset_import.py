"""Bringing texts in: dropped, pasted or chosen, looked at, and added to the draft."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox

from studio.gui.dataset.import_dialog import ImportDialog
from studio.gui.i18n import language
from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from studio.runs import lab_messages
from studio.runs import requests as rq
from studio.runs.dataset_requests import InspectSource, SourceInspected
from studio.runs.datasets import BadLine, ColumnProfile, Contents, Counted, FileProfile, Row, SourceProfile
from tests.gui.fake_lab import FakeLab, until
from tests.gui.test_data_and_model_panes import previewed, show

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]
COLUMNS = (("编号", ""), ("评论", "text"), ("情感", "label"), ("备注", ""))


def inspected(request: InspectSource) -> lab_messages.Response:
    """A CSV file by the rules that the request names; a folder of two; `.txt` is text; `bad` cannot be read."""
    source = request.source
    path = Path(source["path"])
    if path.name.startswith("bad"):
        return rq.Refused(id=request.id, kind="data", message=f"{path} is empty", remedy="choose a text file")
    text = path.suffix == ".txt"
    whole_text = text and "damaged" not in path.name
    roles = dict(COLUMNS)
    if source.get("text"):
        roles = {name: "text" if name in source["text"] else "" for name, _ in COLUMNS}
        roles |= {source[role]: role for role in ("label", "pinyin") if source.get(role, "-") != "-"}
    columns = tuple(ColumnProfile(name, "text", roles[name], "it has most hanzi") for name, _ in COLUMNS)  # type: ignore[arg-type]
    encoding = "big5hkscs" if "big5" in path.name else "gb18030"
    file = FileProfile(
        name=path.name, format="text" if text else "csv", size=2000, encoding=encoding, certainty=0.96,
        delimiter="" if text else ",", header=not text,
        columns=(ColumnProfile("1", "text", "text"),) if text else columns,
        preview=tuple(Row(n, (str(n), "春天来了", "好", "")) for n in range(5)),
        set_aside=0 if whole_text else 2 if request.whole else 1,
        bad_lines=() if text else (BadLine(3, "it has 6 cells, not 4"),),
        contents=Contents(rows=100 if request.whole else 20, hanzi=400, characters=500, hanzi_share=0.8,
                          labels=(Counted("好", 60), Counted("差", 40))),
        complete=request.whole or text,
    )  # fmt: skip
    return SourceInspected(id=request.id, profile=SourceProfile((file, file) if path.is_dir() else (file,)))


@pytest.fixture
def lab(session: Session) -> FakeLab:
    lab = FakeLab()
    lab.answers |= {rq.PreviewData: previewed, InspectSource: inspected}
    session.lab = lab  # type: ignore[assignment]
    return lab


def sources(session: Session) -> list[dict[str, Any]]:
    """The files and tables of the draft, without what is as it always is."""
    found = [item for item in session.values["data"]["sources"] if item["kind"] != "builtin"]
    return [{key: value for key, value in item.items() if value not in ("auto", "", [], 0)} for item in found]


def drop(pane: DatasetPane, data: QMimeData) -> None:
    button, key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    pane.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, button, key))


def test_a_dropped_table_is_looked_at_before_it_is_added(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, tmp_path: Path
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / "rows.csv"))])
        drop(pane, data)
        dialog = pane.importing
        panel = dialog.panels[0]
        assert not dialog.add.isEnabled() and not sources(session)
        await until(lambda: panel.profile is not None and panel.profile.rows == 100)
        asked = [item for item in lab.asked if isinstance(item, InspectSource)]
        assert [item.whole for item in asked] == [False, True]
        assert panel.roles.roles() == list(COLUMNS)
        assert panel.options.encoding.itemText(0) == "Automatic (gb18030 96%)"
        assert panel.told.text() == "2.0 KB · 100 rows · 400 hanzi · 80% of it hanzi · labels: 好 60, 差 40"
        assert panel._bad_title.text() == "2 lines are set aside:"
        assert panel.bad.item(0).text() == "line 3: It has 6 cells, not 4."
        assert panel.table.item(0, 1).text() == "春天来了"
        dialog.add.click()
        assert sources(session) == [{"kind": "table", "path": str(tmp_path / "rows.csv")}]
        pane.shutdown()

    run_async(scenario())


def test_a_text_with_broken_lines_is_read_line_by_line(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, tmp_path: Path
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        names = [str(tmp_path / "whole.txt"), str(tmp_path / "damaged.txt")]
        pane.bring(names)
        await until(lambda: pane.importing.add.text() == "Add 2 sources")
        pane.importing.add.click()
        # As a file it would be refused as a whole, although its first rows were shown.
        assert sources(session) == [
            {"kind": "file", "path": names[0]},
            {"kind": "table", "path": names[1]},
        ]
        pane.shutdown()

    run_async(scenario())


def test_columns_are_told_what_they_are_for_in_their_heads(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, tmp_path: Path
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        pane.bring([str(tmp_path / "rows.csv")])
        panel = pane.importing.panels[0]
        await until(panel.usable)
        boxes = panel.roles.boxes
        boxes[3].setCurrentIndex(boxes[3].findData("label"))
        boxes[3].activated.emit(boxes[3].currentIndex())
        assert boxes[2].currentData() == "", "a label is one column"
        await until(lambda: lab.asked[-1].source.get("label") == "备注")
        boxes = panel.roles.boxes
        boxes[1].setCurrentIndex(0)
        boxes[1].activated.emit(0)
        assert panel.error.text().startswith("No column is used as text.")
        assert not pane.importing.add.isEnabled()
        boxes[0].setCurrentIndex(boxes[0].findData("text"))
        boxes[0].activated.emit(boxes[0].currentIndex())
        panel.options.encoding.setCurrentIndex(panel.options.encoding.findData("gb18030"))
        await until(pane.importing.add.isEnabled)
        pane.importing.add.click()
        assert sources(session) == [
            {"kind": "table", "path": str(tmp_path / "rows.csv"), "encoding": "gb18030", "text": ["编号"],
             "label": "备注", "pinyin": "-", "target": "-", "group": "-", "date": "-"}
        ]  # fmt: skip
        pane.shutdown()

    run_async(scenario())


def test_several_files_and_a_folder_of_which_one_cannot_be_read(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        names = [str(tmp_path / name) for name in ("text.txt", "bad.csv", "rows.csv", "big5.txt")]
        pane.bring([*names, str(folder), names[0]])
        dialog = pane.importing
        assert len(dialog.panels) == 5
        await until(lambda: dialog.add.text() == "Add 4 sources")
        dialog.list.setCurrentRow(1)
        assert dialog.panels[1].error.text() == f"{names[1]} is empty. Choose a text file."
        assert dialog.panels[4].told.text().startswith("2 files · ")
        dialog.list.item(2).setCheckState(Qt.CheckState.Unchecked)
        assert dialog.add.text() == "Add 3 sources"
        try:
            language.set("zh_CN")
            assert dialog.add.text() == "添加 3 个来源" and not dialog.grab().isNull()
        finally:
            language.set("en")
        dialog.add.click()
        assert sources(session) == [
            {"kind": "file", "path": names[0]},
            {"kind": "file", "path": names[3], "encoding": "big5hkscs"},
            {"kind": "table", "path": str(folder)},
        ]
        pane.shutdown()

    run_async(scenario())


def test_a_dialog_that_is_closed_asks_no_more(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, tmp_path: Path
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        await until(lambda: pane.preview.model.rowCount() == 5)
        lab.hold = True
        pane.bring([str(tmp_path / "rows.csv")])
        await until(lambda: isinstance(lab.asked[-1], InspectSource))
        pane.importing.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
        await until(lambda: len(lab.cancelled) == 1)
        assert not sources(session)
        pane.shutdown()

    run_async(scenario())


def test_pasted_text_is_kept_as_a_file(
    qtbot: Any, session: Session, lab: FakeLab, run_async: Run, fresh_home: Path
) -> None:
    async def scenario() -> None:
        pane = show(qtbot, DatasetPane(session))
        said: list[str] = []
        session.message.connect(lambda _, text: said.append(text))
        clipboard = QGuiApplication.clipboard()
        clipboard.setText("  ")
        pane.sources.paste_button.click()
        assert said == ["There is no text to paste."] and not pane.findChildren(ImportDialog)
        for text in ("春天来了。", "花开了。"):
            clipboard.setText(text)
            pane.activateWindow()
            await until(pane.isActiveWindow)
            pane.sources.add_button.setFocus()
            QTest.keyClick(pane.sources.add_button, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
            await until(lambda: pane.importing is not None and pane.importing.isVisible())
            assert pane.importing is not None
            await until(pane.importing.add.isEnabled)
            added = [item["path"] for item in sources(session)]
            pane.importing.accept()
            assert len(sources(session)) == len(added) + 1
        kept = sorted((fresh_home / "pasted").iterdir())
        assert {path.read_text(encoding="utf-8") for path in kept} == {"春天来了。\n", "花开了。\n"}
        assert {item["path"] for item in sources(session)} == set(map(str, kept))
        pane.shutdown()

    run_async(scenario())
