"""The dialog of what was learnt from typing: it shows, corrects, forgets, imports, exports, checks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from studio.gui.personal.checking import Checking
from studio.gui.personal.dialog import PersonalDialog, personal_dialog
from studio.gui.personal.table import COUNT, PINYIN, TEXT
from studio.gui.session import Session
from studio.runs import requests as rq
from studio.runs.personal import PersonalStore
from studio.runs.personal_requests import (
    DictionaryImported,
    ExportPhrases,
    ImportDictionary,
    PhrasesExported,
)
from tests.gui.fake_lab import FakeLab

RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def store(fresh_home: Path) -> PersonalStore:
    store = PersonalStore()
    store.learn("张玮琦", "zhang wei qi", "今天")
    store.learn("张玮琦", "zhang wei qi")
    store.learn("氪金", "ke jin")
    store.add_dictionary("术语", [("贝叶斯", "bei ye si", 5)])
    return store


@pytest.fixture
def dialog(qtbot: Any, session: Session, store: PersonalStore) -> PersonalDialog:
    dialog = PersonalDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def rows(dialog: PersonalDialog) -> list[list[str]]:
    items = [dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount())]
    return [[item.text(column) for column in (TEXT, PINYIN, COUNT)] for item in items if item is not None]


def select(dialog: PersonalDialog, row: int) -> Any:
    item = dialog.table.topLevelItem(row)
    assert item is not None
    dialog.table.setCurrentItem(item)
    return item


def test_what_was_learnt_is_shown(dialog: PersonalDialog, store: PersonalStore) -> None:
    assert rows(dialog) == [["氪金", "ke jin", "1"], ["张玮琦", "zhang wei qi", "2"]]
    item = dialog.table.topLevelItem(1)
    assert item is not None
    assert "今天" in item.toolTip(TEXT)
    assert str(store.file) in dialog._place.text(), "it is said where it is kept"
    dialog.chooser.setCurrentIndex(dialog.chooser.findData("术语"))
    dialog.chooser.activated.emit(1)
    assert rows(dialog) == [["贝叶斯", "bei ye si", "5"]]


def test_searching(qtbot: Any, dialog: PersonalDialog) -> None:
    dialog.search.setText("zhangw")
    qtbot.waitUntil(lambda: len(rows(dialog)) == 1)
    assert rows(dialog)[0][0] == "张玮琦"


def test_what_is_typed_meanwhile_appears(qtbot: Any, dialog: PersonalDialog, store: PersonalStore) -> None:
    store.learn("你好", "ni hao")
    qtbot.waitUntil(lambda: rows(dialog)[0] == ["你好", "ni hao", "1"], timeout=3000)


def test_pinyin_and_count_are_corrected_in_place(dialog: PersonalDialog, store: PersonalStore) -> None:
    select(dialog, 0).setText(PINYIN, "Kè'jin".replace("è", "e"))
    assert rows(dialog)[0] == ["氪金", "ke jin", "1"]
    select(dialog, 0).setText(COUNT, "4")
    assert rows(dialog)[0] == ["氪金", "ke jin", "4"]
    assert sum(use.weight for use in store.uses() if use.text == "氪金") == pytest.approx(4)
    for column, text in ((PINYIN, "ke"), (PINYIN, "ke 1"), (COUNT, "0"), (COUNT, "many")):
        select(dialog, 0).setText(column, text)
        assert rows(dialog)[0] == ["氪金", "ke jin", "4"]
        assert dialog._said.isVisible()


def test_deleting_some_and_clearing_all(qtbot: Any, dialog: PersonalDialog, store: PersonalStore) -> None:
    assert not dialog.delete.isEnabled()
    select(dialog, 0)
    qtbot.mouseClick(dialog.delete, Qt.MouseButton.LeftButton)
    assert rows(dialog) == [["张玮琦", "zhang wei qi", "2"]]
    qtbot.mouseClick(dialog.clear, Qt.MouseButton.LeftButton)
    box = dialog.findChild(QMessageBox)
    assert box is not None
    assert store.phrases()[1] == 1, "it is asked first"
    qtbot.mouseClick(box.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    assert rows(dialog) == []
    assert store.phrases()[1] == 0
    assert [item.name for item in store.dictionaries()] == ["术语"]
    assert "Nothing yet" in dialog._number.text()


def test_a_dictionary_is_removed_as_a_whole(dialog: PersonalDialog, store: PersonalStore) -> None:
    dialog.chooser.setCurrentIndex(dialog.chooser.findData("术语"))
    dialog.refresh()
    assert dialog.clear.text().startswith("Remove dictionary")
    dialog.clear_shown()
    assert store.dictionaries() == ()
    assert dialog.dictionary == ""
    assert len(rows(dialog)) == 2


def test_the_switch(qtbot: Any, dialog: PersonalDialog, store: PersonalStore) -> None:
    assert dialog.switch.isChecked()
    dialog.switch.setChecked(False)
    assert not store.enabled
    store.enable(True)
    qtbot.waitUntil(dialog.switch.isChecked, timeout=3000)


def test_a_damaged_store_is_told(qtbot: Any, session: Session, fresh_home: Path) -> None:
    file = PersonalStore().file
    file.parent.mkdir(parents=True)
    file.write_bytes(b"nonsense " * 1000)
    dialog = PersonalDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "is damaged" in dialog._said.text()


def test_import_and_export_go_through_the_lab(
    dialog: PersonalDialog, session: Session, run_async: RunAsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = FakeLab()
    monkeypatch.setattr(session, "lab", lab)
    problems = ("line 3: 'A' is no hanzi",)

    def imported(request: ImportDictionary) -> DictionaryImported:
        return DictionaryImported(
            id=request.id,
            name="术语",
            format="rime",
            words=2,
            readings_added=1,
            set_aside=1,
            problems=problems,
        )

    lab.answers[ImportDictionary] = imported
    run_async(dialog.import_file("/tmp/x.dict.yaml"))
    assert "2 words of 术语 (rime); 1 lines set aside; pinyin added to 1" in dialog._said.text()
    assert dialog.lines.toPlainText() == problems[0]
    assert dialog.dictionary == "术语", "what was imported is shown"
    lab.answers[ExportPhrases] = lambda request: PhrasesExported(id=request.id, path=request.path, phrases=2)
    run_async(dialog.export_to("/tmp/y.dict.yaml"))
    assert lab.asked[-1].dictionary == "术语"
    lab.answers[ImportDictionary] = lambda request: rq.Refused(
        id=request.id, kind="data", message="/tmp/x is a binary file that is not known"
    )
    run_async(dialog.import_file("/tmp/x"))
    assert "/tmp/x is a binary file of an unknown kind" in dialog._said.text()


REPORT = (
    '{"unseen": {"sentences": 4, "without": 0.5, "with_learnt": 0.75, "broken": [], "mended": ["x"]}, '
    '"learnt_sentences": null, "key_ms": {"p50_without": 1.0, "p50_with": 1.5}}'
)


@pytest.mark.parametrize(
    ("code", "words", "good"),
    [
        (
            f"import sys; print('typing', file=sys.stderr); print('''{REPORT}''')",
            "50.0% right without, 75.0% with",
            True,
        ),
        ("import sys; print('studio: no such run', file=sys.stderr); sys.exit(2)", "no such run", False),
        ("import os; os.abort()", "The check was stopped.", False),
    ],
)
def test_the_check_runs_in_a_process_of_its_own(
    session: Session, run_async: RunAsync, code: str, words: str, good: bool
) -> None:
    checking = Checking(session, command=[sys.executable, "-c", code])
    ended: list[tuple[str, bool]] = []
    checking.ended.connect(lambda text, well: ended.append((text, well)))
    run_async(checking._run("/model", simulate=False))
    assert len(ended) == 1
    assert words in ended[0][0]
    assert ended[0][1] is good
    assert not checking.running


def test_closing_the_dialog_ends_the_check(
    qtbot: Any, session: Session, run_async: RunAsync, store: PersonalStore
) -> None:
    import asyncio

    dialog = PersonalDialog(session, check_command=[sys.executable, "-c", "import time; time.sleep(60)"])
    qtbot.addWidget(dialog)
    dialog.show()

    async def check() -> None:
        dialog.checking.start("/model", simulate=True)
        dialog._enable()
        assert dialog.check.text() == "Stop the check"
        while not dialog.checking._pid:
            await asyncio.sleep(0.01)
        dialog.hide()  # closing the last window would end the event loop
        while dialog.checking.running:
            await asyncio.sleep(0.01)

    run_async(check())
    assert dialog.check.text() == "Check for forgetting"


def test_a_window_has_one_dialog(qtbot: Any, session: Session, fresh_home: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    assert personal_dialog(session, window) is personal_dialog(session, window)
