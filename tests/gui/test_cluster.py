"""The cluster dialog prepares a folder that torchrun can start; a run that others write is watched as it grows."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from studio.gui.cluster import ClusterDialog
from studio.gui.panes.training_header import TrainingHeader
from studio.gui.session import Session
from studio.gui.status_line import StatusLine
from studio.recipe import load
from studio.runs import events as ev
from studio.runs.folder import RunFolder
from tests import tiny


@pytest.fixture
def dialog(qtbot: Any, session: Session, tmp_path: Path) -> ClusterDialog:
    session.new_from(tiny.recipe())
    dialog = ClusterDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.folder.setText(str(tmp_path / "a run"))
    return dialog


def test_a_folder_is_prepared_and_its_command_copied(
    dialog: ClusterDialog, tmp_path: Path, qtbot: Any
) -> None:
    run = RunFolder(tmp_path / "a run")
    assert not dialog.watch_button.isEnabled()
    dialog.nodes.setValue(2)
    dialog.processes.setValue(3)
    dialog.first.setText("n01")
    dialog.prepare_button.click()
    made = load(run.recipe)
    assert (made.compute.nodes, made.compute.processes) == (2, 3)
    dialog.copy_button.click()
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[0] == "torchrun"
    assert {"--nnodes=2", "--nproc-per-node=3", "--rdzv-endpoint=n01:29500", str(run.path)} <= set(words)
    dialog.tabs.setCurrentWidget(dialog.script)
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text().startswith("#!/bin/bash\n#SBATCH --job-name=tiny\n")
    assert "gpus" not in QGuiApplication.clipboard().text(), "the recipe says cpu"
    assert not dialog.prepare_button.isEnabled(), "what lies there is not written over"
    assert not dialog.nodes.isEnabled(), "the recipe that lies there decides"
    with qtbot.waitSignal(dialog.watched) as watched:
        dialog.watch_button.click()
    assert watched.args == [str(run.path)]


def test_what_is_wrong_is_said(dialog: ClusterDialog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for widget, text, words in (
        (dialog.time, "soon", "no time limit"),
        (dialog.folder, "here", "whole path"),
    ):
        before = widget.text()
        widget.setText(text)
        assert words in dialog._note.text()
        assert not dialog.prepare_button.isEnabled()
        widget.setText(before)
    dialog.folder.setText(str(tmp_path / "file" / "below"))
    dialog.prepare()
    assert "Cannot write the run folder" in dialog._note.text()


def test_a_run_is_watched_before_anyone_writes_it(session: Session, tmp_path: Path, qtbot: Any) -> None:
    _, run = tiny.new_run(tmp_path)
    header = TrainingHeader(session)
    qtbot.addWidget(header)
    assert session.open_run(run.path, patient=True)
    qtbot.wait(100)
    assert header._headline() == "Waiting for another machine"
    with run.locked():
        with run.metrics.open("a") as file:
            started = ev.RunStarted(name="tiny", folder=str(run.path), pid=1, total_steps=9)
            for event in (started, ev.Phase(name="training")):
                file.write(ev.encode(event) + "\n")
        qtbot.waitUntil(lambda: session.foreign_writer is not None, timeout=6000)
        qtbot.waitUntil(lambda: session.record.total_steps == 9, timeout=6000)
        header.refresh()
        assert header._headline() == "Training"
    qtbot.waitUntil(lambda: session.foreign_writer is None, timeout=6000)
    with run.metrics.open("a") as file:
        file.write(ev.encode(ev.Finished(step=9, reason="max_steps")) + "\n")
    qtbot.waitUntil(lambda: session.record.end is not None, timeout=6000)
    header.refresh()
    assert header._headline() == "Finished"


def test_the_status_line_shows_the_gpu(session: Session, qtbot: Any) -> None:
    line = StatusLine(session)
    qtbot.addWidget(line)
    assert session.start()
    gpu = ev.GpuState(memory=3 * 2**30, memory_total=80 * 2**30, utilisation=0.87, temperature=61.0)
    session.own_record.apply([ev.Heartbeat(memory=1, gpu=gpu, at=time.time())])
    line.refresh()
    assert "87%" in line._gpu.text()
    assert "61 °C" in line._gpu.text()
    session.own_record.apply([ev.Heartbeat(memory=1)])
    line.refresh()
    assert line._gpu.text() == ""
    assert line._gpu.isHidden()
