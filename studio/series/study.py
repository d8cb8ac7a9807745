"""Optuna's part in a search: what to try next, what to break off, and a record that survives being killed."""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from studio.recipe.ranges import Range, Value
from studio.runs.sweeps import SweepSpec, Trial
from studio.runs.sweeps import TrialState as State

_RUN, _NUMBER, _FAILED, _PRUNED = "run", "number", "failed", "pruned"


class Study:
    """The trials of one search. One process uses it at a time."""

    def __init__(self, spec: SweepSpec, ranges: tuple[Range, ...], file: Path) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._spec, self._ranges = spec, ranges
        self._distributions = {one.path: _distribution(one) for one in ranges}
        self._study = optuna.create_study(
            storage=f"sqlite:///{file.as_posix()}",
            study_name=spec.name,
            load_if_exists=True,
            direction="minimize" if spec.minimised else "maximize",
            # At least a few at random, and not so many that a short search is nothing else.
            pruner=optuna.pruners.MedianPruner(n_startup_trials=min(5, max(1, spec.trials // 4))),
        )
        known = len(self._study.trials)
        self._study.sampler = optuna.samplers.TPESampler(
            seed=spec.seed + known, n_startup_trials=min(10, max(3, spec.trials // 3))
        )
        self._random = random.Random(spec.seed + known)

    # --- looking -------------------------------------------------------------------------------------

    def trials(self) -> tuple[Trial, ...]:
        """Those that have a run, in their order."""
        found = [
            self._row(trial) for trial in self._study.get_trials(deepcopy=False) if _RUN in trial.user_attrs
        ]
        for state in ("finished", "pruned", "running"):
            values = [row.value for row in found if row.state == state and row.value is not None]
            if values:
                best = min(values) if self._spec.minimised else max(values)
                first = next(row for row in found if row.state == state and row.value == best)
                return tuple(_marked(row) if row is first else row for row in found)
        return tuple(found)

    def exhausted(self) -> bool:
        """Whether every combination has been tried."""
        return len(self._tried()) >= math.prod(one.size for one in self._ranges)

    # --- trials --------------------------------------------------------------------------------------

    def unfinished(self) -> OpenTrial | None:
        """A trial that a killed process left; those that had no run yet are given up."""
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if _RUN in trial.user_attrs:
                return OpenTrial(self._study, optuna.trial.Trial(self._study, trial._trial_id))
            self._study.tell(trial.number, state=TrialState.FAIL)
        return None

    def draw(self) -> OpenTrial | None:
        """A new trial; None if its values have been tried before, so that another should be drawn."""
        trial = self._study.ask(self._distributions)
        if _key(trial.params) in self._tried():
            self._study.tell(trial, state=TrialState.FAIL)
            self._draw_at_random_next()
            return None
        return OpenTrial(self._study, trial)

    def refuse(self, trial: OpenTrial) -> None:
        """Values that make no good recipe together: the sampler keeps away from them."""
        trial.tell(TrialState.PRUNED)
        self._draw_at_random_next()

    def _draw_at_random_next(self) -> None:
        # What was refused leaves the sampler's knowledge nearly as it was: asked again, it would say the same.
        self._study.enqueue_trial({one.path: one.draw(self._random) for one in self._ranges})

    def _tried(self) -> set[Any]:
        trials = self._study.get_trials(deepcopy=False)
        return {_key(trial.params) for trial in trials if _RUN in trial.user_attrs}

    def _row(self, trial: FrozenTrial) -> Trial:
        states: dict[TrialState, State] = {
            TrialState.RUNNING: "running",
            TrialState.COMPLETE: "finished",
            TrialState.PRUNED: "pruned",
        }
        reason = str(trial.user_attrs.get(_FAILED, ""))
        values = trial.intermediate_values
        best = min if self._spec.minimised else max
        return Trial(
            number=int(trial.user_attrs[_NUMBER]),
            run=str(trial.user_attrs[_RUN]),
            state="failed" if reason else states.get(trial.state, "failed"),
            params=dict(trial.params),
            value=best(values.values()) if values else None,
            step=max(values, default=-1),
            reason=reason,
        )


class OpenTrial:
    """A trial that is not decided yet."""

    def __init__(self, study: optuna.Study, trial: optuna.trial.Trial) -> None:
        self._study, self._trial = study, trial

    @property
    def params(self) -> dict[str, Value]:
        """The values to try."""
        return dict(self._trial.params)

    @property
    def run(self) -> str:
        """Its run folder; empty until `begin`."""
        return str(self._trial.user_attrs.get(_RUN, ""))

    @property
    def number(self) -> int:
        """Its number among those that have a run."""
        return int(self._trial.user_attrs[_NUMBER])

    @property
    def pruned(self) -> bool:
        """Whether it has been decided to break it off."""
        return bool(self._trial.user_attrs.get(_PRUNED, False))

    def begin(self, number: int, run: Path) -> None:
        """Note where it is trained; from here on it is one of the search's trials."""
        self._trial.set_user_attr(_NUMBER, number)
        self._trial.set_user_attr(_RUN, str(run))

    def report(self, step: int, value: float) -> bool:
        """Note an intermediate figure; true if the trial is worse than the median and should be broken off."""
        if step not in self._study.trials[self._trial.number].intermediate_values:
            self._trial.report(value, step)
        return bool(self._trial.should_prune())

    def prune(self) -> None:
        """Note that it is being broken off."""
        self._trial.set_user_attr(_PRUNED, True)

    def tell(self, state: TrialState, value: float | None = None) -> None:
        """Decide it."""
        with contextlib.suppress(ValueError):  # told already
            self._study.tell(self._trial, value, state=state)

    def finish(self, value: float) -> None:
        """It was trained to its end, or long enough; `value` is its figure."""
        self.tell(TrialState.COMPLETE, value)

    def break_off(self) -> None:
        """It was broken off."""
        self.tell(TrialState.PRUNED)

    def fail(self, reason: str, *, blame_values: bool) -> None:
        """It failed; with `blame_values` the sampler keeps away from what was tried."""
        self._trial.set_user_attr(_FAILED, reason or "it failed")
        self.tell(TrialState.PRUNED if blame_values else TrialState.FAIL)


def _distribution(one: Range) -> BaseDistribution:
    if one.choices:
        return CategoricalDistribution(one.choices)
    # The last value that the steps reach: Optuna warns where that is not the end of the range.
    high = one.low + (one.size - 1) * one.step if one.step else one.high
    if one.whole:
        return IntDistribution(round(one.low), round(high), log=one.log, step=round(one.step or 1))
    return FloatDistribution(one.low, high, log=one.log, step=one.step)


def _key(params: Mapping[str, Any]) -> Any:
    return tuple(sorted((path, repr(value)) for path, value in params.items()))


def _marked(row: Trial) -> Trial:
    return replace(row, best=True)
