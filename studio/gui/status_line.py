"""The status bar: device, phase, progress, time left and speed of the own run; whether the lab is well."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar

from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.theme import mark
from studio.gui.widgets.figures import count, duration, short_count, size
from studio.gui.widgets.words import end_text, gpu_text, phase_text, stopping_text


class StatusLine(QStatusBar):
    """Follows the run that this window owns, whichever run is shown."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setSizeGripEnabled(False)
        self._phase, self._device, self._step = QLabel(), QLabel(), QLabel()
        self._left, self._speed, self._gpu, self._lab = QLabel(), QLabel(), QLabel(), QLabel()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(160)
        self.addWidget(self._phase)
        self.addWidget(self._bar)
        self.addWidget(self._step)
        for label in (self._left, self._speed, self._device, self._gpu, self._lab):
            self.addPermanentWidget(label)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self.refresh)
        session.progress.connect(self.refresh)
        session.run_changed.connect(self._run_changed)
        session.lab_changed.connect(self.refresh)
        self.retranslate()

    def retranslate(self) -> None:
        """Show all words in the window's language."""
        self._bar.setAccessibleName(tr("Progress of the run"))
        self.refresh()

    def _run_changed(self) -> None:
        if self._session.running:
            self._clock.start()
        else:
            self._clock.stop()
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the state of the session."""
        session, record = self._session, self._session.own_record
        known = session.own_folder is not None
        phase = phase_text(session.phase) if session.running else (end_text(record) if known else tr("Ready"))
        if session.stopping:
            phase = stopping_text(session.stopping)
        self._phase.setText(phase)
        now = time.time()
        if session.running and record.phase and not record.step and record.phase.name != "training":
            self._bar.setRange(0, record.phase.total)
            self._bar.setValue(record.phase.done)
        else:
            self._bar.setRange(0, max(1, record.total_steps))
            self._bar.setValue(min(record.step, max(1, record.total_steps)))
        mark(self._bar, "done", not session.running)
        self._bar.setVisible(known)
        self._step.setText(f"{count(record.step)} / {count(record.total_steps)}" if known else "")
        remaining = record.remaining(now) if session.running else None
        self._left.setText(tr("{time} left", time=duration(remaining)) if remaining is not None else "")
        speed = record.last_step.positions_per_second if record.last_step and session.running else None
        self._speed.setText(tr("{number} positions/s", number=short_count(speed)) if speed else "")
        device = f"{record.model.device} · {record.model.precision}" if record.model else ""
        memory = f" · {size(record.memory)}" if record.memory and session.running else ""
        self._device.setText(device + memory)
        gpu = record.gpu if session.running else None
        self._gpu.setText(gpu_text(gpu) if gpu else "")
        self._gpu.setToolTip(tr("The GPU: memory in use, share of the time it computes, temperature"))
        self._lab.setText(
            {
                "starting": tr("Lab is starting"),
                "ready": tr("Lab ready"),
                "crashed": tr("Lab is restarting"),
            }.get(session.lab.state, "")
        )
        for label in (self._step, self._left, self._speed, self._device, self._gpu, self._lab):
            label.setVisible(bool(label.text()))
