"""What `studio bench window` runs in child processes: the real window, watched from inside.

Each module here is a program of its own; `studio.bench.window` starts them by name.
"""

from __future__ import annotations

import json
from typing import Any


def say(kind: str, value: Any) -> None:
    """One JSON line for whoever started this process: "progress" with a text, or "result" with an object."""
    print(json.dumps({kind: value}, ensure_ascii=False), flush=True)
