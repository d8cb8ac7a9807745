"""What looks for repetitions holds little of the text, and drops what it would drop if it held everything."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio import paths
from studio.data import kept
from studio.data.doctor.record import Record
from studio.data.finding import find_example
from studio.data.room import PassingRoom, Room
from studio.data.sources import Document
from studio.data.steps import filed, near, stage
from studio.data.steps.minhash import PLACES, bands, jaccard, signature
from studio.data.steps.pipeline import Pipeline
from studio.data.steps.repeats import letters_of
from studio.recipe import parse
from studio.recipe.steps import AnyStep
from tests import tiny
from tests.data.steps.test_single import step

ALPHABET = [chr(0x4E00 + n) for n in range(1500)]


@pytest.fixture(params=["held", "filed", "passing"])
def room(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Room | None]:
    """Where steps put what they cannot hold, which is nearly everything."""
    if request.param == "held":
        yield None
        return
    monkeypatch.setattr(filed, "_HELD", 700)
    monkeypatch.setattr(filed, "_BLOCK", 3)
    monkeypatch.setattr(kept, "_HELD", 300)
    if request.param == "passing":
        monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
        yield None
        return
    room = Room(tmp_path)
    yield room
    assert room.written
    room.close()


def made(seed: int, size: int = 150) -> list[str]:
    """Documents of which some are repeated and some nearly, a few letters or many, and some without a letter."""
    draw = random.Random(seed)
    texts: list[str] = []
    for _ in range(size):
        kind = draw.random()
        if texts and kind < 0.15:
            texts.append(draw.choice(texts) + draw.choice(["", "。", " ！", "\n"]))
        elif texts and kind < 0.45:
            changed = list(draw.choice(texts))
            for _ in range(draw.randint(1, 4) if changed else 0):
                changed[draw.randrange(len(changed))] = draw.choice(ALPHABET)
            texts.append("".join(changed))
        elif kind < 0.5:
            texts.append(draw.choice(["", "，", "……", "\ud800字"]))
        else:
            long = draw.choice([4, 30, 60, 230])
            lines = [
                "".join(draw.choices(ALPHABET, k=draw.randint(2, long))) for _ in range(draw.randint(1, 3))
            ]
            texts.append("\n".join(lines))
    return texts


def streams(seed: int) -> list[list[Document]]:
    """Three of them, of two kinds of documents, where later ones repeat parts of earlier ones."""
    texts = made(seed)
    later = texts[::5] + made(seed + 1, 60)
    some = [Document(f"a/{n}", text, 0, line=n + 1) for n, text in enumerate(texts)]
    others = [Record(f"b/{n}", text, 1, name="b", place=n) for n, text in enumerate(later)]
    return [some, list(others), [replace(document, source=2) for document in some[40:]], []]


def left(
    wanted: AnyStep, given: Sequence[Sequence[Document]], room: Room | None = None
) -> list[list[Document]]:
    pipeline = Pipeline([wanted], room)
    return [list(pipeline.run(documents)) for documents in given]


def first_of_each(texts: Sequence[str], seen: set[str], shortest: int) -> list[bool]:
    stay = []
    for letters in map(letters_of, texts):
        stay.append(len(letters) < max(1, shortest) or letters not in seen)
        if len(letters) >= max(1, shortest):
            seen.add(letters)
    return stay


@pytest.mark.parametrize("shortest", [0, 6])
@pytest.mark.parametrize("batch", [1, 7, 512])
def test_repeated_documents_and_lines_are_those_that_a_set_would_know(
    batch: int, shortest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_BATCH", batch)
    given = streams(3)
    seen: set[str] = set()
    expected = [
        [
            document
            for document, stays in zip(documents, first_of_each(texts, seen, shortest), strict=True)
            if stays
        ]
        for documents in given
        for texts in [[document.text for document in documents]]
    ]
    assert left(step("drop_repeats", shortest=shortest), given) == expected
    seen = set()
    by_lines: list[list[str]] = []
    for documents in given:
        by_lines.append([])
        for document in documents:
            lines = document.text.split("\n")
            stay = first_of_each(lines, seen, shortest)
            text = "\n".join(line for line, stays in zip(lines, stay, strict=True) if stays)
            if text.strip() or text == document.text:
                by_lines[-1].append(text)
    found = left(step("drop_repeats", part="line", shortest=shortest), given)
    assert [[document.text for document in some] for some in found] == by_lines
    assert sum(map(len, expected)) < sum(map(len, given)) - 90


def plainly(given: Sequence[Sequence[Document]], threshold: float, ngram: int) -> list[list[Document]]:
    """What stays where signatures and texts are all in memory, and each bucket is looked at by itself."""
    count, rows = bands(threshold)
    kept_before: list[tuple[np.ndarray, str]] = []
    stay: list[list[Document]] = []
    for documents in given:
        signed = [letters_of(document.text) for document in documents]
        all_of = kept_before + [(signature(letters, ngram), letters) for letters in signed if letters]
        found = list(range(len(all_of)))

        def alike(one: int, other: int, all_of: list[tuple[np.ndarray, str]] = all_of) -> bool:
            share = float((all_of[one][0] == all_of[other][0]).mean())
            if all_of[one][1] and all_of[other][1]:
                near_enough = share >= threshold - 0.15
                return near_enough and jaccard(all_of[one][1], all_of[other][1], ngram) >= threshold
            return share >= threshold

        for band in range(count):
            buckets: dict[bytes, list[int]] = {}
            for number, (signs, _) in enumerate(all_of):
                key = signs[band * rows : (band + 1) * rows].tobytes()
                buckets.setdefault(key, []).append(number)
            for members in buckets.values():
                rest = [(n, members[at]) for at, n in enumerate(members[1:]) if found[n] == n]
                for one, other in [*((n, members[0]) for n, _ in rest), *rest]:
                    if found[one] == one and alike(one, other):
                        found[one] = other
        numbers = iter(range(len(kept_before), len(all_of)))
        places = [next(numbers) if letters else -1 for letters in signed]
        stay.append(
            [document for document, n in zip(documents, places, strict=True) if n < 0 or found[n] == n]
        )
        kept_before = [
            (signs, letters if len(letters) <= near._SHORT else "")
            for number, (signs, letters) in enumerate(all_of)
            if found[number] == number
        ]
    return stay


@pytest.mark.parametrize(("threshold", "ngram"), [(0.8, 3), (0.55, 1)])
def test_near_repetitions_are_those_that_are_found_with_everything_in_memory(
    room: Room | None, threshold: float, ngram: int
) -> None:
    given = streams(8)
    expected = plainly(given, threshold, ngram)
    found = left(step("drop_near_repeats", threshold=threshold, ngram=ngram), given, room)
    assert found == expected
    assert [type(one) for some in found for one in some] == [type(one) for some in expected for one in some]
    assert sum(map(len, expected)) < sum(map(len, given)) - 110


def test_two_steps_share_a_room_and_passing_files_have_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filed, "_HELD", 256)
    monkeypatch.setattr(kept, "_HELD", 100)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    steps = [step("drop_near_repeats", threshold=0.6), step("drop_near_repeats", threshold=0.9)]
    room = Room(tmp_path)
    given = streams(5)
    alone = [list(Pipeline(steps).run(documents)) for documents in given]
    assert [list(Pipeline(steps, room).run(documents)) for documents in given] == alone
    assert len(list(tmp_path.glob("near-*"))) >= 6
    room.close()
    passing = PassingRoom()
    file = passing.create("some")
    passing.write(file, b"12")
    assert file.seek(0, 1) == 2
    assert not list((paths.cache_home() / "passing").iterdir())
    del passing
    assert file.closed


def test_signatures_and_letters_come_back_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filed, "_HELD", 1000)
    monkeypatch.setattr(filed, "_BLOCK", 5)
    room, draw = Room(tmp_path), np.random.default_rng(2)
    rows = draw.integers(0, 1 << 16, (40, PLACES)).astype(np.uint16)
    texts = ["字" * int(n) for n in draw.integers(0, 90, 40)]
    signatures, letters = filed.FiledSignatures(room, "s"), filed.FiledLetters(room, "l")
    for turn in range(3):
        for row, text in zip(rows, texts, strict=True):
            signatures.append(row)
            letters.append(text)
        places = draw.integers(0, len(signatures), 30)
        whole = np.concatenate(list(signatures.blocks()))
        assert (whole[-40:] == rows).all()
        assert (signatures[places] == whole[places]).all()
        all_letters = [letters[place] for place in range(len(letters))]
        assert all_letters[-40:] == texts
        stay = draw.random(len(whole)) < 0.7 if turn else np.ones(len(whole), bool)
        signatures.keep(stay)
        letters.keep(stay, 60)
        assert (np.concatenate(list(signatures.blocks())) == whole[stay]).all()
        assert [letters[place] for place in range(len(letters))] == [
            text if len(text) <= 60 else ""
            for text, stays in zip(all_letters, stay.tolist(), strict=True)
            if stays
        ]
    room.close()


@pytest.mark.parametrize(
    "wanted", [{"kind": "drop_repeats"}, {"kind": "drop_near_repeats"}, {"kind": "normalise_widths"}]
)
def test_an_example_is_found_in_its_line_though_steps_look_at_many_documents(
    wanted: dict[str, object], tmp_path: Path
) -> None:
    path = tiny.write_text(tmp_path, ["今天天气很好。", "我们去公园１。", "今天天气很好！", "晚上回家吃饭。"])
    values = tiny.values(path)
    values["data"]["sources"][0]["document"] = "line"
    values["data"]["steps"] = [wanted]
    data = parse(values).data
    assert find_example(data, 0, "晚上回家吃饭").line == 4
    found = find_example(data, 0, "我们去公园")
    assert found.line == (0 if wanted["kind"] == "normalise_widths" else 2)
