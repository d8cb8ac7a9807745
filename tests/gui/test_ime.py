"""The composition of the input method: what keys and predictions make of a text."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from studio.gui.ime import PAGE, TAKEN, Composer
from studio.gui.ime_text import MAX_LETTERS
from studio.runs.events import Candidate
from studio.runs.requests import Predicted, Prefix, SyllableView

NIHAO = [("ni", "你尼泥"), ("hao", "好号浩")]


def prediction(
    text: str,
    candidates: list[str] | None = None,
    syllables: list[tuple[str, str]] | None = None,
    prefixes: list[tuple[str, int]] | None = None,
    more: bool = False,
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
        id="x",
        text=text,
        candidates=ranked,
        syllables=tuple(views),
        step=1,
        live=False,
        milliseconds=1.0,
        prefixes=tuple(Prefix(text=one, score=0.1, end=end) for one, end in prefixes or []),
        more=more,
    )


XIANKEJI = [("xian", "先线"), ("ke", "科课"), ("ji", "技及")]


def xiankeji() -> Composer:
    composer = Composer()
    type_text(composer, "xiankeji")
    words = [("西安", 4), ("先", 4), ("现", 4), ("西", 2)]
    composer.receive(prediction("xiankeji", ["先科技", "现科技"], XIANKEJI, words))
    return composer


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
    assert composer.on_page()[0].text == "<shi#9>"
    composer.key("page_down")
    assert composer.page == 1
    composer.key(",")
    assert composer.page == 0
    composer.key("page_down")
    assert composer.key("2").text == "<shi#10>"
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


# --- words for the first letters ---------------------------------------------------------------------------


def test_sentences_come_first_then_words_then_characters() -> None:
    assert [item.text for item in xiankeji().on_page()] == ["先科技", "现科技", "西安", "先", "现", "西"]
    sentences = [f"长长的句子{n}" for n in range(8)]
    composer = Composer()
    type_text(composer, "changju")
    composer.receive(prediction("changju", sentences, prefixes=[("长句", 7), ("场", 5), ("长", 5)]))
    shown = [item.text for item in composer.offers()]
    assert shown == [*sentences[:3], "长句", *sentences[3:], "场", "长"]


def test_a_sentence_that_is_hardly_likely_gives_way_to_words() -> None:
    composer = Composer()
    type_text(composer, "nihao")
    found = prediction("nihao", ["你好", "泥号"], prefixes=[("你", 2)])
    unlikely = Candidate(text="泥号", score=0.001)
    composer.receive(replace(found, candidates=(found.candidates[0], unlikely)))
    assert [item.text for item in composer.offers()] == ["你好", "你"]
    composer.receive(replace(found, candidates=(found.candidates[0], unlikely), prefixes=()))
    assert [item.text for item in composer.offers()] == ["你好", "泥号"]


def test_a_word_for_the_first_letters_is_fixed_and_the_rest_goes_on() -> None:
    composer = xiankeji()
    assert composer.key("3") == TAKEN
    assert (composer.fixed, composer.letters, composer.caret) == ("西安", "keji", 4)
    assert composer.wanted == "keji" and composer.context == "西安" and not composer.fresh
    type_text(composer, "da")
    composer.receive(prediction("kejida", ["科技大", "可及大"], prefixes=[("科技", 4)]))
    assert composer.key("2").text == "西安可及大"
    assert not composer.composing and not composer.chosen
    assert list(composer.committed) == [("xiankejida", "西安可及大")]


def test_a_word_for_all_letters_is_committed() -> None:
    composer = Composer()
    type_text(composer, "xian")
    composer.receive(prediction("xian", ["县"], prefixes=[("西安", 4), ("西", 2)]))
    assert composer.key("2").text == "西安"


def test_backspace_takes_choices_back_before_it_deletes_letters() -> None:
    composer = xiankeji()
    composer.key("6")
    assert (composer.fixed, composer.letters) == ("西", "ankeji")
    composer.receive(prediction("ankeji", ["安科技"], prefixes=[("安", 2)]))
    composer.key("2")
    assert (composer.fixed, composer.letters) == ("西安", "keji")
    composer.key("backspace")
    assert (composer.fixed, composer.letters) == ("西", "ankeji") and composer.fresh
    composer.key("backspace")
    assert (composer.fixed, composer.letters, composer.caret) == ("", "xiankeji", 8) and composer.fresh
    composer.key("backspace")
    assert composer.letters == "xiankej"


def test_left_of_the_letters_lies_the_last_choice() -> None:
    composer = xiankeji()
    composer.key("3")
    composer.key("home")
    composer.key("left")
    assert (composer.fixed, composer.letters, composer.caret) == ("", "xiankeji", 4)


def test_letters_edited_behind_a_choice_stay_when_it_is_taken_back() -> None:
    composer = xiankeji()
    composer.key("3")
    type_text(composer, "a")
    composer.key("backspace")
    assert composer.letters == "xiankejia" and not composer.fresh


def test_enter_commits_all_letters_and_escape_drops_everything() -> None:
    composer = xiankeji()
    composer.key("3")
    assert composer.key("enter").text == "xiankeji"
    composer = xiankeji()
    composer.key("3")
    composer.key("escape")
    assert not composer.composing and not composer.fixed


def test_space_and_punctuation_behind_a_choice_wait_for_the_rest() -> None:
    composer = xiankeji()
    composer.key("3")
    assert composer.key("!").text == ""
    assert composer.frozen == "西安keji！" and composer.context == "西安"
    assert composer.receive(prediction("keji", ["科技"])) == "西安科技！"


def test_a_waiting_commit_is_taken_back_with_its_choices() -> None:
    composer = xiankeji()
    composer.key("3")
    composer.key(" ")
    composer.key("backspace")
    assert (composer.fixed, composer.letters) == ("西安", "keji")


def test_deleting_the_last_letter_leaves_what_was_chosen() -> None:
    composer = Composer()
    type_text(composer, "xiank")
    composer.receive(prediction("xiank", ["现k"], prefixes=[("西安", 4)]))
    composer.key("2")
    composer.key("home")
    assert composer.key("delete").text == "西安"
    assert not composer.composing


def test_a_digit_before_its_candidates_holds_the_keys_behind_it() -> None:
    composer = Composer()
    type_text(composer, "xiankeji3da")
    assert composer.held == ["3", "d", "a"] and composer.shown_letters == "xiankejida"
    words = [("西安", 4)]
    assert composer.receive(prediction("xiankeji", ["先科技", "现科技"], prefixes=words)) == ""
    assert (composer.fixed, composer.letters, composer.held) == ("西安", "kejida", [])
    held = Composer()
    type_text(held, "ni3h")
    held.key("backspace")
    held.key("backspace")
    assert held.letters == "ni" and not held.held
    type_text(held, "3h")
    assert held.fail("ni") == "" and held.letters == "nih"


def test_picks_go_on_behind_a_choice() -> None:
    composer = xiankeji()
    composer.pick(1, "课")
    composer.key("5")
    assert composer.fixed == "先"
    composer.receive(prediction("keji", ["科技"], XIANKEJI[1:]))
    assert composer.candidates()[0].text == "课技"


def test_more_is_wanted_when_the_end_of_the_offers_comes_near() -> None:
    composer = Composer()
    type_text(composer, "shi")
    words = [(chr(0x4E00 + n), 3) for n in range(40)]
    composer.receive(prediction("shi", ["是"], prefixes=words, more=True))
    assert not composer.needs_more
    for _ in range(3):
        composer.key("=")
    assert composer.needs_more and composer.page == 3
    composer.receive(prediction("shi", ["是"], prefixes=[*words, *((chr(0x5E00 + n), 3) for n in range(90))]))
    assert composer.page == 3 and not composer.needs_more and composer.pages == 15


def test_the_caret_goes_by_letters_and_by_syllables() -> None:
    composer = xiankeji()
    composer.key("word_left")
    assert composer.caret == 6
    composer.key("left")
    composer.key("word_left")
    assert composer.caret == 4
    composer.key("word_right")
    assert composer.caret == 6


def test_english_is_left_to_the_document() -> None:
    composer = nihao()
    assert composer.toggle_english().text == "nihao" and composer.english
    assert not composer.key("n").used and not composer.key(",").used
    composer.toggle_english()
    assert composer.key("n").used


KEYS = st.text(alphabet="abnihx' 123457,.?AÜ", max_size=40)


@settings(max_examples=200, deadline=None)
@given(keys=KEYS, delays=st.lists(st.booleans(), max_size=40))
def test_the_text_does_not_depend_on_how_fast_predictions_come(keys: str, delays: list[bool]) -> None:
    def answer(letters: str) -> Predicted:
        words = [(f"({letters[:end]})", end) for end in (2, 1) if end < len(letters)]
        return prediction(letters, [f"<{letters}>", f"<{letters}!>"], prefixes=words)

    def run(prompt: list[bool]) -> str:
        composer, document = Composer(), ""
        for number, key in enumerate([*keys, "enter"]):
            typed = composer.key(key)
            document += typed.text if typed.used else "\n"
            if number >= len(prompt) or prompt[number]:
                while composer.wanted:
                    document += composer.receive(answer(composer.wanted))
            else:
                document += composer.receive(prediction("stale"))
        while composer.wanted:
            document += composer.receive(answer(composer.wanted))
        assert not composer.composing
        assert not composer.held
        return document

    assert run(delays) == run([])


class Typing(RuleBasedStateMachine):
    """Any keys, any predictions in any order: nothing breaks, and no text comes from other letters."""

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer()
        self.asked: list[str] = []

    @rule(key=st.sampled_from([*"abnihao' 123456789,.-=ZÜ", "backspace", "delete", "left", "right", "home", "end",
                               "up", "down", "enter", "escape", "page_up", "page_down", "word_left", "word_right",
                               "other"]))  # fmt: skip
    def press(self, key: str) -> None:
        fresh, letters, fixed = self.composer.fresh, self.composer.letters, self.composer.fixed
        text = self.composer.key(key).text
        if "#" in text:
            assert fresh and text.startswith(f"{fixed}<{letters}#")
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
        fixed, held = self.composer.context, self.composer.held
        words = [("词", 2)] if len(letters) > 2 else []
        answer = prediction(letters, syllables=[(one, "阿啊") for one in letters], prefixes=words)
        text = self.composer.fail(letters) if failed else self.composer.receive(answer)
        if "#" in text and not held:
            assert not failed and first == letters and text.startswith(f"{fixed}<{letters}#")

    @invariant()
    def consistent(self) -> None:
        composer = self.composer
        assert 0 <= composer.caret <= len(composer.letters) <= MAX_LETTERS
        assert composer.page <= max(composer.pages - 1, 0)
        assert composer.letters or not (composer.chosen or composer.held)
        assert not composer.held or composer.held[0] in "123456789"
        assert composer.picking is None or composer.fresh
        assert len(composer.on_page()) <= PAGE


TestTyping = Typing.TestCase
TestTyping.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
