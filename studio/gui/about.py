"""The two small dialogs of the Help menu."""

from __future__ import annotations

import sys

from PySide6 import __version__ as qt_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QMessageBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

import studio
from studio import paths
from studio.gui.actions import MENUS, SPECS
from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.icons import pixmap


def fill_about(box: QMessageBox) -> None:
    """Name, version, licences, and where the files lie."""
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("About Hanzi Studio"))
    version = getattr(studio, "__version__", "")
    box.setText(f"<b>Hanzi Studio</b> {version}")
    python = ".".join(map(str, sys.version_info[:3]))
    box.setInformativeText(
        tr("Trains Chinese text models by pointing and clicking.")
        + f"<br><br>Python {python} · Qt for Python {qt_version}<br>"
        + tr("Licence: Apache-2.0; the font: SIL Open Font License 1.1.")
        + "<br><br>"
        + tr("Runs are kept in {path}", path=paths.runs_home())
    )
    drawn = pixmap("training", 48, theme.color("accent"), box.devicePixelRatioF())
    if drawn is not None:
        box.setIconPixmap(drawn)


def show_shortcuts(parent: QWidget) -> QDialog:
    """A list of all actions that have keys."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Keyboard shortcuts"))
    tree = QTreeWidget()
    tree.setHeaderLabels([tr("Action"), tr("Keys")])
    tree.setAccessibleName(tr("Keyboard shortcuts"))
    for menu in MENUS:
        top = QTreeWidgetItem(tree, [tr(menu)])
        for spec in SPECS:
            if spec.menu == menu and spec.keys:
                QTreeWidgetItem(top, [tr(spec.text), ", ".join(spec.keys)])
        top.setHidden(top.childCount() == 0)
    tree.expandAll()
    tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.addWidget(tree)
    column.addWidget(buttons)
    dialog.resize(480, 560)
    dialog.open()
    return dialog
