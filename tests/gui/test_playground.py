"""The Playground with real widgets: keys in, candidates and text out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest

from studio.gui.i18n import language
from studio.gui.panes.playground import PlaygroundPane
from studio.gui.session import Session
from studio.gui.widgets.syllable_strip import COLUMN
from studio.recipe import dump, resolve
from studio.runs import fusion, language_models
from studio.runs import requests as rq
from studio.runs.bundled import default_model
from studio.runs.events import WeightsPublished
from studio.runs.folder import RunFolder
from studio.runs.fusion import Fusion
from tests.gui.fake_lab import FakeLab, predicted, until

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def make_run(home: Path, name: str = "trained") -> Path:
    folder = RunFolder.create(home / "runs", name)
    folder.recipe.write_text(dump(resolve("pinyin-quick")), encoding="utf-8")
    weights = folder.live / "step-000350"
    weights.mkdir(parents=True)
    (weights / "model.safetensors").write_bytes(b"x")
    return folder.path


class Typing:
    def __init__(self, qtbot: Any, session: Session) -> None:
        self.lab = FakeLab()
        self.session = session
        session.lab = self.lab  # type: ignore[assignment]
        self.pane = PlaygroundPane(session)
        qtbot.addWidget(self.pane)
        self.pane.resize(650, 560)
        self.pane.show()
        self.editor = self.pane.editor
        self.editor.setFocus()

    def keys(self, text: str) -> None:
        QTest.keyClicks(self.editor, text)

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.editor, key)

    @property
    def text(self) -> str:
        return self.editor.toPlainText()

    def shown(self) -> list[str]:
        return [item.text for item in self.pane.candidates.candidates]

    async def typed(self, letters: str) -> None:
        self.keys(letters)
        await until(lambda: self.editor.composer.fresh)


@pytest.fixture
def typing(qtbot: Any, session: Session, fresh_home: Path) -> Typing:
    make_run(fresh_home)
    return Typing(qtbot, session)


def test_without_a_model_the_pane_says_how_to_come_by_one(
    qtbot: Any, session: Session, fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.gui.panes.playground.default_model", lambda: None)
    pane = Typing(qtbot, session).pane
    assert pane.empty.isVisible() and not pane.editor.isVisible()
    assert "Press Start" in pane.empty.text.text()
    make_run(fresh_home)
    session._newest = (-1.0, None)
    session.run_changed.emit()
    assert pane.editor.isVisible() and not pane.empty.isVisible()


def test_what_comes_with_the_studio_stands_in_until_a_run_has_weights(
    qtbot: Any, session: Session, fresh_home: Path
) -> None:
    typing = Typing(qtbot, session)
    pane = typing.pane
    assert pane.predictions.model == str(default_model())
    assert pane.editor.isVisible() and not pane.empty.isVisible()
    run = make_run(fresh_home)
    session._newest = (-1.0, None)
    session.run_changed.emit()
    assert pane.predictions.model == str(run)


def test_letters_show_candidates_and_syllables_and_space_commits(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("nihao")
        assert typing.shown() == ["你好", "你号"] and typing.text == ""
        assert [item.syllable for item in typing.pane.strip.syllables] == ["ni", "hao"]
        assert typing.editor.textCursor().block().layout().preeditAreaText() == "nihao"
        typing.keys(" ")
        assert typing.text == "你好" and not typing.editor.composer.composing
        await typing.typed("wo")
        typing.keys("2")
        assert typing.text == "你好握"

    run_async(scenario())


def test_space_before_the_candidates_waits_for_the_right_ones(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("ni")
        typing.lab.hold = True
        typing.keys("hao ma,")
        assert typing.text == ""
        assert typing.editor.textCursor().block().layout().preeditAreaText() == "nihaoma，"
        typing.lab.release()
        await until(lambda: not typing.editor.composer.composing)
        assert typing.text == "你好吗，"

    run_async(scenario())


def test_the_newest_key_wins(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        typing.lab.hold = True
        typing.keys("ni")
        await until(lambda: typing.lab.texts()[-1:] == ["ni"])
        typing.keys("hao")
        await until(lambda: typing.lab.texts()[-1] == "nihao")
        assert [item.text for item in typing.lab.cancelled][:1] == ["ni"]
        typing.lab.release()
        await until(lambda: typing.editor.composer.fresh)
        assert typing.shown()[0] == "你好"

    run_async(scenario())


def test_old_candidates_stay_until_the_new_ones_come(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("ni")
        typing.lab.hold = True
        typing.keys("hao")
        assert typing.shown() == ["你", "尼"]
        await until(lambda: typing.pane.candidates.dimmed)
        typing.lab.release()
        await until(lambda: typing.editor.composer.fresh)
        assert typing.shown()[0] == "你好" and not typing.pane.candidates.dimmed

    run_async(scenario())


def test_a_click_on_a_candidate_commits_it(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("nihao")
        second = typing.pane.candidates.place_of(1).center().toPoint()
        QTest.mouseClick(typing.pane.candidates, Qt.MouseButton.LeftButton, pos=second)
        assert typing.text == "你号"

    run_async(scenario())


def with_words(request: rq.Predict) -> rq.Predicted:
    """Each beginning of the letters as a word, longest first, as many as were asked for."""
    words = [rq.Prefix(text=f"{n}字", score=0.1, end=n) for n in range(len(request.text), 0, -1)]
    words += [rq.Prefix(text=chr(0x4E00 + n), score=0.01, end=1) for n in range(60)]
    return replace(
        predicted(request), prefixes=tuple(words[: request.prefixes]), more=len(words) > request.prefixes
    )


def test_a_word_for_the_first_letters_stays_in_front_of_the_others(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        typing.lab.answers[rq.Predict] = with_words
        typing.editor.insertPlainText("今天")
        await typing.typed("nihao")
        place = typing.shown().index("2字")
        typing.keys(str(place + 1))
        assert typing.text == "今天" and typing.editor.composer.fixed == "2字"
        assert typing.editor.textCursor().block().layout().preeditAreaText() == "2字hao"
        await until(lambda: typing.editor.composer.fresh)
        asked = typing.lab.asked[-1]
        assert (asked.text, asked.left) == ("hao", "今天2字")
        typing.press(Qt.Key.Key_Backspace)
        assert typing.editor.composer.letters == "nihao" and typing.editor.composer.fresh
        taught: list[tuple[str, str, str]] = []
        typing.editor.committed.connect(lambda *told: taught.append(told))
        third = typing.pane.candidates.place_of(place).center().toPoint()
        QTest.mouseClick(typing.pane.candidates, Qt.MouseButton.LeftButton, pos=third)
        await until(lambda: typing.editor.composer.fresh)
        typing.keys(" ")
        assert typing.text == "今天2字好"
        assert taught == [("nihao", "2字好", "今天")]

    run_async(scenario())


def test_further_pages_are_asked_for_when_they_come_near(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        typing.lab.answers[rq.Predict] = with_words
        await typing.typed("ni")
        pages = typing.pane.candidates.pages
        assert len(typing.lab.asked) == 1 and typing.pane.candidates.more
        for _ in range(pages - 2):
            typing.keys("=")
        await until(lambda: typing.editor.composer.pages > pages)
        assert typing.lab.asked[-1].prefixes > 1000 and len(typing.lab.asked) == 2
        assert typing.editor.composer.page == pages - 2 and not typing.pane.candidates.more
        typing.pane.grab()
        arrow = typing.pane.candidates._onwards().center().toPoint()
        QTest.mouseClick(typing.pane.candidates, Qt.MouseButton.LeftButton, pos=arrow)
        assert typing.editor.composer.page == pages - 1

    run_async(scenario())


def test_the_caret_goes_by_syllables_with_control(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("nihaoma")
        QTest.keyClick(typing.editor, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
        assert typing.editor.composer.caret == 5
        QTest.keyClick(typing.editor, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
        assert typing.editor.composer.caret == 2
        typing.press(Qt.Key.Key_End)
        assert typing.editor.composer.caret == 7

    run_async(scenario())


def test_shift_alone_changes_to_english_and_back(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("ni")
        typing.press(Qt.Key.Key_Shift)
        assert typing.text == "ni" and typing.pane.mode.text() == "EN"
        typing.keys("ok, Fine")
        assert typing.text == "niok, Fine"
        QTest.keyPress(typing.editor, Qt.Key.Key_Shift)
        QTest.keyClick(typing.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyRelease(typing.editor, Qt.Key.Key_Shift)
        assert typing.editor.composer.english
        typing.pane.mode.click()
        assert not typing.editor.composer.english and typing.editor.hasFocus()
        await typing.typed("ma")

    run_async(scenario())


def test_how_one_types_is_asked_for_and_remembered(typing: Typing, run_async: Run, qtbot: Any) -> None:
    async def scenario() -> None:
        await typing.typed("ni")
        assert (typing.lab.asked[-1].fuzzy, typing.lab.asked[-1].slips) == ((), True)
        options = typing.pane.options
        options._pairs["l_n"].trigger()
        options._pairs["z_zh"].trigger()
        options._slips.trigger()
        await until(lambda: typing.lab.asked[-1].slips is False)
        assert typing.lab.asked[-1].fuzzy == ("z_zh", "l_n")

    run_async(scenario())
    other = PlaygroundPane(typing.session)
    qtbot.addWidget(other)
    assert (other.predictions.fuzzy, other.predictions.slips) == (("z_zh", "l_n"), False)


def test_the_menu_stays_open_while_pairs_are_ticked(typing: Typing) -> None:
    menu = typing.pane.options.menu()
    menu.popup(QPoint(0, 0))
    place = menu.actionGeometry(typing.pane.options._pairs["an_ang"]).center()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
    assert menu.isVisible() and typing.pane.options.fuzzy == ("an_ang",)
    menu.close()


def test_characters_are_picked_by_click_and_by_arrow_keys(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("nihao")
        second = QPoint(12 + COLUMN // 2, 24 + 28 + 32 + 10)
        await until(lambda: typing.pane.strip.height() > 130)
        QTest.mouseClick(typing.pane.strip, Qt.MouseButton.LeftButton, pos=second)
        assert typing.shown()[0] == "尼好"
        typing.press(Qt.Key.Key_Down)
        assert typing.pane.strip.active == 1
        typing.press(Qt.Key.Key_Down)
        assert typing.shown()[0] == "尼号"
        typing.keys(" ")
        assert typing.text == "尼号"

    run_async(scenario())


def test_a_partial_last_syllable_is_known_as_such(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("niha")
        assert [item.partial for item in typing.pane.strip.syllables] == [False, True]
        typing.pane.grab()

    run_async(scenario())


def test_published_weights_predict_the_composition_again(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        typing.session.open_run(typing.pane.predictions.model or "")
        await typing.typed("ni")
        asked = len(typing.lab.asked)
        typing.lab.answers[rq.Predict] = lambda request: predicted(request, step=400)
        typing.session.events.emit([WeightsPublished(step=400)])
        await until(lambda: len(typing.lab.asked) == asked + 1)
        await until(lambda: "step 400 · live" in typing.pane._status.text())
        assert typing.text == "" and typing.shown()[0] == "你"

    run_async(scenario())


def test_the_latency_is_measured_up_to_the_painting(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        assert typing.pane.predictions.latency is None
        await typing.typed("ni")
        await until(lambda: typing.pane.predictions.latency is not None)
        assert 0 < (typing.pane.predictions.latency or 0) < 2000
        assert "ms" in typing.pane._status.text()

    run_async(scenario())


def test_a_refusal_is_said_and_letters_that_waited_stay_letters(typing: Typing, run_async: Run) -> None:
    def refuse(request: rq.Predict) -> rq.Refused:
        return rq.Refused(
            id=request.id, kind="model", message="the model in /somewhere is damaged: short file"
        )

    async def scenario() -> None:
        typing.lab.answers[rq.Predict] = refuse
        typing.keys("ni ")
        await until(typing.pane._problem.isVisible)
        assert typing.pane._problem.text() == "The model in /somewhere is damaged."
        assert typing.text == "ni"

    run_async(scenario())


def test_a_crash_of_the_lab_is_survived(typing: Typing, run_async: Run) -> None:
    def crash(request: rq.Predict) -> rq.Refused:
        return rq.Refused(
            id=request.id, kind="lab_crashed", message="The lab ended unexpectedly.", remedy="Wait."
        )

    async def scenario() -> None:
        typing.lab.answers[rq.Predict] = crash
        typing.keys("ni ")
        await until(typing.pane._problem.isVisible)
        assert typing.text == "" and typing.editor.composer.frozen == "ni"
        typing.lab.answers[rq.Predict] = predicted
        typing.session.lab_changed.emit("ready")
        await until(lambda: typing.text == "你")
        assert not typing.pane._problem.isVisible()

    run_async(scenario())


def test_pasted_pinyin_is_composed_and_other_text_inserted(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        data = QMimeData()
        data.setText("ni hao, wo men")
        typing.editor.insertFromMimeData(data)
        await until(lambda: typing.text == "你好，" and typing.editor.composer.fresh)
        assert typing.editor.composer.letters == "wo men"
        other = QMimeData()
        other.setText("3 月 8 日")
        typing.editor.insertFromMimeData(other)
        await until(lambda: typing.text == "你好，我们3 月 8 日")

    run_async(scenario())


def test_the_systems_own_input_method_still_works(typing: Typing, run_async: Run) -> None:
    def system(commit: str = "", preedit: str = "") -> None:
        event = QInputMethodEvent(preedit, [])
        event.setCommitString(commit)
        QGuiApplication.sendEvent(typing.editor, event)

    async def scenario() -> None:
        system(preedit="zhong")
        system(commit="中文")
        assert typing.text == "中文"
        await typing.typed("ni")
        system(commit="！")
        assert typing.text == "中文你！"

    run_async(scenario())


def test_backspace_edits_the_letters_first_and_then_the_text(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("nihao")
        typing.keys(" ")
        typing.keys("w")
        typing.press(Qt.Key.Key_Backspace)
        assert typing.text == "你好"
        typing.press(Qt.Key.Key_Backspace)
        assert typing.text == "你"
        typing.press(Qt.Key.Key_Return)
        typing.keys("A1")
        assert typing.text == "你\nA1"

    run_async(scenario())


def test_samples_copy_clear_and_undo(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        pane = typing.pane
        pane.type_sample("nihao")
        await until(lambda: typing.editor.composer.fresh)
        typing.keys(" ")
        pane._copy.click()
        assert QGuiApplication.clipboard().text() == "你好"
        pane._clear.click()
        assert typing.text == ""
        typing.editor.undo()
        assert typing.text == "你好"

    run_async(scenario())


def test_another_model_can_be_chosen(typing: Typing, run_async: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        await typing.typed("ni")
        typing.pane.chooser.choose(str(tmp_path / "exported"))
        await until(lambda: typing.lab.asked[-1].model == str(tmp_path / "exported"))
        assert typing.lab.asked[-1].text == "ni"
        typing.pane.chooser.choose("")
        await until(lambda: "trained" in typing.lab.asked[-1].model)

    run_async(scenario())


def test_a_language_model_that_is_missing_here_is_told(
    typing: Typing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = typing.pane._missing
    assert not note.isVisible()
    tuned = make_run(tmp_path, "tuned")
    fusion.write(tuned, Fusion(imported={"libime": 0.4, "mine": 0.2}))
    typing.pane.chooser.choose(str(tuned))
    assert note.isVisible() and "together with libime, mine, not imported here" in note.text()
    language.set("zh_CN")
    typing.pane.retranslate()
    assert "libime" in note.text() and "没有导入" in note.text()
    language.set("en")
    typing.pane.retranslate()
    monkeypatch.setattr(language_models, "missing", lambda _: ())
    typing.pane.refresh_model()
    assert not note.isVisible() and not note.text()
    monkeypatch.undo()
    (tuned / "fusion.json").write_text("{", encoding="utf-8")
    typing.pane.refresh_model()
    assert not note.isVisible()


def test_a_click_into_the_text_ends_the_composition(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("nihao")
        QTest.mouseClick(typing.editor.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        assert typing.text == "你好" and not typing.editor.composer.composing

    run_async(scenario())


def test_both_languages_and_sizes_can_be_painted(typing: Typing, run_async: Run) -> None:
    async def scenario() -> None:
        await typing.typed("nihaoma")
        try:
            for code in ("zh_CN", "en"):
                language.set(code)
                typing.pane.retranslate()
                for width in (330, 700, 1400):
                    typing.pane.resize(width, 520)
                    assert not typing.pane.grab().isNull()
                    assert typing.pane.width() == width
        finally:
            language.set("en")

    run_async(scenario())


def test_who_decides_is_asked_of_the_lab_with_the_text_before_the_caret(
    typing: Typing, run_async: Run
) -> None:
    async def scenario() -> None:
        typing.editor.insertPlainText("昨天。今天")
        await typing.typed("tianqi")
        asked = typing.lab.asked[-1]
        assert isinstance(asked, rq.Predict)
        assert (asked.judge, asked.left) == ("both", "昨天。今天")
        assert typing.pane.judge.isVisible()
        before = len(typing.lab.asked)
        QTest.mouseClick(typing.pane.judge._buttons["ngrams"], Qt.MouseButton.LeftButton)
        await until(lambda: len(typing.lab.asked) > before)
        again = typing.lab.asked[-1]
        assert isinstance(again, rq.Predict)
        assert (again.judge, again.text) == ("ngrams", "tianqi")
        assert typing.editor.hasFocus()
        typing.pane.resize(420, 560)
        await until(lambda: not typing.pane.judge.isVisible())

    run_async(scenario())
