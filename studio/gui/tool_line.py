"""The bar below the menus: choose a preset, start, stop, cancel, search, theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QToolBar, QToolButton, QWidget

from studio.gui.i18n import language, tr
from studio.gui.theme import theme
from studio.gui.widgets.icons import icon

if TYPE_CHECKING:
    from studio.gui.main_window import MainWindow

_WHY_LENGTH = 90


class ToolLine(QToolBar):
    """What is used most, and next to Start why it cannot be pressed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("bar-tools")
        self.setMovable(False)
        self.toggleViewAction().setEnabled(False)
        commands = window.commands
        self.preset = QToolButton()
        self.preset.setMenu(window.menus.presets_menu)
        self.preset.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.start, self.pause, self.stop, self.cancel = (QPushButton() for _ in range(4))
        self.start.setProperty("primary", True)
        self.cancel.setProperty("danger", True)
        self.start.clicked.connect(commands.start)
        self.pause.clicked.connect(commands.pause)
        self.stop.clicked.connect(commands.stop_and_save)
        self.cancel.clicked.connect(commands.cancel_run)
        self.why = QLabel()
        self.why.setProperty("role", "warning")
        self.search, self.theme_button, self.language_button = QToolButton(), QToolButton(), QToolButton()
        self.search.clicked.connect(commands.palette)
        self.theme_button.clicked.connect(self._next_theme)
        self.language_button.clicked.connect(self._next_language)
        for button in (self.preset, self.search, self.theme_button, self.language_button):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(16, 16))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.theme_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        buttons = (self.start, self.pause, self.stop, self.cancel)
        for pushed in buttons:
            pushed.setIconSize(QSize(16, 16))
        self.addWidget(self.preset)
        self.addSeparator()
        self._buttons = [(button, self.addWidget(button)) for button in buttons]
        gap = QWidget()
        gap.setFixedWidth(4)
        self.addWidget(gap)
        self.why.setMinimumWidth(40)
        self.why.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(self.why)
        for widget in (self.search, self.theme_button, self.language_button):
            self.addWidget(widget)
        for signal in (window.session.run_changed, window.session.draft_changed):
            signal.connect(self.refresh)
        theme.changed.connect(self._tint)
        self._tint()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.setWindowTitle(tr("Tools"))
        self.preset.setToolTip(tr("New from preset"))
        self.preset.setAccessibleName(tr("New from preset"))
        self.search.setText(tr("Search"))
        self.search.setToolTip(tr("All commands (Ctrl+K)"))
        self.theme_button.setToolTip(tr("Light or dark"))
        self.theme_button.setAccessibleName(tr("Light or dark"))
        self.language_button.setText(tr("中文"))
        self.language_button.setToolTip(tr("Language"))
        self.refresh()

    def refresh(self) -> None:
        """Show what can be done now."""
        session = self._window.session
        why = session.start_obstacle()
        self.preset.setText(str(session.values.get("name") or tr("Choose a preset")))
        for button, action in self._buttons:
            visible = session.running != (button is self.start)
            action.setVisible(visible)
            button.setVisible(visible)
        self.start.setText(tr("Start training"))
        self.start.setEnabled(not why)
        self.start.setToolTip(why or tr("Train the recipe of the Model pane"))
        shown = "" if session.running else why
        self.why.setText(shown if len(shown) <= _WHY_LENGTH else shown[: _WHY_LENGTH - 1] + "…")
        self.why.setToolTip(shown)
        self.pause.setText(tr("Pausing…") if session.stopping == "pause" else tr("Pause"))
        self.pause.setEnabled(not session.stopping)
        self.stop.setText(tr("Stopping…") if session.stopping == "stop" else tr("Stop and save"))
        self.stop.setEnabled(not session.stopping)
        self.cancel.setText(tr("Cancelling…") if session.stopping == "cancel" else tr("Cancel"))
        self.cancel.setEnabled(session.stopping != "cancel")

    def _next_theme(self) -> None:
        self._window.choose_theme("light" if theme.palette.dark else "dark")

    def _next_language(self) -> None:
        self._window.choose_language("en" if language.code == "zh_CN" else "zh_CN")

    def _tint(self) -> None:
        self.preset.setIcon(icon("edit", "muted"))
        self.start.setIcon(icon("play", "accent_text"))
        self.pause.setIcon(icon("pause"))
        self.stop.setIcon(icon("stop"))
        self.cancel.setIcon(icon("cancel", "danger"))
        self.search.setIcon(icon("search", "muted"))
        self.theme_button.setIcon(icon("theme-light" if theme.palette.dark else "theme-dark", "muted"))
        self.language_button.setIcon(icon("language", "muted"))
