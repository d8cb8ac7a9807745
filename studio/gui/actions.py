"""Everything that can be done in the window, as one table: menus, shortcuts and the palette are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.gui.run_folders import missing_source
from studio.gui.session import Session

Predicate = Callable[[Session], bool]


@dataclass(frozen=True)
class Spec:
    """One action.

    Attributes:
        id: also the name of the method of `WindowCommands` that does it.
        text: in English, with `…` where it asks for more.
        menu: the menu it stands in; empty for none.
        keys: shortcuts, the first one shown.
        when: whether it can be done now.
        checkable: it is on or off.
        group: actions of different groups are separated by a line.
    """

    id: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    when: Predicate | None = None
    checkable: bool = False
    group: int = 0


MENUS = ("File", "Edit", "Run", "Export", "View", "Tools", "Help")
PANES = ("dataset", "model", "training", "playground", "runs")


def _running(session: Session) -> bool:
    return session.running


def _not_stopping(session: Session) -> bool:
    return session.running and not session.stopping


def _can_cancel(session: Session) -> bool:
    return session.running and session.stopping != "cancel"


def _can_resume(session: Session) -> bool:
    return not session.resume_obstacle()


def _can_start(session: Session) -> bool:
    return not session.start_obstacle()


def _can_queue(session: Session) -> bool:
    return session.recipe is not None and not missing_source(session.recipe)


def _shown(session: Session) -> bool:
    return session.folder is not None


def _has_model(session: Session) -> bool:
    return session.model_path() is not None


def _can_undo(session: Session) -> bool:
    return session.can_undo


def _can_redo(session: Session) -> bool:
    return session.can_redo


SPECS = (
    # File ▸ New from preset ▸ stands before these: it is made from the presets there are.
    Spec("open_recipe", "Open recipe…", "File", ("Ctrl+O",), "open"),
    Spec("save_recipe", "Save recipe", "File", ("Ctrl+S",), "save"),
    Spec("save_recipe_as", "Save recipe as…", "File", ("Ctrl+Shift+S",)),
    Spec("save_preset", "Save as preset…", "File", ("Ctrl+Alt+S",)),
    Spec("open_run", "Open run…", "File", ("Ctrl+Shift+O",), "folder", group=1),
    Spec("close_run", "Close run", "File", ("Ctrl+W",), when=_shown, group=1),
    Spec("quit", "Quit", "File", ("Ctrl+Q",), group=2),
    Spec("undo", "Undo recipe change", "Edit", ("Ctrl+Z",), when=_can_undo),
    Spec("redo", "Redo recipe change", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), when=_can_redo),
    Spec("copy", "Copy", "Edit", ("Ctrl+C",), "copy", group=1),
    Spec("start", "Start training", "Run", ("F5", "Ctrl+R"), "play", _can_start),
    Spec("pause", "Pause", "Run", ("F6",), "pause", _not_stopping),
    Spec("resume", "Resume", "Run", ("Shift+F6",), "play", _can_resume),
    Spec("stop_and_save", "Stop and save", "Run", ("Shift+F5",), "stop", _not_stopping),
    Spec("cancel_run", "Cancel run", "Run", ("Ctrl+F5",), "cancel", _can_cancel),
    Spec("save_now", "Save checkpoint now", "Run", ("Ctrl+Alt+K",), "save", _not_stopping, group=1),
    Spec("evaluate_now", "Evaluate now", "Run", ("Ctrl+Alt+E",), "check", _not_stopping, group=1),
    Spec("publish_now", "Publish weights now", "Run", (), "playground", _not_stopping, group=1),
    Spec("set_learning_rate", "Set learning rate…", "Run", (), "settings", _not_stopping, group=2),
    Spec("probe", "Try a text on the run…", "Run", (), "edit", _not_stopping, group=2),
    Spec("queue_run", "Queue this run", "Run", ("Ctrl+Alt+Q",), "plus", _can_queue, group=2),
    Spec("start_queue", "Start the queue", "Run", (), "play", group=2),
    Spec("stop_queue", "Pause the queue", "Run", (), "pause", group=2),
    Spec("search_settings", "Search for settings…", "Run", ("Ctrl+Alt+F",), "search", group=3),
    Spec("cluster_command", "Cluster command…", "Run", (), "copy", group=4),
    Spec("watch_folder", "Watch a run folder…", "Run", (), "folder", group=4),
    Spec("export_folder", "Checkpoint as folder…", "Export", ("Ctrl+E",), "export", _has_model),
    Spec("show_dataset", "Show Dataset", "View", ("Ctrl+1",), "dataset"),
    Spec("show_model", "Show Model", "View", ("Ctrl+2",), "model"),
    Spec("show_training", "Show Training", "View", ("Ctrl+3",), "training"),
    Spec("show_playground", "Show Playground", "View", ("Ctrl+4",), "playground"),
    Spec("show_runs", "Show Runs", "View", ("Ctrl+5",), "runs"),
    # View ▸ Theme ▸ and Language ▸ stand here.
    Spec("reset_layout", "Reset layout", "View", (), "", group=2),
    Spec("full_screen", "Full screen", "View", ("F11",), "", checkable=True, group=2),
    Spec("palette", "Command palette…", "Tools", ("Ctrl+K", "Ctrl+Shift+P"), "search"),
    Spec("personal", "What was learnt from typing…", "Tools", ("Ctrl+Alt+L",), "edit", group=1),
    Spec("duel", "Duel…", "Tools", ("Ctrl+Alt+D",), "playground", _has_model, group=1),
    Spec("evaluate_model", "Evaluate model…", "Tools", ("Ctrl+Alt+M",), "check", _has_model, group=1),
    Spec("language_models", "Language models…", "Tools", (), "settings", group=1),
    Spec("open_run_folder", "Open run folder", "Tools", (), "folder", _shown, group=2),
    Spec("open_runs_home", "Open folder of all runs", "Tools", (), "folder", group=2),
    Spec("shortcuts", "Keyboard shortcuts", "Help", ("F1",), "help"),
    Spec("about", "About Hanzi Studio", "Help", (), "info"),
    Spec("theme_system", "Theme: as the system", "", (), "theme-system"),
    Spec("theme_light", "Theme: light", "", (), "theme-light"),
    Spec("theme_dark", "Theme: dark", "", (), "theme-dark"),
    Spec("language_en", "Language: English", "", (), "language"),
    Spec("language_zh_CN", "Language: 简体中文", "", (), "language"),
)
