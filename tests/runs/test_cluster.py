"""The commands for a cluster: what is asked for is in them, and they are whole for a shell."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from studio.runs.cluster import ClusterJob, is_time, slurm_script, torchrun_command

FOLDER = "/shared/runs/it's 我的 run"
MANY = ClusterJob(FOLDER, "我的 run/1", nodes=3, processes=4, first="n01", partition="gpu", time="2-00:00:00")


def test_one_machine_needs_no_meeting_place() -> None:
    words = shlex.split(torchrun_command(ClusterJob(FOLDER, processes=2)))
    assert words[:3] == ["torchrun", "--standalone", "--nproc-per-node=2"]
    assert words[3:] == ["-m", "studio.worker", "train", "--folder", FOLDER, "--unattended"]


def test_several_machines_meet() -> None:
    words = shlex.split(torchrun_command(MANY))
    assert {"--nnodes=3", "--nproc-per-node=4", "--rdzv-endpoint=n01:29500", "--rdzv-id=run-1"} <= set(words)
    assert "--rdzv-endpoint=first-machine:29500" in torchrun_command(ClusterJob(FOLDER, nodes=2))


def test_the_script_is_one_that_a_shell_takes() -> None:
    script = slurm_script(MANY)
    for line in (
        "--nodes=3",
        "--gpus-per-node=4",
        "--partition=gpu",
        "--time=2-00:00:00",
        "--signal=TERM@120",
    ):
        assert f"#SBATCH {line}\n" in script
    pretended = "scontrol() { echo n07; echo n08; }; srun() { printf '%s\\n' \"$@\"; }\n"
    told = subprocess.run(
        ["bash", "-c", pretended + script],
        env={
            "SLURM_JOB_NODELIST": "n[07-08]",
            "SLURM_JOB_NUM_NODES": "3",
            "SLURM_JOB_ID": "12",
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert told[:2] == ["torchrun", "--nnodes=3"]
    assert {"--nproc-per-node=4", "--rdzv-endpoint=n07:29500", "--rdzv-id=12", FOLDER} <= set(told)


def test_what_is_not_asked_for_is_left_out() -> None:
    script = slurm_script(ClusterJob("/runs/a", gpus=False, processes=2))
    assert "gpus" not in script
    assert "partition" not in script
    assert "--time" not in script
    assert "#SBATCH --cpus-per-task=2\n" in script


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("90", True),
        ("12:00:00", True),
        ("2-00:00:00", True),
        ("1-12", True),
        ("soon", False),
        ("1:2:3:4", False),
    ],
)
def test_time_limits(text: str, right: bool) -> None:
    assert is_time(text) == right
