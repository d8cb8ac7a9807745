"""The Playground with models that read text: its pages, what they ask, what they show."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.gui.panes.playground import PlaygroundPane
from studio.gui.playgrounds.classification import ClassificationPage
from studio.gui.playgrounds.writing import WritingPage
from studio.gui.session import Session
from studio.recipe import dump, resolve
from studio.runs import requests as rq
from studio.runs import text_requests as ask
from studio.runs.events import Candidate, WeightsPublished
from studio.runs.folder import RunFolder
from tests.gui.fake_lab import FakeLab, until

pytestmark = pytest.mark.gui
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def make_run(home: Path, preset: str) -> Path:
    folder = RunFolder.create(home / "runs", preset)
    folder.recipe.write_text(dump(resolve(preset)), encoding="utf-8")
    weights = folder.live / "step-000350"
    weights.mkdir(parents=True)
    (weights / "model.safetensors").write_bytes(b"x")
    return folder.path


def classified(request: ask.Classify) -> ask.Classified:
    good = 0.9 if "好" in request.text else 0.2
    scores = [Candidate(text="positive", score=good), Candidate(text="negative", score=1 - good)]
    scores.sort(key=lambda one: -one.score)
    weights = tuple(0.5 if c == "好" else 0.0 for c in request.text) if request.weigh else ()
    note = "" if len(request.text) < 10 else "of 12 characters, 8 at the beginning and the end were read"
    return ask.Classified(
        id=request.id, text=request.text, read=request.text, scores=tuple(scores), note=note, weights=weights,
        step=350, live=True,
    )  # fmt: skip


def next_shown(request: ask.NextCharacters) -> ask.NextShown:
    strange = "".join(c for c in request.text if c == "😀")
    chances = (
        Candidate(text="天", score=0.5),
        Candidate(text="\n", score=0.3),
        Candidate(text="", score=0.1),
    )
    return ask.NextShown(id=request.id, text=request.text, characters=chances, unknown=strange, step=12)


def written(request: ask.WriteOn) -> ask.TextWritten:
    return ask.TextWritten(id=request.id, text="天气很好", ended="end", seconds=0.1)


class Opened:
    def __init__(self, qtbot: Any, session: Session) -> None:
        self.lab = FakeLab()
        self.lab.answers |= {
            ask.Classify: classified,
            ask.NextCharacters: next_shown,
            ask.WriteOn: written,
        }
        self.session = session
        session.lab = self.lab  # type: ignore[assignment]
        self.pane = PlaygroundPane(session)
        qtbot.addWidget(self.pane)
        self.pane.resize(800, 560)
        self.pane.show()

    def asked(self, kind: type) -> list[Any]:
        return [request for request in self.lab.asked if isinstance(request, kind)]

    @property
    def page(self) -> Any:
        return self.pane._pages.shown


@pytest.fixture
def classifying(qtbot: Any, session: Session, fresh_home: Path) -> Opened:
    make_run(fresh_home, "sentiment-cnn")
    return Opened(qtbot, session)


@pytest.fixture
def writing(qtbot: Any, session: Session, fresh_home: Path) -> Opened:
    make_run(fresh_home, "lm-transformer")
    return Opened(qtbot, session)


def test_each_task_has_its_page(qtbot: Any, session: Session, fresh_home: Path) -> None:
    runs = {name: make_run(fresh_home, name) for name in ("pinyin-quick", "sentiment-cnn", "lm-lstm")}
    opened = Opened(qtbot, session)
    pane = opened.pane
    for name, page in (("sentiment-cnn", ClassificationPage), ("lm-lstm", WritingPage)):
        pane.chooser.choose(str(runs[name]))
        assert isinstance(opened.page, page) and opened.page.isVisible()
        assert not pane.editor.isVisible() and not pane.judge.isVisible() and not pane.mode.isVisible()
        assert pane.predictions.model is None
    pane.chooser.choose(str(runs["pinyin-quick"]))
    assert opened.page is None and pane.editor.isVisible() and pane.mode.isVisible()
    assert pane.predictions.model == str(runs["pinyin-quick"])


def test_labels_come_as_one_types_and_then_what_mattered(classifying: Opened, run_async: Run) -> None:
    async def scene() -> None:
        page = classifying.page
        QTest.keyClicks(page.editor, "abc")
        page.editor.insertPlainText("很好")
        await until(lambda: page.answer is not None and page.answer.weights)
        first, *rest = classifying.asked(ask.Classify)
        assert first.text == "abc很好" and not first.weigh, "of quick keys only the last is asked about"
        assert [request.weigh for request in rest] == [True]
        assert page.bars.rows[0] == ("positive", 0.9)
        assert page.weighed.text == "abc很好" and max(page.weighed.weights) == 0.5
        assert classifying.pane._status.text() == "step 350 · live"
        page.editor.insertPlainText("这是一段很长的文本")
        await until(page._note.isVisible)
        page.editor.clear()
        assert page.answer is None and not page.bars.isVisible()

    run_async(scene())


def test_new_weights_are_asked_at_once(classifying: Opened, run_async: Run) -> None:
    async def scene() -> None:
        page = classifying.page
        page.editor.setPlainText("好")
        await until(lambda: page.answer is not None)
        before = len(classifying.asked(ask.Classify))
        classifying.session.folder = RunFolder(Path(page.model))
        classifying.session.events.emit([WeightsPublished(step=400)])
        await until(lambda: len(classifying.asked(ask.Classify)) > before)
        classifying.session.folder = None

    run_async(scene())


def test_what_the_lab_refuses_is_said(classifying: Opened, run_async: Run) -> None:
    def refuse(request: Any) -> rq.Refused:
        return rq.Refused(id=request.id, kind="model", message="the model in /x is damaged: y")

    async def scene() -> None:
        page = classifying.page
        classifying.lab.answers[ask.Classify] = refuse
        page.editor.setPlainText("好")
        await until(classifying.pane._problem.isVisible)
        assert "damaged" in classifying.pane._problem.text()
        classifying.lab.answers[ask.Classify] = classified
        page.editor.setPlainText("好的")
        await until(lambda: not classifying.pane._problem.isVisible())

    run_async(scene())


def test_the_next_characters_can_be_picked(writing: Opened, run_async: Run) -> None:
    async def scene() -> None:
        page = writing.page
        page.again()
        await until(lambda: page.answer is not None)
        assert [name for name, _ in page.bars.rows] == ["天", "new line", "end of the text"]
        page.editor.setPlainText("今")
        page.bars.picked.emit(0)
        assert page.editor.toPlainText() == "今天"
        await until(lambda: page.answer.text == "今天")
        page.editor.setPlainText("今😀")
        await until(page._note.isVisible)
        assert "😀" in page._note.text()

    run_async(scene())


def test_a_text_grows_behind_what_was_there_and_one_undo_takes_it_away(
    writing: Opened, run_async: Run
) -> None:
    async def scene() -> None:
        page = writing.page
        page.editor.setPlainText("")
        page.editor.insertPlainText("今")
        await until(lambda: page.answer is not None and page.answer.text == "今")
        writing.lab.hold = True
        page.temperature.setValue(0.5)
        page.until.setText("。")
        QTest.mouseClick(page.write, Qt.MouseButton.LeftButton)
        await until(lambda: writing.asked(ask.WriteOn))
        (request,) = writing.asked(ask.WriteOn)
        assert (request.text, request.sampling.temperature, request.sampling.stop) == ("今", 0.5, "。")
        assert page.editor.isReadOnly() and page.write.text() == "Stop writing"
        for text in ("天", "天气"):
            writing.lab._telling.progressed.emit(ask.TextGrown(id=request.id, text=text))
            assert page.editor.toPlainText() == "今" + text
        writing.lab._telling.progressed.emit(ask.TextGrown(id="another", text="错"))
        assert page.editor.toPlainText() == "今天气"
        writing.lab.release()
        await until(lambda: not page.is_writing)
        assert page.editor.toPlainText() == "今天气很好" and not page.editor.isReadOnly()
        page.editor.undo()
        assert page.editor.toPlainText() == "今"

    run_async(scene())


def test_writing_can_be_stopped(writing: Opened, run_async: Run) -> None:
    async def scene() -> None:
        page = writing.page
        writing.lab.hold = True
        page.write.click()
        await until(lambda: writing.asked(ask.WriteOn))
        (request,) = writing.asked(ask.WriteOn)
        writing.lab._telling.progressed.emit(ask.TextGrown(id=request.id, text="天"))
        page.write.click()
        await until(lambda: request in writing.lab.cancelled)
        assert page.editor.toPlainText() == "天" and not page.is_writing
        writing.lab._telling.progressed.emit(ask.TextGrown(id=request.id, text="天气"))
        assert page.editor.toPlainText() == "天", "what comes late is not shown"
        writing.lab.release()

    run_async(scene())


def test_leaving_takes_questions_back(writing: Opened, run_async: Run) -> None:
    async def scene() -> None:
        page = writing.page
        writing.lab.hold = True
        page.write.click()
        await until(lambda: writing.asked(ask.WriteOn))
        writing.pane.shutdown()
        await until(lambda: writing.lab.cancelled)
        writing.lab.release()

    run_async(scene())
