r"""Regular expressions that people write: RE2's, which takes time in proportion to the text whatever the pattern is.

Python's own `re` backtracks: `(a+)+$` on thirty letters takes minutes, and a text of the user's is longer. RE2 has
no back references and no look-around; everything else is as usual, and `\p{Han}` is a hanzi.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

LONGEST = 500
_GROUP = re.compile(r"\\(?:([1-9])|g<(\w+)>|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}
_SURROGATE = re.compile("[\ud800-\udfff]")


class Pattern:
    """A pattern that was understood."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self.groups: int = compiled.groups
        self.names: dict[str, int] = dict(compiled.groupindex)

    def found_in(self, text: str) -> bool:
        """Whether the pattern occurs in a text."""
        return self._compiled.search(_clean(text)) is not None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it occurs, without overlaps."""
        for match in self._compiled.finditer(_clean(text)):
            yield match.start(), match.end()

    def replaced(self, text: str, template: tuple[str | int, ...]) -> str:
        """A text with every occurrence replaced by a template, as `parse_template` made it."""

        def expand(match: Any) -> str:
            return "".join(part if isinstance(part, str) else match.group(part) or "" for part in template)

        clean = _clean(text)
        if self._compiled.search(clean) is None:
            return text
        result: str = self._compiled.sub(expand, clean)
        return result


@lru_cache(maxsize=64)
def compile_pattern(pattern: str, ignore_case: bool = False) -> Pattern:
    """Understand a pattern; `^` and `$` are the ends of lines.

    Raises:
        ValueError: saying what is wrong with it.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        # A lone surrogate cannot be written as UTF-8, which is what RE2 works on.
        return Pattern(re2.compile(f"(?m){pattern}", options=options))
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else "it cannot be understood"
        if isinstance(reason, bytes):
            reason = reason.decode("utf-8", "replace")
        reason = str(reason).replace("(?m)", "")
        raise ValueError(f"the pattern is not understood: {reason}") from None


@lru_cache(maxsize=64)
def parse_template(template: str, pattern: Pattern) -> tuple[str | int, ...]:
    r"""What takes a match's place: text, and numbers of groups (`\1`, `\g<name>`; also `\n`, `\t`, `\\`).

    Raises:
        ValueError: if it names a group that the pattern does not have.
    """
    parts: list[str | int] = []
    start = 0
    for match in _GROUP.finditer(template):
        parts.append(template[start : match.start()])
        start = match.end()
        digit, name, other = match.groups()
        if other is not None:
            parts.append(_ESCAPES.get(other, match[0]))
            continue
        number = int(digit or name) if (digit or name).isdecimal() else pattern.names.get(name, -1)
        if not 0 <= number <= pattern.groups:
            raise ValueError(f"the replacement names a group {digit or name} that the pattern does not have")
        parts.append(number)
    parts.append(template[start:])
    return tuple(part for part in parts if part != "")


def _clean(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text) if not text.isascii() and _SURROGATE.search(text) else text
