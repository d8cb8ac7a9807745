"""The wheel holds what the installed studio needs, and the metadata tells the truth."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest

import studio

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_one_version_everywhere() -> None:
    assert PROJECT["version"] == studio.__version__
    metainfo = ElementTree.parse(next((ROOT / "packaging").glob("*.metainfo.xml")))
    assert metainfo.find("releases/release").get("version") == PROJECT["version"]  # type: ignore[union-attr]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_desktop_entry_starts_the_command_and_has_its_icon() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(ROOT / "packaging" / "hanzi-studio.desktop", encoding="utf-8")
    section = entry["Desktop Entry"]
    assert section["Exec"].split()[0] in PROJECT["scripts"]
    assert (ROOT / "resources" / "icons" / f"{section['Icon']}.svg").is_file()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the working tree."""
    target = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(target),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=500)
    return next(target.glob("hanzi_studio-*.whl"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_holds_code_and_resources(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    resources = {
        f"studio/_resources/{path.relative_to(ROOT / 'resources')}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "studio").rglob("*.py")}
    assert "studio/_resources/fonts/OFL.txt" in names
    assert resources | modules <= names, sorted((resources | modules) - names)[:20]
    assert not [name for name in names if name.startswith(("tests/", "packaging/"))]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_wheel_trains_predicts_and_exports(wheel: Path, tmp_path: Path) -> None:
    """The smoke test of packaging/, on the wheel's contents and its own resources rather than on the working tree."""
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    program = tmp_path / "studio"
    program.write_text(
        f"#!/bin/sh\nexport PYTHONPATH='{unpacked}'\nexec '{sys.executable}' -P -m studio \"$@\"\n",
        encoding="utf-8",
    )
    program.chmod(0o755)

    where = "import studio.paths; print(studio.paths.resources())"
    found = subprocess.run(
        [sys.executable, "-P", "-c", where],
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == str(unpacked / "studio" / "_resources"), found.stderr

    command = ["bash", str(ROOT / "packaging" / "smoke_test.sh"), str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=850)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.rstrip().endswith("smoke test passed")
