"""What was chosen comes first where it was chosen, and nothing else changes."""

from __future__ import annotations

import time

import pytest

from studio.inference.load import Loaded
from studio.inference.personal.recall import Recall, weighted
from studio.runs.personal import PersonalStore
from studio.runs.requests import Judge


def typed(loaded: Loaded, recall: Recall | None, letters: str, left: str = "", top_k: int = 8) -> list[str]:
    predictor = loaded.predictor
    predictor.memory = recall.memory_for(predictor) if recall else None
    return [item.text for item in predictor.predict(letters, top_k, left=left).candidates]


@pytest.mark.parametrize(
    ("letters", "text", "left"),
    [
        ("zhangweiqi", "张玮琦", ""),
        ("zhangweiqi", "章维其", "我们见"),
        ("kejin", "氪金", ""),
        ("shi", "莳", ""),
        ("shishi", "逝世", "他"),
        ("jintianwomen", "锦田窝门", ""),
    ],
)
def test_what_was_chosen_twice_comes_first(
    loaded: Loaded, recall: Recall, letters: str, text: str, left: str
) -> None:
    assert typed(loaded, recall, letters, left)[0] != text
    assert recall.learn(letters, text, left, loaded.predictor) == (text,)
    assert text in typed(loaded, recall, letters, left)[:2]
    recall.learn(letters, text, left, loaded.predictor)
    assert typed(loaded, recall, letters, left)[0] == text


def test_a_phrase_is_known_behind_other_texts_and_by_its_initials(loaded: Loaded, recall: Recall) -> None:
    for _ in range(2):
        recall.learn("zhangweiqi", "张玮琦", "", loaded.predictor)
    assert "张玮琦" in typed(loaded, recall, "womenzhangweiqi")[0]
    assert typed(loaded, recall, "zhangweiqi", "老师在公园")[0] == "张玮琦"
    assert typed(loaded, recall, "zwq")[0] == "张玮琦"


def test_the_other_choice_takes_over_when_it_is_made_as_often(loaded: Loaded, recall: Recall) -> None:
    for _ in range(3):
        recall.learn("zhangweiqi", "张玮琦", "", loaded.predictor)
    for _ in range(2):
        recall.learn("zhangweiqi", "章维其", "", loaded.predictor)
    assert typed(loaded, recall, "zhangweiqi")[:2] == ["章维其", "张玮琦"]


def test_what_was_not_seen_is_decoded_as_before_to_the_last_bit(loaded: Loaded, recall: Recall) -> None:
    predictor = loaded.predictor
    letters = ("jintianwomenzaixuexiaochifan", "mingtianlaoshikaihui", "wosh", "zgrm", "zuotian")
    predictor.memory = None
    before = [predictor.predict(text, 8) for text in letters]
    recall.learn("fufu", "夫妇", "", predictor)
    predictor.memory = recall.memory_for(predictor)
    for text, old in zip(letters, before, strict=True):
        new = predictor.predict(text, 8)
        assert new.candidates == old.candidates
        assert new.syllables == old.syllables


def test_what_was_chosen_alone_does_not_push_into_sentences(loaded: Loaded, recall: Recall) -> None:
    letters = "jintianlaoshizaixuexiaokanshu"
    before = typed(loaded, None, letters)[0]
    for letters_alone, text in (("jin", "妗"), ("shi", "莳"), ("kan", "龛"), ("zai", "崽")):
        for _ in range(3):
            recall.learn(letters_alone, text, "", loaded.predictor)
    assert typed(loaded, recall, letters)[0] == before


def test_a_rare_character_that_the_decoder_does_not_try_is_tried_once_it_is_known(
    loaded: Loaded, recall: Recall
) -> None:
    vocabulary = loaded.predictor.vocabulary
    syllable, candidates = max(
        zip(vocabulary.syllables, vocabulary.candidates, strict=True), key=lambda item: len(item[1])
    )
    assert len(candidates) > 64
    rare = candidates[-1]
    assert rare not in "".join(typed(loaded, None, f"{syllable}men", top_k=30))
    for _ in range(2):
        recall.learn(f"{syllable}men", f"{rare}们", "", loaded.predictor)
    assert typed(loaded, recall, f"{syllable}men")[0] == f"{rare}们"
    assert typed(loaded, recall, f"women{syllable}men")[0].endswith(f"{rare}们")


def test_switched_off_nothing_is_recorded_and_nothing_is_used(loaded: Loaded, recall: Recall) -> None:
    before = typed(loaded, None, "zhangweiqi")
    for _ in range(2):
        recall.learn("zhangweiqi", "张玮琦", "", loaded.predictor)
    recall.store.enable(False)
    assert typed(loaded, recall, "zhangweiqi") == before
    assert recall.learn("kejin", "氪金", "", loaded.predictor) == ()
    assert recall.store.phrases("氪金") == ((), 0)
    recall.store.enable(True)
    assert typed(loaded, recall, "zhangweiqi")[0] == "张玮琦"


def test_changes_of_another_window_are_seen_at_the_next_key(loaded: Loaded, recall: Recall) -> None:
    before = typed(loaded, recall, "zhangweiqi")
    other = PersonalStore(recall.store.file)
    for _ in range(2):
        other.learn("张玮琦", "zhang wei qi")
    assert typed(loaded, recall, "zhangweiqi")[0] == "张玮琦"
    other.delete([item.id for item in other.phrases()[0]])
    assert typed(loaded, recall, "zhangweiqi") == before
    other.add_dictionary("人名", [("张玮琦", "zhang wei qi", 3)])
    assert "张玮琦" in typed(loaded, recall, "zhangweiqi")
    other.clear("人名")
    assert typed(loaded, recall, "zhangweiqi") == before
    other.close()


def test_what_is_read_again_is_what_was_learnt_step_by_step(loaded: Loaded, recall: Recall) -> None:
    for letters, text in (
        ("zhangweiqi", "张玮琦"),
        ("zhangweiqi", "章维其"),
        ("shishi", "逝世"),
        ("shishi", "逝世"),
    ):
        recall.memory_for(loaded.predictor)
        recall.learn(letters, text, "", loaded.predictor)
    fresh = Recall(PersonalStore(recall.store.file))
    for letters in ("zhangweiqi", "shishi", "womenshishi"):
        predictor = loaded.predictor
        predictor.memory = recall.memory_for(predictor)
        kept = predictor.predict(letters, 8).candidates
        predictor.memory = fresh.memory_for(predictor)
        again = predictor.predict(letters, 8).candidates
        assert [item.text for item in kept] == [item.text for item in again]
        assert [item.score for item in kept] == pytest.approx([item.score for item in again], rel=1e-4)
    fresh.store.close()


def test_other_characters_divide_what_is_learnt(loaded: Loaded, recall: Recall) -> None:
    assert recall.learn("", "我们，他们abc", "今天", loaded.predictor) == ("我们", "他们")
    found, _ = recall.store.phrases()
    assert {(item.text, item.pinyin, item.before) for item in found} == {
        ("我们", "wo men", ("今天",)),
        ("他们", "ta men", ("",)),
    }
    assert recall.learn("abc", "abc", "", loaded.predictor) == ()


def test_a_model_without_such_a_character_passes_it_over(loaded: Loaded, recall: Recall) -> None:
    recall.store.learn("㐀们", "qiu men")
    recall.store.add_dictionary("x", [("㐀们", "qiu men", 1), ("学们", "nosuch men", 1)])
    assert typed(loaded, recall, "women") == typed(loaded, None, "women")


def test_words_of_a_dictionary_are_weighed_by_the_logarithm() -> None:
    words = [("a", "一", "yi", 0.0), ("a", "二", "er", 1e6), ("a", "三", "san", 1e3), ("b", "四", "si", 0.0)]
    assert [(text, round(weight, 2)) for text, _, weight in weighted(words)] == [
        ("一", 0.25),
        ("二", 1.0),
        ("三", 0.5),
        ("四", 0.5),
    ]


@pytest.mark.slow
def test_a_large_dictionary_is_taken_in_within_seconds(loaded: Loaded, recall: Recall) -> None:
    vocabulary = loaded.predictor.vocabulary
    known = [(s, c) for s, row in zip(vocabulary.syllables, vocabulary.candidates, strict=True) for c in row]
    words = [
        (f"{first[1]}{second[1]}", f"{first[0]} {second[0]}", 1.0)
        for n in range(7)
        for first, second in zip(known, known[n * 37 + 1 :], strict=False)
    ]
    recall.store.add_dictionary("x", words)
    began = time.perf_counter()
    assert recall.memory_for(loaded.predictor) is not None
    assert time.perf_counter() - began < 10


def offered(
    loaded: Loaded, recall: Recall | None, letters: str, judge: Judge = "both"
) -> list[tuple[str, int]]:
    predictor = loaded.predictor
    predictor.memory = recall.memory_for(predictor) if recall else None
    found = predictor.predict(letters, 5, prefixes=40, judge=judge).prefixes
    return [(item.text, item.end) for item in found]


def test_a_phrase_is_offered_as_a_word_for_the_letters_that_it_covers(loaded: Loaded, recall: Recall) -> None:
    letters = "zhangweiqizaixuexiao"
    assert "张玮琦" not in dict(offered(loaded, recall, letters))
    recall.learn("zhangweiqi", "张玮琦", "", loaded.predictor)
    assert dict(offered(loaded, recall, letters))["张玮琦"] == len("zhangweiqi")
    assert dict(offered(loaded, recall, "zwqzxx"))["张玮琦"] == 3
    assert "张玮琦" not in dict(offered(loaded, recall, letters, "network"))


def test_words_come_in_the_order_of_what_was_chosen(loaded: Loaded, recall: Recall) -> None:
    letters = "laoshizaixuexiao"
    pairs = [text for text, _ in offered(loaded, None, letters) if len(text) == 2]
    assert pairs[0] == "老师"
    for _ in range(2):
        recall.learn("laoshi", "老是", "", loaded.predictor)
    pairs = [text for text, _ in offered(loaded, recall, letters) if len(text) == 2]
    assert pairs[:2] == ["老是", "老师"]


def test_a_long_phrase_comes_before_shorter_words(loaded: Loaded, recall: Recall) -> None:
    recall.learn("jintianlaoshizaixuexiao", "今天老师在学校", "", loaded.predictor)
    found = offered(loaded, recall, "jintianlaoshizaixuexiaokanshu")
    assert found[0] == ("今天老师在学校", len("jintianlaoshizaixuexiao"))
    lengths = [len(text) for text, _ in found]
    assert lengths == sorted(lengths, reverse=True)


def test_words_stay_as_they_are_where_nothing_was_learnt(loaded: Loaded, recall: Recall) -> None:
    letters = ("jintianwomenzaixuexiao", "wosh", "beijing")
    before = [offered(loaded, None, text) for text in letters]
    recall.learn("fufu", "夫妇", "", loaded.predictor)
    assert [offered(loaded, recall, text) for text in letters] == before
