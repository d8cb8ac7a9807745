"""The Dataset pane with the real lab, from a file in an old encoding to a recipe that mends what is wrong with it."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import Any

import pytest
import qasync

from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from tests.gui.fake_lab import until
from tests.gui.test_data_and_model_panes import show

pytestmark = [pytest.mark.gui, pytest.mark.slow]
ROWS = 240


def write_table(path: Path) -> None:
    """A CSV file in GB18030 with labels, HTML in every tenth row, and a row that has too many cells."""
    with path.open("w", encoding="gb18030", newline="") as file:
        table = csv.writer(file)
        table.writerow(["编号", "评论", "情感"])
        for number in range(ROWS):
            mark = "<br/><b>推荐</b>" if number % 10 == 0 else "推荐"
            text = f"我在西安住了{'一二三四五六七八九十'[number % 10]}天，房间很干净，{mark}给大家，第{number}次。"
            table.writerow([number, text, "好评" if number % 2 else "差评"])
        file.write("1,2,3,4,5,6\r\n")


def test_a_table_in_gb18030_from_the_file_to_a_recipe_that_mends_it(
    qtbot: Any, fresh_home: Path, tmp_path: Path, qapp: Any
) -> None:
    path = tmp_path / "评论.csv"
    write_table(path)

    async def scenario() -> None:
        session = Session()
        session.load_preset("pinyin-quick")
        session.set_value("data.sources", [])
        pane = show(qtbot, DatasetPane(session), width=900)
        try:
            pane.bring([str(path)])
            dialog = pane.importing
            assert dialog is not None
            panel = dialog.panels[0]
            await until(lambda: panel.profile is not None and panel.profile.files[0].complete, 60)
            assert panel.profile is not None and panel.profile.files[0].encoding.lower() == "gb18030"
            assert dict(panel.roles.roles()) == {"编号": "", "评论": "text", "情感": "label"}
            assert panel.profile.set_aside == 1 and panel.bad.count() == 1
            dialog.add.click()
            source = session.values["data"]["sources"][0]
            assert (source["kind"], source["path"]) == ("table", str(path))

            pane.show_view("rows")
            rows = pane.view("rows")
            await until(lambda: rows.rows.total == ROWS, 60)
            assert "我在西安住了一天" in rows.rows.index(0, 1).data()
            rows.search.setText("第77次")
            rows.search.returnPressed.emit()
            await until(lambda: rows.rows.total == 1, 30)
            assert rows.rows.at(0).number == 77

            pane.show_view("doctor")
            doctor = pane.view("doctor")
            doctor.examine()
            await until(lambda: any(card.finding.id == "markup" for card in doctor.cards), 60)
            markup = next(card for card in doctor.cards if card.finding.id == "markup")
            assert markup.finding.documents == ROWS // 10
            markup.fix.click()
            assert session.recipe is not None
            assert [step.kind for step in session.recipe.data.steps] == ["remove_markup"]
            await until(lambda: not doctor._id, 60)
            assert all(card.finding.id != "markup" for card in doctor.cards)
            await until(lambda: " change." in doctor.panel.texts.toPlainText(), 60)

            pane.show_view("batches")
            batches = pane.view("batches")
            await until(lambda: batches.empty.title.text() == "The data are not prepared yet", 60)
            batches.empty.button.click()
            await until(lambda: batches.shown is not None, 90)
            texts = {row.text for row in batches.shown.rows}
            assert not any("<" in text for text in texts)
            batches._row_chosen(0)
            await until(lambda: batches.line._found is not None, 30)
            pane.show_view("statistics")
            statistics = pane.view("statistics")
            await until(lambda: statistics.cards, 60)
            assert statistics.table.item(0, 0).text() == "Examples"
        finally:
            pane.shutdown()
            await session.close()

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
        runner.run(asyncio.wait_for(scenario(), 240))
