"""What can be done with a run folder: typed with, or gone on with."""

from __future__ import annotations

import contextlib

from studio import paths
from studio.gui.i18n import tr
from studio.runs.folder import RunFolder, list_runs

_STATE = "training_state.safetensors"


def has_weights(folder: RunFolder) -> bool:
    """Whether the Playground can type with a run."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        live = any(folder.live.glob("step-*/model.safetensors"))
        return live or bool(folder.read_index().entries)
    return False


def newest_with_weights() -> str | None:
    """The path of the newest run that can be typed with, or None."""
    with contextlib.suppress(OSError):
        found = next((run for run in list_runs(paths.runs_home()) if has_weights(run)), None)
        return str(found.path) if found else None
    return None


def resume_obstacle(folder: RunFolder | None) -> str:
    """Why a run cannot be resumed, in words; empty if it can. Reads a few small files."""
    if folder is None:
        return tr("No run is shown. Open one in the Runs pane.")
    state = folder.state()
    if state == "running":
        return tr("Another process is writing this run.")
    if state == "finished":
        return tr("This run is finished.")
    last = folder.read_index().last
    if last < 0:
        return tr("This run has saved no checkpoint to go on from.")
    if not (folder.checkpoint(last) / _STATE).is_file():
        return tr("The last checkpoint holds weights but no training state.")
    return ""
