"""Menus, shortcuts and palette entries, made from the table in `actions`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from studio.gui.actions import MENUS, SPECS, Spec
from studio.gui.command_palette import Entry
from studio.gui.i18n import LANGUAGES, language, tr
from studio.gui.theme import MODES, theme
from studio.gui.widgets.icons import icon
from studio.recipe import presets

if TYPE_CHECKING:
    from studio.gui.main_window import MainWindow


class Menus(QObject):
    """Owns the actions of one main window, by their id."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.actions: dict[str, QAction] = {}
        self._menus = {name: QMenu(window) for name in MENUS}
        self.presets_menu = QMenu(window)
        self._panes_menu, self._theme_menu, self._language_menu = QMenu(window), QMenu(window), QMenu(window)
        self.presets_menu.aboutToShow.connect(self.fill_presets)
        for name, menu in self._menus.items():
            window.menuBar().addMenu(menu)
            if name == "File":
                menu.addMenu(self.presets_menu)
            if name == "View":
                self._fill_view(menu)
            group = 0
            for spec in SPECS:
                if spec.menu == name:
                    if spec.group != group:
                        menu.addSeparator()
                        group = spec.group
                    menu.addAction(self._make(spec))
        for spec in SPECS:
            if not spec.menu:
                self._make(spec)
        for themed, mode in zip(self._choices("theme", MODES), MODES, strict=True):
            self._theme_menu.addAction(themed)
            themed.setData(mode)
        for spoken, code in zip(self._choices("language", tuple(LANGUAGES)), LANGUAGES, strict=True):
            self._language_menu.addAction(spoken)
            spoken.setData(code)
        session = window.session
        for signal in (session.run_changed, session.draft_changed):
            signal.connect(self.refresh)
        theme.changed.connect(self._tint)
        window.filled.connect(self._tint)  # nobody sees into a menu before: it need not hold up the start
        self.fill_presets()

    def entries(self) -> list[Entry]:
        """All actions for the palette."""
        self.refresh()
        found = []
        for spec in SPECS:
            if spec.id == "palette":
                continue
            action = self.actions[spec.id]
            place = f"{tr(spec.menu)} ▸ " if spec.menu else ""
            keys = f"  {spec.keys[0]}" if spec.keys else ""
            found.append(
                Entry(
                    place + tr(spec.text), spec.text, keys, action.trigger, action.isEnabled(), action.icon()
                )
            )
        return found

    def fill_presets(self) -> None:
        """Read which presets there are."""
        self.presets_menu.clear()
        user = False
        for preset in presets():
            if not preset.builtin and not user and self.presets_menu.actions():
                self.presets_menu.addSeparator()
            user = user or not preset.builtin
            action = self.presets_menu.addAction(preset.name)
            action.triggered.connect(partial(self._window.commands.new_from_preset, preset.name))

    def refresh(self) -> None:
        """Enable what can be done now."""
        session = self._window.session
        for spec in SPECS:
            if spec.when is not None:
                self.actions[spec.id].setEnabled(spec.when(session))
        obstacle = session.start_obstacle()
        self.actions["start"].setToolTip(obstacle or tr("Train the recipe of the Model pane"))
        why_not = session.resume_obstacle() or session.resume_note()
        self.actions["resume"].setToolTip(why_not or tr("Go on from the last checkpoint"))
        self.actions["full_screen"].setChecked(self._window.isFullScreen())
        for mode in MODES:
            self.actions[f"theme_{mode}"].setChecked(theme.mode == mode)
        for code in LANGUAGES:
            self.actions[f"language_{code}"].setChecked(language.code == code)

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        names = {"View": tr("View"), **{name: tr(name) for name in MENUS}}
        for name, menu in self._menus.items():
            menu.setTitle(names[name])
        self.presets_menu.setTitle(tr("New from preset"))
        self._panes_menu.setTitle(tr("Panes"))
        self._theme_menu.setTitle(tr("Theme"))
        self._language_menu.setTitle(tr("Language"))
        for spec in SPECS:
            self.actions[spec.id].setText(tr(spec.text))
        for mode, text in (("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark"))):
            self.actions[f"theme_{mode}"].setText(text)
        for code, name in LANGUAGES.items():
            self.actions[f"language_{code}"].setText(name)  # each in its own language, so that it is found
        self.refresh()

    # --- inside ----------------------------------------------------------------------------------------

    def _make(self, spec: Spec) -> QAction:
        action = QAction(self._window)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        # Qt would move "About" and "Quit" into the application menu of macOS by their English words alone.
        roles = {"quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}
        action.setMenuRole(roles.get(spec.id, QAction.MenuRole.NoRole))
        slot: Callable[[], object] = getattr(self._window.commands, spec.id)
        action.triggered.connect(partial(self._call, slot))
        self.actions[spec.id] = action
        self._window.addAction(action)  # its shortcut works although no menu is open
        return action

    @staticmethod
    def _call(slot: Callable[[], object], *_: object) -> None:
        slot()  # without the `checked` that Qt passes along

    def _choices(self, prefix: str, names: tuple[str, ...]) -> list[QAction]:
        group = QActionGroup(self._window)
        found = [self.actions[f"{prefix}_{name}"] for name in names]
        for action in found:
            action.setCheckable(True)
            group.addAction(action)
        return found

    def _fill_view(self, menu: QMenu) -> None:
        menu.addMenu(self._panes_menu)
        for dock in self._window.docks.values():
            self._panes_menu.addAction(dock.toggleViewAction())
        menu.addMenu(self._theme_menu)
        menu.addMenu(self._language_menu)
        menu.addSeparator()

    def _tint(self) -> None:
        for spec in SPECS:
            if spec.icon:
                self.actions[spec.id].setIcon(icon(spec.icon))
