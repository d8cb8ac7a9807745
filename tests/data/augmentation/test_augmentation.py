"""Augmentation: what is changed, what stays aligned, and that it depends on nothing but seed, epoch and example."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from studio.data.augmentation.characters import Varied, vary
from studio.data.augmentation.confusion import SAME_SOUND, SIMILAR_SHAPE, common, confusion
from studio.data.augmentation.draws import Draws, uniform
from studio.data.augmentation.preview import preview
from studio.data.augmentation.syllables import confused_syllables, partners, slip
from studio.language.pinyin import readings
from studio.language.syllables import INDEX, SYLLABLES
from studio.language.text import is_hanzi
from studio.recipe.augmentation import AUGMENTATION_KINDS, AnyAugmentation, Augmentation

ADAPTER: TypeAdapter[AnyAugmentation] = TypeAdapter(Augmentation)
OF_CHARACTERS = [kind for kind in AUGMENTATION_KINDS if kind not in ("fuzzy_sounds", "typing_slips")]
SENTENCE = "今天天气很好，我们一起去公园散步吧！"
ANY = st.text(alphabet=st.characters(exclude_categories=())) | st.text(
    alphabet="今天天气很好，abc 我们在再未末"
)
KEYS = st.integers(0, 2**40)


def kind(name: str, **options: Any) -> AnyAugmentation:
    return ADAPTER.validate_python({"kind": name, **options})


def always(name: str, **options: Any) -> AnyAugmentation:
    return kind(name, share=1, rate=1, **options)


@pytest.mark.parametrize("name", OF_CHARACTERS)
@given(text=ANY, seed=KEYS, epoch=KEYS, example=KEYS, share=st.floats(0.01, 1), rate=st.floats(0.01, 1))
def test_characters_stay_aligned(
    name: str, text: str, seed: int, epoch: int, example: int, share: float, rate: float
) -> None:
    item = kind(name, share=share, rate=rate)
    varied = vary(text, [item], seed, epoch, example)
    assert len(varied.text) == len(varied.origins)
    assert all(-1 <= origin < len(text) for origin in varied.origins)
    assert vary(text, [item], seed, epoch, example) == varied
    kept = [(ch, origin) for ch, origin in zip(varied.text, varied.origins, strict=True) if origin >= 0]
    # What is no hanzi comes through, once and in order.
    others = [(ch, place) for place, ch in enumerate(text) if not is_hanzi(ch)]
    assert [(ch, origin) for ch, origin in kept if not is_hanzi(text[origin])] == others
    if name not in ("replace_characters", "homophones", "similar_shapes"):
        assert all(text[origin] == ch for ch, origin in kept)
    if name in ("replace_characters", "homophones", "similar_shapes"):
        assert varied.origins == tuple(range(len(text)))
    if name == "delete_characters" and any(map(is_hanzi, text)):
        assert any(map(is_hanzi, varied.text))
    places = varied.aligned(range(len(text)), -1)
    assert places == varied.origins
    spans = varied.changed(text)
    assert all(0 <= start < end <= len(varied.text) for start, end in spans)
    assert bool(spans) >= (varied.text != text and name != "delete_characters")


@given(text=ANY, seed=KEYS, example=KEYS)
def test_all_kinds_one_behind_the_other(text: str, seed: int, example: int) -> None:
    chain = [kind(name, share=1, rate=0.3) for name in AUGMENTATION_KINDS]
    varied = vary(text, chain, seed, 1, example)
    assert len(varied.text) == len(varied.origins)
    assert all(-1 <= origin < len(text) for origin in varied.origins)


def test_what_each_kind_does() -> None:
    assert vary("今a天", [always("repeat_characters")], 0, 0, 0).text == "今今a天天"
    inserted = vary("今天", [always("insert_characters")], 0, 0, 0)
    assert (inserted.text[0], inserted.text[2], inserted.origins) == ("今", "天", (0, -1, 1, -1))
    assert inserted.aligned("AB", "?") == ("A", "?", "B", "?")
    assert vary("今天气", [always("swap_characters")], 0, 0, 0).text == "天今气"
    assert len(vary("今天气", [always("delete_characters")], 0, 0, 0).text) == 1
    sounds = confusion(SAME_SOUND)
    spoken = vary("在末", [always("homophones")], 3, 0, 0).text
    assert (spoken[0] in sounds["在"], spoken[1] in sounds["末"]) == (True, True)
    shapes = confusion(SIMILAR_SHAPE)
    assert vary("龙", [always("similar_shapes")], 3, 0, 0).text in shapes["龙"]
    assert vary("龙", [kind("similar_shapes", share=1, rate=0.01)], 3, 0, 0).text == "龙"


def test_spans_of_what_changed() -> None:
    assert Varied("今今天", (0, 0, 1)).changed("今天") == ((1, 2),)
    assert Varied("天今", (1, 0)).changed("今天") == ((1, 2),)
    assert Varied("今某人", (0, 1, 2)).changed("今天气") == ((1, 3),)


def test_rates_are_kept() -> None:
    text = "我们今天一起去公园散步" * 20
    count = sum(
        sum(o < 0 for o in vary(text, [kind("insert_characters", share=0.5, rate=0.1)], 7, 0, n).origins)
        for n in range(400)
    )
    assert count == pytest.approx(400 * 0.5 * 0.1 * len(text), rel=0.15)


def test_epochs_examples_and_seeds_differ() -> None:
    item = kind("replace_characters", share=1, rate=0.5)
    text = SENTENCE * 3
    base = vary(text, [item], 1, 1, 1).text
    others = {vary(text, [item], *key).text for key in [(2, 1, 1), (1, 2, 1), (1, 1, 2), (0, 0, 0)]}
    assert len({base, *others}) == 5
    # What stands before it in the list does not change what an item draws, unless it changes the text.
    idle = kind("fuzzy_sounds")
    assert vary(text, [item, idle], 1, 1, 1).text == base


def test_the_numbers_are_pinned() -> None:
    """A run that is taken up with another version of the studio has to draw the same."""
    draws = Draws(1, 2, 3)
    assert [draws.random() for _ in range(3)] == pytest.approx(PINNED, abs=0)
    assert uniform((1, 2), np.array([3, 9]), 3)[0].tolist() == PINNED
    again = Draws(1, 2, 3)
    assert [again.random(), *again.many(2).tolist()] == PINNED
    assert again.random() == draws.random()


PINNED = [0.0789608494196401, 0.10680361411498673, 0.9205049093885758]


@given(st.lists(st.integers(0, 2**31), min_size=1, max_size=5), st.integers(1, 40))
def test_rows_have_their_numbers_in_any_company(rows: list[int], columns: int) -> None:
    together = uniform((5, 6), np.array(rows), columns)
    for place, row in enumerate(rows):
        alone = uniform((5, 6), np.array([row]), columns + 3)
        assert np.array_equal(alone[0, :columns], together[place])
    assert ((together >= 0) & (together < 1)).all()


def test_partners_are_syllables() -> None:
    table, counts = partners(("z_zh", "an_ang", "l_n"))

    def of(syllable: str) -> set[str]:
        return {SYLLABLES[n] for n in table[INDEX[syllable]] if n >= 0}

    assert of("zhang") == {"zang", "zhan"}
    assert of("nan") == {"lan", "nang"}
    assert of("zhong") == {"zong"}
    assert of("lian") == {"nian"}  # ian has a pair of its own
    assert of("ma") == set()
    assert (counts == (table >= 0).sum(axis=1)).all()
    for number, others in enumerate(table):
        assert all(number in table[other] for other in others[others >= 0])


@given(
    st.lists(st.lists(st.integers(-1, len(SYLLABLES) - 1), min_size=6, max_size=6), min_size=1, max_size=4),
    KEYS,
    st.integers(0, 99),
)
def test_syllables_become_partners_or_stay(rows: list[list[int]], seed: int, epoch: int) -> None:
    item = kind("fuzzy_sounds", share=1, rate=0.5)
    given_rows = np.array(rows)
    examples = np.arange(len(rows)) + 5
    made = confused_syllables(given_rows, [item], seed, epoch, examples)
    table, _ = partners(item.pairs)  # type: ignore[union-attr]
    for before, after in zip(given_rows.ravel(), made.ravel(), strict=True):
        assert after == before or (before >= 0 and after in table[before][table[before] >= 0])
    alone = confused_syllables(given_rows[-1:, :3], [item], seed, epoch, examples[-1:])
    assert np.array_equal(alone[0], made[-1, :3])


def test_shares_and_rates_of_syllables() -> None:
    zhong = np.full((4000, 10), INDEX["zhong"])
    made = confused_syllables(zhong, [kind("fuzzy_sounds", share=0.25, rate=0.2)], 1, 0, np.arange(4000))
    hit = made == INDEX["zong"]
    assert hit.mean() == pytest.approx(0.05, rel=0.1)
    assert hit.any(axis=1).mean() == pytest.approx(0.25 * (1 - 0.8**10), rel=0.1)
    assert np.array_equal(
        made, confused_syllables(zhong, [kind("fuzzy_sounds", share=0.25, rate=0.2)], 1, 0, np.arange(4000))
    )


@given(st.lists(st.sampled_from(SYLLABLES), max_size=8), KEYS, KEYS)
def test_slips_leave_a_syllable_a_syllable(syllables: list[str], seed: int, example: int) -> None:
    typed = slip(syllables, [always("typing_slips")], seed, 0, example)
    assert len(typed) == len(syllables)
    for before, after in zip(syllables, typed, strict=True):
        assert after.isascii()
        assert after.islower()
        assert 1 <= len(after) <= len(before) + 1


@pytest.mark.parametrize(
    ("only", "allowed"),
    [
        ("initials", {"zh"}),
        ("doubled", {"zzhong", "zhhong", "zhoong", "zhonng", "zhongg"}),
        ("missing", {"hong", "zong", "zhng", "zhog", "zhon"}),
    ],
)
def test_kinds_of_slips(only: str, allowed: set[str]) -> None:
    weights = {name: float(name == only) for name in ("neighbours", "missing", "doubled", "initials")}
    item = always("typing_slips", **weights)
    assert {slip(["zhong"], [item], 1, 0, n)[0] for n in range(300)} == allowed
    near = always("typing_slips", missing=0, doubled=0, initials=0)
    found = {slip(["wo"], [near], 1, 0, n)[0] for n in range(300)}
    assert {"qo", "eo", "wi", "wp", "wl"} <= found <= {a + b for a in "qweasd" for b in "iopkl"}


def test_confusion_sets() -> None:
    assert len(common()) == 3755
    sounds, shapes = confusion(SAME_SOUND), confusion(SIMILAR_SHAPE)
    assert len(sounds) > 3400
    assert len(shapes) > 1500
    assert "再" in sounds["在"]
    assert {"拢", "龙"} <= set(shapes["庞"])
    assert all(character not in others for character, others in {**sounds, **shapes}.items())
    pairs = [(one, other) for one in "在再天气好" for other in sounds[one]]
    alike = sum(bool(set(readings(one)) & set(readings(other))) for one, other in pairs)
    assert alike > 0.95 * len(pairs)


def test_previews() -> None:
    rows = preview([always("repeat_characters")], ["今天", "abc"])
    assert [(row.before, row.after, row.changed) for row in rows] == [
        ("今天", "今今天天", ((1, 2), (3, 4))),
        ("abc", "abc", ()),
    ]
    (row,) = preview([always("fuzzy_sounds", pairs=["z_zh"])], ["中国。"])
    assert (row.before, row.after, row.changed) == ("zhong guo", "zong guo", ((0, 4),))
    (row,) = preview([always("typing_slips", neighbours=0, missing=0, doubled=0)], ["中国"])
    assert row.after == "zh g"
    assert preview([], ["今天"])[0].after == "今天"
    assert preview([always("fuzzy_sounds")], ["", "𠀀"])[0].before == ""
