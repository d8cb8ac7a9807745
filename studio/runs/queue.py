"""Recipes that wait to be trained one after another: their order and what became of each, on disk.

`queue.json` names them, a TOML file beside it holds each one's recipe. Every change reads, changes and replaces
the file under a lock, so that a window, a terminal and the process that trains them can all do so.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from studio import paths
from studio.recipe import Recipe, dump
from studio.runs import atomic
from studio.runs.folder import RunError, RunFolder
from studio.runs.locks import changing, only_one, runner_of

FORMAT = 1


@dataclass(frozen=True)
class QueueItem:
    """One recipe in the queue.

    Attributes:
        id: a whole number as text, never used twice.
        added: seconds since the epoch.
        run: its run folder, from the moment it is begun; empty while it waits.
        ended: the state in which the run ended; empty until then.
    """

    id: str
    name: str
    added: float
    run: str = ""
    ended: str = ""


@dataclass(frozen=True)
class _Content:
    format: int
    next: int
    items: tuple[QueueItem, ...]


_content: TypeAdapter[_Content] = TypeAdapter(_Content)
Items = tuple[QueueItem, ...]


class RunQueue:
    """The queue of a folder. Making one touches nothing on disk."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.data_home() / "queue"
        self.file = self.folder / "queue.json"
        self.stop_file = self.folder / "stop-request"

    # --- looking -------------------------------------------------------------------------------------

    def items(self) -> Items:
        """All of them, in their order; those that have ended stay until they are removed.

        Raises:
            RunError: if the file is damaged or a newer studio's.
        """
        return self._read().items

    def item(self, id: str) -> QueueItem:
        """The one with this id.

        Raises:
            RunError: if there is none.
        """
        return _find(self.items(), id)

    def recipe_file(self, id: str) -> Path:
        """Where the recipe of an item lies."""
        return self.folder / f"{id}.toml"

    def state(self, item: QueueItem) -> str:
        """`waiting`, `running`, `interrupted` (it will be gone on with), or how its run ended."""
        if item.ended or not item.run:
            return item.ended or "waiting"
        if RunFolder(Path(item.run)).owner() is not None or self.runner() is not None:
            return "running"
        return "interrupted"

    def runner(self) -> int | None:
        """The process that trains the queue, or None."""
        return runner_of(self.folder)

    # --- changing ------------------------------------------------------------------------------------

    def add(self, recipe: Recipe) -> QueueItem:
        """Put a recipe at the end."""
        added: list[QueueItem] = []

        def change(content: _Content) -> _Content:
            item = QueueItem(str(content.next), recipe.name, time.time())
            atomic.write_text(self.recipe_file(item.id), dump(recipe))
            added.append(item)
            return replace(content, next=content.next + 1, items=(*content.items, item))

        self._change(change)
        return added[0]

    def remove(self, id: str) -> QueueItem:
        """Take one out; its run folder, if there is one, stays.

        Raises:
            RunError: if there is none of this id, or it is being trained.
        """
        removed: list[QueueItem] = []

        def change(content: _Content) -> _Content:
            item = _find(content.items, id)
            if self.state(item) == "running":
                raise RunError(f"{id} is being trained; stop it first: `studio stop {item.run}`")
            removed.append(item)
            return replace(content, items=tuple(other for other in content.items if other is not item))

        self._change(change)
        self.recipe_file(id).unlink(missing_ok=True)
        return removed[0]

    def move(self, id: str, place: int) -> None:
        """Put one at another place of the whole list, counted from 0; past the end is the end.

        Raises:
            RunError: if there is none of this id.
        """

        def change(content: _Content) -> _Content:
            item = _find(content.items, id)
            rest = [other for other in content.items if other is not item]
            rest.insert(max(place, 0), item)
            return replace(content, items=tuple(rest))

        self._change(change)

    def begin(self, id: str, run: Path) -> None:
        """Note in which folder an item is trained."""
        self._update(id, lambda item: replace(item, run=str(run)))

    def end(self, id: str, state: str) -> None:
        """Note how an item's run ended."""
        self._update(id, lambda item: replace(item, ended=state))

    def next(self) -> QueueItem | None:
        """What is to be trained now: one that was interrupted before those that wait."""
        open_items = [item for item in self.items() if not item.ended]
        return next((item for item in open_items if item.run), open_items[0] if open_items else None)

    # --- running it ----------------------------------------------------------------------------------

    def only_runner(self) -> AbstractContextManager[None]:
        """Be the only process that trains the queue; RunError if there is one already."""
        return only_one(self.folder, "the queue")

    def ask_to_stop(self) -> int:
        """Ask the process that trains the queue to pause its run and end; returns its id.

        Raises:
            RunError: if there is none.
        """
        pid = self.runner()
        if pid is None:
            raise RunError("the queue is not running")
        atomic.write_text(self.stop_file, str(pid))
        return pid

    # --- inside --------------------------------------------------------------------------------------

    def _read(self) -> _Content:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return _Content(FORMAT, 1, ())
        try:
            content = _content.validate_json(text)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise RunError(f"{self.file} is damaged ({reason}); mend it or remove it") from error
        if content.format > FORMAT:
            raise RunError(f"{self.file} was written by a newer studio: update Hanzi Studio")
        return content

    def _change(self, change: Callable[[_Content], _Content]) -> None:
        with changing(self.file):
            content = change(self._read())
            atomic.write_text(self.file, json.dumps(asdict(content), ensure_ascii=False, indent=1) + "\n")

    def _update(self, id: str, update: Callable[[QueueItem], QueueItem]) -> None:
        def change(content: _Content) -> _Content:
            item = _find(content.items, id)
            changed = (update(item) if other is item else other for other in content.items)
            return replace(content, items=tuple(changed))

        self._change(change)


def _find(items: Items, id: str) -> QueueItem:
    found = next((item for item in items if item.id == id), None)
    if found is None:
        known = ", ".join(item.id for item in items)
        raise RunError(f"the queue has no {id!r}" + (f"; there are {known}" if known else "; it is empty"))
    return found
