"""The rules of the house: style, types, imports, sizes, and what the repository may not mention."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 400
LONGEST_MEDIAN = 170

# Joined here from pieces so that this file does not mention what it looks for.
REGISTRY_HOSTS = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmmirror", "com"), ("deb", "debian", "org"),
    ("security", "debian", "org"), ("download", "pytorch", "org"), ("conda", "anaconda", "org"), ("aliyun", "com"),
)]  # fmt: skip
# An absolute path of somebody's machine; a relative one ("src/work/x") or an address is not.
MACHINE_PATHS = re.compile(
    r"(?<![\w.:/~$}-])/(?:work|root|opt/wheels|opt/pypi|home/(?!user\b)\w+|Users/(?!user\b)\w+)/"
)


def run_tool(*arguments: str) -> None:
    """Run a development tool in the repository; its complaints are the failure's message."""
    # Wide and plain: the output is for a log.
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONUTF8": "1"}
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=580)
    if done.returncode != 0:
        pytest.fail(
            f"{' '.join(Path(arguments[0]).name.split() + list(arguments[1:]))}\n{done.stdout}{done.stderr}",
            pytrace=False,
        )


def script(name: str) -> str:
    """A command that was installed beside this Python."""
    return str(Path(sys.executable).parent / name)


def modules() -> list[Path]:
    return sorted((ROOT / "studio").rglob("*.py"))


def tracked_text() -> dict[str, str]:
    """The text files under version control, by path; all source files where git or the repository is missing."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        paths = [path for path in listed.split("\0") if path]
    except (OSError, subprocess.CalledProcessError):
        folders = ("studio", "tests", "packaging", "resources")
        paths = [str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).rglob("*")]
        paths += [path.name for path in ROOT.iterdir()]
    texts = {}
    for path in paths:
        file = ROOT / path
        if file.is_file() and b"\0" not in (content := file.read_bytes())[:8192]:
            texts[path] = content.decode("utf-8", errors="replace")
    assert "pyproject.toml" in texts
    return texts


def test_style() -> None:
    run_tool(script("ruff"), "check", "--output-format=concise", ".")


def test_format() -> None:
    run_tool(script("ruff"), "format", "--check", ".")


@pytest.mark.timeout(600)
def test_types() -> None:
    run_tool(sys.executable, "-m", "mypy")


def test_import_contracts() -> None:
    run_tool(script("lint-imports"), "--no-logo")


def test_no_module_needs_a_table_of_contents() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    long = {path: length for path, length in lengths.items() if length > LONGEST_MODULE}
    assert not long, f"longer than {LONGEST_MODULE} lines: {long}"
    median = statistics.median(length for length in lengths.values() if length > 3)
    assert median <= LONGEST_MEDIAN, f"the median module has {median} lines"


def test_mentions_no_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in tracked_text().items()
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) < 10_000 and MACHINE_PATHS.search(line) and path != "tests/test_house.py"
    ]
    assert not found, "absolute paths of one machine:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("line", "is_machine_path"),
    [("cd /" + "work/main", True), ("'/" + "root/.cache/x'", True), ("/" + "home/somebody/x", True),
     ("framework/main", False), ("https://example.com/work/x", False), ("/home/user/x", False), ("~/work/x", False)],
)  # fmt: skip
def test_knows_a_machine_path(line: str, is_machine_path: bool) -> None:
    assert bool(MACHINE_PATHS.search(line)) is is_machine_path


def test_mentions_no_package_registry() -> None:
    found = [
        f"{path}: {host}" for path, text in tracked_text().items() for host in REGISTRY_HOSTS if host in text
    ]
    assert not found, "addresses of package registries:\n" + "\n".join(found)


def test_every_dependency_is_bounded_and_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for group in project["optional-dependencies"].values() for line in group),
    ]
    wanted = [line for line in wanted if not line.startswith(project["name"])]  # one group may name another
    names = {normal(re.match(r"[A-Za-z0-9._-]+", line).group()): line for line in wanted}  # type: ignore[union-attr]
    unbounded = [line for line in names.values() if "<" not in line and "==" not in line]
    assert not unbounded, f"without an upper bound: {unbounded}"

    locked = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, separator, version = line.partition("==")
            assert separator, f"constraints.txt locks no version: {line!r}"
            locked[normal(name)] = version
    missing = sorted(set(names) - set(locked))
    assert not missing, f"constraints.txt lacks {missing}: make lock"
    assert not [version for version in locked.values() if "+" in version], (
        "constraints.txt names a local build"
    )


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_resource_folder_has_its_licence_beside_it() -> None:
    """What we did not make ourselves lies in a folder of its own, with the licence it came under."""
    foreign = ("*.otf", "*.ttf", "*.tsv", "*.txt.gz", "*.json.gz", "*.bin", "*.npz", "*.dict")
    folders = {path.parent for pattern in foreign for path in (ROOT / "resources").rglob(pattern)}
    assert folders, "at least the fonts"
    words = ("licen", "copying", "ofl", "notice")
    bare = [
        str(folder.relative_to(ROOT))
        for folder in folders
        if not any(word in file.name.lower() for file in folder.iterdir() for word in words)
    ]
    assert not bare, f"no licence beside the files of {bare}"
