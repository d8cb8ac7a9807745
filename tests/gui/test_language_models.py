"""The dialog of imported language models, with real processes doing the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from studio.data.language_models import store
from studio.gui.i18n import language
from studio.gui.language_models.dialog import LanguageModelsDialog
from studio.gui.language_models.import_form import ImportForm
from studio.runs import fusion, language_models
from studio.runs.folder import RunFolder
from studio.runs.fusion import Fusion
from tests import tiny

WORKING = 100_000  # milliseconds for a real process


@pytest.fixture
def run(fresh_home: Path) -> RunFolder:
    return tiny.copied(fresh_home)


@pytest.fixture
def words(fresh_home: Path) -> Path:
    path = fresh_home / "words.txt"
    path.write_text("北京\t5\n学校\t3\n公园\t2\n", encoding="utf-8")
    return path


@pytest.fixture
def dialog(qtbot: Any, run: RunFolder) -> Any:
    made = LanguageModelsDialog(lambda: str(run.path))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.shutdown()


def add(path: Path, name: str) -> None:
    store.add([path], lambda _done, _total: None, name=name, licence="LGPL-2.1")


def texts(dialog: LanguageModelsDialog) -> list[list[str]]:
    return [[item.text(column) for column in range(6)] for item in dialog._items()]


def tick(dialog: LanguageModelsDialog, name: str, on: bool = True) -> None:
    item = next(item for item in dialog._items() if item.text(0) == name)
    item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def test_imported_by_a_process_of_its_own(qtbot: Any, dialog: LanguageModelsDialog, words: Path) -> None:
    form = ImportForm([str(words)], [], dialog)
    form.licence.setText("LGPL-2.1")
    assert form.name.text() == "words"
    dialog.import_files(form.arguments())
    assert dialog.cancel_button.isVisible()
    assert not dialog.import_button.isEnabled()
    with qtbot.waitSignal(dialog.process.ended, timeout=WORKING) as ended:
        pass
    assert ended.args[0] == 0
    assert [row[0] for row in texts(dialog)] == ["words"]
    assert texts(dialog)[0][5] == "LGPL-2.1"
    assert "words is imported" in dialog._note.text()
    assert dialog.import_button.isEnabled()
    assert not dialog.progress.isVisible()


def test_what_cannot_be_imported_is_said(qtbot: Any, dialog: LanguageModelsDialog, words: Path) -> None:
    words.write_text("nothing Chinese\n", encoding="utf-8")
    dialog.import_files([str(words)])
    with qtbot.waitSignal(dialog.process.ended, timeout=WORKING):
        pass
    assert "holds no line with Chinese words" in dialog._note.text()
    assert dialog._note.property("role") == "error"
    language.set("zh_CN")
    try:
        dialog.import_files([str(words)])
        with qtbot.waitSignal(dialog.process.ended, timeout=WORKING):
            pass
        assert "没有带频次的中文词" in dialog._note.text()
        assert "请给出 ARPA 文件" in dialog._note.text()
    finally:
        language.set("en")


def test_names_are_checked_while_they_are_typed(qtbot: Any, words: Path) -> None:
    form = ImportForm([str(words)], ["words"])
    qtbot.addWidget(form)
    assert form.name.text() == "words-2"
    for name in ("words", "a/b", ""):
        form.name.setText(name)
        assert not form.button.isEnabled()
        assert form._problem.text()
    form.name.setText("mine")
    form.readings.setText("/x/pinyin.txt")
    assert form.button.isEnabled()
    assert form.arguments() == [str(words), "--name=mine", "--readings=/x/pinyin.txt"]


def test_ticks_are_what_the_model_is_fused_with(
    qtbot: Any, dialog: LanguageModelsDialog, words: Path, run: RunFolder
) -> None:
    add(words, "one")
    add(words, "two")
    dialog.reload()
    with qtbot.waitSignal(dialog.changed):
        tick(dialog, "one")
    assert fusion.read(run.path).imported == {"one": 0.4}
    tick(dialog, "two")
    assert fusion.read(run.path).imported == {"one": 0.2, "two": 0.2}
    assert [row[4] for row in texts(dialog)] == ["20%", "20%"]
    tick(dialog, "one", on=False)
    assert fusion.read(run.path).imported == {"two": 0.2}
    assert [row[4] for row in texts(dialog)] == ["", "20%"]


def test_tuned_by_a_process_of_its_own(
    qtbot: Any, dialog: LanguageModelsDialog, words: Path, run: RunFolder
) -> None:
    add(words, "words")
    dialog.reload()
    tick(dialog, "words")
    stages: list[str] = []
    dialog.process.told.connect(lambda told: stages.append(str(told.get("stage", told["type"]))))
    with qtbot.waitSignal(dialog.process.ended, timeout=WORKING) as ended:
        dialog.tune_button.click()
    assert ended.args == [0, ""]
    assert stages[-1] == "tuned"
    assert "data" in stages
    rows = {row[0]: row[1:] for row in dialog.outcome.rows()}
    assert set(rows) >= {"Sentences right", "Characters right", "Weight of the network", "Share of words"}
    assert rows["Share of words"][0] == "40%"
    assert dialog.outcome.isVisible()
    assert "words" not in fusion.read(run.path).imported or fusion.read(run.path).imported["words"] != 0.4


def test_cancelled_nothing_has_changed(
    qtbot: Any, dialog: LanguageModelsDialog, words: Path, run: RunFolder
) -> None:
    dialog.tune_button.click()
    qtbot.waitUntil(lambda: dialog._stage != {}, timeout=WORKING)
    with qtbot.waitSignal(dialog.process.ended, timeout=20_000):
        dialog.cancel_button.click()
    assert "Cancelled" in dialog._note.text()
    assert not (run.path / fusion.FILE).exists()
    assert dialog.tune_button.isEnabled()


def test_removed_after_asking(
    dialog: LanguageModelsDialog, words: Path, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(words, "words")
    fusion.write(run.path, Fusion(imported={"words": 0.3}))
    dialog.reload()
    assert not dialog.remove_button.isEnabled()
    dialog._items()[0].setSelected(True)
    asked = QMessageBox.StandardButton
    monkeypatch.setattr(QMessageBox, "question", lambda *_: asked.Cancel)
    dialog.remove_button.click()
    assert len(language_models.imported()) == 1
    monkeypatch.setattr(QMessageBox, "question", lambda *_: asked.Yes)
    dialog.remove_button.click()
    assert language_models.imported() == []
    assert "tuned together with words" in dialog._note.text()


def test_without_a_model_there_is_nothing_to_tune(qtbot: Any, fresh_home: Path, words: Path) -> None:
    add(words, "words")
    dialog = LanguageModelsDialog(lambda: None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.tune_button.isEnabled()
    assert not dialog._items()[0].flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert "no model in the Playground" in dialog._for.text()
