"""What the panes share: the draft recipe, the run that is shown, the run that goes on, and the lab."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio import paths
from studio.gui.draft import Draft, kept_draft
from studio.gui.engine_thread import EngineThread, Patience
from studio.gui.i18n import tr
from studio.gui.lab import LabClient
from studio.gui.record import RunRecord
from studio.gui.run_folders import (
    has_weights,
    missing_source,
    newest_with_weights,
    recipe_obstacle,
    resume_note,
    resume_obstacle,
)
from studio.gui.series import Series
from studio.gui.watcher import JournalWatcher
from studio.recipe import Problem, Recipe, RecipeError, dump
from studio.runs import atomic
from studio.runs import commands as cmd
from studio.runs import events as ev
from studio.runs.folder import RunError, RunFolder


class Session(QObject):
    """The state behind the window, in the window's thread; panes read it and listen to its signals.

    Signals:
        draft_changed: the draft recipe or its problems.
        run_changed: another run is shown, or the shown or the own run started or ended.
        events: list of the shown run's new events; `record` holds them already.
        progress: the own run moved on, whether it is shown or not.
        lab_changed: off, starting, ready or crashed.
        message: level ("info", "ok", "warning", "error") and text, for a banner.
        failed: the event of a run that this window owns and that failed.
    """

    draft_changed = Signal()
    run_changed = Signal()
    events = Signal(object)
    progress = Signal()
    lab_changed = Signal(str)
    message = Signal(str, str)
    failed = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        train_command: list[str] | None = None,
        lab_command: list[str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        """The commands replace the real workers, for tests; `{folder}` in one stands for the run folder."""
        super().__init__(parent)
        self._draft = Draft()
        self._train_command = train_command
        self._patience = patience
        self._engine: EngineThread | None = None
        self._watcher: JournalWatcher | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._newest: tuple[float, str | None] = (-1.0, None)
        self.folder: RunFolder | None = None
        self.record = RunRecord()
        self.own_folder: RunFolder | None = None
        self.own_record = RunRecord()
        self.stopping = ""
        self.lab = LabClient(lab_command, self)
        self.lab.changed.connect(self.lab_changed)
        self.series = Series(self)
        self.series.message.connect(self.message)

    # --- the draft -------------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, Any]:
        """The draft as plain nested values. Change it through `set_value` only."""
        return self._draft.values

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that the draft makes; None while it has problems."""
        return self._draft.recipe

    @property
    def problems(self) -> list[Problem]:
        """All that is wrong with the draft."""
        return self._draft.problems

    @property
    def modified(self) -> bool:
        """Whether the draft differs from its origin."""
        return self._draft.modified

    @property
    def origin(self) -> str:
        """The preset's name or the file the draft came from."""
        return self._draft.origin

    @property
    def recipe_file(self) -> Path | None:
        """The file that Save writes to; None for a preset."""
        return self._draft.file

    @property
    def can_undo(self) -> bool:
        return self._draft.can_undo

    @property
    def can_redo(self) -> bool:
        return self._draft.can_redo

    def set_value(self, path: str, value: Any) -> None:
        """Change one value by its dotted path and check the whole again."""
        if self._draft.set(path, value):
            self.draft_changed.emit()

    def undo(self) -> None:
        """Take the last change of the draft back."""
        if self._draft.step_back():
            self.draft_changed.emit()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        if self._draft.step_forward():
            self.draft_changed.emit()

    def load_preset(self, name: str) -> bool:
        """Start the draft from a preset; False (and a message) if it cannot be read."""
        return self._load(lambda: self._draft.load_named(name))

    def load_file(self, path: str | Path) -> bool:
        """Start the draft from a TOML file; False (and a message) if it cannot be read."""
        return self._load(lambda: self._draft.load_file(Path(path)))

    def new_from(self, recipe: Recipe) -> None:
        """Start the draft from a recipe, for instance an old run's."""
        self._draft.replace(recipe.model_dump(mode="json"), recipe.name)
        self.draft_changed.emit()

    def save_file(self, path: str | Path) -> bool:
        """Write the draft as TOML; False (and a message) if that fails."""
        return self._save(Path(path), None)

    def save_preset(self, name: str) -> bool:
        """Write the draft as one of the user's presets."""
        return self._save(None, name)

    def keep_draft(self) -> None:
        """Put an unsaved draft aside for the next start; a saved one needs no keeping."""
        with contextlib.suppress(OSError):
            self._draft.put_aside(kept_draft())

    def restore_draft(self) -> bool:
        """Take up the draft that was put aside; False if there is none."""
        with contextlib.suppress(RecipeError, OSError):
            if kept_draft().is_file():
                self._draft.take_up(kept_draft())
                self.draft_changed.emit()
                return True
        return False

    def _load(self, action: Any) -> bool:
        try:
            action()
        except RecipeError as error:
            self.message.emit("error", "; ".join(str(problem) for problem in error.problems))
            return False
        self.draft_changed.emit()
        return True

    def _save(self, path: Path | None, name: str | None) -> bool:
        try:
            if name is not None:
                path = self._draft.save_as_preset(name)
            elif path is not None:
                self._draft.save(path)
        except OSError as error:
            text = tr(
                "Cannot write {path}: {reason}. Choose another place.",
                path=path or name,
                reason=error.strerror,
            )
            self.message.emit("error", text)
            return False
        self.message.emit("ok", tr("Recipe saved: {path}", path=path))
        self.draft_changed.emit()
        return True

    # --- runs ------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """A run of this window goes on."""
        return self._engine is not None

    @property
    def shows_own(self) -> bool:
        """The shown run is the one that this window owns (or owned last)."""
        return self.folder is not None and self.folder is self.own_folder

    @property
    def foreign_writer(self) -> int | None:
        """The process that writes the shown run, if it is not this window's."""
        return self._watcher.writer if self._watcher else None

    @property
    def phase(self) -> str:
        """What the own run is busy with; empty while none goes on."""
        if not self.running:
            return ""
        return "ending" if self.own_record.end else self.own_record.phase_name or "starting"

    def start_obstacle(self) -> str:
        """Why a run cannot be started now, in words; empty if it can."""
        if self.running:
            return tr("A run is going on. Stop or cancel it first.")
        if not self.values:
            return tr("There is no recipe yet. Choose a preset first.")
        return recipe_obstacle(self.problems) or missing_source(self.recipe)

    def start(self) -> bool:
        """Start training the draft; False (and a message) if that is not possible."""
        obstacle = self.start_obstacle()
        if obstacle or self.recipe is None:
            self.message.emit("warning", obstacle)
            return False
        try:
            folder = RunFolder.create(paths.runs_home(), self.recipe.name)
            atomic.write_text(folder.recipe, dump(self.recipe))
        except (RunError, OSError) as error:
            reason = tr("Cannot write the run folder: {reason}.", reason=getattr(error, "strerror", error))
            self.message.emit("error", reason)
            return False
        self.record = RunRecord()
        self.record.total_steps = self.recipe.training.max_steps
        self.record.started_at = time.time()
        self.record.name = self.recipe.name
        self._launch(folder)
        return True

    def resume_obstacle(self) -> str:
        """Why the shown run cannot be gone on with, in words; empty if it can."""
        if self.running:
            return tr("A run is going on. Stop or cancel it first.")
        return resume_obstacle(self.folder)

    def resume_note(self) -> str:
        """What is to be known before the shown run is gone on with, in words; mostly empty."""
        return "" if self.running else resume_note(self.folder)

    def resume(self) -> bool:
        """Go on with the shown run from its last checkpoint; False (and a message) if that is not possible."""
        obstacle = self.resume_obstacle()
        if obstacle or self.folder is None:
            self.message.emit("warning", obstacle)
            return False
        self.record.end = None
        self._launch(self.folder)
        return True

    def pause(self) -> None:
        """Ask the own run to save its whole state and end, to be resumed later."""
        self._end("pause", cmd.Pause())

    def _launch(self, folder: RunFolder) -> None:
        self._stop_watching()
        command = [part.replace("{folder}", str(folder.path)) for part in self._train_command or []] or None
        self.folder = self.own_folder = folder
        self.own_record = self.record
        self.stopping = ""
        self._engine = EngineThread(folder, command, self._patience, self)
        self._engine.batch.connect(self._take_batch)
        self._engine.closed.connect(self._engine_closed)
        self._engine.start()
        self.run_changed.emit()

    def stop_and_save(self) -> None:
        """Ask the own run to save a checkpoint and end."""
        self._end("stop", cmd.StopAndSave())

    def cancel(self) -> None:
        """End the own run at once."""
        self._end("cancel", cmd.Cancel())

    def send(self, command: cmd.Command) -> None:
        """Pass a command to the own run."""
        if self._engine is not None:
            self._engine.send(command)

    def open_run(self, path: str | Path, *, patient: bool = False) -> bool:
        """Show a run from its folder, `patient` also before anyone writes it; False (and a message) if it is none."""
        path = Path(path)
        if self.own_folder is not None and self.running and path.resolve() == self.own_folder.path.resolve():
            self._stop_watching()
            self.folder, self.record = self.own_folder, self.own_record
            self.run_changed.emit()
            return True
        try:
            folder = RunFolder.open(path)
        except (RunError, OSError) as error:
            self.message.emit("error", str(error))
            return False
        self._stop_watching()
        self.folder, self.record = folder, RunRecord()
        self.record.awaited = patient
        self._watcher = JournalWatcher(folder, self, patient=patient)
        self._watcher.batch.connect(self._take_journal)
        for told in (self._watcher.caught_up, self._watcher.writer_changed, self._watcher.ended):
            told.connect(self.run_changed)
        self.run_changed.emit()
        return True

    def close_run(self) -> None:
        """Show no run; the own one goes on if it does."""
        self._stop_watching()
        self.folder, self.record = None, RunRecord()
        self.run_changed.emit()

    def model_path(self) -> str | None:
        """The run folder whose weights the Playground types with, or None while there is none."""
        if self.folder is not None and has_weights(self.folder):
            return str(self.folder.path)
        now = time.monotonic()
        if now - self._newest[0] > 2 or self._newest[0] < 0:
            self._newest = (now, newest_with_weights())
        return self._newest[1]

    # --- tasks and the end -----------------------------------------------------------------------------

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any] | None:
        """Run a coroutine and keep hold of its task; None (and nothing happens) without a running loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            coroutine.close()
            return None
        task = loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End the lab and whatever the panes have asked for; the run is ended before, by its own ladder."""
        self._stop_watching()
        self.series.close()
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        await self.lab.close()

    # --- inside ----------------------------------------------------------------------------------------

    def _end(self, how: str, command: cmd.Command) -> None:
        if self._engine is None or self.stopping == how or self.stopping == "cancel":
            return
        self.stopping = how
        self._engine.send(command)
        self.run_changed.emit()

    def _take_batch(self, events: list[ev.Event]) -> None:
        self.own_record.apply(events)
        if self.shows_own:
            self.events.emit(events)
        self.progress.emit()
        if self._engine is not None:
            self._engine.taken()

    def _take_journal(self, events: list[ev.Event]) -> None:
        self.record.apply(events)
        self.events.emit(events)

    def _engine_closed(self) -> None:
        engine, self._engine = self._engine, None
        self.stopping = ""
        self._newest = (-1.0, None)
        if engine is not None:
            engine.wait()
            engine.deleteLater()
        self.run_changed.emit()
        if isinstance(self.own_record.end, ev.Failed):
            self.failed.emit(self.own_record.end)

    def _stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.deleteLater()
            self._watcher = None
