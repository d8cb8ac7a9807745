"""The main window: docks, menus, messages, and how it is closed while a run goes on."""

from __future__ import annotations

import contextlib
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMessageBox, QTabWidget, QToolBar, QWidget

from studio import paths
from studio.gui.actions import PANES
from studio.gui.command_palette import CommandPalette, Entry
from studio.gui.i18n import language, tr
from studio.gui.layout import default_state, make_docks, show_titles
from studio.gui.menus import Menus
from studio.gui.pane_loader import load_pane
from studio.gui.session import Session
from studio.gui.settings import Settings
from studio.gui.status_line import StatusLine
from studio.gui.theme import theme
from studio.gui.tool_line import ToolLine
from studio.gui.widgets.messages import Banners, Toasts
from studio.gui.widgets.refusals import failure_texts
from studio.gui.widgets.remedy import Remedy
from studio.gui.window_commands import WindowCommands
from studio.recipe import presets
from studio.runs.events import Failed


class MainWindow(QMainWindow):
    """Shown at once with empty docks; the panes come right after. `closed` is its last word."""

    closed = Signal()
    filled = Signal()

    def __init__(self, session: Session, settings: Settings | None = None) -> None:
        super().__init__()
        self.session = session
        self.settings = settings or Settings()
        self.panes: dict[str, QWidget] = {}
        self.question: QMessageBox | None = None
        self._closing = False
        self._to_fill = list(PANES)
        self.setWindowIcon(QIcon(str(paths.resources() / "icons" / "hanzi-studio.svg")))
        options = QMainWindow.DockOption
        self.setDockOptions(
            options.AnimatedDocks
            | options.AllowNestedDocks
            | options.AllowTabbedDocks
            | options.GroupedDragging
        )
        self.setDocumentMode(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setMinimumSize(720, 480)
        self.docks = make_docks(self, PANES)
        self._titles = QTimer(self, singleShot=True, interval=0)
        self._titles.timeout.connect(self._show_titles)
        for dock in self.docks.values():
            for moved in (dock.topLevelChanged, dock.dockLocationChanged, dock.visibilityChanged):
                moved.connect(self._docks_moved)
        self.banners = Banners()
        self.toasts = Toasts(self)
        self.commands = WindowCommands(self)
        self.menus = Menus(self)
        self.tools = ToolLine(self)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.tools)
        self.addToolBarBreak()
        self._banner_bar = QToolBar(self)
        self._banner_bar.setObjectName("bar-banners")
        self._banner_bar.setMovable(False)
        self._banner_bar.toggleViewAction().setEnabled(False)
        self._banner_bar.setProperty("bare", True)
        self._banner_bar.addWidget(self.banners)
        self._banner_bar.hide()
        self.banners.shown.connect(self._banner_bar.setVisible)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self._banner_bar)
        self.status = StatusLine(session)
        self.setStatusBar(self.status)
        session.message.connect(self.say)
        session.failed.connect(self.say_failed)
        session.run_changed.connect(self._run_changed)
        session.draft_changed.connect(self._retitle)
        language.changed.connect(self.retranslate)
        self.resize(1280, 820)
        self.retranslate()
        self._restore_layout()

    # --- panes -----------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._to_fill:
            QTimer.singleShot(0, self, self._fill_next)

    def fill(self) -> None:
        """Make all panes now."""
        while self._to_fill:
            self._fill_one(self._to_fill.pop(0))
        self.filled.emit()

    def show_pane(self, name: str) -> None:
        """Bring a pane to the front and give it the keyboard."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        pane = self.panes.get(name)
        if pane is not None:
            pane.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_data_problem(self, path: str) -> None:
        """Bring the setting of the data that a problem is about into view."""
        self.show_pane("dataset")
        pane = self.panes.get("dataset")
        if pane is not None and hasattr(pane, "reveal"):
            pane.reveal(path)

    def _fill_next(self) -> None:
        # One pane a turn of the event loop: the window paints and answers in between. What is in view goes first.
        if not self._to_fill:
            return
        visible = [name for name in self._to_fill if not self.docks[name].visibleRegion().isEmpty()]
        name = (visible or self._to_fill)[0]
        self._to_fill.remove(name)
        self._fill_one(name)
        if self._to_fill:
            QTimer.singleShot(0, self, self._fill_next)
        else:
            self.filled.emit()

    def _fill_one(self, name: str) -> None:
        pane = load_pane(name, self.session, self.docks[name])
        pane.setProperty("role", "pane")
        pane.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.panes[name] = pane
        old = self.docks[name].widget()
        self.docks[name].setWidget(pane)
        if old is not None:
            old.deleteLater()
        for signal, slot in (
            ("export_wanted", self.commands.export_folder),
            ("opened", self.commands.show_training),
            ("evaluation_wanted", self.commands.evaluate_run),
            ("data_problem_wanted", self.show_data_problem),
        ):
            if hasattr(pane, signal):
                getattr(pane, signal).connect(slot)

    # --- words -----------------------------------------------------------------------------------------

    def retranslate(self, *_: object) -> None:
        """Show all words in the window's language."""
        titles = {
            "dataset": tr("Dataset"),
            "model": tr("Model"),
            "training": tr("Training"),
            "playground": tr("Playground"),
            "runs": tr("Runs"),
        }
        for name, dock in self.docks.items():
            dock.setWindowTitle(titles[name])
            dock.toggleViewAction().setText(titles[name])
        self._banner_bar.setWindowTitle(tr("Messages"))
        self.menus.retranslate()
        self.tools.retranslate()
        self.status.retranslate()
        for pane in self.panes.values():
            pane.retranslate()  # type: ignore[attr-defined]
        self._retitle()

    def _retitle(self) -> None:
        name = str(self.session.values.get("name") or tr("untitled"))
        star = " *" if self.session.modified else ""
        self.setWindowTitle(f"{name}{star} — Hanzi Studio")

    def say(self, level: str, text: str) -> None:
        """Good news passes by, bad news stays."""
        if level in ("warning", "error"):
            self.banners.add(level, text)
        else:
            self.toasts.add(level, text)

    def say_failed(self, failure: Failed) -> None:
        """Why a run failed, what to do, and the trace for whoever helps."""
        cause, fix = failure_texts(failure)
        kind = tr("The run failed at step {step}: {cause}", step=failure.step, cause=cause)
        trace = failure.trace or f"{failure.kind}: {failure.cause}"
        notice = self.banners.add("error", kind, fix, trace)
        if failure.remedy:
            Remedy(notice, self.session, failure.remedy, partial(self.show_pane, "training"))

    def actions_enabled(self, name: str) -> bool:
        """Whether an action can be done now."""
        return self.menus.actions[name].isEnabled()

    def refresh_presets(self) -> None:
        """Read which presets there are again."""
        self.menus.fill_presets()

    def open_palette(self) -> CommandPalette:
        """Show the command palette."""
        entries = self.menus.entries()
        for preset in presets():
            text = tr("New from preset: {name}", name=preset.name)
            run = partial(self.commands.new_from_preset, preset.name)
            entries.append(Entry(text, f"New from preset: {preset.name}", "", run))
        palette = CommandPalette(entries, self)
        palette.open_over(self)
        return palette

    # --- choices ---------------------------------------------------------------------------------------

    def choose_theme(self, mode: str) -> None:
        """Switch the theme and remember it."""
        theme.set_mode(mode)
        self.settings.set_text("theme", mode)
        self.menus.refresh()

    def choose_language(self, code: str) -> None:
        """Switch the language and remember it."""
        self.settings.set_text("language", code)
        language.set(code)
        self.menus.refresh()

    def reset_layout(self) -> None:
        """Arrange the panes as for a first start on this window's size."""
        # In two turns: only when hidden docks have been laid out does Qt give up their tab bars.
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.hide()
        QTimer.singleShot(0, self, self._set_default_layout)

    def _set_default_layout(self) -> None:
        self.restoreState(default_state(PANES, self.size()))
        self._show_banners()

    def _docks_moved(self, *_: object) -> None:
        self._titles.start()

    def _show_titles(self) -> None:
        show_titles(self, self.docks)

    def _restore_layout(self) -> None:
        stored = self.settings.layout()
        if stored is not None:
            geometry, state = stored
            if self.restoreGeometry(geometry) and self.restoreState(state):
                self._show_banners()
                return
        screen = self.screen().availableGeometry().size()
        self.resize(self.size().boundedTo(screen - QSize(40, 60)).expandedTo(self.minimumSize()))
        self._set_default_layout()

    def _show_banners(self) -> None:
        """The stored layout does not decide whether there is something to say."""
        self._banner_bar.setVisible(bool(self.banners.notices()))

    # --- the end ---------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """At once if nothing goes on; otherwise after the run has ended, which the window does not wait for."""
        if self.session.running:
            event.ignore()
            if not self._closing:
                self._ask_to_close()
            return
        self.settings.set_layout(self.saveGeometry(), self.saveState())
        self.settings.save()
        self.session.keep_draft()
        for pane in self.panes.values():
            with contextlib.suppress(AttributeError):
                pane.shutdown()  # type: ignore[attr-defined]
        event.accept()
        self.closed.emit()

    def end(self, *, cancel: bool = False) -> None:
        """Close without asking, ending the run in order first."""
        if not self.session.running:
            self.close()
            return
        self._closing = True
        if cancel:
            self.session.cancel()
        else:
            self.session.stop_and_save()
        self.toasts.add("info", tr("The window closes as soon as the run has ended."))

    def awake(self) -> None:
        """Nothing: called now and then so that Python gets to see signals."""

    def _ask_to_close(self) -> None:
        if self.question is not None:
            self.question.raise_()
            return
        box = self.question = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("A run is going on"))
        box.setText(tr("A run is going on. What should happen to it?"))
        box.setInformativeText(
            tr("Stopping saves a checkpoint first. Cancelling keeps what was saved before.")
        )
        stop = box.addButton(tr("Stop and save"), QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(tr("Cancel the run"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(tr("Keep the window open"), QMessageBox.ButtonRole.RejectRole)
        for button, name in ((stop, "stop"), (cancel, "cancel"), (keep, "keep")):
            button.setObjectName(name)
        box.setDefaultButton(stop)
        box.setEscapeButton(keep)
        box.finished.connect(self._answered)
        box.open()

    def _answered(self, *_: object) -> None:
        box, self.question = self.question, None
        button = box.clickedButton() if box is not None else None
        name = button.objectName() if button is not None else "keep"
        if name in ("stop", "cancel"):
            self.end(cancel=name == "cancel")

    def _run_changed(self) -> None:
        if self.question is not None and not self.session.running:
            self.question.close()  # the run has ended by itself: there is nothing left to ask
        if self._closing and not self.session.running:
            QTimer.singleShot(0, self, self.close)
