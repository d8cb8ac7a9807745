"""A run as a folder: what lies where, who may write, and in which state it is."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from studio.runs import atomic, wholeness
from studio.runs.owner import beating, is_here, last_beat, living, myself
from studio.runs.wholeness import Damage, LostCheckpoint

FORMAT = 1
State = Literal["running", "finished", "stopped", "cancelled", "paused", "failed", "interrupted"]


class RunError(Exception):
    """A run folder that cannot be used as asked; the message says what, where and what would be right."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended. The last four say why it failed; they are empty otherwise."""

    state: Literal["finished", "stopped", "cancelled", "paused", "failed"]
    step: int
    reason: str = ""
    kind: str = ""
    cause: str = ""
    fix: str = ""
    trace: str = ""


@dataclass(frozen=True)
class CheckpointEntry:
    """One line of `checkpoints.json`.

    Attributes:
        path: relative to the run folder.
        size: of all files, in bytes.
        files: sizes of the files in bytes, by name; empty in an index that does not say.
    """

    step: int
    path: str
    size: int
    metrics: dict[str, float | None]
    files: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckpointIndex:
    """Which checkpoints there are.

    Attributes:
        entries: those that can be used.
        best: a step; -1 while there is none.
        last: a step; -1 while there is none.
        lost: those that were saved but are damaged or gone, by step; not written.
    """

    entries: tuple[CheckpointEntry, ...] = ()
    best: int = -1
    last: int = -1
    lost: tuple[LostCheckpoint, ...] = ()


_outcomes: TypeAdapter[Outcome] = TypeAdapter(Outcome)
_entries: TypeAdapter[CheckpointEntry] = TypeAdapter(CheckpointEntry)


class RunFolder:
    """Names and small files of one run folder. Making one touches nothing on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe = path / "recipe.toml"
        self.environment = path / "environment.json"
        self.metrics = path / "metrics.jsonl"
        self.samples = path / "samples.jsonl"
        self.checkpoints = path / "checkpoints"
        self.index = path / "checkpoints.json"
        self.live = path / "live"
        self.outcome_file = path / "outcome.json"
        self.lock_file = path / "lock.json"

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    @classmethod
    def create(cls, parent: Path, name: str) -> RunFolder:
        """Make `<date>-<name>-<id>` below `parent`.

        Raises:
            RunError: if the folder cannot be made.
        """
        slug = re.sub(r"[^\w一-鿿-]+", "-", name).strip("-") or "run"
        path = parent / f"{time.strftime('%Y-%m-%d')}-{slug}-{uuid.uuid4().hex[:6]}"
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise RunError(
                f"cannot make the run folder {path}: {error.strerror}; choose another place"
            ) from error
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """An existing run folder.

        Raises:
            RunError: if there is none at `path`, or it was written by a newer studio.
        """
        folder = cls(path)
        if not folder.recipe.is_file():
            raise RunError(f"{path} is not a run folder: it holds no recipe.toml")
        version = folder.read_json(folder.environment).get("format", FORMAT)
        if not isinstance(version, int) or version > FORMAT:
            raise RunError(
                f"{path} was written as run format {version}; this studio reads up to {FORMAT}: update Hanzi Studio"
            )
        return folder

    # --- small files ---------------------------------------------------------------------------------

    @staticmethod
    def read_json(path: Path) -> dict[str, Any]:
        """The object in a JSON file; empty if the file is missing or not JSON."""
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def outcome(self) -> Outcome | None:
        """How the run ended, or None if it has not."""
        try:
            return _outcomes.validate_python(self.read_json(self.outcome_file))
        except ValidationError:
            return None

    def write_outcome(self, outcome: Outcome) -> None:
        """Record how the run ended."""
        atomic.write_text(self.outcome_file, json.dumps(asdict(outcome), ensure_ascii=False, indent=1) + "\n")

    def read_index(self) -> CheckpointIndex:
        """The checkpoints whose models are really there and whole, whatever the index claims.

        Without a readable index they are found by their folders, with the newest as the best.
        """
        values = self.read_json(self.index)
        claimed = values.get("entries")
        known = list(self._claimed(claimed)) if isinstance(claimed, list) else list(self._found())
        damage = {
            entry.step: wholeness.model_damage(self.checkpoint(entry.step), entry.files) for entry in known
        }
        entries = tuple(entry for entry in known if damage[entry.step] is None)
        lost = sorted((step, found) for step, found in damage.items() if found is not None)
        steps = [entry.step for entry in entries]
        newest = max(steps, default=-1)
        best, last = values.get("best"), values.get("last")
        return CheckpointIndex(
            entries,
            best if isinstance(best, int) and best in steps else newest,
            last if isinstance(last, int) and last in steps else newest,
            tuple(LostCheckpoint(step, found) for step, found in lost),
        )

    def _claimed(self, claimed: list[Any]) -> Iterator[CheckpointEntry]:
        for item in claimed:
            try:
                entry = _entries.validate_python(item)
            except ValidationError:
                continue
            # The path is compared rather than followed: an index may come from anyone.
            if self.path / entry.path == self.checkpoint(entry.step):
                yield entry

    def _found(self) -> Iterator[CheckpointEntry]:
        for folder in steps_in(self.checkpoints):
            step = int(folder.name.removeprefix("step-"))
            if self.checkpoint(step) == folder and folder.is_dir():
                size = sum(wholeness.file_sizes(folder).values())
                yield CheckpointEntry(step, folder.relative_to(self.path).as_posix(), size, {})

    def state_damage(self, step: int) -> Damage | None:
        """What keeps the run from going on exactly from a checkpoint whose model is whole, or None."""
        claimed = self.read_json(self.index).get("entries")
        sizes = {
            entry.step: entry.files for entry in self._claimed(claimed if isinstance(claimed, list) else [])
        }
        return wholeness.state_damage(self.checkpoint(step), sizes.get(step, {}))

    def write_index(self, index: CheckpointIndex) -> None:
        """Replace the index of checkpoints."""
        values = asdict(index)
        del values["lost"]
        atomic.write_text(self.index, json.dumps(values, ensure_ascii=False, indent=1) + "\n")

    def checkpoint(self, step: int) -> Path:
        """Where the checkpoint of a step lies or would lie."""
        return self.checkpoints / f"step-{step:06d}"

    # --- who writes ----------------------------------------------------------------------------------

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder as its only writer.

        Raises:
            RunError: if a living process writes to it.
        """
        owner = self.owner()
        if owner is not None:
            where = "" if self.is_owned_here() else " on another machine"
            raise RunError(
                f"process {owner}{where} is writing to {self.path}; stop that run first, or start a new one"
            )
        me = myself()
        try:
            self.lock_file.unlink(missing_ok=True)
            handle = os.open(self.lock_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            raise RunError(f"another process has just taken {self.path}; start a new run") from None
        except OSError as error:
            raise RunError(f"cannot write to {self.path}: {error.strerror}") from error
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(me, file)

        def is_ours() -> bool:
            return self.read_json(self.lock_file) == me

        try:
            with beating(self.lock_file, is_ours):
                yield
        finally:
            # A folder that takes no change any more keeps the lock of a process that is gone, which locks nothing.
            with contextlib.suppress(OSError):
                if is_ours():
                    self.lock_file.unlink(missing_ok=True)

    def owner(self) -> int | None:
        """The id of the living process that writes to the folder, or None; it may be one of another machine."""
        return living(self.read_json(self.lock_file), last_beat(self.lock_file))

    def is_owned_here(self) -> bool:
        """Whether the process that writes, or wrote, is one of this machine."""
        return is_here(self.read_json(self.lock_file))

    def state(self) -> State:
        """What the run is doing, or how it ended; `interrupted` if its process is gone without a word."""
        if self.owner() is not None:
            return "running"
        outcome = self.outcome()
        return outcome.state if outcome else "interrupted"


def steps_in(folder: Path) -> list[Path]:
    """The folders `step-...` in a folder, by their steps."""
    numbers = {path: path.name.removeprefix("step-") for path in folder.glob("step-*")}
    return sorted((p for p, n in numbers.items() if n.isdecimal()), key=lambda path: int(numbers[path]))


def list_runs(parent: Path) -> list[RunFolder]:
    """The run folders below `parent`, newest first."""
    found: list[tuple[float, str, RunFolder]] = []
    try:
        for path in parent.iterdir():
            run = RunFolder(path)
            # A folder may be removed, or be somebody else's, while its neighbours are looked at.
            with contextlib.suppress(OSError):
                found.append((run.recipe.stat().st_mtime, path.name, run))
    except OSError:
        pass
    return [run for _, _, run in sorted(found, key=lambda item: item[:2], reverse=True)]
