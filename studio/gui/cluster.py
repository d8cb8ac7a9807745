"""The dialog of a run on a cluster: prepares its folder, shows the commands to start it with, and watches it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio import paths
from studio.gui.forms.editors import WheelGuard
from studio.gui.forms.words import sentence
from studio.gui.i18n import language, tr
from studio.gui.session import Session
from studio.recipe import Recipe, RecipeError, apply_overrides, dump, load, parse
from studio.runs import atomic
from studio.runs.cluster import ClusterJob, is_time, slurm_script, torchrun_command
from studio.runs.folder import RunFolder


class ClusterDialog(QDialog):
    """Does not stand in the way of the window. `watched` carries the path of a folder that is to be shown."""

    watched = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._said = ""
        self._intro, self._note = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self._intro.setProperty("role", "caption")
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.nodes = QSpinBox(minimum=1, maximum=4096, value=2)
        self.processes = QSpinBox(minimum=1, maximum=1024, value=1)
        guard = WheelGuard(self)
        for box in (self.nodes, self.processes):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(guard)
            box.lineEdit().setTextMargins(6, 0, 0, 0)
            box.valueChanged.connect(self.refresh)
        self.folder, self.first = QLineEdit(), QLineEdit()
        self.partition, self.time = QLineEdit(), QLineEdit("24:00:00")
        for line in (self.folder, self.first, self.partition, self.time):
            line.textChanged.connect(self.refresh)
        self.browse, self.prepare_button, self.watch_button, self.copy_button = (
            QPushButton() for _ in range(4)
        )
        self.prepare_button.setProperty("primary", True)
        self.browse.clicked.connect(self._browse)
        self.prepare_button.clicked.connect(self.prepare)
        self.watch_button.clicked.connect(lambda: self.watched.emit(self._path()))
        self.copy_button.clicked.connect(self.copy)
        self.command, self.script = QPlainTextEdit(readOnly=True), QPlainTextEdit(readOnly=True)
        self.tabs = QTabWidget()
        for text in (self.command, self.script):
            text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            self.tabs.addTab(text, "")
        self.tabs.currentChanged.connect(self.refresh)
        self._labels = [QLabel() for _ in range(6)]
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(self.browse)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        asked = (self.folder, self.nodes, self.processes, self.first, self.partition, self.time)
        for row, (label, widget) in enumerate(zip(self._labels, asked, strict=True)):
            label.setBuddy(widget)
            grid.addWidget(label, row, 0)
            if widget is self.folder:
                grid.addLayout(place, row, 1)
            else:
                grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        last = QHBoxLayout()
        last.addWidget(self.copy_button)
        last.addStretch(1)
        last.addWidget(self.watch_button)
        last.addWidget(self.prepare_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self._intro)
        column.addLayout(grid)
        column.addWidget(self._note)
        column.addWidget(self.tabs, 1)
        column.addLayout(last)
        self.setMinimumSize(440, 560)
        self.resize(640, 680)
        self._propose()
        session.draft_changed.connect(self.refresh)
        language.changed.connect(self.retranslate)
        self.retranslate()

    def job(self) -> ClusterJob:
        """What the fields say."""
        recipe = self._recipe()
        return ClusterJob(
            folder=self._path(),
            name=recipe.name if recipe else "hanzi-studio",
            nodes=self.nodes.value(),
            processes=self.processes.value(),
            first=self.first.text().strip(),
            gpus=recipe is None or recipe.compute.device != "cpu",
            partition=self.partition.text().strip(),
            time=self.time.text().strip(),
        )

    def prepare(self) -> None:
        """Write the draft into the folder, with the processes that the fields say."""
        recipe, folder = self._session.recipe, RunFolder(Path(self._path()))
        if recipe is None:
            return
        changes = [f"compute.nodes={self.nodes.value()}", f"compute.processes={self.processes.value()}"]
        try:
            made = parse(apply_overrides(recipe.model_dump(mode="json"), changes))
            folder.path.mkdir(parents=True, exist_ok=True)
            atomic.write_text(folder.recipe, dump(made))
        except RecipeError as error:
            self._said = sentence(error.problems[0])
        except OSError as error:
            self._said = tr("Cannot write the run folder: {reason}.", reason=error.strerror)
        else:
            self._said = ""
        self.refresh()

    def copy(self) -> None:
        """Put the command or script that is shown on the clipboard."""
        QGuiApplication.clipboard().setText(self._shown().toPlainText())

    def refresh(self, *_: object) -> None:
        """Show what the fields make."""
        held = self._held()
        if held is not None:
            # What it was prepared with decides: torchrun has to start as many processes as the recipe says.
            for box, value in ((self.nodes, held.compute.nodes), (self.processes, held.compute.processes)):
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)
        for box in (self.nodes, self.processes):
            box.setEnabled(held is None)
        job = self.job()
        self.first.setEnabled(job.nodes > 1)
        if torchrun_command(job) != self.command.toPlainText():
            self.command.setPlainText(torchrun_command(job))
        if slurm_script(job) != self.script.toPlainText():
            self.script.setPlainText(slurm_script(job))
        problem = self._problem(job)
        self._note.setText(problem or self._next_step(held))
        self._note.setProperty("role", "error" if problem else "caption")
        self._note.style().unpolish(self._note)
        self._note.style().polish(self._note)
        self.prepare_button.setEnabled(held is None and self._session.recipe is not None and not problem)
        self.watch_button.setEnabled(held is not None)

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("Cluster command"))
        self._intro.setText(
            tr(
                "Trains the draft on several machines that share a disk. The texts and the studio have to be at the "
                "same paths on all of them."
            )
        )
        names = (
            tr("Run folder"),
            tr("Machines"),
            tr("Processes on each"),
            tr("First machine"),
            tr("Partition"),
            tr("Time limit"),
        )
        for label, name in zip(self._labels, names, strict=True):
            label.setText(name)
        self.first.setPlaceholderText(tr("Its name or address; Slurm finds it itself"))
        self.partition.setPlaceholderText(tr("As the cluster chooses"))
        self.browse.setText(tr("Browse…"))
        self.prepare_button.setText(tr("Prepare the folder"))
        self.watch_button.setText(tr("Watch this folder"))
        self.copy_button.setText(tr("Copy"))
        self.tabs.setTabText(0, "torchrun")
        self.tabs.setTabText(1, "Slurm")
        self.command.setAccessibleName(tr("Command for each machine"))
        self.script.setAccessibleName(tr("Script for sbatch"))
        self.refresh()

    # --- inside ----------------------------------------------------------------------------------------

    def _propose(self) -> None:
        recipe = self._session.recipe
        name = recipe.name if recipe else "run"
        self.folder.setText(str(paths.runs_home() / f"{ClusterJob('', name).identity}-cluster"))
        if recipe is not None:
            self.nodes.setValue(max(recipe.compute.nodes, 2))
            self.processes.setValue(recipe.compute.processes)

    def _path(self) -> str:
        text = self.folder.text().strip()
        return str(Path(text).expanduser()) if text else ""

    def _held(self) -> Recipe | None:
        """The recipe that lies in the folder."""
        path = self._path()
        try:
            return load(RunFolder(Path(path)).recipe) if path else None
        except (RecipeError, ValueError, OSError):
            return None

    def _recipe(self) -> Recipe | None:
        return self._held() or self._session.recipe

    def _problem(self, job: ClusterJob) -> str:
        if self._said:
            said, self._said = self._said, ""
            return said
        if not Path(job.folder).is_absolute():
            return tr("Give the whole path of a folder that all machines see.")
        if job.time and not is_time(job.time):
            return tr(
                "'{text}' is no time limit: write it as 90 (minutes), 12:00:00 or 2-00:00:00.", text=job.time
            )
        if self._session.recipe is None and self._held() is None:
            return self._session.start_obstacle()
        return ""

    def _next_step(self, held: Recipe | None) -> str:
        if held is None:
            return tr("Prepare the folder first: the command starts the recipe that lies in it.")
        if self.tabs.currentWidget() is self.script:
            return tr("The folder is ready. Save the script and give it to sbatch.")
        return tr(
            "The folder is ready. Run the command on every machine; run again, it goes on with the run."
        )

    def _shown(self) -> QPlainTextEdit:
        return self.script if self.tabs.currentWidget() is self.script else self.command

    def _browse(self) -> None:
        start = self._path() or str(Path.home())
        path = QFileDialog.getExistingDirectory(self, tr("Run folder"), start)
        if path:
            self.folder.setText(path)
