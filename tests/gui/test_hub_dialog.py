"""Data sets of the hub asked for in the window: with a child that does as it is told, and with the real one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio import paths
from studio.data import hub
from studio.gui.dataset import hub_folders
from studio.gui.dataset.hub_dialog import HubDialog
from studio.gui.i18n import language
from studio.gui.language_models import process
from studio.gui.panes.dataset import DatasetPane
from studio.gui.session import Session
from tests.data.test_hub import FILES, endpoint, told_of  # noqa: F401 - a fixture

pytestmark = pytest.mark.gui
WORKING = 60_000  # milliseconds for a real process
# Makes the folder, tells half of it, and then does what its name asks for; it holds on to its input as the real one.
CHILD = """
import json, os, sys, pathlib
name, out = sys.argv[1], pathlib.Path(sys.argv[2].removeprefix("--out="))
out.mkdir()
(out / "part.csv").write_text("text,label\\n")
def tell(**told): print(json.dumps(told), flush=True)
tell(type="progress", done=1_500_000, total=3_000_000)
if name.endswith("waits"):
    sys.stdin.read()
    sys.exit(130)
if name.endswith("deaf"):
    import time; time.sleep(60)
if name.endswith("gone"):
    tell(type="failed", message=f"the Hugging Face hub has no data set {name}", remedy="check the name")
    sys.exit(2)
if name.endswith("crash"):
    sys.exit("no memory")
tell(type="fetched", name=name, folder=str(out), files=["part.csv"], size=11)
"""


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")

    def command(*arguments: str) -> list[str]:
        assert arguments[:2] == ("data", "fetch")
        return [sys.executable, str(script), *arguments[2:]]

    monkeypatch.setattr(process, "studio_command", command)


@pytest.fixture
def dialog(qtbot: Any, fresh_home: Path) -> Iterator[HubDialog]:
    made = HubDialog()
    qtbot.addWidget(made)
    made.ask()
    yield made
    made.shutdown()


def left() -> list[str]:
    """Whatever lies in the folder of the hub."""
    home = paths.data_home() / "hub"
    return sorted(path.relative_to(home).as_posix() for path in home.rglob("*")) if home.exists() else []


def begun(qtbot: Any, dialog: HubDialog, name: str) -> None:
    """Until it has told how far it is."""
    dialog.name.setText(name)
    dialog.fetch_button.click()
    qtbot.waitUntil(lambda: "1.5 MB" in dialog.note.text() or not dialog.process.running, timeout=20_000)


@pytest.mark.usefixtures("child")
def test_what_was_fetched_is_given_with_its_name(qtbot: Any, dialog: HubDialog) -> None:
    dialog.name.setText("someone/set")
    with qtbot.waitSignal(dialog.fetched, timeout=20_000) as given:
        dialog.fetch_button.click()
        assert not dialog.fetch_button.isEnabled() and not dialog.name.isEnabled()
    assert given.args == [str(paths.data_home() / "hub" / "someone" / "set")]
    assert left() == ["someone", "someone/set", "someone/set/part.csv"]
    assert not dialog.isVisible()
    dialog.ask()
    assert "fetched before" in dialog.note.text() and dialog.fetch_button.text() == "Use it"
    with qtbot.waitSignal(dialog.fetched):  # at once
        dialog.fetch_button.click()
    assert not dialog.process.running


@pytest.mark.usefixtures("child")
@pytest.mark.parametrize("way", ["cancel", "escape", "close"])
def test_called_off_it_leaves_nothing(qtbot: Any, dialog: HubDialog, way: str) -> None:
    begun(qtbot, dialog, "someone/waits")
    assert dialog.note.text() == "Fetching someone/waits: 1.5 MB of 3.0 MB"
    assert dialog.bar.value() * 2 == dialog.bar.maximum() > 0
    assert any(name.endswith("part.csv") for name in left())
    with qtbot.waitSignal(dialog.process.ended, timeout=20_000):
        {"cancel": dialog.cancel_button.click, "escape": dialog.reject, "close": dialog.close}[way]()
    assert left() == []
    assert dialog.isVisible() == (way == "cancel")
    assert dialog.note.text() == "Called off; nothing was kept."
    assert dialog.fetch_button.isEnabled()


@pytest.mark.usefixtures("child")
def test_the_window_takes_the_child_with_it(qtbot: Any, dialog: HubDialog) -> None:
    begun(qtbot, dialog, "someone/deaf")
    children = psutil.Process().children()
    assert len(children) == 1
    dialog.shutdown()
    assert not children[0].is_running() and left() == []


@pytest.mark.usefixtures("child")
def test_closing_the_pane_ends_what_it_fetches(qtbot: Any, session: Session) -> None:
    pane = DatasetPane(session)
    qtbot.addWidget(pane)
    pane.show()
    pane.sources.hub_button.click()
    assert pane.hub is not None
    begun(qtbot, pane.hub, "someone/waits")
    assert pane.hub.process.running and left()
    pane.shutdown()
    assert not pane.hub.process.running and left() == [] and not pane.hub.isVisible()


@pytest.mark.usefixtures("child")
@pytest.mark.parametrize(
    ("name", "words", "chinese"),
    [
        ("someone/gone", "The Hugging Face hub has no data set someone/gone. Check the name.",
            "Hugging Face Hub 上没有数据集 someone/gone。请检查名称。"),
        ("someone/crash", "It ended unexpectedly: no memory", "no memory"),
    ],
)  # fmt: skip
def test_what_went_wrong_is_said(qtbot: Any, dialog: HubDialog, name: str, words: str, chinese: str) -> None:
    given: list[str] = []
    dialog.fetched.connect(given.append)
    for tongue, text in (("en", words), ("zh_CN", chinese)):
        language.set(tongue)
        try:
            dialog.name.setText(name)
            with qtbot.waitSignal(dialog.process.ended, timeout=20_000):
                dialog.fetch_button.click()
            assert text in dialog.note.text() and dialog.note.property("role") == "error"
        finally:
            language.set("en")
    assert (given, left()) == ([], [])
    dialog.name.setText("someone/other")
    assert dialog.note.text() == ""


def test_a_place_that_cannot_be_written_is_said(dialog: HubDialog, fresh_home: Path) -> None:
    paths.data_home().mkdir(parents=True, exist_ok=True)
    (paths.data_home() / "hub").write_text("a file")
    dialog.name.setText("someone/set")
    dialog.fetch_button.click()
    assert not dialog.process.running and "Cannot write" in dialog.note.text()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("owner/name", "owner/name"),
        (" seamew/ChnSentiCorp\n", "seamew/ChnSentiCorp"),
        ("https://huggingface.co/datasets/a/b.c/tree/main?x=1", "a/b.c"),
        ("hf.co/datasets/a/b#card", "a/b"),
        ("name", ""),
        ("a/b/c", ""),
        ("../etc", ""),
        ("a/..", ""),
        ("/a/b", ""),
        ("-x/y", ""),
        ("", ""),
    ],
)
def test_names_and_addresses(text: str, name: str) -> None:
    assert hub_folders.name_in(text) == name
    assert not name or hub._NAME.fullmatch(name)


def test_what_is_no_name_cannot_be_fetched(dialog: HubDialog) -> None:
    for text, told in (("", ""), ("owner", ""), ("owner/", ""), ("a/b/c", "Names are like owner/name.")):
        dialog.name.setText(text)
        assert (dialog.fetch_button.isEnabled(), dialog.note.text()) == (False, told)
    dialog.name.setText("a/b")
    assert dialog.fetch_button.isEnabled()


@pytest.mark.slow
def test_from_the_button_to_the_import(
    qtbot: Any,
    session: Session,
    endpoint: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for variable, value in told_of(endpoint, tmp_path).items():
        monkeypatch.setenv(variable, value)
    pane = DatasetPane(session)
    qtbot.addWidget(pane)
    pane.show()
    pane.sources.hub_button.click()
    assert pane.hub is not None and pane.hub.isVisible() and not pane.hub.isModal()
    for name, words in (("someone/else", "has no data set someone/else"), ("someone/set", "")):
        pane.hub.name.setText(name)
        with qtbot.waitSignal(pane.hub.process.ended, timeout=WORKING):
            pane.hub.fetch_button.click()
        assert words in pane.hub.note.text() and bool(words) == (left() == [])
    assert pane.importing is not None
    folder = Path(pane.importing.panels[0].path)
    assert folder == paths.data_home() / "hub" / "someone" / "set"
    assert (folder / "data" / "train.csv").read_text(encoding="utf-8") == FILES["data/train.csv"]
    pane.importing.reject()
    pane.hub.name.setText("someone/slow")
    pane.hub.fetch_button.click()
    qtbot.waitUntil(lambda: "of 2" in pane.hub.note.text(), timeout=WORKING)  # type: ignore[union-attr]
    pane.hub.cancel_button.click()
    with qtbot.waitSignal(pane.hub.process.ended, timeout=20_000):
        pass
    assert not any("slow" in name for name in left())
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with qtbot.waitSignal(pane.hub.process.ended, timeout=WORKING):
        pane.hub.fetch_button.click()
    assert "cannot be reached" in pane.hub.note.text()
    assert not any("slow" in name for name in left())
    pane.shutdown()
