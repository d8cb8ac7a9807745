"""The commands that start a run on a cluster's machines, which share the folder it lies in."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

PORT = 29500
_FIRST = "first-machine"
_TIME = re.compile(r"(\d+-)?\d+(:\d\d){0,2}")


@dataclass(frozen=True)
class ClusterJob:
    """A run on several machines.

    Attributes:
        folder: the run folder, at the same path on all of them.
        processes: on each machine.
        first: name or address of the machine where they meet; Slurm finds it itself.
        gpus: ask Slurm for a GPU a process.
        partition, time: as Slurm takes them; left out where empty.
    """

    folder: str
    name: str = "hanzi-studio"
    nodes: int = 1
    processes: int = 1
    first: str = ""
    gpus: bool = True
    partition: str = ""
    time: str = ""

    @property
    def identity(self) -> str:
        """The name in letters, digits and hyphens."""
        return re.sub(r"[^A-Za-z0-9-]+", "-", self.name).strip("-") or "hanzi-studio"


def is_time(text: str) -> bool:
    """Whether a text is a time limit as Slurm writes it, such as 90, 12:00:00 or 2-00:00:00."""
    return _TIME.fullmatch(text) is not None


def torchrun_command(job: ClusterJob) -> str:
    """The command for every machine of a job; the same one goes on with a run that was stopped."""
    if job.nodes == 1:
        meeting = ["--standalone"]
    else:
        where = f"{job.first or _FIRST}:{PORT}"
        meeting = [f"--nnodes={job.nodes}", "--rdzv-backend=c10d", f"--rdzv-endpoint={where}"]
        meeting.append(f"--rdzv-id={job.identity}")
    return shlex.join(["torchrun", *meeting, f"--nproc-per-node={job.processes}", *_worker(job)])


def slurm_script(job: ClusterJob) -> str:
    """A script for sbatch; run again, it goes on with a run that was stopped."""
    options = {
        "job-name": job.identity,
        "nodes": str(job.nodes),
        "ntasks-per-node": "1",
        "gpus-per-node": str(job.processes) if job.gpus else "",
        # torchrun lets the threads of all processes of a machine share what the task is given.
        "cpus-per-task": "" if job.gpus else str(job.processes),
        "partition": job.partition,
        "time": job.time,
        "output": f"{job.folder}/slurm-%j.log",
        "open-mode": "append",
        # Before the time is over: the run saves a checkpoint and ends.
        "signal": "TERM@120",
    }
    lines = [f"#SBATCH --{name}={shlex.quote(value)}" for name, value in options.items() if value]
    started = [
        "srun torchrun",
        '--nnodes="$SLURM_JOB_NUM_NODES"',
        f"--nproc-per-node={job.processes}",
        "--rdzv-backend=c10d",
        f'--rdzv-endpoint="$first:{PORT}"',
        '--rdzv-id="$SLURM_JOB_ID"',
        shlex.join(_worker(job)),
    ]
    return "\n".join(
        [
            "#!/bin/bash",
            *lines,
            "",
            "set -euo pipefail",
            'first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
            " \\\n    ".join(started),
            "",
        ]
    )


def _worker(job: ClusterJob) -> list[str]:
    return ["-m", "studio.worker", "train", "--folder", job.folder, "--unattended"]
