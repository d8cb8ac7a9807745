"""The stylesheet, from one palette: quiet surfaces, hairlines, one accent.

Buttons take a property: `primary` (the one action of a place), `quiet` (no edge until hovered), `danger`.
Labels take `role`: `title`, `heading`, `figure`, `caption`, `error`, `warning`, `ok`, `mono`.
Frames take `role`: `card`, `rule`.
"""

from __future__ import annotations

import re
from dataclasses import asdict

from studio.gui.glyphs import glyph
from studio.gui.palette import Palette

_SHEET = """
* { outline: none; }
QWidget { color: @text; font-size: 13px; }
QMainWindow, QDialog { background: @window; }
QMainWindow::separator { background: @window; width: 5px; height: 5px; }
QMainWindow::separator:hover { background: @hairline_strong; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @hairline; }
QScrollArea, QStackedWidget { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }

QDockWidget { color: @muted; icon-size: 14px; titlebar-close-icon: @glyph_cross; titlebar-normal-icon: @glyph_float; }
QDockWidget::title { background: @window; padding: 7px 10px 6px 10px; text-align: left; }
QDockWidget::close-button, QDockWidget::float-button { border: none; background: transparent; padding: 2px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: @hover; border-radius: 4px; }
QWidget[role="pane"] { background: @surface; }

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @muted; padding: 8px 14px 7px 14px;
    border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; background: @hover; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { background: @hover; }
QTabBar::tab:disabled { color: @faint; }
QTabWidget::pane { border: none; border-top: 1px solid @hairline; }

QMenuBar { background: @window; color: @text; padding: 2px 6px; }
QMenuBar::item { padding: 5px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @raised; border: 1px solid @hairline_strong; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 24px; border-radius: 4px; }
QMenu::item:selected { background: @hover; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @hairline; margin: 5px 8px; }
QMenu::icon { padding-left: 6px; }
QMenu::indicator { width: 12px; height: 12px; left: 7px; }
QMenu::indicator:checked { image: @glyph_tick; }
QMenu::right-arrow { image: @glyph_right; width: 12px; height: 12px; margin-right: 6px; }

QToolBar { background: @window; border: none; border-bottom: 1px solid @hairline; padding: 5px 8px; spacing: 6px; }
QToolBar[bare="true"] { border: none; padding: 0; }
QToolBar::separator { background: @hairline; width: 1px; margin: 4px 6px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 5px 8px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @pressed; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @faint; }
QToolButton::menu-indicator { image: @glyph_down; width: 12px; height: 12px; subcontrol-position: right center; }
QToolButton[popupMode="2"] { padding-right: 20px; }
QStatusBar { background: @window; color: @muted; border-top: 1px solid @hairline; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @muted; padding: 0 6px; }

QPushButton { background: @raised; border: 1px solid @hairline_strong; border-radius: 6px; padding: 6px 14px;
    min-height: 18px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @pressed; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @faint; background: transparent; border-color: @hairline; }
QPushButton[primary="true"] { background: @accent; border-color: @accent; color: @accent_text; font-weight: bold; }
QPushButton[primary="true"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[primary="true"]:pressed { background: @accent_pressed; border-color: @accent_pressed; }
QPushButton[primary="true"]:focus { border-color: @text; }
QPushButton[primary="true"]:disabled { background: @hover; border-color: @hairline; color: @faint; }
QPushButton[quiet="true"] { background: transparent; border-color: transparent; padding: 5px 10px; }
QPushButton[quiet="true"]:hover { background: @hover; }
QPushButton[quiet="true"]:checked { background: @pressed; }
QPushButton[quiet="true"]:focus { border-color: @accent; }
QPushButton[danger="true"] { color: @danger; }
QPushButton[danger="true"]:hover { background: @danger_soft; border-color: @danger; }
QPushButton[danger="true"]:disabled { color: @faint; }
QPushButton::menu-indicator { image: @glyph_down; width: 12px; height: 12px; subcontrol-position: right center;
    right: 7px; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox { background: @sunken;
    border: 1px solid @hairline_strong; border-radius: 6px; padding: 5px 8px; min-height: 18px;
    selection-background-color: @selection; selection-color: @text; }
QPlainTextEdit, QTextEdit { padding: 4px 5px; }
QLineEdit:hover, QPlainTextEdit:hover, QTextEdit:hover, QAbstractSpinBox:hover, QComboBox:hover
    { border-color: @muted; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus
    { border-color: @accent; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled
    { color: @faint; background: transparent; border-color: @hairline; }
QLineEdit:read-only { background: transparent; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"], QAbstractSpinBox[invalid="true"],
    QComboBox[invalid="true"] { border-color: @danger; background: @danger_soft; }
QAbstractSpinBox { padding-right: 22px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 20px;
    border: none; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; border-radius: 4px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; border-radius: 4px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hover; }
QAbstractSpinBox::up-arrow { image: @glyph_up; width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: @glyph_down; width: 12px; height: 12px; }
QComboBox { padding-right: 24px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: @glyph_down; width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @hairline_strong; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 2px 6px; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 22px; }
QCheckBox::indicator, QRadioButton::indicator, QTreeView::indicator { width: 14px; height: 14px;
    border: 1px solid @hairline_strong; background: @sunken; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox:focus::indicator { border-color: @accent; }
QCheckBox::indicator:checked, QTreeView::indicator:checked { background: @accent; border-color: @accent;
    image: @glyph_tick_accent; }
QRadioButton::indicator:checked { background: @accent; border-color: @accent; image: @glyph_dot_accent; }
QCheckBox::indicator:disabled { background: transparent; border-color: @hairline; }
QCheckBox:disabled, QRadioButton:disabled { color: @faint; }

QAbstractItemView { background: @surface; alternate-background-color: @raised; border: none;
    selection-background-color: @accent_soft; selection-color: @text; gridline-color: @hairline; }
QListView::item, QTreeView::item { padding: 5px 8px; border: none; }
QTableView::item { padding: 3px 8px; border: none; }
QListView::item:hover, QTreeView::item:hover, QTableView::item:hover { background: @hover; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected
    { background: @accent_soft; color: @text; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: @glyph_right; }
QTreeView::branch:has-children:open { image: @glyph_down; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: @surface; color: @muted; border: none; border-bottom: 1px solid @hairline;
    padding: 6px 8px; font-weight: normal; }
QTableCornerButton::section { background: @surface; border: none; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @hairline_strong; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page
    { background: transparent; border: none; width: 0; height: 0; }

QProgressBar { background: @hairline; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
    text-align: center; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QProgressBar[done="true"]::chunk { background: @jade; }
QSlider { min-height: 22px; }
QSlider::groove:horizontal { height: 4px; background: @hairline; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @hairline_strong; border-radius: 2px; }
QSlider::handle:horizontal { background: @raised; border: 1px solid @muted; width: 14px; margin: -6px 0;
    border-radius: 8px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { border-color: @accent; background: @accent_soft; }

QToolTip { background: @raised; color: @text; border: 1px solid @hairline_strong; padding: 5px 7px; }
QGroupBox { border: none; border-top: 1px solid @hairline; margin-top: 18px; padding-top: 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 0; color: @muted; }
QLabel { background: transparent; }
QLabel:disabled { color: @faint; }
QLabel[role="title"] { font-size: 18px; font-weight: bold; }
QLabel[role="heading"] { font-size: 14px; font-weight: bold; }
QLabel[role="figure"] { font-size: 22px; }
QLabel[role="caption"] { color: @muted; font-size: 12px; }
QLabel[role="error"] { color: @danger; }
QLabel[role="warning"] { color: @amber; }
QLabel[role="ok"] { color: @jade; }
QLabel[role="mono"] { font-family: monospace; }
QFrame[role="card"] { background: @raised; border: 1px solid @hairline; border-radius: 8px; }
QFrame[role="rule"] { background: @hairline; border: none; max-height: 1px; min-height: 1px; }
"""

_GLYPHS = {
    "glyph_tick_accent": ("tick", "accent_text"),
    "glyph_dot_accent": ("dot", "accent_text"),
    "glyph_tick": ("tick", "text"),
    "glyph_down": ("down", "muted"),
    "glyph_up": ("up", "muted"),
    "glyph_right": ("right", "muted"),
    "glyph_cross": ("cross", "muted"),
    "glyph_float": ("float", "muted"),
}


def stylesheet(palette: Palette) -> str:
    """The whole sheet with the palette's colours in place."""
    words = {name: value for name, value in asdict(palette).items() if isinstance(value, str)}
    words |= {name: glyph(shape, getattr(palette, color)) for name, (shape, color) in _GLYPHS.items()}
    return re.sub(r"@(\w+)", lambda match: words[match[1]], _SHEET)
