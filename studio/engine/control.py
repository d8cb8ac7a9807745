"""What a run has been told: commands, sorted into what ends it and what it does between two steps."""

from __future__ import annotations

from studio.engine.background import Interrupted
from studio.runs.commands import Cancel, Command, CommandQueue, Pause, StopAndSave
from studio.runs.events import EndReason

_ENDS: dict[type[Command], EndReason] = {StopAndSave: "stopped", Pause: "paused", Cancel: "cancelled"}


class Control:
    """Reads a command queue on behalf of one run."""

    def __init__(self, commands: CommandQueue) -> None:
        self._commands = commands
        self._pending: list[Command] = []
        self.end: EndReason | None = None

    @property
    def saves(self) -> bool:
        """Whether the way the run is to end keeps what was learnt."""
        return self.end in ("stopped", "paused")

    def called_off(self) -> bool:
        """Whether the run is to end; also reads what has come in. Cancel overrules the gentler ways."""
        for command in self._commands.poll():
            end = _ENDS.get(type(command))
            if end is None:
                self._pending.append(command)
            elif self.end is None or end == "cancelled":
                self.end = end
        return self.end is not None

    def tick(self, _done: int = 0, _total: int = 0) -> None:
        """For work that can be left at any time: raises `Interrupted` once the run is to be cancelled."""
        self.called_off()
        if self.end == "cancelled":
            raise Interrupted

    def take(self) -> list[Command]:
        """The commands that wait to be carried out, oldest first; each is given out once."""
        self.called_off()
        pending, self._pending = self._pending, []
        return pending
