"""What every test gets: a home of its own, the offscreen platform, no network, and a check for leaks."""

from __future__ import annotations

import locale
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import leaks

# Set before anything of Qt or of the studio is imported: both read the environment while they start.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LC_ALL"] = "C.UTF-8"  # decimal points in child processes, English in the window
os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["STUDIO_KEEP_PRIORITY"] = "1"  # tests wait for workers, with all cores busy

# How long an example takes to make says how busy the machine is.
_UNHURRIED = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "house", deadline=None, max_examples=50, print_blob=True, suppress_health_check=_UNHURRIED
)
hypothesis.settings.register_profile(
    "thorough", deadline=None, max_examples=1000, suppress_health_check=_UNHURRIED
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

_home = tempfile.TemporaryDirectory(prefix="hanzi-studio-tests-", ignore_cleanup_errors=True)
os.environ["STUDIO_HOME"] = _home.name
os.environ["HF_HOME"] = str(Path(_home.name) / "hub")


@pytest.fixture(scope="session")
def studio_home() -> Path:
    """The folder below which the studio keeps its data, runs and caches during this session of tests."""
    return Path(_home.name)


@pytest.fixture
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that this test shares with no other."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def _decimal_points() -> None:
    """QApplication takes the user's locale for numbers: "0,5" would then be written into files."""
    locale.setlocale(locale.LC_NUMERIC, "C")


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Fail the test that leaves a thread, a Qt thread or timer, or a child process behind."""
    watch = leaks.qt_watch()
    before = leaks.snapshot()
    if watch is None:
        yield
        watch = leaks.qt_watch()
    else:
        with watch.watching():
            yield
    found = leaks.leftovers(before, watch)
    if found:
        leaks.end_leftovers(before, watch)
        pytest.fail(
            "the test left something running:\n" + "\n".join(f"- {item}" for item in found), pytrace=False
        )
