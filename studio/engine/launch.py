"""How the processes of a run come together: started by the first of them on this machine, or by torchrun."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psutil
import torch
from torch import distributed as dist
from torch.distributed.rendezvous import rendezvous

from studio.data.errors import Cancelled
from studio.engine.background import Interrupted, Report
from studio.engine.device import DeviceError
from studio.engine.failures import LOST_FIX
from studio.engine.team import ProcessLostError, Team
from studio.recipe import Problem, Recipe, RecipeError
from studio.runs.ends import say_end
from studio.runs.events import Failed
from studio.runs.folder import RunFolder
from studio.runs.processes import exit_words, worker_command, worker_environment

CHILD = "HANZI_STUDIO_CHILD"  # set where the first process of the run started this one
# While the leader evaluates or saves, the others wait for its next order. A process that dies is noticed at once.
_LONGEST_WAIT = timedelta(hours=2)
_MEETING = timedelta(minutes=30)
_POLL = 0.2  # seconds between looks at the other processes
_GRACE = 20.0  # seconds for the leader to notice a loss by itself, which on a GPU it may never do
_LEAVING = 5.0  # seconds for the others to end
_NETWORK = ("gloo", "nccl", "connection closed", "connection reset", "timed out", "tcpstore", "broken pipe")


@dataclass
class Crew:
    """The processes of a run as its leader sees them.

    Attributes:
        team: how they talk during the steps.
        store: where they meet and leave word; None for a single process.
        children: those that this process has started, of ranks 1, 2, ...
    """

    team: Team
    store: Any = None
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    device: str = "cpu"

    def meet(self, plan: dict[str, Any]) -> Callable[[Report, Callable[[], bool]], None]:
        """Work that lets all processes join, for `background.phases`; `plan` is what they have to know."""

        def work(report: Report, give_up: Callable[[], bool]) -> None:
            if self.store is None:
                return
            self.store.set("plan", json.dumps(plan))
            missing = list(range(1, self.team.size))
            deadline = time.monotonic() + _MEETING.total_seconds()
            while missing:
                missing = [rank for rank in missing if not self.store.check([f"ready/{rank}"])]
                report("processes", self.team.size - len(missing), self.team.size)
                lost = self.lost()
                if lost or time.monotonic() > deadline:
                    raise ProcessLostError(lost or f"process {missing[0]} of the run did not come")
                if give_up():
                    raise Cancelled
                time.sleep(_POLL)
            self.store.set("go", "")
            connect(self.team, self.store, self.device)

        return work

    def lost(self) -> str:
        """Which process has failed or is gone, in words; empty while all are well."""
        for rank in range(1, self.team.size):
            if self.store is not None and self.store.check([f"failed/{rank}"]):
                return f"process {rank} of the run failed: {self.store.get(f'failed/{rank}').decode()}"
        for rank, child in enumerate(self.children, start=1):
            code = child.poll()
            if code:
                return f"process {rank} of the run ended ({exit_words(code)})"
        return ""


def connect(team: Team, store: Any, device: str) -> None:
    """Make the process group once all have met; blocks until all are in it."""
    backend = "cpu:gloo,cuda:nccl" if device == "cuda" else "gloo"
    dist.init_process_group(backend, store=store, rank=team.rank, world_size=team.size, timeout=_LONGEST_WAIT)


def meeting_place(team: Team) -> Any:
    """The store that torchrun, or the first process, has opened."""
    store, _, _ = next(rendezvous("env://", team.rank, team.size, timeout=_MEETING))
    return store


def from_environment() -> Team | None:
    """Which process of how many this one is, if torchrun or another process of the run has started it."""
    values = os.environ
    if "RANK" not in values or "WORLD_SIZE" not in values:
        return None
    return Team(
        rank=int(values["RANK"]),
        size=int(values["WORLD_SIZE"]),
        local_rank=int(values.get("LOCAL_RANK", "0")),
        local_size=int(values.get("LOCAL_WORLD_SIZE", "1")),
        address=(values.get("MASTER_ADDR", "127.0.0.1"), int(values.get("MASTER_PORT", "0"))),
    )


@contextmanager
def gathered(recipe: Recipe, run: RunFolder) -> Iterator[Crew]:
    """The processes that train a recipe, led by this one: itself alone, those it starts, or those of torchrun.

    Raises:
        RecipeError: if torchrun started another number of them than the recipe says.
        DeviceError: if the recipe wants several machines and torchrun has started nothing.
        ProcessLostError: if one is lost while the block runs.
    """
    compute = recipe.compute
    wanted = compute.processes * compute.nodes
    team = from_environment()
    if team is not None and team.size != wanted:
        reason = f"torchrun has started {team.size} processes, the recipe says {wanted}"
        remedy = "set compute.processes (on each machine) and compute.nodes to what is started"
        raise RecipeError([Problem("compute.processes", reason, remedy)])
    if team is not None and not team.leads:
        raise DeviceError(
            f"this is process {team.rank} of {team.size}, and only the first of them can lead a run",
            "Let torchrun start `-m studio.worker train --folder RUN --unattended`.",
        )
    if team is None and compute.nodes > 1:
        raise DeviceError(
            f"the recipe trains on {compute.nodes} machines, and this is a single one",
            "Start it on all of them with torchrun (Run ▸ Cluster command… shows how), or set compute.nodes to 1.",
        )
    if wanted == 1:
        yield Crew(Team())
        return
    crew = Crew(team, meeting_place(team)) if team else _started(wanted, run)
    crew.device = "cuda" if uses_gpu(recipe) else "cpu"
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(crew, run, ended), name="studio-processes", daemon=True)
    watch.start()
    try:
        yield crew
        crew.team.order("end")
    except (Interrupted, Cancelled):
        if dist.is_initialized():
            crew.team.order("end")
        raise
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and not any(w in str(error).lower() for w in _NETWORK):
            raise
        why = _reason(crew)
        why = (
            why or f"the processes of the run have lost each other: {str(error).splitlines()[0].rstrip('.')}"
        )
        raise ProcessLostError(why) from error
    finally:
        ended.set()
        watch.join()
        _disband(crew)


def uses_gpu(recipe: Recipe) -> bool:
    """Whether the processes of a recipe compute on NVIDIA GPUs."""
    return recipe.compute.device != "cpu" and torch.cuda.is_available()


def local_device(recipe: Recipe, team: Team) -> torch.device:
    """The device of one of several processes: a GPU of its own, or the CPU.

    Raises:
        DeviceError: if this machine has fewer GPUs than processes.
    """
    if not uses_gpu(recipe):
        if recipe.compute.device != "auto" and recipe.compute.device != "cpu":
            raise DeviceError(f"{recipe.compute.device} asks for a CUDA device and this machine has none")
        return torch.device("cpu")
    have = torch.cuda.device_count()
    if team.local_rank >= have:
        raise DeviceError(
            f"{team.local_size} processes need as many GPUs, and this machine has {have}",
            f"Set compute.processes to {have}, or compute.device to cpu.",
        )
    device = torch.device("cuda", team.local_rank)
    torch.cuda.set_device(device)
    return device


def _started(size: int, run: RunFolder) -> Crew:
    """Open a meeting place and start the other processes of this machine."""
    host = "127.0.0.1"
    store = dist.TCPStore(  # type: ignore[attr-defined]
        host, 0, size, is_master=True, timeout=_MEETING, wait_for_workers=False
    )
    team = Team(size=size, local_size=size, address=(host, store.port))
    _use_loopback()
    crew = Crew(team, store)
    shared = {
        **worker_environment(),
        "WORLD_SIZE": str(size),
        "LOCAL_WORLD_SIZE": str(size),
        "MASTER_ADDR": host,
        "MASTER_PORT": str(store.port),
        CHILD: "1",
    }
    try:
        for rank in range(1, size):
            child = subprocess.Popen(
                worker_command("train", "--folder", str(run.path)),
                # Never written to: it ends with this process, however that ends, and the child with it.
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            )
            crew.children.append(child)
    except OSError:
        _disband(crew)
        raise
    return crew


def _use_loopback() -> None:
    """Let gloo talk inside this machine: it would otherwise look for the address of the machine's own name."""
    for name, addresses in psutil.net_if_addrs().items():
        if any(a.family == socket.AF_INET and a.address == "127.0.0.1" for a in addresses):
            os.environ.setdefault("GLOO_SOCKET_IFNAME", name)
            return


def _watch(crew: Crew, run: RunFolder, ended: threading.Event) -> None:
    """End the leader if another process is gone and it does not notice: NCCL would wait for hours."""
    noticed: float | None = None
    while not ended.wait(_POLL):
        if noticed is None:
            with contextlib.suppress(RuntimeError):
                noticed = time.monotonic() if crew.lost() else None
        elif time.monotonic() - noticed > _GRACE:
            say_end(run, Failed(kind="process_lost", cause=f"{crew.lost()}.", fix=LOST_FIX))
            print("studio: another process of the run is gone; this one ends", file=sys.stderr, flush=True)
            _disband(crew)
            os._exit(3)


def _reason(crew: Crew) -> str:
    """Which process was lost; one that has just died may not be known to be dead yet."""
    deadline = time.monotonic() + 3.0
    while time.monotonic() < deadline:
        with contextlib.suppress(RuntimeError):
            if lost := crew.lost():
                return lost
        time.sleep(_POLL)
    return ""


def _disband(crew: Crew) -> None:
    for child in crew.children:
        if child.stdin is not None:
            # A child that was dismissed ends by itself; one that was not ends when this closes.
            with contextlib.suppress(OSError):
                child.stdin.close()
    deadline = time.monotonic() + _LEAVING
    for child in crew.children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if dist.is_initialized():
        with contextlib.suppress(RuntimeError):
            dist.destroy_process_group()
