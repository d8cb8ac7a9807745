"""Steps whose loss or gradient is no finite number: when to go on, and when to give up."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence

from studio.engine.progress import Progress
from studio.recipe import Training
from studio.runs.events import Warned

_QUIET = 10.0  # seconds between two warnings


class Diverged(Exception):  # noqa: N818 - the word says it
    """The loss or the gradients are no longer numbers."""


class BrokenSteps:
    """Counts the steps that were left out, and tells of them now and then."""

    def __init__(self, training: Training, progress: Progress) -> None:
        self._training, self._progress = training, progress
        self._told_at = float("-inf")
        self._told = progress.skipped

    def note(self, found: Sequence[bool]) -> Generator[Warned, None, None]:
        """Take in whether each of the newest steps was broken.

        Raises:
            Diverged: if the recipe does not put up with that.
        """
        progress = self._progress
        for step, broken in enumerate(found, start=progress.step - len(found) + 1):
            if not broken:
                progress.skipped_in_row = 0
                continue
            what = f"The loss or the gradient is no longer a number at step {step}."
            if self._training.on_nan == "stop":
                raise Diverged(what)
            progress.skipped += 1
            progress.skipped_in_row += 1
            if progress.skipped_in_row > self._training.skip_limit:
                raise Diverged(f"{what} So were {progress.skipped_in_row - 1} before it in a row.")
        if progress.skipped > self._told and time.monotonic() - self._told_at > _QUIET:
            self._told_at, self._told = time.monotonic(), progress.skipped
            message = (
                f"The loss or the gradient was no number; such steps are left out, {progress.skipped} so far."
            )
            yield Warned(kind="not_a_number", message=message, step=progress.step)
