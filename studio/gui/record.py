"""What is known of a run, gathered from its events. Knows no Qt: the window shows it, tests feed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from studio.runs import events as ev

if TYPE_CHECKING:
    from studio.gui.history import Curve

TRAIN_CURVES = ("loss", "learning_rate", "positions_per_second", "gradient_norm")
_MESSAGES = 200  # warnings kept


@dataclass
class Probe:
    """One pinned input and what the model made of it, by step."""

    input: str
    history: list[ev.Sample] = field(default_factory=list)

    def best(self, index: int = -1) -> str:
        """The likeliest text at one evaluation, or nothing."""
        try:
            sample = self.history[index]
        except IndexError:
            return ""
        return sample.candidates[0].text if sample.candidates else ""


class RunRecord:
    """The state of one run as far as its events tell it.

    Attributes:
        curves: by name: those of `TRAIN_CURVES`, and each validation metric as `validation/<metric>`.
        end: the event that ended the run, or None.
    """

    def __init__(self) -> None:
        self.name = ""
        self.total_steps = 0
        self.from_step = 0
        self.step = 0
        self.phase: ev.Phase | None = None
        self.model: ev.ModelBuilt | None = None
        self.started: ev.StartedFrom | None = None
        self.last_step: ev.Step | None = None
        self.evaluation: ev.Evaluation | None = None
        self.test: ev.Evaluation | None = None
        self.probes: dict[str, Probe] = {}
        self.checkpoints: list[ev.CheckpointSaved] = []
        self.live_step = -1
        self.warnings: list[ev.Warned] = []
        self.memory = 0
        self.gpu: ev.GpuState | None = None
        self.awaited = False  # another machine may yet write it
        self.started_at: float | None = None
        self.last_at: float | None = None
        self.end: ev.Finished | ev.Failed | ev.Paused | None = None

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """The curves; numpy is loaded with the first of them, after the window is on the screen."""
        from studio.gui.history import Curve

        return {name: Curve() for name in TRAIN_CURVES}

    def curve(self, name: str) -> Curve:
        """One curve, empty if nothing has been heard of it yet."""
        from studio.gui.history import Curve

        return self.curves.setdefault(name, Curve())

    def apply(self, events: Iterable[ev.Event]) -> None:
        """Take in events, in their order."""
        for event in events:
            if not isinstance(event, ev.Heartbeat):
                self.last_at = max(event.at, self.last_at or event.at)
            self._apply(event)

    def _apply(self, event: ev.Event) -> None:
        match event:
            case ev.Step():
                self.step, self.last_step = event.step, event
                for name in TRAIN_CURVES:
                    self.curves[name].append(event.step, getattr(event, name))
            case ev.Evaluation(split="validation"):
                self.evaluation = event
                for name, value in event.metrics.items():
                    self.curve(f"validation/{name}").append(event.step, value)
            case ev.Evaluation():
                self.test = event
            case ev.Sample(id=""):
                probe = self.probes.setdefault(event.input, Probe(event.input))
                if not probe.history or probe.history[-1].step <= event.step:
                    probe.history.append(event)
            case ev.Phase():
                self.phase = event
            case ev.Heartbeat():
                self.memory, self.gpu = event.memory, event.gpu
            case ev.RunStarted():
                self.name, self.total_steps, self.from_step = event.name, event.total_steps, event.from_step
                self.started_at = self.started_at or event.at
                self._go_back_to(event.from_step)
            case ev.ModelBuilt():
                self.model = event
            case ev.StartedFrom():
                self.started = event
            case ev.CheckpointSaved():
                self.checkpoints = [one for one in self.checkpoints if one.step != event.step] + [event]
            case ev.WeightsPublished():
                self.live_step = event.step
            case ev.Warned():
                self.warnings = [*self.warnings[1 - _MESSAGES :], event]
            case ev.Finished() | ev.Failed() | ev.Paused():
                self.end = event
                self.step = max(self.step, event.step)

    def _go_back_to(self, step: int) -> None:
        """Forget what lies beyond the checkpoint from which a run goes on: it comes again."""
        self.end = None
        for curve in self.curves.values():
            curve.cut(step)
        for probe in self.probes.values():
            probe.history = [sample for sample in probe.history if sample.step <= step]
        self.step = min(self.step, step)

    @property
    def phase_name(self) -> str:
        """The phase as its event names it; empty before the first and after the end."""
        return "" if self.end or self.phase is None else self.phase.name

    @property
    def loss(self) -> float | None:
        """The newest training loss."""
        return self.last_step.loss if self.last_step else None

    def metric(self, name: str) -> float | None:
        """The newest validation figure of this name."""
        return self.evaluation.metrics.get(name) if self.evaluation else None

    def elapsed(self, now: float) -> float:
        """Seconds since the start, until the end if it has come."""
        if self.started_at is None:
            return 0.0
        until = self.last_at if self.end and self.last_at else now
        return max(0.0, until - self.started_at)

    def remaining(self, now: float) -> float | None:
        """Seconds until the end by the newest estimate, counted down since it was made."""
        if self.end or self.last_step is None or self.last_step.remaining is None:
            return None
        return max(0.0, self.last_step.remaining - max(0.0, now - self.last_step.at))
