"""Data sets by their names on the hub: a hub of our own that answers as the real one does, and none at all."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from studio.data import hub
from studio.data.errors import DataError
from studio.verbs.data_fetch import hint

COMMIT, OF_PARQUET = "b" * 40, "c" * 40
FILES = {
    "data/train.csv": "text,label\n今天天气很好,好\n这部电影真难看,差\n",
    "data/test[1].jsonl": '{"text": "晚上回家吃饭", "label": "好"}\n',
    "README.md": "---\nlicense: mit\n---\n",
    "loads.py": "raise SystemExit",
    "dataset_infos.bin": "x",
}
SLOW = {"train.csv": FILES["data/train.csv"] * 40_000}  # of which a part comes, and no more
CODE_ONLY = {"loads.py": "raise SystemExit"}


class Answers(BaseHTTPRequestHandler):
    """The few questions that a download asks."""

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0].replace("%5B", "[").replace("%5D", "]").replace("%2F", "/")
        converted = "refs/convert/parquet" in path or OF_PARQUET in path
        files = FILES if "someone/set" in path or converted else CODE_ONLY
        name = "someone/set" if "someone/set" in path else "someone/code"
        if "someone/slow" in path:
            name, files = "someone/slow", SLOW
        sizes = {one: len(text.encode()) for one, text in files.items()}
        if name not in path:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith(f"/api/datasets/{name}/tree/"):
            listed = [{"type": "file", "path": n, "size": size, "oid": "0" * 40} for n, size in sizes.items()]
            self.send(json.dumps(listed).encode(), body=body)
        elif path.startswith("/api/datasets/"):
            siblings = [{"rfilename": one, "size": size} for one, size in sizes.items()]
            told = {"id": name, "sha": OF_PARQUET if converted else COMMIT, "siblings": siblings}
            self.send(json.dumps(told).encode(), body=body)
        else:
            wanted = path.split("/resolve/")[1].partition("/")[2]
            self.send(files.get(wanted, FILES.get(wanted, "")).encode(), body=body)

    def send(self, data: bytes, *, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body and len(data) > 1_000_000:
            self.wfile.write(data[: len(data) // 3])
            self.wfile.flush()
            self.server.held.wait(60)  # type: ignore[attr-defined]
        elif body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.held = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.held.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def told_of(endpoint: str, home: Path) -> dict[str, str]:
    """What makes a child take another hub than the real one."""
    return {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home / "hf"),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
    }


def fetched(endpoint: str, home: Path, name: str) -> subprocess.CompletedProcess[str]:
    """The verb in a process of its own, whose hub is somewhere else."""
    command = [sys.executable, "-m", "studio", "data", "fetch", name, "--out", str(home / "got"), "--json"]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, **told_of(endpoint, home)},
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["someone/set", "someone/code"])
def test_files_of_known_formats_are_fetched(endpoint: str, tmp_path: Path, name: str) -> None:
    done = fetched(endpoint, tmp_path, name)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    got = tmp_path / "got"
    assert report["files"] == ["data/test[1].jsonl", "data/train.csv"]
    assert report["size"] == sum((got / file).stat().st_size for file in report["files"])
    seen = {path.relative_to(got).as_posix() for path in got.rglob("*") if path.is_file()}
    assert {name for name in seen if not name.startswith(".")} == {*report["files"], "README.md"}
    assert (got / "data" / "train.csv").read_text(encoding="utf-8") == FILES["data/train.csv"]


@pytest.mark.slow
def test_what_the_hub_does_not_have_and_no_hub_at_all(endpoint: str, tmp_path: Path) -> None:
    done = fetched(endpoint, tmp_path, "someone/else")
    assert (done.returncode, "the Hugging Face hub has no data set someone/else" in done.stderr) == (2, True)
    done = fetched("http://127.0.0.1:9", tmp_path, "someone/set")
    assert (done.returncode, "hub cannot be reached" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "got").exists()


@pytest.mark.slow
def test_attached_it_tells_how_far_it_is_and_leaves_nothing_when_it_is_left(
    endpoint: str, tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "studio",
        "data",
        "fetch",
        "someone/slow",
        "--out",
        str(tmp_path / "got"),
    ]
    child = subprocess.Popen(
        [*command, "--json", "--attached"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **told_of(endpoint, tmp_path)},
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        told = json.loads(child.stdout.readline())
        assert (told["type"], told["done"], told["total"]) == ("progress", 0, len(SLOW["train.csv"].encode()))
        until = time.monotonic() + 20
        while not any((tmp_path / "got").rglob("*.incomplete")) and time.monotonic() < until:
            time.sleep(0.05)
        assert any((tmp_path / "got").rglob("*.incomplete"))
        begun = time.monotonic()
        child.stdin.close()
        assert child.wait(20) == 130
        assert time.monotonic() - begun < 10  # the hub itself says nothing for a minute
        assert not (tmp_path / "got").exists()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_what_is_refused_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub

    listed: list[Any] = []

    class Hub:
        def dataset_info(self, *_: object, **__: object) -> Any:
            return SimpleNamespace(siblings=listed)

    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: pytest.fail("it was fetched"))
    with pytest.raises(DataError, match="is no name of the Hugging Face hub"):
        hub.fetch("../../etc", tmp_path)
    with pytest.raises(DataError, match="no files of a format that is read"):
        hub.fetch("someone/set", tmp_path)
    for name, size, words in (
        ("../evil.csv", 1, "leads out of its folder"),
        ("/etc/evil.csv", 1, "leads out of its folder"),
        ("a\\..\\evil.csv", 1, "leads out of its folder"),
        ("a.csv", 1 << 60, "MB are free"),
    ):
        listed[:] = [SimpleNamespace(rfilename=name, size=size)]
        with pytest.raises(DataError, match=words):
            hub.fetch("someone/set", tmp_path / "new")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is no folder"):
        listed[:] = [SimpleNamespace(rfilename="a.csv", size=1)]
        hub.fetch("someone/set", tmp_path / "file" / "below")


def test_a_path_that_leads_nowhere_may_be_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "file").touch()
    assert hint("someone/set").endswith("studio data fetch someone/set")
    assert [hint(path) for path in ("here/file", "a/b/c", "/someone/set", "one", "../set", "ein wort/b")] == [
        ""
    ] * 6
