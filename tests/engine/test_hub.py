"""Encoders by their names on the hub: a hub of our own that answers as the real one does, and none at all."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from studio.data.errors import Cancelled
from studio.engine import hub
from studio.models.hugging_face import PretrainedError
from studio.recipe import dump
from studio.runs.folder import RunFolder
from studio.runs.processes import worker_environment
from tests import tiny_encoders

COMMIT = "a" * 40
NAME = "someone/tiny"


@pytest.mark.parametrize(
    ("source", "local"),
    [
        ("/x", True),
        ("./x", True),
        ("a/b/c", True),
        ("with blank", True),
        ("hfl/rbt3", False),
        ("bert-base-chinese", False),
    ],
)
def test_what_is_meant_as_a_folder(source: str, local: bool) -> None:
    assert hub.is_local(source) is local


def refusing(error: Exception) -> Any:
    def download(*_: object, **named: object) -> str:
        raise error

    return download


def test_weights_that_are_pickled_on_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub

    (tmp_path / "config.json").touch()
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(tmp_path))
    with pytest.raises(PretrainedError, match="no weights of someone/one as safetensors"):
        hub.download("someone/one", lambda *_: None, lambda: False)


def test_what_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    # Made without the answer of the hub that they come from.
    gated = GatedRepoError.__new__(GatedRepoError)
    unknown = RepositoryNotFoundError.__new__(RepositoryNotFoundError)
    for error, words in (
        (gated, "only to whoever has agreed to its terms"),
        (unknown, "the Hugging Face hub has no network of that name"),
        (LocalEntryNotFoundError("offline"), "the Hugging Face hub cannot be reached"),
        (ConnectionError("no route"), "the Hugging Face hub cannot be reached"),
        (HFValidationError("bad name"), "the Hugging Face hub has no network of that name"),
        (RuntimeError("odd"), "cannot be downloaded: odd"),
    ):
        monkeypatch.setattr(huggingface_hub, "snapshot_download", refusing(error))
        with pytest.raises(PretrainedError, match=words) as caught:
            hub.download(NAME, lambda *_: None, lambda: False)
        assert caught.value.remedy
    monkeypatch.setattr(huggingface_hub, "snapshot_download", refusing(Cancelled()))
    with pytest.raises(Cancelled):
        hub.download(NAME, lambda *_: None, lambda: True)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", refusing(LocalEntryNotFoundError("none")))
    assert not hub.is_here(NAME)
    with pytest.raises(
        PretrainedError, match="is not on this machine yet; it is downloaded when a run starts"
    ):
        hub.folder_of(NAME)


class Answers(BaseHTTPRequestHandler):
    """The few questions that a download asks."""

    folder = tiny_encoders.folder()

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        names = sorted(one.name for one in self.folder.iterdir())
        if path.startswith(f"/api/models/{NAME}/tree/"):
            sizes = {one: (self.folder / one).stat().st_size for one in names}
            listed = [
                {"type": "file", "path": one, "size": size, "oid": "0" * 40} for one, size in sizes.items()
            ]
            self.send(json.dumps(listed).encode(), body=body)
        elif path.startswith(f"/api/models/{NAME}"):
            told = {
                "id": NAME,
                "modelId": NAME,
                "sha": COMMIT,
                "siblings": [{"rfilename": one} for one in names],
            }
            self.send(json.dumps(told).encode(), body=body)
        elif path.startswith(f"/{NAME}/resolve/") and path.rpartition("/")[2] in names:
            self.send((self.folder / path.rpartition("/")[2]).read_bytes(), body=body)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def send(self, data: bytes, *, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def trained_with(endpoint: str, home: Path, source: str) -> tuple[int, list[dict[str, Any]]]:
    """A run in a process of its own, whose hub is somewhere else, and its events."""
    steps = ("training.max_steps=1", "training.evaluate_every=1", "training.checkpoint_every=1")
    recipe = tiny_encoders.recipe("text_classification", *steps)
    recipe = recipe.model_copy(update={"model": recipe.model.model_copy(update={"source": source})})
    run = RunFolder.create(home, "hub")
    run.recipe.write_text(dump(recipe), encoding="utf-8")
    environment = {**worker_environment(), "HF_ENDPOINT": endpoint, "HF_HOME": str(home / "hf")}
    environment |= {
        "HF_HUB_OFFLINE": "0",
        "TRANSFORMERS_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": "2",
    }
    command = [sys.executable, "-m", "studio.worker", "train", "--folder", str(run.path), "--unattended"]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=300)
    lines = run.metrics.read_text(encoding="utf-8").splitlines()
    return done.returncode, [json.loads(line) for line in lines]


@pytest.mark.slow
def test_one_is_downloaded_once(endpoint: str, tmp_path: Path) -> None:
    status, events = trained_with(endpoint, tmp_path, NAME)
    assert events[-1]["type"] == "finished" and status == 0, events[-1]
    shown = [event for event in events if event["type"] == "phase" and event["name"] == "downloading"]
    assert shown and shown[-1]["detail"] == NAME and shown[-1]["done"] == shown[-1]["total"] > 10
    started = next(event for event in events if event["type"] == "started_from")
    assert started["name"] == NAME and started["licence"] == "mit"
    _, events = trained_with("http://127.0.0.1:9", tmp_path, NAME)
    assert events[-1]["type"] == "finished", "what is here already is not asked for again"
    assert not any(event.get("name") == "downloading" for event in events)


@pytest.mark.slow
def test_what_the_hub_does_not_have(endpoint: str, tmp_path: Path) -> None:
    _, events = trained_with(endpoint, tmp_path, "someone/else")
    assert events[-1]["type"] == "failed" and events[-1]["kind"] == "recipe"
    assert "the Hugging Face hub has no network of that name" in events[-1]["cause"]


@pytest.mark.slow
def test_without_a_network(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        _, events = trained_with(f"http://127.0.0.1:{taken.getsockname()[1]}", tmp_path, NAME)
    assert events[-1]["type"] == "failed" and "hub cannot be reached" in events[-1]["cause"]
    assert "download the folder elsewhere and give its path" in events[-1]["cause"]
