"""The button in a failure's banner that changes the draft as the failure advises, and starts again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from studio.gui.forms.values import MISSING, lookup, number_text
from studio.gui.forms.words import place_text
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.messages import Notice
from studio.recipe import RecipeError, apply_overrides


class Remedy(QObject):
    """Belongs to one banner, and goes with it.

    Args:
        changes: `dotted.key=value`, as `events.Failed.remedy` has them.
        started: called once the run has been started again.
    """

    def __init__(
        self, notice: Notice, session: Session, changes: Sequence[str], started: Callable[[], object]
    ) -> None:
        super().__init__(notice)
        self._notice, self._session, self._changes, self._started = notice, session, tuple(changes), started
        self.button = notice.offer(tr("Apply and start again"), changes_text(changes))
        self.button.clicked.connect(self._apply)

    def _apply(self) -> None:
        if apply_changes(self._session, self._changes) and self._session.start():
            self._notice.deleteLater()
            self._started()


def apply_changes(session: Session, changes: Sequence[str]) -> bool:
    """Make changes to the draft, each of which undo takes back; False if one leads nowhere."""
    try:
        changed = apply_overrides(session.values, changes)
    except RecipeError:
        return False
    for path in _paths(changes):
        session.set_value(path, lookup(changed, path))
    return not session.problems


def changes_text(changes: Sequence[str]) -> str:
    """Changes as a person reads them, one a line: where, and what it becomes."""
    values = apply_overrides({}, changes)
    lines = []
    for path in _paths(changes):
        value = lookup(values, path)
        if isinstance(value, bool):
            text = tr("on") if value else tr("off")
        else:
            text = "" if value is MISSING else number_text(value)
        lines.append(f"{place_text(path)}: {text}")
    return "\n".join(lines)


def _paths(changes: Sequence[str]) -> list[str]:
    return [change.partition("=")[0] for change in changes]
