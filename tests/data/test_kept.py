"""Documents come back from the disk as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.data import kept
from studio.data.kept import KeptDocuments
from studio.data.labelled import LabelledDocument
from studio.data.room import Room
from studio.data.sources import Document
from studio.data.tagged_words import TokenDocument


def some() -> list[Document]:
    return [
        Document("a/0", "今天\n天气", 0, label="好", date="2024", line=3),
        LabelledDocument("b/1", "半个\ud800字", 1, "差"),
        TokenDocument("c/2", "我们去", 2, lines=((("我们", "r"), ("去", "v")),), whole=False),
        *(Document(f"d/{n}", "字" * n, 3, pinyin="zi " * n, target="x" * n) for n in range(40)),
    ]


@pytest.mark.parametrize(("characters", "count"), [(1, 99), (50, 99), (9999, 7), (9999, 9999)])
def test_documents_come_back(
    characters: int, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_HELD", characters)
    monkeypatch.setattr(kept, "_MOST", count)
    room = Room(tmp_path)
    documents, given = KeptDocuments(room), some()
    for one in given:
        documents.append(one)
    assert len(documents) == len(given)
    assert list(documents) == given
    assert [type(one) for one in documents] == [type(one) for one in given]
    for wanted in (np.arange(len(given)) % 5 == 1, np.arange(len(given)) > 38, np.zeros(len(given), bool)):
        places = np.flatnonzero(wanted).tolist()
        assert list(documents.chosen(wanted)) == [(place, given[place]) for place in places]
    assert (room.written > 0) == ((characters, count) != (9999, 9999))
    room.close()


def test_without_a_room_all_stay_as_they_are() -> None:
    documents, given = KeptDocuments(), some()
    for one in given:
        documents.append(one)
    assert all(one is other for one, other in zip(documents, given, strict=True))
