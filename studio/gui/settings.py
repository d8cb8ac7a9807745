"""What the window remembers between starts: layout, theme, language, recent runs. A broken file is set aside."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from studio import paths

_LAYOUT = 1  # raised when panes change so much that an old layout would do harm


class Settings:
    """A typed front of an INI file below the configuration folder."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or paths.config_home() / "window.ini"
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)
        if self._store.status() != QSettings.Status.NoError:
            # Qt neither reads nor ever writes a file that it could not parse.
            with contextlib.suppress(OSError):
                self.path.replace(self.path.with_suffix(".broken"))
            self._store = QSettings(str(self.path), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        """A text, or the default if there is none or it is something else."""
        value: Any = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def set_text(self, key: str, value: str) -> None:
        """Remember a text."""
        self._store.setValue(key, value)

    def layout(self) -> tuple[QByteArray, QByteArray] | None:
        """Geometry and state of the window, or None if nothing usable is stored."""
        geometry, state = self._store.value("window/geometry"), self._store.value("window/state")
        if self.text("window/version") != str(_LAYOUT):
            return None
        if not isinstance(geometry, QByteArray) or not isinstance(state, QByteArray):
            return None
        return geometry, state

    def set_layout(self, geometry: QByteArray, state: QByteArray) -> None:
        """Remember geometry and state of the window."""
        self._store.setValue("window/version", str(_LAYOUT))
        self._store.setValue("window/geometry", geometry)
        self._store.setValue("window/state", state)

    def save(self) -> None:
        """Write to disk now; a full disk costs the layout, nothing else."""
        self._store.sync()
