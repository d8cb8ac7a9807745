"""The composition of the input method: what keys and predictions make of a text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from studio.gui.ime import PAGE, Composer
from studio.gui.ime_text import MAX_LETTERS
from studio.runs.events import Candidate
from studio.runs.requests import Predicted, SyllableView

NIHAO = [("ni", "你尼泥"), ("hao", "好号浩")]


def prediction(
    text: str, candidates: list[str] | None = None, syllables: list[tuple[str, str]] | None = None
) -> Predicted:
    """An answer whose candidates name the letters they belong to, so that a wrong one shows."""
    views, at = [], 0
    for letters, characters in syllables or []:
        chances = tuple(Candidate(text=one, score=0.6 / (n + 1)) for n, one in enumerate(characters))
        views.append(
            SyllableView(
                start=at, end=at + len(letters), syllable=letters, partial=False, alternatives=chances
            )
        )
        at += len(letters)
    texts = [f"<{text}#{n}>" for n in range(2 * PAGE)] if candidates is None else candidates
    ranked = tuple(Candidate(text=one, score=0.5 / (n + 1)) for n, one in enumerate(texts))
    return Predicted(
        id="x", text=text, candidates=ranked, syllables=tuple(views), step=1, live=False, milliseconds=1.0
    )


def type_text(composer: Composer, keys: str) -> str:
    return "".join(composer.key(key).text for key in keys)


def nihao() -> Composer:
    composer = Composer()
    type_text(composer, "nihao")
    composer.receive(prediction("nihao", ["你好", "尼好"], NIHAO))
    return composer


def test_letters_compose_and_space_commits_the_best() -> None:
    composer = nihao()
    assert composer.letters == "nihao" and composer.fresh and composer.wanted == ""
    assert composer.key(" ").text == "你好"
    assert not composer.composing


def test_space_without_composition_is_a_space() -> None:
    assert Composer().key(" ").text == " "


def test_digits_commit_by_number_and_missing_numbers_do_nothing() -> None:
    composer = nihao()
    assert composer.key("7").text == "" and composer.letters == "nihao"
    assert composer.key("2").text == "尼好"
    assert composer.key("2").text == "2"


def test_enter_commits_the_letters_and_escape_drops_them() -> None:
    assert nihao().key("enter").text == "nihao"
    composer = nihao()
    composer.key("escape")
    assert not composer.composing
    assert not composer.key("enter").used


def test_punctuation_commits_the_best_and_itself_in_chinese() -> None:
    assert nihao().key(",").text == "你好，"
    assert nihao().key(".").text == "你好。"
    composer = Composer()
    assert type_text(composer, '"?"') == "“？”"


def test_backspace_delete_and_caret() -> None:
    composer = Composer()
    type_text(composer, "niao")
    composer.key("left")
    composer.key("left")
    composer.key("h")
    assert composer.letters == "nihao" and composer.caret == 3
    composer.key("backspace")
    composer.key("delete")
    assert composer.letters == "nio"
    composer.key("end")
    for _ in range(3):
        assert composer.key("backspace").used
    assert not composer.composing
    assert not composer.key("backspace").used
    assert not composer.key("left").used


def test_pages() -> None:
    composer = Composer()
    type_text(composer, "shi")
    composer.receive(prediction("shi"))
    assert composer.on_page()[0].text == "<shi#0>" and composer.pages == 2
    composer.key("=")
    assert composer.on_page()[0].text == "<shi#5>"
    composer.key("page_down")
    assert composer.page == 1
    assert composer.key("2").text == "<shi#6>"
    assert composer.page == 0


def test_an_early_commit_waits_for_its_own_candidates() -> None:
    composer = Composer()
    type_text(composer, "ni")
    composer.receive(prediction("ni"))
    type_text(composer, "hao")
    assert composer.key(" ").text == ""
    assert type_text(composer, "ma") == ""
    assert composer.frozen == "nihao" and composer.letters == "ma" and composer.wanted == "nihao"
    assert composer.receive(prediction("niha")) == ""
    assert composer.receive(prediction("nihao")) == "<nihao#0>"
    assert composer.wanted == "ma"


def test_what_is_typed_behind_a_waiting_commit_stays_behind_it() -> None:
    composer = Composer()
    assert type_text(composer, "wo ") == ""
    assert type_text(composer, "5,A") == ""
    composer.key("enter")
    assert composer.receive(prediction("wo")) == "<wo#0>5，A\n"


def test_backspace_takes_a_waiting_commit_back() -> None:
    composer = Composer()
    type_text(composer, "wo,")
    composer.key("backspace")
    assert composer.frozen == "wo"
    composer.key("backspace")
    assert composer.letters == "wo" and not composer.waiting


def test_a_failed_prediction_loses_nothing() -> None:
    composer = Composer()
    type_text(composer, "wo,ni")
    assert composer.fail("wo") == "wo，"
    assert composer.letters == "ni"


def test_letters_without_candidates_commit_as_they_are() -> None:
    composer = Composer()
    type_text(composer, "qqq")
    composer.receive(prediction("qqq", []))
    assert composer.key(" ").text == "qqq"


def test_capitals_are_english_unless_composing() -> None:
    composer = Composer()
    assert composer.key("P").text == "P"
    composer.key("n")
    composer.key("I")
    assert composer.letters == "ni"


def test_picking_replaces_a_character_of_the_best_candidate() -> None:
    composer = nihao()
    composer.key("down")
    assert composer.picking == 1
    composer.key("down")
    assert composer.candidates()[0].text == "你号" and composer.picked
    composer.key("left")
    composer.key("down")
    assert composer.candidates()[0].text == "尼号"
    assert [item.text for item in composer.candidates()[1:]] == ["你好", "尼好"]
    assert composer.key(" ").text == "尼号"
    assert nihao().candidates()[0].text == "你好"


def test_a_pick_that_is_another_candidate_keeps_its_probability() -> None:
    composer = nihao()
    known = composer.candidates()[1]
    assert composer.pick(0, "尼")
    assert composer.candidates()[0] == known and len(composer.candidates()) == 2


def test_picks_stay_while_typing_goes_on_and_go_with_their_syllable() -> None:
    composer = nihao()
    composer.pick(0, "泥")
    type_text(composer, "ma")
    composer.receive(prediction("nihaoma", ["你好吗"], [*NIHAO, ("ma", "吗妈")]))
    assert composer.candidates()[0].text == "泥好吗"
    composer.key("home")
    composer.key("delete")
    composer.receive(prediction("ihaoma", ["一好吗"], [("i", "一"), ("hao", "好"), ("ma", "吗")]))
    assert composer.candidates()[0].text == "一好吗"


def test_picks_survive_a_commit_that_has_to_wait() -> None:
    composer = nihao()
    composer.pick(0, "泥")
    type_text(composer, "ma ")
    assert composer.receive(prediction("nihaoma", ["你好吗"], [*NIHAO, ("ma", "吗妈")])) == "泥好吗"


def test_up_from_the_likeliest_leaves_picking() -> None:
    composer = nihao()
    composer.key("down")
    composer.key("up")
    assert composer.picking is None and composer.letters == "nihao"


def test_new_weights_for_the_same_letters_keep_the_page() -> None:
    composer = Composer()
    type_text(composer, "shi")
    composer.receive(prediction("shi"))
    composer.key("=")
    composer.receive(prediction("shi", ["是"]))
    assert composer.page == 0 and composer.on_page()[0].text == "是"


def test_paste_of_pinyin_composes_and_other_text_goes_in_as_it_is() -> None:
    composer = Composer()
    assert composer.paste("Nǐ hǎo, wo3men yiqi lüxing").text == ""
    assert [(item.letters, item.suffix) for item in composer.waiting] == [("ni hao", "，")]
    assert composer.letters == "wo men yiqi lvxing"
    other = Composer()
    assert other.paste("今天 3 月").text == "今天 3 月"
    assert other.paste("42").text == "42"


def test_a_long_paste_is_cut_between_words() -> None:
    composer = Composer()
    composer.paste("zhongguo " * 40)
    assert all(set(item.letters.split()) == {"zhongguo"} for item in composer.waiting)
    assert (
        sum(item.letters.count("zhongguo") for item in composer.waiting) + composer.letters.count("zhongguo")
        == 40
    )


KEYS = st.text(alphabet="abnihx' 12345,.?AÜ", max_size=40)


@settings(max_examples=200, deadline=None)
@given(keys=KEYS, delays=st.lists(st.booleans(), max_size=40))
def test_the_text_does_not_depend_on_how_fast_predictions_come(keys: str, delays: list[bool]) -> None:
    def run(prompt: list[bool]) -> str:
        composer, document = Composer(), ""
        for number, key in enumerate([*keys, "enter"]):
            typed = composer.key(key)
            document += typed.text if typed.used else "\n"
            if number >= len(prompt) or prompt[number]:
                while composer.wanted:
                    document += composer.receive(prediction(composer.wanted))
            else:
                document += composer.receive(prediction("stale"))
        while composer.wanted:
            document += composer.receive(prediction(composer.wanted))
        assert not composer.composing
        return document

    assert run(delays) == run([])


class Typing(RuleBasedStateMachine):
    """Any keys, any predictions in any order: nothing breaks, and no text comes from other letters."""

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer()
        self.asked: list[str] = []

    @rule(key=st.sampled_from([*"abnihao' 123456789,.-=ZÜ", "backspace", "delete", "left", "right", "home", "end",
                               "up", "down", "enter", "escape", "page_up", "page_down", "other"]))  # fmt: skip
    def press(self, key: str) -> None:
        fresh, letters = self.composer.fresh, self.composer.letters
        text = self.composer.key(key).text
        if "#" in text:
            assert fresh and text.startswith(f"<{letters}#")
        if self.composer.wanted:
            self.asked.append(self.composer.wanted)

    @rule(text=st.text(alphabet="abn' ,好3\n", max_size=300))
    def paste(self, text: str) -> None:
        self.composer.paste(text)

    @rule(data=st.data(), failed=st.booleans())
    def answer(self, data: st.DataObject, failed: bool) -> None:
        if not self.asked:
            return
        letters = data.draw(st.sampled_from(self.asked))
        first = self.composer.waiting[0].letters if self.composer.waiting else None
        answer = prediction(letters, syllables=[(one, "阿啊") for one in letters])
        text = self.composer.fail(letters) if failed else self.composer.receive(answer)
        if "#" in text:
            assert not failed and first == letters and text.startswith(f"<{letters}#")

    @invariant()
    def consistent(self) -> None:
        composer = self.composer
        assert 0 <= composer.caret <= len(composer.letters) <= MAX_LETTERS
        assert composer.page <= max(composer.pages - 1, 0)
        assert composer.picking is None or composer.fresh
        assert len(composer.on_page()) <= PAGE


TestTyping = Typing.TestCase
TestTyping.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
