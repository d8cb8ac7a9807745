"""Searching for good settings: trials in runs of their own, the bad ones broken off early."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from studio import paths
from studio.recipe import Recipe, RecipeError, dump, load
from studio.recipe.ranges import parse_ranges, with_values
from studio.runs import atomic
from studio.runs import commands as cmd
from studio.runs import events as ev
from studio.runs.folder import Outcome, RunError, RunFolder
from studio.runs.journal import read_events
from studio.runs.sweeps import SweepFolder, SweepSpec, Trial, slug
from studio.series.child import Ending, train_in_child
from studio.series.interrupts import Interrupts
from studio.series.study import OpenTrial, Study

Tell = Callable[[Trial], None]
_DRAWS = 200  # in a row that were tried before or make no recipe
_SAME = 3  # failures of one kind in a row that the values are not to blame for
_VALUES_TO_BLAME = ("not_a_number", "out_of_memory")


def search(folder: SweepFolder, interrupts: Interrupts, tell: Tell) -> tuple[Trial, ...]:
    """Train trials until there are as many as wanted, or every combination was tried, or we are asked to stop.

    A trial that an earlier process left is gone on with from its last checkpoint first. Asked to stop, the trial
    that goes on is paused.

    Args:
        folder: holds what is searched (`SweepFolder.begin`).
        interrupts: says whether to stop.
        tell: gets a trial whenever it begins, is evaluated or ends.

    Returns:
        all trials.

    Raises:
        RunError: if another process searches, the folder is damaged, or trials fail again and again.
        RecipeError: if the recipe or the ranges no longer fit this studio.
    """
    spec = folder.spec()
    recipe = load(folder.recipe)
    ranges = parse_ranges(spec.ranges, recipe)
    with folder.only_runner():
        study = Study(spec, ranges, folder.study)
        return _Search(folder, spec, recipe, study, interrupts, tell).run()


class _Search:
    def __init__(
        self,
        folder: SweepFolder,
        spec: SweepSpec,
        recipe: Recipe,
        study: Study,
        interrupts: Interrupts,
        tell: Tell,
    ) -> None:
        self._folder, self._spec, self._recipe, self._study = folder, spec, recipe, study
        self._interrupts, self._tell = interrupts, tell
        self._failures: list[str] = []

    def run(self) -> tuple[Trial, ...]:
        self._publish()
        while not self._interrupts.asked:
            trial = self._study.unfinished()
            if trial is None:
                if len(self._study.trials()) >= self._spec.trials or self._study.exhausted():
                    break
                trial = self._begin()
            self._train(trial)
            if len(self._failures) >= _SAME and len(set(self._failures[-_SAME:])) == 1:
                reason = self._study.trials()[-1].reason
                raise RunError(f"{_SAME} trials in a row failed alike, so the search was left: {reason}")
        return self._publish()

    def _begin(self) -> OpenTrial:
        number = len(self._study.trials()) + 1
        for _ in range(_DRAWS):
            trial = self._study.draw()
            if trial is None:
                continue
            try:
                recipe = self._recipe_of(trial, number)
            except RecipeError:
                self._study.refuse(trial)
                continue
            run = RunFolder.create(paths.runs_home(), recipe.name)
            trial.begin(number, run.path)
            atomic.write_text(run.recipe, dump(recipe))
            return trial
        raise RunError(f"{_DRAWS} draws in a row gave nothing new that fits; widen the ranges")

    def _recipe_of(self, trial: OpenTrial, number: int) -> Recipe:
        return with_values(self._recipe, trial.params, f"{slug(self._spec.name)[:50]}-t{number:02}")

    def _train(self, trial: OpenTrial) -> None:
        run = RunFolder(Path(trial.run))
        outcome = run.outcome() if run.owner() is None else None
        if not run.path.is_dir():
            outcome = Outcome("failed", 0, kind="removed", cause="its run folder was removed")
        elif outcome is None or outcome.state in ("paused", "stopped"):
            if not run.recipe.is_file():
                atomic.write_text(run.recipe, dump(self._recipe_of(trial, trial.number)))
            self._say(trial)
            outcome = self._follow(trial, run)
            if outcome is None:
                return
        self._decide(trial, run, outcome)
        self._say(trial)

    def _follow(self, trial: OpenTrial, run: RunFolder) -> Outcome | None:
        """Train to an end; None if the search is to stop and the trial to be gone on with."""
        steps = load(run.recipe).training.max_steps

        def steer(event: ev.Event | None) -> Ending | None:
            value = _figure(event, self._spec.metric)
            if isinstance(event, ev.Evaluation) and value is not None:
                worse = trial.report(event.step, value)
                self._say(trial)
                if worse and event.step < steps:
                    trial.prune()
            if trial.pruned:
                return cmd.Cancel()
            return cmd.Pause() if self._interrupts.asked else None

        outcome = train_in_child(run, steer)
        left = self._interrupts.asked and outcome.state in ("paused", "stopped") and not trial.pruned
        return None if left else outcome

    def _decide(self, trial: OpenTrial, run: RunFolder, outcome: Outcome) -> None:
        values = _reached(run, self._spec.metric)
        for step, value in values.items():
            trial.report(step, value)
        best = (min if self._spec.minimised else max)(values.values()) if values else None
        self._failures = self._failures if outcome.state == "failed" else []
        if trial.pruned:
            trial.break_off()
        elif outcome.state == "finished" and best is not None:
            trial.finish(best)
        elif outcome.state == "stopped" and best is not None:
            trial.break_off()  # by a person
        elif outcome.state == "failed":
            blame = outcome.kind in _VALUES_TO_BLAME
            self._failures = [] if blame else [*self._failures, outcome.kind]
            trial.fail(outcome.cause, blame_values=blame)
        else:
            gone = f"it was {outcome.state} before it was evaluated"
            trial.fail("it was cancelled" if outcome.state == "cancelled" else gone, blame_values=False)

    def _say(self, trial: OpenTrial) -> None:
        for row in self._publish():
            if row.number == trial.number:
                self._tell(row)

    def _publish(self) -> tuple[Trial, ...]:
        trials = self._study.trials()
        self._folder.write_trials(trials)
        return trials


def _figure(event: ev.Event | None, metric: str) -> float | None:
    if isinstance(event, ev.Evaluation) and event.split == "validation":
        return event.metrics.get(metric)
    return None


def _reached(run: RunFolder, metric: str) -> dict[int, float]:
    """The figures of a run by step, without what was done again after it was taken up."""
    values: dict[int, float] = {}
    for event in read_events(run.metrics):
        if isinstance(event, ev.RunStarted):
            values = {step: value for step, value in values.items() if step <= event.from_step}
        value = _figure(event, metric)
        if isinstance(event, ev.Evaluation) and value is not None:
            values[event.step] = value
    return values
