"""Call into Qt many times and print how the reference counts of None and True moved, as JSON.

Run as a program by test_pyside_drift.py: a release that loses references does not merely count wrong, it ends the
process ("deallocating None") after some thousand calls.
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

CALLS = 20_000


class Emitter(QObject):
    """Signals without and with an argument."""

    plain = Signal()
    flag = Signal(bool)


class Receiver(QObject):
    """Counts what arrives, so that the probe cannot pass because nothing was connected."""

    def __init__(self) -> None:
        super().__init__()
        self.received = 0

    def count(self, _flag: bool = True) -> None:
        self.received += 1


def counts() -> dict[str, int]:
    return {"None": sys.getrefcount(None), "True": sys.getrefcount(True)}


def exercise(calls: int) -> int:
    """Void methods, and signals to slots that return nothing; how many deliveries there were."""
    emitter, receiver, timer = Emitter(), Receiver(), QTimer()
    emitter.plain.connect(receiver.count)
    emitter.flag.connect(receiver.count)
    for _ in range(calls):
        timer.setInterval(10)
        timer.setSingleShot(True)
        emitter.plain.emit()
        emitter.flag.emit(True)
    return receiver.received


def main() -> None:
    application = QCoreApplication([])
    exercise(10)  # whatever is allocated once is allocated now
    before = counts()
    received = exercise(CALLS)
    after = counts()
    drift = {name: after[name] - before[name] for name in before}
    print(json.dumps({"calls": CALLS, "received": received, "drift": drift}), flush=True)
    application.shutdown()


if __name__ == "__main__":
    main()
