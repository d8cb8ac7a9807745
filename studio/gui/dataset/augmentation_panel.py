"""How examples are varied while they are learnt, and what an epoch makes of some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLabel, QSpinBox, QWidget

from studio.gui.dataset.section_panel import SectionPanel
from studio.gui.forms.editors import WheelGuard
from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.recipe.augmentation import AnyAugmentation, beginning
from studio.runs.doctor_requests import AugmentationPreviewed, PreviewAugmentation

if TYPE_CHECKING:
    from studio.runs.lab_messages import Request, Response

PATH = "data.augmentation"


class AugmentationPanel(SectionPanel):
    """The same examples vary otherwise in another epoch, and alike in the same."""

    parts = ("data", "training")

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, PATH, AnyAugmentation, "Add a variation", parent)
        self.list.starting = self._starting
        self.epoch = QSpinBox(minimum=1, maximum=100_000)
        self.epoch.setFixedWidth(92)
        self.epoch.lineEdit().setTextMargins(6, 0, 0, 0)
        self.epoch.installEventFilter(WheelGuard(self))
        self.epoch.valueChanged.connect(lambda _: self.refresh())
        self._label = QLabel()
        self._label.setBuddy(self.epoch)
        self.options.addWidget(self._label)
        self.options.addWidget(self.epoch)
        self.options.addStretch(1)
        self.retranslate()

    def _starting(self, kind: str) -> dict[str, Any]:
        task = self._session.values.get("task") or {}
        return beginning(kind, str(task.get("name", "pinyin_to_hanzi")))

    def words(self) -> tuple[str, str]:
        hint = tr("Varies examples while they are learnt; those that judge stay as they are.")
        return tr("Augmentation"), hint

    def option(self) -> int:
        return self.epoch.value() - 1

    def request(self, name: str, recipe: dict[str, Any], option: int, own: str) -> Request:
        return PreviewAugmentation(id=name, recipe=recipe, texts=(own,) if own else (), epoch=option)

    def show_answer(self, response: Response) -> None:
        if isinstance(response, AugmentationPreviewed):
            note = ""
            if response.slips:
                note = tr(
                    "Of {slips} syllables typed otherwise {fed} make another syllable, which the network is fed; the "
                    "rest is put right before it reads.",
                    slips=response.slips,
                    fed=response.fed,
                )
            self.texts.show_rows(tuple(("", row.before, row.after) for row in response.rows), note)

    def refresh(self) -> None:
        super().refresh()
        for widget in (self._label, self.epoch):
            widget.setVisible(bool(self.list.list.count()))

    def retranslate(self) -> None:
        super().retranslate()
        self._label.setText(tr("Epoch"))
