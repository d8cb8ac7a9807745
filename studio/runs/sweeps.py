"""A search for good settings as a folder: what is searched, and its trials, for whoever shows them.

The folder also holds Optuna's own study (`study.sqlite3`), which only the process that searches reads; `trials.json`
is rewritten from it whenever something changes. The runs themselves are ordinary run folders.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from studio import paths
from studio.recipe.task import lower_is_better
from studio.runs import atomic
from studio.runs.folder import RunError
from studio.runs.locks import only_one, runner_of

FORMAT = 1
TrialState = Literal["running", "interrupted", "finished", "pruned", "failed"]
Value = int | float | str | bool


@dataclass(frozen=True)
class SweepSpec:
    """What is searched.

    Attributes:
        name: also the folder's name and the beginning of its runs' names.
        ranges: as they are typed, `path=range` each.
        trials: how many are wanted in all.
        metric: the validation figure that decides.
        seed: of the sampler.
    """

    name: str
    ranges: tuple[str, ...]
    trials: int
    metric: str
    seed: int = 1
    format: int = FORMAT

    @property
    def minimised(self) -> bool:
        """Whether less of the metric is better."""
        return lower_is_better(self.metric)


@dataclass(frozen=True)
class Trial:
    """One run of a search.

    Attributes:
        number: from 1, without gaps.
        run: its run folder.
        params: the values that were tried, by the fields' paths.
        value: the best figure on the validation split so far; None before the first evaluation.
        step: of the last evaluation; -1 before it.
        best: whether no other trial is better.
        reason: why it failed.
    """

    number: int
    run: str
    state: TrialState
    params: dict[str, Value] = field(default_factory=dict)
    value: float | None = None
    step: int = -1
    best: bool = False
    reason: str = ""


_spec: TypeAdapter[SweepSpec] = TypeAdapter(SweepSpec)
_trials: TypeAdapter[tuple[Trial, ...]] = TypeAdapter(tuple[Trial, ...])


class SweepFolder:
    """Names and small files of one search. Making one touches nothing on disk."""

    def __init__(self, name: str) -> None:
        self.path = sweeps_home() / slug(name)
        self.recipe = self.path / "recipe.toml"
        self.study = self.path / "study.sqlite3"
        self.stop_file = self.path / "stop-request"
        self._spec_file = self.path / "sweep.json"
        self._trials_file = self.path / "trials.json"

    @property
    def exists(self) -> bool:
        """Whether a search of this name has been begun."""
        return self._spec_file.is_file()

    def spec(self) -> SweepSpec:
        """What is searched.

        Raises:
            RunError: if nothing is, or the file is damaged or a newer studio's.
        """
        try:
            spec = _spec.validate_json(self._spec_file.read_bytes())
        except FileNotFoundError:
            raise RunError(f"there is no search in {self.path}") from None
        except ValidationError as error:
            raise RunError(f"{self._spec_file} is damaged ({error.errors()[0]['msg']}); mend it") from error
        if spec.format > FORMAT:
            raise RunError(f"{self._spec_file} was written by a newer studio: update Hanzi Studio")
        return spec

    def begin(self, spec: SweepSpec, recipe: str) -> None:
        """Write down what is searched, from which recipe (as TOML); the former may be raised later."""
        self.path.mkdir(parents=True, exist_ok=True)
        atomic.write_text(self.recipe, recipe)
        self.write_spec(spec)

    def write_spec(self, spec: SweepSpec) -> None:
        """Replace what is searched."""
        atomic.write_text(self._spec_file, json.dumps(asdict(spec), ensure_ascii=False, indent=1) + "\n")

    def trials(self) -> tuple[Trial, ...]:
        """The trials so far; those that nobody trains any more are `interrupted`."""
        try:
            trials = _trials.validate_json(self._trials_file.read_bytes())
        except (OSError, ValidationError):
            return ()
        if self.runner() is None:
            trials = tuple(_left(trial) for trial in trials)
        return trials

    def write_trials(self, trials: tuple[Trial, ...]) -> None:
        """Replace the list of trials."""
        rows = [asdict(trial) for trial in trials]
        atomic.write_text(self._trials_file, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")

    def runner(self) -> int | None:
        """The process that searches, or None."""
        return runner_of(self.path)

    def only_runner(self) -> AbstractContextManager[None]:
        """Be the only process that searches; RunError if there is one already."""
        return only_one(self.path, f"the search {self.path.name!r}")

    def ask_to_stop(self) -> int:
        """Ask the process that searches to pause its run and end; returns its id.

        Raises:
            RunError: if there is none.
        """
        pid = self.runner()
        if pid is None:
            raise RunError(f"the search {self.path.name!r} is not running")
        atomic.write_text(self.stop_file, str(pid))
        return pid


def sweeps_home() -> Path:
    """The parent folder of all searches."""
    return paths.data_home() / "sweeps"


def list_sweeps() -> list[SweepFolder]:
    """All searches, the one that was touched last first."""
    return [folder for _, folder in sorted(_dated(), key=lambda pair: pair[0], reverse=True)]


def slug(name: str) -> str:
    """A name that any file system takes."""
    return re.sub(r"[^\w一-鿿-]+", "-", name).strip("-") or "search"


def free_name(name: str) -> str:
    """The name itself, or with a number behind it if there is such a search already."""
    number, free = 2, name
    while SweepFolder(free).path.exists():
        free, number = f"{name}-{number}", number + 1
    return free


def _dated() -> Iterator[tuple[float, SweepFolder]]:
    with contextlib.suppress(OSError):
        for path in sweeps_home().iterdir():
            folder = SweepFolder(path.name)
            with contextlib.suppress(OSError):
                if folder.exists:
                    yield path.stat().st_mtime, folder


def _left(trial: Trial) -> Trial:
    if trial.state != "running":
        return trial
    return Trial(**{**asdict(trial), "state": "interrupted"})
