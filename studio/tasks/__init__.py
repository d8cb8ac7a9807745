"""One task a file: its examples, head, loss, metrics and prediction, and nothing else."""

from __future__ import annotations

from studio.tasks.base import Batch, Examples, Metrics, Task
from studio.tasks.pinyin_to_hanzi import PinyinToHanzi

_TASKS: dict[str, type[PinyinToHanzi]] = {"pinyin_to_hanzi": PinyinToHanzi}


def create(name: str) -> PinyinToHanzi:
    """A fresh task by its name.

    Raises:
        ValueError: if there is no such task.
    """
    if name not in _TASKS:
        raise ValueError(f"no task named {name!r}; there is {', '.join(_TASKS)}")
    return _TASKS[name]()


__all__ = ["Batch", "Examples", "Metrics", "PinyinToHanzi", "Task", "create"]
