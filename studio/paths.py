"""Where the studio's own files and the user's files live.

`STUDIO_HOME` puts everything of the user's (runs, caches, settings) below one folder; without it the
platform's customary folders are used.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import platformdirs

_APP = "hanzi-studio"


@functools.cache
def resources() -> Path:
    """The folder of presets, fonts, icons, translations and small data that ship with the studio."""
    installed = Path(__file__).with_name("_resources")
    return installed if installed.is_dir() else Path(__file__).resolve().parent.parent / "resources"


def _home() -> Path | None:
    home = os.environ.get("STUDIO_HOME")
    return Path(home).expanduser() if home else None


def data_home() -> Path:
    """Runs, user presets and what the user made."""
    return _home() or platformdirs.user_data_path(_APP, appauthor=False)


def cache_home() -> Path:
    """What can be made again: prepared data sets."""
    home = _home()
    return home / "cache" if home else platformdirs.user_cache_path(_APP, appauthor=False)


def config_home() -> Path:
    """Window layout and preferences."""
    home = _home()
    return home / "config" if home else platformdirs.user_config_path(_APP, appauthor=False)


def runs_home() -> Path:
    """The default parent folder of new runs."""
    return data_home() / "runs"
