"""An estimate in words and in a table, in the window's language."""

from __future__ import annotations

from html import escape

from studio.gui.i18n import tr
from studio.gui.theme import theme
from studio.gui.widgets.figures import rough_duration, short_count, size
from studio.gui.widgets.refusals import said
from studio.runs.estimates import RunEstimated, Verdict

_COLORS: dict[Verdict, str] = {"fits": "jade", "tight": "amber", "too_large": "danger"}
_ROLES: dict[Verdict, str] = {"fits": "ok", "tight": "warning", "too_large": "error"}


def verdict_text(estimate: RunEstimated) -> str:
    """Whether it fits, in a word with a sign: colours alone tell not everybody."""
    return _verdict(estimate.verdict)


def verdict_html(estimate: RunEstimated) -> str:
    """The same in its colour."""
    return _colored(estimate.verdict)


def verdict_role(estimate: RunEstimated) -> str:
    """The label's role of that colour."""
    return _ROLES[estimate.verdict]


def line_text(estimate: RunEstimated, *, trying: bool) -> str:
    """`4.1 M parameters · 1.2 GB of 21 GB · ~28 min · 150 MB on disk`."""
    about = "" if estimate.exact else "≈ "
    memory = tr(
        "{memory} of {free}", memory=about + size(estimate.memory_total), free=size(estimate.memory_free)
    )
    count = tr("{number} parameters", number=about + short_count(estimate.parameters))
    if 0 < estimate.trainable < estimate.parameters:
        count = tr("{count}, {number} trained", count=count, number=short_count(estimate.trainable))
    parts = [count, memory]
    if estimate.seconds_total is not None:
        parts.append(tr("~{time}", time=rough_duration(estimate.seconds_total)))
    elif trying:
        parts.append(tr("timing a few steps…"))
    parts.append(tr("{size} on disk", size=size(estimate.disk_total)))
    return " · ".join(parts)


def table_html(estimate: RunEstimated) -> str:
    """All parts, what they add up to, and what else there is to know."""
    names = {
        "process": tr("Program"),
        "data": tr("Data"),
        "weights": tr("Weights"),
        "gradients": tr("Gradients"),
        "optimizer": tr("Optimiser state"),
        "average": tr("Average of weights"),
        "activations": tr("Activations"),
        "starting": tr("Start-up"),
        "training": tr("Training"),
        "evaluating": tr("Evaluations"),
        "saving": tr("Writing checkpoints"),
        "testing": tr("Final test"),
        "checkpoints": tr("Checkpoints"),
        "live": tr("Published weights"),
        "records": tr("Records"),
    }
    rows: list[str] = []

    def section(title: str, total: str, remark: str, parts: dict[str, str]) -> None:
        gap = "padding-top:8px;" if rows else ""
        rows.append(
            f"<tr><td style='{gap}'><b>{escape(title)}</b></td>"
            f"<td align='right' style='{gap}padding-left:18px;'><b>{escape(total)}</b></td>"
            f"<td style='{gap}padding-left:18px;'>{remark}</td></tr>"
        )
        muted = theme.palette.muted
        for name, figure in parts.items():
            rows.append(
                f"<tr><td style='padding-left:12px; color:{muted}'>{escape(names[name])}</td>"
                f"<td align='right' style='color:{muted}'>{escape(figure)}</td><td></td></tr>"
            )

    section(
        tr("Memory"),
        size(estimate.memory_total),
        _remark(estimate.memory_free, estimate.memory_verdict),
        {name: size(value) for name, value in estimate.memory.items() if value},
    )
    if estimate.main_memory:
        section(tr("Main memory"), size(estimate.main_memory), "", {})
    if estimate.seconds_total is not None and estimate.step_seconds is not None:
        pace = tr(
            "{steps} steps of {time} s", steps=f"{estimate.steps:,}", time=f"{estimate.step_seconds:.3g}"
        )
        parts = {name: rough_duration(value) for name, value in estimate.seconds.items()}
        section(tr("Time"), rough_duration(estimate.seconds_total), escape(pace), parts)
    section(
        tr("Disk"),
        size(estimate.disk_total),
        _remark(estimate.disk_free, estimate.disk_verdict),
        {name: size(value) for name, value in estimate.disk.items()},
    )
    where = ", ".join(part for part in (estimate.device, estimate.precision) if part)
    for number, text in enumerate([where, *notes(estimate)]):
        gap = 8 if number == 0 else 2
        rows.append(f"<tr><td colspan='3' style='padding-top:{gap}px;'>{escape(text)}</td></tr>")
    return f"<table cellspacing='0' cellpadding='1'>{''.join(rows)}</table>"


def notes(estimate: RunEstimated) -> list[str]:
    """What else there is to know, in sentences."""
    texts = {
        "not_prepared": tr(
            "The data are not prepared yet: their lengths are assumed, and preparing comes on top."
        ),
        "may_stop_early": tr("Early stopping may end the run sooner."),
        "too_large_to_try": tr(
            "Too large to try here: there are no times, and the activations are a rule of thumb."
        ),
        "trial_memory": tr("The trial ran out of memory."),
        "trial_slow": tr("The trial took too long."),
        "trial_failed": tr("The trial failed."),
    }
    found = [texts.get(note, note) for note in estimate.notes]
    return [*found, said(estimate.error)] if estimate.error else found


def _verdict(verdict: Verdict) -> str:
    words = {"fits": ("✓", tr("fits")), "tight": ("⚠", tr("tight")), "too_large": ("✕", tr("too large"))}
    return "\N{NO-BREAK SPACE}".join(words[verdict])


def _remark(free: int, verdict: Verdict) -> str:
    return f"{escape(tr('of {free} free', free=size(free)))} &nbsp;{_colored(verdict)}"


def _colored(verdict: Verdict) -> str:
    color = getattr(theme.palette, _COLORS[verdict])
    return f"<span style='color:{color}'>{escape(_verdict(verdict))}</span>"
