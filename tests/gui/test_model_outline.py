"""The drawing of the network in the Model pane."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from studio.gui.estimator import Estimator
from studio.gui.panes.model_outline import ModelOutline
from studio.gui.widgets.network_outline import NetworkOutline
from studio.runs.estimates import NetworkPart, RunEstimated

INNER = NetworkPart(kind="linear", name="encoder.layers.0.expand", shape="8 → 32", parameters=288, learnt=0)
LAYER = NetworkPart(
    kind="layer", name="encoder.layers.0", shape="", parameters=288, learnt=0, times=2, parts=(INNER,)
)
PARTS = (
    NetworkPart(kind="embedding", name="embedding", shape="100 → 8", parameters=800, learnt=800),
    NetworkPart(kind="encoder", name="encoder", shape="", parameters=576, learnt=0, parts=(LAYER,)),
)


def estimated(parts: tuple[NetworkPart, ...]) -> RunEstimated:
    return RunEstimated(
        id="1", parameters=1376, device="CPU", steps=3, memory={"weights": 1}, disk={"live": 1}, disk_most=1,
        memory_free=10, disk_free=10, outline=parts,
    )  # fmt: skip


def test_it_follows_the_estimate_while_it_is_open(qtbot: Any, session: Any) -> None:
    outline = ModelOutline(session)
    qtbot.addWidget(outline)
    estimator = Estimator.of(session)
    assert outline.isHidden()
    estimator.estimate = estimated(PARTS)
    estimator.changed.emit()
    assert outline.isVisible() and not outline.drawing.isVisible()
    outline.heading.click()
    assert outline.drawing.isVisible()
    high = outline.drawing.sizeHint().height()
    estimator.estimate = estimated(PARTS[:1])
    estimator.changed.emit()
    assert outline.drawing.sizeHint().height() < high
    assert outline.drawing.accessibleDescription() == "Embedding 100 → 8 800"


def test_a_tip_says_what_a_part_is_and_what_is_learnt(qtbot: Any) -> None:
    drawing = NetworkOutline()
    qtbot.addWidget(drawing)
    drawing.show_parts(PARTS)
    drawing.resize(400, drawing.sizeHint().height())
    drawing.show()
    assert not drawing.grab().isNull()
    below = QPoint(50, drawing.height() - 8)
    QApplication.sendEvent(drawing, QHelpEvent(QHelpEvent.Type.ToolTip, below, drawing.mapToGlobal(below)))
    said = QToolTip.text().splitlines()
    assert said[:3] == ["Feed-forward, in", "encoder.layers.0.expand", "8 → 32"]
    assert said[3:] == ["576 parameters", "0 of them are learnt"]
    QToolTip.hideText()
