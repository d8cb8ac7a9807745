"""How far a download from the Hugging Face hub has got, told instead of drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.data.errors import Cancelled


def bar(report: Callable[[int, int], None], called_off: Callable[[], bool]) -> Any:
    """A progress bar of the hub's library that reports instead of being drawn.

    Args:
        report: called with the bytes that are there, and those in all as far as they are known.
        called_off: asked while it goes on; the bar then raises `Cancelled`.
    """
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):
        def __init__(self, *positional: Any, **named: Any) -> None:
            named.pop("name", None)
            self._counts_bytes = named.get("unit") == "B"
            super().__init__(*positional, **{**named, "disable": False, "file": _Nowhere()})

        def update(self, n: float | None = 1) -> bool | None:
            if called_off():
                raise Cancelled
            told: bool | None = super().update(n)
            if self._counts_bytes and self.total:
                report(int(self.n), int(self.total))
            return told

    return Bar


class _Nowhere:
    def write(self, _text: str) -> None:
        pass

    def flush(self) -> None:
        pass
