"""The Playground's part in learning: what is committed goes to the lab, and the menu has a switch for it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from studio.gui.i18n import tr
from studio.gui.panes.compose_edit import ComposeEdit
from studio.gui.panes.predictions import Predictions
from studio.gui.session import Session
from studio.gui.widgets.refusals import refusal_text
from studio.runs.folder import RunError
from studio.runs.personal import PersonalStore
from studio.runs.personal_requests import Learn
from studio.runs.requests import Refused


class Learning(QObject):
    """Tells the lab what an editor's user chose. `switched` tells that learning went on or off."""

    switched = Signal(bool)

    def __init__(
        self, session: Session, editor: ComposeEdit, predictions: Predictions, menu: QMenu, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._predictions, self._pane = session, predictions, parent
        self._complained = False
        menu.addSeparator()
        self.switch = menu.addAction("")
        self.switch.setCheckable(True)
        self.switch.toggled.connect(self._toggled)
        self.show_all = menu.addAction("")
        self.show_all.triggered.connect(self.open_dialog)
        menu.aboutToShow.connect(self.refresh)
        editor.committed.connect(self._committed)
        self.retranslate()

    def refresh(self) -> None:
        """Look whether learning is on: another window may have switched it."""
        store = PersonalStore()
        try:
            on = store.enabled
        except RunError:
            on = True
        finally:
            store.close()
        self.switch.blockSignals(True)
        self.switch.setChecked(on)
        self.switch.blockSignals(False)

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self.switch.setText(tr("Learn from what I type"))
        self.show_all.setText(tr("What was learnt from typing…"))

    def open_dialog(self) -> None:
        """Show what was learnt."""
        from studio.gui.personal.dialog import personal_dialog  # the window's start does not wait for it

        dialog = personal_dialog(self._session, self._pane.window())
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _toggled(self, on: bool) -> None:
        store = PersonalStore()
        try:
            store.enable(on)
        except (RunError, OSError) as error:
            self._session.message.emit("error", str(error))
            self.refresh()
        else:
            self.switched.emit(on)
            self._predictions.again()
        finally:
            store.close()

    def _committed(self, letters: str, text: str, left: str) -> None:
        model = self._predictions.model
        if model is None:
            return
        lab = self._session.lab
        request = Learn(id=lab.new_id(), model=model, letters=letters, text=text, left=left)
        self._session.spawn(self._learn(request))

    async def _learn(self, request: Learn) -> None:
        answer = await self._session.lab.ask(request)
        # The lab's own troubles are told elsewhere; that nothing can be written down is told once.
        if isinstance(answer, Refused) and not answer.kind.startswith("lab") and not self._complained:
            self._complained = True
            reason = refusal_text(answer)
            self._session.message.emit(
                "warning", tr("What you type is not remembered: {reason}", reason=reason)
            )
