"""`python -m studio.gui.bench.feed`: stands in for the trainer and tells hours of training in seconds.

It speaks the trainer's protocol. So that the window drops nothing, it tells a little at a time and waits for a
command before it goes on.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator

from studio.runs import events as ev

STEPS_PER_SECOND = 10
STEPS_PER_HOUR = 3600 * STEPS_PER_SECOND
PORTION = 4000  # steps between two commands
_EVALUATE_EVERY, _SAVE_EVERY, _PUBLISH_EVERY = 100, 200, 80
_PROBES = ("jin tian tian qi hen hao", "wo men yi qi qu chi fan ba", "zhong guo ren min yin hang")
_TEXTS = ("今天天气很好", "今天天气狠好", "金天天气很好", "今天天汽很好", "今天天起很好")


def main() -> int:
    """Tell all, then end in order."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=int, required=True)
    total = parser.parse_args().hours * STEPS_PER_HOUR
    out = sys.stdout
    for event in _beginning(total):
        out.write(ev.encode(event) + "\n")
    for step in range(1, total + 1):
        for event in told(step, total):
            out.write(ev.encode(event) + "\n")
        if step % PORTION == 0 or step == total:
            out.flush()
            if not sys.stdin.readline():
                return 0
    out.write(ev.encode(ev.Finished(step=total, reason="max_steps")) + "\n")
    return 0


def _beginning(total: int) -> Iterator[ev.Event]:
    yield ev.RunStarted(name="day", folder="", pid=os.getpid(), total_steps=total)
    yield ev.ModelBuilt(
        parameters=10_000_000,
        device="cpu",
        precision="fp32",
        train_examples=300_000,
        train_positions=2_500_000,
    )
    yield ev.Phase(name="training")


def told(step: int, total: int) -> Iterator[ev.Event]:
    """What a run says of one step, and what comes with it now and then."""
    loss = 0.5 + 4 * math.exp(-5 * step / total) + 0.1 * math.sin(step)
    yield ev.Step(
        step=step,
        epoch=step / 1000,
        loss=loss,
        learning_rate=0.002 * (1 - step / total),
        gradient_norm=1 + 0.2 * math.cos(step),
        positions_per_second=20_000 + 1000 * math.sin(step / 7),
        seconds=step / STEPS_PER_SECOND,
        remaining=(total - step) / STEPS_PER_SECOND,
    )
    if step % STEPS_PER_SECOND == 0:
        yield ev.Heartbeat(memory=1_000_000_000)
    if step % _PUBLISH_EVERY == 0:
        yield ev.WeightsPublished(step=step)
    if step % _EVALUATE_EVERY:
        return
    share = step / total
    metrics: dict[str, float | None] = {
        "validation_loss": loss * 1.1,
        "character_accuracy": 0.9 * share,
        "sentence_accuracy": 0.5 * share,
    }
    yield ev.Phase(name="evaluating", total=1000)
    yield ev.Evaluation(step=step, split="validation", metrics=metrics, examples=1000, seconds=0.5)
    for probe in _PROBES:
        candidates = tuple(ev.Candidate(text=text, score=1 / (2 + at)) for at, text in enumerate(_TEXTS))
        yield ev.Sample(step=step, input=probe, candidates=candidates)
    if step % _SAVE_EVERY == 0:
        path = f"checkpoints/step-{step:06d}"
        yield ev.CheckpointSaved(step=step, path=path, best=False, size=100_000_000, metrics=metrics)
    yield ev.Phase(name="training")


if __name__ == "__main__":
    sys.exit(main())
