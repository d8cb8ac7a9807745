"""In words, whose weights a run began with and what became of them."""

from __future__ import annotations

from studio.gui.forms.words import choice_text
from studio.gui.i18n import tr
from studio.runs.events import StartedFrom

NETWORKS = ("pretrained_encoder", "pretrained_decoder", "pretrained_encoder_decoder")
"""What an event calls the task of a network that others have trained."""
_NAMED = 30  # weights named in a tooltip


def started_text(started: StartedFrom) -> str:
    """In a few words."""
    if started.task in NETWORKS:
        what = tr("started from the network {name}", name=started.name)
    else:
        what = tr("started from {name} (step {step})", name=started.name, step=f"{started.step:,}")
    return f"{what}: {counts_text(started)}"


def counts_text(started: StartedFrom) -> str:
    """How many weights were taken as they were, matched row by row, and begin anew."""
    parts = [tr("{count} weights taken", count=len(started.taken))]
    if started.resized:
        parts.append(tr("{count} matched by character", count=len(started.resized)))
    if started.new:
        parts.append(tr("{count} new", count=len(started.new)))
    return ", ".join(parts)


def started_lines(started: StartedFrom) -> str:
    """Everything that is known of it, a line each, for a tooltip."""
    lines = [started.path]
    if started.task not in NETWORKS:
        lines.append(f"{tr('Task')}: {choice_text(started.task)}")
    if started.licence:
        lines.append(tr("Licence: {licence}", licence=started.licence))
    if started.layers:
        taken = ", ".join("–" if number < 0 else str(number + 1) for number in started.layers)
        lines.append(tr("Layers, by their numbers there (– is new): {numbers}", numbers=taken))
    lines += [
        tr("{name}: {found} of {count} rows found", name=name, found=f"{found:,}", count=f"{count:,}")
        for name, (found, count) in started.resized.items()
    ]
    for title, names in ((tr("New"), started.new), (tr("Not used"), started.left)):
        if names:
            more = "…" if len(names) > _NAMED else ""
            lines.append(f"{title}: {', '.join(names[:_NAMED])}{more}")
    return "\n".join(lines)
