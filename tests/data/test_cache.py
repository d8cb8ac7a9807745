"""The cache is whole or not there, whatever happens while it is written or read."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import numpy as np
import pytest

from studio.data import cache, fingerprint
from studio.data import prepare as preparing
from studio.data.errors import DataError
from studio.data.prepare import prepare
from studio.data.room import Room
from studio.recipe import Cleaning, Data
from tests.data.conftest import MakeData, lines


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    """Every test has a cache of its own."""


@pytest.fixture
def datasets(fresh_home: Path) -> Path:
    """Where prepared data sets are kept."""
    return fresh_home / "cache" / "datasets"


def forbid_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(*_: object) -> None:
        raise AssertionError("it was prepared again")

    monkeypatch.setattr(preparing, "_Preparation", work)


def test_a_second_call_opens_what_the_first_made(
    make_data: MakeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(make_data())
    forbid_work(monkeypatch)
    started = time.perf_counter()
    second = prepare(make_data())
    assert time.perf_counter() - started < 0.3
    assert second.fingerprint == first.fingerprint
    assert (second.sources, second.notes) == (first.sources, first.notes)
    assert np.array_equal(second.train.text, first.train.text)
    assert isinstance(second.train.text, np.memmap)


def test_what_matters_changes_the_fingerprint_and_what_does_not_does_not(
    make_data: MakeData, text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = prepare(make_data()).fingerprint
    assert prepare(make_data(lexicon_share=0.5)).fingerprint == base
    assert prepare(make_data(cleaning=Cleaning(min_length=3))).fingerprint != base
    assert prepare(make_data(splits={"seed": 2})).fingerprint != base
    monkeypatch.setattr(fingerprint, "PREPARATION", -1)
    assert prepare(make_data()).fingerprint != base
    monkeypatch.undo()
    text_file.write_text("\n".join([*lines(), "多了一行新的"]), encoding="utf-8")
    assert prepare(make_data()).fingerprint != base


def test_fields_that_came_later_rename_no_data_set_while_they_say_nothing(
    make_data: MakeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that were begun before there were such fields go on with the data that they began with."""
    named: list[dict[str, dict[str, object]]] = []
    monkeypatch.setattr(fingerprint, "_named", lambda whole, *_: named.append(whole["recipe"]) or "name")
    for data in (make_data(), make_data(cleaning=Cleaning(readings=("北京 bei3 jing1",)))):
        preparing.cached(data)
    before = {"simplify_widths", "strip_markup", "unit", "min_length", "max_length", "deduplicate_documents"}
    assert named[0]["cleaning"].keys() == before
    assert named[0]["splits"].keys() == {"validation", "test", "seed"}
    assert named[1]["cleaning"].keys() == before | {"readings"}


def test_a_file_changed_within_a_moment_is_seen(make_data: MakeData, text_file: Path) -> None:
    base = prepare(make_data()).fingerprint
    state = text_file.stat()
    content = text_file.read_text(encoding="utf-8")
    text_file.write_text(content.replace("公园", "学校"), encoding="utf-8")
    os.utime(text_file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert prepare(make_data()).fingerprint != base


def test_unchanged_files_are_not_read_again(
    make_data: MakeData, text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = time.time() - 1000
    os.utime(text_file, (long_ago, long_ago))
    prepare(make_data())

    def read(_: Path) -> str:
        raise AssertionError("it was read again")

    monkeypatch.setattr(fingerprint, "_hash", read)
    prepare(make_data())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 1}', '{"x": [1, 2, 3]}', "\udcff"])
def test_damaged_memory_of_hashes_does_no_harm(make_data: MakeData, datasets: Path, content: str) -> None:
    base = prepare(make_data()).fingerprint
    (datasets / "hashes.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert prepare(make_data()).fingerprint == base


@pytest.mark.parametrize(
    "damage",
    [
        lambda home: (home / "meta.json").unlink(),
        lambda home: (home / "meta.json").write_text("{", encoding="utf-8"),
        lambda home: (home / "meta.json").write_text("null", encoding="utf-8"),
        lambda home: (home / "train.text.npy").unlink(),
        lambda home: (home / "train.text.npy").write_bytes(b""),
        lambda home: (home / "test.offsets.npy").write_bytes(b"\x93NUMPY garbage"),
        lambda home: _flip_last_byte(home / "train.syllables.npy"),
        lambda home: _edit(home / "meta.json", "format", 99),
        lambda home: _edit(home / "meta.json", "files", {}),
        lambda home: _edit(home / "meta.json", "sources", [{"name": "x"}]),
    ],
)
def test_a_damaged_cache_is_made_again(make_data: MakeData, datasets: Path, damage: object) -> None:
    first = prepare(make_data())
    expected = np.array(first.train.syllables)
    damage(datasets / first.fingerprint)  # type: ignore[operator]
    again = prepare(make_data())
    assert np.array_equal(again.train.syllables, expected)
    assert cache.load(first.fingerprint) is not None
    assert list(datasets.glob(".partial-*")) == []


def _flip_last_byte(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()  # the open memory map keeps the old content
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def _edit(path: Path, key: str, value: object) -> None:
    meta = json.loads(path.read_text(encoding="utf-8"))
    meta[key] = value
    path.write_text(json.dumps(meta), encoding="utf-8")


def test_a_full_disk_is_told_and_leaves_nothing(
    make_data: MakeData, datasets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    real = Room.create

    def full_after_three(room: Room, name: str) -> FileIO:
        nonlocal written
        written += 1
        if written > 3:
            with room.told():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(room, name)

    monkeypatch.setattr(Room, "create", full_after_three)
    with pytest.raises(DataError, match=r"disk is full.* needs .* MB .* free") as refused:
        prepare(make_data())
    assert "STUDIO_HOME" in refused.value.remedy
    assert {path.name for path in datasets.iterdir()} <= {"hashes.json"}
    monkeypatch.undo()


def test_a_disk_known_to_be_full_is_not_written_to(
    make_data: MakeData, datasets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = cache.shutil.disk_usage("/")
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(DataError, match=r"0\.0 MB are free"):
        prepare(make_data())
    assert list(datasets.glob("*/")) == []


def test_a_cache_that_may_not_be_written_is_told(
    make_data: MakeData, fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fresh_home / "cache").mkdir()
    (fresh_home / "cache" / "datasets").write_text("in the way", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be written") as refused:
        prepare(make_data())
    assert "STUDIO_HOME" in refused.value.remedy


def test_only_the_data_sets_used_last_are_kept(
    make_data: MakeData, datasets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_KEPT", 2)
    made = [prepare(make_data(splits={"seed": seed})).fingerprint for seed in range(3)]
    for age, name in enumerate(reversed(made[1:])):
        os.utime(datasets / name / "meta.json", (1000 - age, 1000 - age))
    newest = prepare(make_data(splits={"seed": 9})).fingerprint
    assert {path.parent.name for path in datasets.glob("*/meta.json")} == {made[2], newest}


def test_abandoned_halves_are_swept_and_young_ones_left(make_data: MakeData, datasets: Path) -> None:
    old, young = datasets / ".partial-old", datasets / ".partial-young"
    old.mkdir(parents=True)
    young.mkdir()
    os.utime(old, (1000, 1000))
    prepare(make_data())
    assert not old.exists()
    assert young.exists()


def _prepare_elsewhere(data: Data, home: str, names: multiprocessing.Queue[tuple[str, int]]) -> None:
    os.environ["STUDIO_HOME"] = home
    dataset = prepare(data)
    names.put((dataset.fingerprint, dataset.train.positions))


def test_two_processes_at_once_are_both_served(make_data: MakeData, fresh_home: Path, datasets: Path) -> None:
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    names = context.Queue()
    workers = [
        context.Process(target=_prepare_elsewhere, args=(make_data(), str(fresh_home), names))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    found = {names.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join(timeout=60)
        assert worker.exitcode == 0
    names.close()
    names.join_thread()
    assert len(found) == 1
    assert list(datasets.glob(".partial-*")) == []
    assert cache.load(next(iter(found))[0]) is not None


def test_another_process_finishing_first_is_as_good(
    make_data: MakeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(make_data())

    real = cache.atomic.new_folder

    @contextmanager
    def taken(path: Path, *, replace: bool) -> Iterator[Path]:
        with real(path.with_name("another"), replace=replace) as folder:
            yield folder
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))

    monkeypatch.setattr(cache.atomic, "new_folder", taken)
    with cache.draft(first.fingerprint):
        pass
    assert cache.prepared(first.fingerprint).fingerprint == first.fingerprint
    with pytest.raises(DataError, match="cannot be written"), cache.draft("nobody-has-made-it"):
        pass
