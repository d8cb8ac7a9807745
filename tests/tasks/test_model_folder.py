"""A model as a folder: it comes back, and every kind of damage is one clear error."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from studio.tasks import model_folder
from studio.tasks.model_folder import FORMAT, ModelFolderError, read_model, write_model
from tests import tiny, tiny_encoders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = tiny.finished_run()
    return Path(shutil.copytree(run.checkpoint(run.read_index().best), tmp_path / "model"))


def change_json(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    changed = change(values)
    path.write_text(json.dumps(values if changed is None else changed), encoding="utf-8")


def test_a_model_comes_back(folder: Path) -> None:
    model, task, config = read_model(folder)
    assert not model.training
    assert (config.task, config.recipe, config.step) == ("pinyin_to_hanzi", "tiny", 6)
    assert config.metrics["character_accuracy"] is not None
    assert "".join(task.vocabulary.candidates)
    assert set(model.state_dict()) == set(load_file(folder / "model.safetensors"))


@pytest.mark.parametrize("half", [False, True])
def test_what_is_written_is_read(half: bool, folder: Path, tmp_path: Path) -> None:
    model, task, _ = read_model(folder)
    other = tmp_path / "other"
    other.mkdir()
    write_model(other, model, task, tiny.recipe(), 7, {"validation_loss": None}, half=half)
    again, task_again, config_again = read_model(other)
    assert (config_again.step, config_again.metrics) == (7, {"validation_loss": None})
    assert task_again.vocabulary == task.vocabulary
    for name, value in model.state_dict().items():
        back = again.state_dict()[name]
        assert back.dtype == value.dtype
        torch.testing.assert_close(
            back, value.half().to(value.dtype) if half and value.is_floating_point() else value
        )
    size, full = ((f / "model.safetensors").stat().st_size for f in (other, folder))
    assert size < 0.75 * full if half else size == full


def truncate(name: str, keep: int) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:keep]) and None


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def config(**changes: object) -> Callable[[Path], None]:
    return lambda folder: change_json(folder / "config.json", lambda values: values.update(changes))


def network(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        change_json(folder / "config.json", lambda values: values["model"].update(changes))  # type: ignore[attr-defined]

    return change


def vocabulary(change: Callable[[dict[str, str]], object]) -> Callable[[Path], None]:
    def apply(values: dict[str, object]) -> None:
        change(values["candidates"])  # type: ignore[arg-type]

    return lambda folder: change_json(folder / "vocabulary.json", apply)


def drop_a_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors["head.bias"]
    save_file(tensors, folder / "model.safetensors")


def add_a_tensor(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    save_file({**tensors, "extra": torch.zeros(1)}, folder / "model.safetensors")


def move_a_candidate(table: dict[str, str]) -> None:
    table["shi"], table["wo"] = table["shi"][:-1], table["wo"] + table["shi"][-1]


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "no weights": (remove("model.safetensors"), "model.safetensors is missing"),
    "no configuration": (remove("config.json"), "config.json is missing"),
    "no vocabulary": (remove("vocabulary.json"), "vocabulary.json"),
    "weights cut short": (truncate("model.safetensors", 5000), "damaged"),
    "a header cut short": (truncate("model.safetensors", 20), "damaged"),
    "empty weights": (truncate("model.safetensors", 0), "damaged"),
    "weights that are a pickle": (write("model.safetensors", b"\x80\x04\x95\x00\x00."), "damaged"),
    "a tensor missing": (drop_a_tensor, "head.bias"),
    "a tensor too many": (add_a_tensor, "extra"),
    "configuration cut short": (truncate("config.json", 40), "configuration"),
    "empty configuration": (write("config.json", b""), "configuration"),
    "configuration of another kind": (write("config.json", b'["model"]'), "configuration"),
    "configuration without a format": (write("config.json", b'{"architectures": []}'), "format"),
    "configuration without a network": (write("config.json", b'{"format": 1, "task": "x"}'), "configuration"),
    "configuration that is binary": (write("config.json", bytes(range(256))), "configuration"),
    "bottomless configuration": (write("config.json", b"[" * 100_000), "configuration"),
    "a newer format": (config(format=FORMAT + 1), "update Hanzi Studio"),
    "a format that is no number": (config(format="new"), "format"),
    "a step that is no number": (config(step="six"), "step"),
    "metrics that are no figures": (config(metrics=["good"]), "metrics"),
    "an unknown task": (config(task="translate"), "translate"),
    "an unknown family": (network(family="mamba"), "mamba"),
    "a wider network": (network(width=32), "another model"),
    "an impossible network": (network(heads=5), "heads"),
    "an unknown field": (network(experts=4), "experts"),
    "vocabulary cut short": (truncate("vocabulary.json", 100), "damaged"),
    "vocabulary of another format": (write("vocabulary.json", b'{"format": 9, "candidates": {}}'), "vocabulary"),
    "vocabulary of a list": (write("vocabulary.json", b'{"format": 1, "candidates": [1]}'), "damaged"),
    "vocabulary of numbers": (write("vocabulary.json", b'{"format": 1, "candidates": {"a": 1}}'), "damaged"),
    "vocabulary without table": (write("vocabulary.json", b'{"format": 1}'), "damaged"),
    "a smaller vocabulary": (vocabulary(lambda table: table.update(shi="是")), "another model"),
    "another vocabulary of the same size": (vocabulary(move_a_candidate), "another vocabulary"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_one_clear_error(damage: str, folder: Path) -> None:
    apply, words = DAMAGES[damage]
    apply(folder)
    with pytest.raises(ModelFolderError) as caught:
        read_model(folder)
    assert words in str(caught.value)
    assert str(folder) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("place", ["missing", "file"])
def test_what_is_no_folder(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelFolderError, match=place):
        read_model(tmp_path / place)


def test_a_folder_of_another_library_is_called_so() -> None:
    with pytest.raises(ModelFolderError, match=r"transformers library.*model\.source"):
        read_model(tiny_encoders.folder())


def test_a_full_disk_is_an_error_of_the_system(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library tells of a full disk by an error of its own."""

    def full(*_: object, **__: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    model, task, _ = read_model(folder)
    monkeypatch.setattr(model_folder, "save_file", full)
    with pytest.raises(OSError, match="No space") as caught:
        write_model(folder, model, task, tiny.recipe(), 1, {})
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(folder / "model.safetensors")


def test_the_librarys_words_for_a_full_disk_are_understood(tmp_path: Path) -> None:
    """Guards the pattern above against another wording: the system's limit on file sizes is as good as full."""
    resource = pytest.importorskip("resource")
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            model_folder.write_tensors({"a": torch.zeros(10_000)}, tmp_path / "a.safetensors")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.errno == errno.EFBIG
