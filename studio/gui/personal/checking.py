"""The check of forgetting, in a child process: what it says meanwhile, and its figures at the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.gui.i18n import tr
from studio.gui.session import Session
from studio.gui.widgets.figures import percent
from studio.runs.processes import group_options, kill_tree, studio_command, worker_environment

SIMULATED = 100
_LIMIT = 200


class Checking(QObject):
    """One check at a time. `told` carries progress, `ended` the result in words and whether it is one."""

    told = Signal(str)
    ended = Signal(str, bool)

    def __init__(
        self, session: Session, parent: QObject | None = None, command: list[str] | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._command = command
        self._pid: int | None = None

    @property
    def running(self) -> bool:
        return self._pid is not None

    def start(self, model: str, simulate: bool) -> None:
        """Type validation sentences of a run without and with what was learnt."""
        if not self.running:
            self._pid = 0
            if self._session.spawn(self._run(model, simulate)) is None:
                self._pid = None

    def stop(self) -> None:
        """End the child."""
        if self._pid:
            kill_tree(self._pid)

    async def _run(self, model: str, simulate: bool) -> None:
        arguments = ["personal", "check", model, "--limit", str(_LIMIT), "--attached"]
        arguments += ["--simulate", str(SIMULATED)] if simulate else []
        command = self._command or studio_command(*arguments)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=worker_environment(),
                **group_options(),  # type: ignore[arg-type]
            )
        except OSError as error:
            self._pid = None
            self.ended.emit(tr("It could not be started: {reason}.", reason=error.strerror), False)
            return
        self._pid = process.pid
        assert process.stdout is not None and process.stderr is not None
        last = b""
        said = ""
        try:
            output = asyncio.ensure_future(process.stdout.read())
            while line := await process.stderr.readline():
                said = line.decode("utf-8", "replace").strip() or said
                self.told.emit(said)
            last = (await output).strip().rpartition(b"\n")[2]
            await process.wait()
        finally:
            kill_tree(process.pid)
            self._pid = None
        words = ""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            words = _summary(json.loads(last))
        if words:
            self.ended.emit(words, True)
        elif process.returncode in (2, 3):
            self.ended.emit(said.removeprefix("studio: "), False)
        else:
            self.ended.emit(tr("The check was stopped."), False)


def _summary(report: dict[str, Any]) -> str:
    lines = []
    for key, words in (
        ("unseen", tr("Sentences that were not learnt")),
        ("learnt_sentences", tr("Sentences that were learnt")),
    ):
        part = report[key]
        if part is not None:
            lines.append(
                tr(
                    "{what} ({number}): {without} right without, {with_learnt} with; {broken} broken, {mended} mended.",
                    what=words,
                    number=part["sentences"],
                    without=percent(part["without"], 1),
                    with_learnt=percent(part["with_learnt"], 1),
                    broken=len(part["broken"]),
                    mended=len(part["mended"]),
                )
            )
    times = report["key_ms"]
    lines.append(
        tr(
            "A key takes {without} ms without, {with_learnt} ms with.",
            without=f"{times['p50_without']:.1f}",
            with_learnt=f"{times['p50_with']:.1f}",
        )
    )
    return "\n".join(lines)
