"""Numbers as people read them."""

from __future__ import annotations

import math
import time

from studio.gui.i18n import tr

NONE = "–"


def duration(seconds: float | None) -> str:
    """`1:05`, `2:03:04`, `3 d 4 h`."""
    if seconds is None:
        return NONE
    whole = round(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 48:
        return tr("{days} d {hours} h", days=hours // 24, hours=hours % 24)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def rough_duration(seconds: float) -> str:
    """`45 s`, `28 min`, `2 h 5 min`, `3 d 4 h`: of what is not known to the second."""
    if seconds < 90:
        return tr("{seconds} s", seconds=f"{seconds:.1f}" if seconds < 10 else round(seconds))
    minutes = round(seconds / 60)
    if minutes < 100:
        return tr("{minutes} min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return tr("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return tr("{days} d {hours} h", days=hours // 24, hours=hours % 24)


def percent(share: float | None, digits: int = 1) -> str:
    """`78.4%`."""
    return NONE if share is None else f"{100 * share:.{digits}f}%"


def decimal(value: float | None, digits: int = 3) -> str:
    """`1.234`; very small and very large ones with an exponent."""
    if value is None or value != value:
        return NONE
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2e}"
    return f"{value:.{digits}f}"


def count(value: float | None) -> str:
    """`12,345`."""
    return NONE if value is None else f"{value:,.0f}"


def short_count(value: float) -> str:
    """`3.4 M`, `950 k`, `120`."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.0f}"


def tick(value: float, spacing: float) -> str:
    """A number at an axis with as many digits as tell it from its neighbours, `spacing` away: `0.35`, `2e-05`."""
    if abs(value) < spacing / 1000:
        return "0"
    digits = math.floor(math.log10(abs(value) * 1.0001)) - math.floor(math.log10(spacing * 1.0001)) + 1
    return f"{value:.{max(1, digits)}g}"


def percent_tick(share: float, spacing: float) -> str:
    """The same of a share: `84.5%`."""
    return f"{100 * share:.{_decimals(100 * spacing)}f}%"


def count_tick(value: float, spacing: float) -> str:
    """The same of a count: `1.5 k`."""
    return short_count(value) if abs(value) >= 1000 else f"{value:.{_decimals(spacing)}f}"


def _decimals(spacing: float) -> int:
    return max(0, -math.floor(math.log10(spacing * 1.0001)))


def size(number: float | None) -> str:
    """`3.4 MB`."""
    if number is None:
        return NONE
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def moment(at: float) -> str:
    """Today's as `14:05`, others as `2026-01-31 14:05`."""
    then = time.localtime(at)
    today = time.localtime()
    same = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
    return time.strftime("%H:%M" if same else "%Y-%m-%d %H:%M", then)
