"""The command line, called in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.cli import main
from studio.recipe import dump
from tests import tiny


@dataclass
class Done:
    """What a command left: its exit status and what it wrote."""

    status: int
    out: str
    err: str


Studio = Callable[..., Done]


@pytest.fixture
def studio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Studio:
    """Run one command; `stdin` is what it reads from standard input."""

    def run(*arguments: object, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse
            assert isinstance(end.code, int)
            status = end.code
        done = capsys.readouterr()
        return Done(status, done.out, done.err)

    return run


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    """A tiny recipe as a file."""
    path = tmp_path / "tiny.toml"
    path.write_text(dump(tiny.recipe()), encoding="utf-8")
    return path
