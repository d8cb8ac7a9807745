"""A worker that speaks the protocol and learns nothing: `fake_worker.py train --folder DIR [options]`, `... lab`."""

from __future__ import annotations

import argparse
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from studio.runs import commands as cmd
from studio.runs import events as ev
from studio.runs import lab_messages
from studio.runs import requests as rq
from studio.runs.folder import CheckpointEntry, CheckpointIndex, RunFolder
from studio.runs.journal import recorded

NO_TENSORS = (2).to_bytes(8, "little") + b"{}"  # a whole safetensors file
TEXTS = ("金天天汽很号", "今天天汽很好", "今天天气很好")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def incoming() -> queue.Queue[str | None]:
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def save(folder: RunFolder, step: int) -> ev.CheckpointSaved:
    before = folder.read_index().entries
    path = folder.checkpoint(step)
    path.mkdir(parents=True, exist_ok=True)
    for name in ("model", "training_state"):
        (path / f"{name}.safetensors").write_bytes(NO_TENSORS)
    for name in ("config", "training_state"):
        (path / f"{name}.json").write_text("{}")
    name = str(path.relative_to(folder.path))
    entries = (*before, CheckpointEntry(step, name, 1000, {"character_accuracy": 0.5}))
    folder.write_index(CheckpointIndex(entries, best=step, last=step))
    return ev.CheckpointSaved(step=step, path=name, best=True, size=1000, metrics={"character_accuracy": 0.5})


def run(folder: RunFolder, options: argparse.Namespace) -> Iterator[ev.Event]:
    lines = incoming()
    if options.hang_in:
        yield from hanging(folder, options.hang_in)
    total = options.steps
    begin = max(folder.read_index().last, 0)
    yield ev.RunStarted(
        name="fake", folder=str(folder.path), pid=os.getpid(), total_steps=total, from_step=begin
    )
    yield ev.Phase(name="preparing_data", detail="counting", done=1, total=2)
    yield ev.ModelBuilt(
        parameters=1_234_567, device="cpu", precision="fp32", train_examples=900, train_positions=9000
    )
    yield ev.Phase(name="training")
    for step in range(begin + 1, total + 1):
        time.sleep(options.pause)
        loss = 4 * math.exp(-3 * step / total) + 0.3 * math.sin(step)
        yield ev.Step(
            step=step, epoch=step / 100, loss=loss, learning_rate=0.002 * step / total, gradient_norm=1.0,
            positions_per_second=5000 + 100 * math.sin(step / 7),
            seconds=step * options.pause, remaining=(total - step) * options.pause,
        )  # fmt: skip
        if step % options.every == 0:
            metrics: dict[str, float | None] = {
                "validation_loss": loss * 1.1,
                "character_accuracy": step / total * 0.8,
                "sentence_accuracy": step / total * 0.4,
            }
            yield ev.Evaluation(step=step, split="validation", metrics=metrics, examples=100, seconds=0.1)
            text = TEXTS[min(len(TEXTS) - 1, step * len(TEXTS) // (total + 1))]
            best = (ev.Candidate(text=text, score=0.6), ev.Candidate(text="今天天气狠好", score=0.1))
            yield ev.Sample(step=step, input="jin tian tian qi hen hao", candidates=best)
            yield ev.WeightsPublished(step=step)
            yield save(folder, step)
        if step == options.die_at:
            print("Traceback: the fake worker was told to die", file=sys.stderr, flush=True)
            os._exit(7)
        if step == options.fail_at:
            yield ev.Failed(
                kind="not_a_number", cause="the loss is no number", fix="lower the rate", trace="T", step=step,
                remedy=("training.learning_rate=0.0005", "training.gradient_checkpointing=true"),
            )  # fmt: skip
            return
        while not lines.empty():
            line = lines.get()
            if options.deaf:
                continue
            if line is None:
                yield ev.Finished(step=step, reason="stopped")
                return
            command = cmd.decode(line)
            if isinstance(command, cmd.StopAndSave):
                yield ev.Phase(name="saving")
                yield save(folder, step)
                yield ev.Finished(step=step, reason="stopped")
                return
            if isinstance(command, cmd.Pause):
                yield save(folder, step)
                yield ev.Paused(step=step)
                return
            if isinstance(command, cmd.Cancel):
                yield ev.Finished(step=step, reason="cancelled")
                return
            if isinstance(command, cmd.SaveNow):
                yield save(folder, step)
    yield ev.Finished(step=total, reason="max_steps", metrics={"character_accuracy": 0.8})


def hanging(folder: RunFolder, phase: str) -> Iterator[ev.Event]:
    """Get as far as a phase, and stay there for good, with signs of life."""
    if phase != "starting":
        yield ev.RunStarted(name="fake", folder=str(folder.path), pid=os.getpid(), total_steps=9)
        yield ev.Phase(name="preparing_data", detail="counting", done=1, total=2)
    if phase in ("training", "evaluating", "saving"):
        yield ev.ModelBuilt(parameters=1, device="cpu", precision="fp32", train_examples=1, train_positions=1)
        yield ev.Phase(name="training")
        yield ev.Step(
            step=1, epoch=0, loss=1.0, learning_rate=1.0, gradient_norm=1.0, positions_per_second=1, seconds=1
        )
        if phase == "saving":
            folder.checkpoint(1).with_name(".partial-step-000001").mkdir(parents=True)
        if phase != "training":
            yield ev.Phase(name="evaluating" if phase == "evaluating" else "saving")
    while True:
        time.sleep(0.2)
        yield ev.Heartbeat(memory=1)


def train(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--pause", type=float, default=0.005)
    parser.add_argument("--die-at", type=int, default=-1)
    parser.add_argument("--fail-at", type=int, default=-1)
    parser.add_argument("--deaf", action="store_true", help="ignore commands and SIGTERM")
    parser.add_argument(
        "--grandchild", action="store_true", help="leave a child behind that holds the pipes open"
    )
    parser.add_argument("--hang-in", default="", help="the phase that it never leaves")
    options = parser.parse_args(arguments)
    folder = RunFolder(options.folder)
    if options.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.grandchild:
        child = subprocess.Popen(["sleep", "60"])
        (folder.path / "grandchild").write_text(str(child.pid))
    with folder.locked():
        for event in recorded(folder, run(folder, options)):
            say(ev.encode(event))
    return 0


def lab() -> int:
    say(lab_messages.encode_response(rq.Ready(pid=os.getpid())))
    for line in sys.stdin:
        request = lab_messages.decode_request(line)
        if isinstance(request, rq.CancelRequest):
            say(
                lab_messages.encode_response(
                    rq.Refused(id=request.id, kind="cancelled", message="taken back")
                )
            )
            Path(os.environ["STUDIO_HOME"], "cancelled").write_text(request.id)
        elif isinstance(request, rq.Predict):
            if request.text == "die":
                print("the lab was told to die", file=sys.stderr, flush=True)
                os._exit(9)
            if request.text == "hang":
                continue
            best = ev.Candidate(text="今天" if request.text == "jintian" else request.text, score=0.9)
            say(json.dumps({"junk": True}))
            say(
                lab_messages.encode_response(
                    rq.Predicted(
                        id=request.id,
                        text=request.text,
                        candidates=(best,),
                        syllables=(),
                        step=3,
                        live=True,
                        milliseconds=1,
                    )
                )
            )
        else:
            say(
                lab_messages.encode_response(
                    rq.Refused(id=request.id, kind="unknown", message="the fake lab only predicts")
                )
            )
    return 0


if __name__ == "__main__":
    sys.exit(lab() if sys.argv[1] == "lab" else train(sys.argv[2:]))
