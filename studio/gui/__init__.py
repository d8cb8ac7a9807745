"""Everything that knows Qt: window, panes, widgets, the engine thread, theme, translations. Never torch."""

import builtins

import PySide6.QtCore  # noqa: F401 - puts its own import statement in the place of Python's

# PySide's reads the source of each module that is imported afterwards, of any package, to find out whether Qt's
# functions are to have other names there (`from __feature__ import ...`). Nothing here asks for that.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
