"""Small arrows and ticks for the stylesheet, which can only take them from files: drawn once per colour."""

from __future__ import annotations

import tempfile
from pathlib import Path

from studio import paths
from studio.runs import atomic

_SHAPES = {
    "down": '<path d="M3 4.5 L6 7.5 L9 4.5"/>',
    "up": '<path d="M3 7.5 L6 4.5 L9 7.5"/>',
    "right": '<path d="M4.5 3 L7.5 6 L4.5 9"/>',
    "tick": '<path d="M2.5 6.5 L5 9 L9.5 3.5"/>',
    "bar": '<path d="M3 6 L9 6"/>',
    "dot": '<circle cx="6" cy="6" r="2.2" fill="{color}"/>',
    "cross": '<path d="M3.5 3.5 L8.5 8.5 M8.5 3.5 L3.5 8.5"/>',
    "float": '<path d="M4.5 2.5 H9.5 V7.5 M9.5 2.5 L3 9"/>',
}


def glyph(name: str, color: str) -> str:
    """The `url(...)` of a shape in a colour; `none` where no file can be written."""
    for folder in (paths.cache_home() / "glyphs", Path(tempfile.gettempdir()) / "hanzi-studio-glyphs"):
        path = folder / f"{name}-{color.lstrip('#')}.svg"
        try:
            if not path.is_file():
                folder.mkdir(parents=True, exist_ok=True)
                atomic.write_text(path, _svg(name, color))
        except OSError:
            continue
        return f'url("{path.as_posix()}")'
    return "none"


def _svg(name: str, color: str) -> str:
    shape = _SHAPES[name].replace("{color}", color)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12" viewBox="0 0 12 12" fill="none" '
        f'stroke="{color}" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">{shape}</svg>'
    )
