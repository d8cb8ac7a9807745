"""The store of what was learnt from typing: counted, bounded, shared, forgotten for good."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.runs import personal
from studio.runs.folder import RunError
from studio.runs.personal import EVERYTHING, PersonalStore, faded
from studio.runs.personal_file import FORMAT


@pytest.fixture
def store(tmp_path: Path) -> PersonalStore:
    return PersonalStore(tmp_path / "personal" / "learnt.sqlite3")


def weight_of(store: PersonalStore, text: str) -> float:
    return sum(use.weight for use in store.uses() if use.text == text)


def test_looking_makes_no_file(store: PersonalStore) -> None:
    assert store.enabled
    assert store.clock == 0
    assert store.phrases() == ((), 0)
    assert store.dictionaries() == ()
    assert [*store.uses(), *store.words()] == []
    assert not store.file.exists()


def test_the_file_lies_below_the_data_home_and_is_its_owners_alone(fresh_home: Path) -> None:
    store = PersonalStore()
    store.learn("你好", "ni hao")
    assert store.file.is_relative_to(fresh_home)
    assert store.file.stat().st_mode & 0o077 == 0
    assert store.file.parent.stat().st_mode & 0o077 == 0


def test_commits_are_counted_with_the_text_in_front(store: PersonalStore) -> None:
    store.learn("张玮琦", "zhang wei qi")
    store.learn("张玮琦", "zhang wei qi", "今天我见")
    store.learn("你好", "ni hao")
    found, total = store.phrases()
    assert total == 2
    assert [(item.text, item.count) for item in found] == [("你好", 1), ("张玮琦", 2)]
    assert found[1].before == ("天我见", "")
    assert store.clock == 3


def test_phrases_are_found_by_a_part_of_text_or_pinyin(store: PersonalStore) -> None:
    store.learn("张玮琦", "zhang wei qi")
    store.learn("你好", "ni hao")
    for part in ("玮", "zhangwei", "g wei", "wei'qi", "GWEI"):
        assert [item.text for item in store.phrases(part)[0]] == ["张玮琦"], part
    assert store.phrases("%") == ((), 0)
    found, total = store.phrases(limit=1)
    assert (len(found), total) == (1, 2)


def test_what_was_chosen_instead_before_loses(store: PersonalStore) -> None:
    for _ in range(2):
        store.learn("张伟", "zhang wei")
    store.learn("章玮", "zhang wei", "见")
    assert weight_of(store, "张伟") == pytest.approx(2, abs=0.01)  # chosen behind another text
    change = store.learn("章玮", "zhang wei")
    assert [lost.text for lost in change.rivals] == ["张伟"]
    assert weight_of(store, "张伟") == pytest.approx(1, abs=0.01)
    assert change.rivals[0].weight == pytest.approx(1, abs=0.01)


def test_counts_fade_with_further_commits(store: PersonalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "HALF_LIFE", 2.0)
    store.learn("一", "yi")
    store.learn("二", "er")
    store.learn("三", "san")
    store.learn("一", "yi")
    assert weight_of(store, "一") == pytest.approx(1 + faded(3))


def test_the_ones_not_used_for_longest_are_forgotten(
    store: PersonalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal, "MOST_PHRASES", 40)
    texts = [chr(0x4E00 + n) for n in range(60)]
    forgotten = [store.learn(text, "yi").forgotten for text in texts]
    found, total = store.phrases(limit=EVERYTHING)
    assert total <= 40
    assert any(forgotten)
    assert not forgotten[0]
    assert {item.text for item in found} == set(texts[-total:])


def test_few_texts_in_front_are_remembered(store: PersonalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "MOST_CONTEXTS", 2)
    for before in ("甲", "乙", "丙"):
        store.learn("好", "hao", before)
    assert store.phrases()[0][0].before == ("丙", "乙")


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("", ""),
        ("你好", "ni"),
        ("你好", "ni  hao"),
        ("你", "NI"),
        ("你", "nǐ"),
        ("你" * 61, "ni " * 60 + "ni"),
    ],
)
def test_what_does_not_fit_together_is_refused(store: PersonalStore, text: str, pinyin: str) -> None:
    with pytest.raises(ValueError, match=r"characters|syllables|no syllable"):
        store.learn(text, pinyin)
    assert store.clock == 0


def test_a_phrase_can_be_corrected(store: PersonalStore) -> None:
    store.learn("重庆", "zhong qing")
    store.learn("重庆", "chong qing")
    wrong = next(item for item in store.phrases()[0] if item.pinyin == "zhong qing")
    with pytest.raises(ValueError, match="is there already"):
        store.change(wrong.id, "chong qing", 1)
    with pytest.raises(ValueError, match="syllables"):
        store.change(wrong.id, "chong", 1)
    with pytest.raises(ValueError, match="count"):
        store.change(wrong.id, "chong qing", 0)
    store.change(wrong.id, "tong qing", 4)
    assert {(item.pinyin, item.count) for item in store.phrases()[0]} == {("tong qing", 4), ("chong qing", 1)}
    assert sum(use.weight for use in store.uses() if use.pinyin == "tong qing") == pytest.approx(4)
    store.delete([wrong.id])
    with pytest.raises(ValueError, match="deleted"):
        store.change(wrong.id, "tong qing", 4)


def test_what_is_deleted_is_no_longer_in_the_file(store: PersonalStore) -> None:
    store.learn("张玮琦", "zhang wei qi", "秘密")
    store.learn("你好", "ni hao")
    secret = next(item for item in store.phrases()[0] if item.text == "张玮琦")
    assert store.delete([secret.id]) == 1
    content = b"".join(file.read_bytes() for file in store.file.parent.iterdir())
    assert "你好".encode() in content
    assert "玮".encode() not in content
    assert "秘密".encode() not in content
    assert store.clear() == 1
    assert "你好".encode() not in b"".join(file.read_bytes() for file in store.file.parent.iterdir())


def test_dictionaries_come_and_go_as_a_whole(store: PersonalStore) -> None:
    store.learn("贝叶斯", "bei ye si")
    assert store.add_dictionary("统计", [("贝叶斯", "bei ye si", 5), ("先验", "xian yan", 2)]) == 2
    assert store.add_dictionary("人名", [("张玮琦", "zhang wei qi", 0)]) == 1
    assert [(item.name, item.words) for item in store.dictionaries()] == [("人名", 1), ("统计", 2)]
    assert store.add_dictionary("统计", [("后验", "hou yan", 1)]) == 1  # takes the place of the older one
    assert [item.text for item in store.phrases(dictionary="统计")[0]] == ["后验"]
    assert store.clear("统计") == 1
    assert [item.name for item in store.dictionaries()] == ["人名"]
    assert [item.text for item in store.phrases()[0]] == ["贝叶斯"]
    assert store.phrases(dictionary=None)[1] == 2
    assert store.clear(None) == 2


def test_a_dictionary_that_is_too_long_leaves_nothing(
    store: PersonalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal, "MOST_WORDS", 2)
    with pytest.raises(ValueError, match="2 words"):
        store.add_dictionary("a", [(text, "yi", 1) for text in "一二三"])
    with pytest.raises(ValueError, match="name"):
        store.add_dictionary("  ", [])
    assert store.dictionaries() == ()


def test_two_connections_see_each_other(store: PersonalStore) -> None:
    store.learn("你好", "ni hao")
    other = PersonalStore(store.file)
    version = store.version()
    store.learn("再见", "zai jian")
    assert store.version() == version._replace(own=version.own + 1)
    other.enable(False)
    assert store.version().others != version.others
    assert not store.enabled
    assert other.phrases()[1] == 2


def test_processes_may_write_at_once(store: PersonalStore) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom studio.runs.personal import PersonalStore\n"
        "store = PersonalStore(Path(sys.argv[1]))\nfor _ in range(50): store.learn('你好', 'ni hao')\n"
    )
    workers = [subprocess.Popen([sys.executable, "-c", code, str(store.file)]) for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert store.clock == 100
    assert store.phrases()[0][0].count == 100


def test_a_removed_file_is_noticed(store: PersonalStore) -> None:
    store.learn("你好", "ni hao")
    version = store.version()
    store.file.unlink()
    assert store.version() != version
    assert store.phrases() == ((), 0)


def test_a_damaged_file_is_named(store: PersonalStore) -> None:
    store.file.parent.mkdir()
    store.file.write_bytes(b"no database " * 500)
    with pytest.raises(RunError, match="damaged"):
        store.phrases()
    with pytest.raises(RunError, match="damaged"):
        store.learn("你好", "ni hao")


def test_a_newer_studios_file_is_left_alone(store: PersonalStore) -> None:
    import sqlite3

    store.learn("你好", "ni hao")
    store.close()
    with sqlite3.connect(store.file) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    db.close()
    with pytest.raises(RunError, match="newer"):
        store.phrases()
