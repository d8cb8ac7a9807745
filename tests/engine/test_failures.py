"""Every way to fail has a kind, a cause and a fix, and leaves the last good checkpoint whole."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.engine.failures import describe
from studio.inference.load import load
from studio.models.tagger import SyllableTagger
from studio.recipe import RecipeError
from studio.runs import events
from studio.runs.atomic import TEMPORARY
from studio.runs.events import Event
from studio.runs.folder import RunFolder
from studio.tasks import model_folder
from tests import tiny


def fail(
    parent: Path, *overrides: str, act: Callable[[Event], object] = lambda _: None, path: Path | None = None
) -> tuple[RunFolder, events.Failed]:
    recipe, run = tiny.new_run(parent, *overrides, path=path)
    last = None
    for event in tiny.training(recipe, run):
        act(event)
        last = event
    assert isinstance(last, events.Failed), last
    outcome = run.outcome()
    if outcome is not None:
        assert (outcome.state, outcome.kind, outcome.cause, outcome.fix) == (
            "failed",
            last.kind,
            last.cause,
            last.fix,
        )
    assert last.cause
    assert last.fix
    assert "Traceback" in last.trace
    return run, last


def saved(step: int, then: Callable[[], object]) -> Callable[[Event], object]:
    return lambda e: then() if isinstance(e, events.CheckpointSaved) and e.step == step else None


# --- numbers that are none -----------------------------------------------------------------------------


def test_a_diverged_loss_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_step: None
) -> None:
    forward = SyllableTagger.forward

    def spoil() -> None:
        monkeypatch.setattr(SyllableTagger, "forward", lambda *a, **k: forward(*a, **k) * float("nan"))

    run, failed = fail(tmp_path, act=saved(3, spoil))
    assert (failed.kind, failed.step) == ("not_a_number", 3)
    assert "step 4" in failed.cause
    assert "learning_rate" in failed.fix
    assert_the_checkpoint_is_whole(run)


def test_a_learning_rate_far_too_high(tmp_path: Path) -> None:
    """Without clipping, steps of this size leave the range of the numbers; nothing spoilt is ever kept."""
    run, failed = fail(
        tmp_path,
        "training.learning_rate=10",
        "training.clip_norm=0",
        "training.optimizer='sgd'",
        "training.weight_decay=10",
        "training.max_steps=300",
        "training.schedule='constant'",
        "training.evaluate_every=300",
        "training.checkpoint_every=1",
        "training.checkpoints.keep=300",
    )
    assert failed.kind == "not_a_number"
    for folder in (*run.checkpoints.iterdir(), *run.live.iterdir()):
        model = load(folder).model
        assert all(torch.isfinite(parameter).all() for parameter in model.parameters())


@pytest.mark.parametrize("when", ["save", "publish"])
def test_spoilt_weights_are_not_written(when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights may be spoilt by a step whose loss was still a number, and is not told yet."""
    models = []
    encode = SyllableTagger.encode
    monkeypatch.setattr(SyllableTagger, "encode", lambda self, *a: models.append(self) or encode(self, *a))
    monkeypatch.setattr("studio.engine.meter._EVERY", 3600.0)
    if when == "publish":
        monkeypatch.setattr("studio.engine.trainer._PUBLISH_SECONDS", 0.0)

    def spoil() -> None:
        with torch.no_grad():
            models[-1].head.weight[0, 0] = float("inf")

    every = "2" if when == "save" else "100"
    run, failed = fail(
        tmp_path,
        "training.evaluate_every=100",
        f"training.checkpoint_every={every}",
        "training.max_steps=100",
        act=saved(2, spoil)
        if when == "save"
        else lambda e: spoil() if isinstance(e, events.WeightsPublished) and e.step == 2 else None,
    )
    assert failed.kind == "not_a_number"
    for folder in (*run.live.iterdir(), *(run.checkpoints.iterdir() if when == "save" else ())):
        assert torch.isfinite(load(folder).model.head.weight).all()


# --- the disk ------------------------------------------------------------------------------------------


def refuse(monkeypatch: pytest.MonkeyPatch, number: int, where: str) -> None:
    """From now on writing weights below `where` fails."""
    write = model_folder.save_file

    def save_file(tensors: Any, path: Path, metadata: Any = None) -> None:
        if where in Path(path).parts:
            Path(path).write_bytes(b"half of it")
            raise OSError(number, os.strerror(number), str(path))
        write(tensors, path, metadata=metadata)

    monkeypatch.setattr(model_folder, "save_file", save_file)


def assert_the_checkpoint_is_whole(run: RunFolder) -> None:
    assert run.read_index().last == 3
    assert load(run.path).config.step == 3
    assert load(run.path).predictor.predict("jintian").candidates
    assert not list(run.path.rglob(f"{TEMPORARY}*"))
    assert [path.name for path in run.checkpoints.iterdir()] == ["step-000003"]
    assert run.state() == "failed"


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, "disk_full", "Free some space"),
        (errno.EDQUOT, "disk_full", "Free some space"),
        (errno.EROFS, "read_only", "writable"),
        (errno.EACCES, "read_only", "writable"),
        (errno.EIO, "disk", "Check the disk"),
    ],
)
@pytest.mark.parametrize("where", ["checkpoints", "live"])
def test_a_disk_that_takes_no_more(
    where: str, number: int, kind: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, failed = fail(tmp_path, act=saved(3, lambda: refuse(monkeypatch, number, where)))
    assert failed.kind == kind
    assert words in failed.fix
    assert str(run.path) in failed.cause
    assert_the_checkpoint_is_whole(run)


def test_a_full_disk_at_the_index_leaves_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run, failed = fail(tmp_path, act=saved(3, lambda: monkeypatch.setattr(RunFolder, "write_index", full)))
    assert failed.kind == "disk_full"
    assert run.read_index().last == 3
    assert load(run.path).config.step == 3


# --- data ----------------------------------------------------------------------------------------------

CHINESE = "今天天气很好，我们去公园。\n" * 40


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no file"),
        (b"", "empty"),
        (b" \n \n", "empty"),
        (np.random.default_rng(1).bytes(5000), "text.txt"),
        (CHINESE.encode("utf-16-le"), "UTF-16"),
        (CHINESE.encode("utf-8")[:-3] + b"\xff\xfe\n", "text.txt"),
        ("今天天氣很好，我去公園。\n".encode("big5") * 40, "text.txt"),
        (b"only latin letters here\n" * 50, "text.txt"),
        ("今天天气很好。\n".encode(), "no example is left"),
    ],
    ids=["missing", "empty", "blank", "binary", "utf-16", "damaged", "big5", "latin", "one document"],
)
def test_bad_data(content: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    run, failed = fail(tmp_path, path=path)
    assert failed.kind == "data"
    assert words in failed.cause
    assert not run.checkpoints.exists()


def test_a_wrong_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(CHINESE, encoding="gb18030")
    _, failed = fail(tmp_path, "data.sources.0.encoding='utf-8'", path=path)
    assert failed.kind == "data"
    assert "not valid utf-8" in failed.cause
    _, failed = fail(tmp_path, "data.sources.0.encoding='klingon'", path=path)
    assert "klingon" in failed.cause


# --- the machine ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "words"),
    [("compute.device='cuda:99'", "cuda:99"), ("training.precision='fp16'", "fp16")],
)
def test_what_this_machine_does_not_have(override: str, words: str, tmp_path: Path) -> None:
    _, failed = fail(tmp_path, override)
    assert failed.kind == "device"
    assert words in failed.cause
    assert override.partition("=")[0] in failed.fix


def raising(monkeypatch: pytest.MonkeyPatch, error: Callable[[], BaseException], step: int) -> None:
    """From the forward pass of a step on, training raises."""
    forward, count = SyllableTagger.forward, [0]

    def spoil(self: SyllableTagger, *given: Any, **named: Any) -> torch.Tensor:
        count[0] += 1
        if count[0] >= step:
            raise error()
        return forward(self, *given, **named)

    monkeypatch.setattr(SyllableTagger, "forward", spoil)


def test_memory_that_ran_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_step: None) -> None:
    def greedy(*_: object, **__: object) -> None:
        torch.empty(2**50)

    monkeypatch.setattr(SyllableTagger, "forward", greedy)
    _, failed = fail(tmp_path)
    assert failed.kind == "out_of_memory"
    assert "token_budget" in failed.fix
    assert failed.remedy == ("training.token_budget=128", "training.accumulation=2")
    peak = re.search(r"At its peak this process held ([\d,]+) MiB", failed.cause)
    assert peak is not None
    assert int(peak[1].replace(",", "")) > 50
    assert describe(torch.OutOfMemoryError("CUDA out of memory."), 1).kind == "out_of_memory"
    assert describe(MemoryError(), 1).kind == "out_of_memory"


def test_memory_that_ran_out_in_mid_run_leaves_the_checkpoint_and_the_remedy_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_step: None
) -> None:
    with monkeypatch.context() as patch:
        raising(patch, lambda: torch.OutOfMemoryError("CUDA out of memory."), 5)
        run, failed = fail(tmp_path)
    assert failed.step == 4
    assert_the_checkpoint_is_whole(run)
    recipe, again = tiny.new_run(tmp_path, *failed.remedy)
    assert isinstance(list(tiny.training(recipe, again))[-1], events.Finished)


def test_batches_that_cannot_be_halved_any_more() -> None:
    """They hold one of the longest examples; then less can be kept of what the layers compute."""
    longest = tiny.recipe().data.cleaning.max_length
    recipe = tiny.recipe(f"training.token_budget={2 * longest - 1}")
    failed = describe(MemoryError(), 1, recipe)
    assert failed.remedy == ("training.gradient_checkpointing=true",)
    assert "no more than one of the longest examples" in failed.fix
    recipe = tiny.recipe(f"training.token_budget={longest}", "training.gradient_checkpointing=true")
    failed = describe(MemoryError(), 1, recipe)
    assert failed.remedy == ()
    assert "smaller model" in failed.fix


@pytest.mark.parametrize(
    "words",
    [
        "CUDA error: unspecified launch failure",
        "CUDA error: device-side assert triggered\nCompile with TORCH_USE_CUDA_DSA",
        "Unable to determine the device handle for GPU 0000:04:00.0: GPU is lost.",
        "No CUDA GPUs are available: no CUDA-capable device is detected",
    ],
)
def test_a_device_that_is_lost(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_step: None
) -> None:
    raising(monkeypatch, lambda: RuntimeError(words), 5)
    run, failed = fail(tmp_path)
    assert (failed.kind, failed.step) == ("device", 4)
    assert words.splitlines()[0] in failed.cause
    assert "Resume the run" in failed.fix
    assert "compute.device" in failed.fix
    assert_the_checkpoint_is_whole(run)


def test_a_model_that_cannot_be_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class InductorError(RuntimeError):
        __module__ = "torch._dynamo.exc"

    raising(monkeypatch, lambda: InductorError("no C++ compiler\nand more"), 1)
    _, failed = fail(tmp_path)
    assert failed.kind == "device"
    assert failed.cause.endswith("no C++ compiler")
    assert failed.remedy == ("compute.compile=false",)


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EIO])
def test_a_text_that_goes_while_it_is_read(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_step: None
) -> None:
    """As a network drive does that is taken away in mid-run: the file is named, and it is not the run's disk."""
    text = tiny.write_text(tmp_path)
    raising(monkeypatch, lambda: OSError(number, os.strerror(number), str(text)), 5)
    run, failed = fail(tmp_path, path=text)
    assert (failed.kind, failed.step) == ("data", 4)
    assert failed.cause.startswith(str(text))
    assert_the_checkpoint_is_whole(run)


def test_a_fault_of_ours_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(SyllableTagger, "forward", broken)
    _, failed = fail(tmp_path)
    assert failed.kind == "internal"
    assert failed.cause == "ZeroDivisionError: by nothing"
    assert "test_failures" in failed.trace


def test_a_bad_recipe_is_told_with_its_problems() -> None:
    with pytest.raises(RecipeError) as caught:
        tiny.recipe("training.max_steps=0")
    failed = describe(caught.value, 0)
    assert failed.kind == "recipe"
    assert "training.max_steps" in failed.cause
