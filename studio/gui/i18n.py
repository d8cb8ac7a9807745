"""The language of the window, switched without a restart.

English texts are the keys; `resources/translations/<code>.json` maps them to another language. Whoever shows
a text calls `tr` when it is shown and again in `retranslate()`, which the main window calls on every pane.
"""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from studio import paths

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}


class Language(QObject):
    """The chosen language; `changed` is emitted after its texts are at hand."""

    changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.code = "en"
        self._texts: dict[str, str] = {}
        self._qt: QTranslator | None = None

    def set(self, code: str) -> None:
        """Switch to a language of `LANGUAGES`, or to the system's for any other word."""
        code = code if code in LANGUAGES else system_language()
        if code == self.code:
            return
        self.code = code
        self._texts = _read(code)
        self._load_qt_texts()
        self.changed.emit(code)

    def text(self, english: str) -> str:
        """The text in the chosen language, or the English one while it has no translation."""
        return self._texts.get(english, english)

    def _load_qt_texts(self) -> None:
        """The words of Qt's own dialogs ("Cancel", "File name")."""
        app = QApplication.instance()
        if app is None:
            return
        if self._qt is not None:
            app.removeTranslator(self._qt)
            self._qt = None
        if self.code != "en":
            self._qt = QTranslator(self)
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if self._qt.load(f"qtbase_{self.code}", folder):
                app.installTranslator(self._qt)


def _read(code: str) -> dict[str, str]:
    if code == "en":
        return {}
    try:
        texts = json.loads((paths.resources() / "translations" / f"{code}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return texts if isinstance(texts, dict) else {}


def system_language() -> str:
    """The language of `LANGUAGES` that the desktop is set to; English for all others."""
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"


language = Language()


def tr(english: str, **values: Any) -> str:
    """The text in the window's language, with `{name}` places filled from `values`."""
    text = language.text(english)
    return text.format(**values) if values else text
