"""Characters that are taken for one another (see `resources/confusion`)."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache

from studio import paths
from studio.data.errors import DataError

SAME_SOUND, SIMILAR_SHAPE = "same_sound.tsv.gz", "similar_shape.tsv.gz"


@cache
def confusion(name: str) -> Mapping[str, str]:
    """For each character those that it is taken for, as one string.

    Likeness of shape holds both ways and among all of a line; of sound, those with the same tone come first.

    Raises:
        DataError: if the studio's files are damaged.
    """
    path = paths.resources() / "confusion" / name
    found: dict[str, dict[str, None]] = {}
    try:
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
            first, *others = line.split("\t")
            group = "".join(others)
            members = [first] if name == SAME_SOUND else [first, *group]
            for character in members:
                known = found.setdefault(character, {})
                known.update(dict.fromkeys(other for other in first + group if other != character))
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path} is damaged: {error}", "install the studio again") from error
    return {character: "".join(others) for character, others in found.items() if others}


@cache
def common() -> str:
    """The 3,755 characters of GB 2312's first level, which are in common use."""
    cells = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return b"".join(cells).decode("gb2312", "ignore")
