"""Labelling in one process and in several: the same examples, whatever happens to a process."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import psutil
import pytest

from studio.data import labelling, prepare
from studio.data.errors import Cancelled
from studio.data.examples import Labeller, examples_of
from studio.data.labelling import Labelled, Team, digest_of, label_texts, pieces
from studio.language.syllables import SYLLABLES
from studio.recipe import Cleaning
from tests.data.conftest import MakeData, lines

PLAIN = [*lines(300), "没有读音的㐂字和\U0002b81a", "", "no hanzi"]
TEXTS = [(text, "") for text in PLAIN]


def nothing() -> None:
    pass


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "PIECE", 500)


def made(count: int) -> list[Labelled]:
    with Team(Cleaning(), count) as team:
        return list(team.labelled(iter(TEXTS), nothing))


def test_columns_hold_the_examples() -> None:
    found = label_texts(TEXTS, Cleaning(), Labeller())
    labeller = Labeller()
    runs = [run for text in PLAIN for run in examples_of(text, Cleaning()) if labeller(run) is not None]
    assert found.text.decode("utf-32-le") == "".join(runs)
    assert np.frombuffer(found.lengths, np.int32).tolist() == [len(run) for run in runs]
    assert np.frombuffer(found.counts, np.int32).sum() == len(runs)
    assert len(np.frombuffer(found.counts, np.int32)) == len(TEXTS)
    assert np.frombuffer(found.syllables, np.uint16).tolist() == [
        s for run in runs for s in labeller(run) or ()
    ]
    assert found.digests == b"".join(map(digest_of, runs))
    assert [character for _, character in found.unreadable] == list(labeller.strange.values())


def test_pieces_lose_nothing() -> None:
    cut = list(pieces(iter(TEXTS)))
    assert [text for piece in cut for text in piece] == TEXTS
    assert len(cut) > 5


@pytest.mark.parametrize("count", [1, 3])
def test_several_processes_give_what_one_gives_in_the_same_order(count: int) -> None:
    assert made(count) == made(0)
    assert not psutil.Process().children()


def test_a_process_that_is_killed_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = made(0)
    got: list[Labelled] = []
    with Team(Cleaning(), 2) as team:
        for piece in team.labelled(iter(TEXTS), nothing):
            got.append(piece)
            if len(got) == 2:
                for child in psutil.Process().children():
                    os.kill(child.pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    assert got == expected


def test_called_off_no_process_and_no_thread_is_left() -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled), Team(Cleaning(), 2) as team:
        list(team.labelled(iter(TEXTS), stop))
    assert not psutil.Process().children()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("studio-label")]


def test_a_data_set_is_the_same_whoever_labels(
    make_data: MakeData,
    fresh_home: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    alone = prepare.prepare(make_data())
    started: list[int] = []
    real = Team.__init__

    def watched(team: Team, cleaning: Cleaning, count: int) -> None:
        started.append(count)
        real(team, cleaning, count)

    monkeypatch.setattr(prepare, "ALONE_BELOW", 0)
    monkeypatch.setattr(prepare, "helpers", lambda: 2)
    monkeypatch.setattr(Team, "__init__", watched)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path_factory.mktemp("other")))
    together = prepare.prepare(make_data())
    assert started == [2]
    for name, split in alone.splits().items():
        other = together.splits()[name]
        for column in ("text", "syllables", "offsets", "source", "weight"):
            np.testing.assert_array_equal(getattr(split, column), getattr(other, column))
    assert alone.notes == together.notes
    assert alone.fingerprint == together.fingerprint


def test_a_reading_that_the_source_gives_is_used_where_it_fits() -> None:
    def read(text: str, pinyin: str) -> tuple[str, int]:
        found = label_texts([(text, pinyin)], Cleaning(), Labeller())
        return " ".join(SYLLABLES[n] for n in np.frombuffer(found.syllables, np.uint16)), found.unfit

    own = "ta zhang da le xing zou"
    assert read("他长大了，行走。", "") == (own, 0)
    assert read("他长大了，行走。", "tā cháng dà le, háng zǒu") == ("ta chang da le hang zou", 0)
    assert read("他长大了，走，行走。", "ta1 chang2 da4 le zou xing2 zou3") == ("ta chang da le xing zou", 0)
    for unfit in (
        "ta chang da",
        "ta chang da le xing zou zou",
        "ta ma da le xing zou",
        "he grew up and walks",
    ):
        assert read("他长大了，行走。", unfit) == (own, 1)
