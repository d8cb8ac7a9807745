"""`studio personal` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.runs.personal import PersonalStore
from tests import tiny
from tests.verbs.conftest import Studio


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    pass


def test_what_was_learnt_is_listed_and_cleared(studio: Studio) -> None:
    empty = studio("personal", "list")
    assert (empty.status, empty.out) == (0, "")
    assert str(PersonalStore().file) in empty.err
    assert not PersonalStore().file.exists()
    store = PersonalStore()
    store.learn("张玮琦", "zhang wei qi")
    store.learn("你好", "ni hao")
    assert studio("personal", "list", "zhangw").out.startswith("张玮琦\tzhang wei qi\t1\t")
    report = json.loads(studio("personal", "list", "--json").out)
    assert (report["enabled"], report["total"]) == (True, 2)
    assert [item["text"] for item in report["phrases"]] == ["你好", "张玮琦"]
    assert "2 phrases forgotten" in studio("personal", "clear").out
    assert store.phrases() == ((), 0)
    store.close()


def test_learning_is_switched_off_and_on(studio: Studio) -> None:
    assert studio("personal", "off").status == 0
    assert not PersonalStore().enabled
    assert "off" in studio("personal", "list").err
    assert studio("personal", "on").status == 0
    assert PersonalStore().enabled


def test_dictionaries_go_in_and_out(studio: Studio, tmp_path: Path) -> None:
    source = tmp_path / "terms.txt"
    source.write_text("贝叶斯\tbei ye si\t3\n贝叶\tbei\n", encoding="utf-8")
    done = studio("personal", "import", source)
    assert done.status == 0
    assert json.loads(done.out) == {
        "name": "terms",
        "format": "plain",
        "words": 1,
        "set_aside": 1,
        "readings_added": 0,
    }
    assert "line 2: 1 syllables for 2 characters" in done.err
    assert studio("personal", "list", "--dictionary", "terms").out.startswith("贝叶斯\tbei ye si\t3\t")
    target = tmp_path / "out.dict.yaml"
    assert "1 phrases" in studio("personal", "export", target, "--dictionary", "terms").out
    assert "贝叶斯\tbei ye si\t3\n" in target.read_text(encoding="utf-8")
    assert "1 words removed" in studio("personal", "remove", "terms").out
    assert studio("personal", "remove", "terms").status == 2
    assert studio("personal", "remove", "").status == 2
    refused = studio("personal", "import", tmp_path / "none.txt")
    assert (refused.status, "there is no file" in refused.err) == (2, True)


def test_the_check_ends_with_a_line_of_figures(studio: Studio) -> None:
    run = tiny.finished_run().path
    nothing = studio("personal", "check", run)
    assert (nothing.status, "nothing has been learnt" in nothing.err) == (2, True)
    done = studio("personal", "check", run, "--limit", 4, "--simulate", 3)
    assert done.status == 0, done.err
    report = json.loads(done.out.splitlines()[-1])
    assert report["simulated"] is True
    assert report["unseen"]["sentences"] == 4
    assert report["learnt_sentences"]["with_learnt"] == 1.0
    assert "sentences right without" in done.err
    assert studio("personal", "check", run.parent / "none").status == 2
