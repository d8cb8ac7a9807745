"""What the lab answers with models that read text as it stands; they are kept loaded between two keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from studio.data.errors import Cancelled
from studio.inference import blanks, classification, correction, generation, labelling, readings, translation
from studio.inference.finding import find
from studio.inference.load import stamp
from studio.inference.opened import Opened, open_model
from studio.language.tones import marks
from studio.runs.events import Candidate
from studio.runs.tagging_requests import LabelledSpan, LabelText, ReadAloud, TextLabelled, TextRead
from studio.runs.text_requests import (
    BlanksFilled,
    Classified,
    Classify,
    CorrectText,
    FillBlanks,
    NextCharacters,
    NextShown,
    TextCorrected,
    TextEdit,
    TextGrown,
    TextRequest,
    TextResponse,
    TextWritten,
    WriteOn,
)
from studio.runs.translation_requests import Looked, Translate, Translated

_KEPT = 3
_TOLD_EVERY = 0.05  # seconds between two looks at a text that grows


class TextModels:
    """Answers requests one at a time."""

    def __init__(self) -> None:
        self._opened: dict[tuple[Path, str], tuple[Opened, tuple[object, ...]]] = {}

    def answer(
        self, request: TextRequest, tell: Callable[[TextGrown], object], cancelled: Callable[[], bool]
    ) -> TextResponse:
        """The answer to a request; `tell` is called with a text that grows.

        Raises:
            ModelFolderError: if there is no model, it is damaged, or it is one of another task.
            Cancelled: if the request was taken back.
        """
        if cancelled():
            raise Cancelled
        if isinstance(request, Classify):
            return self._classify(request)
        if isinstance(request, NextCharacters):
            return self._next(request)
        if isinstance(request, CorrectText):
            return self._correct(request)
        if isinstance(request, FillBlanks):
            return self._fill(request)
        if isinstance(request, ReadAloud):
            return self._read(request)
        if isinstance(request, LabelText):
            return self._label(request)
        if isinstance(request, Translate):
            return self._translate(request, cancelled)
        return self._write(request, tell, cancelled)

    def _classify(self, request: Classify) -> Classified:
        opened = self._open(request.model, "text_classification")
        classifier = classification.classifier(opened)
        found = classifier.classify(request.text)
        weights: list[float] = []
        if request.weigh and found.label is not None:
            weights = classifier.importance(found.read, found.label)
        return Classified(
            id=request.id,
            text=request.text,
            read=found.read,
            scores=found.scores,
            note=found.note,
            weights=tuple(weights),
            step=opened.config.step,
            live=opened.found.live,
        )

    def _next(self, request: NextCharacters) -> NextShown:
        opened = self._open(request.model, "language_model")
        writer = generation.writer(opened)
        return NextShown(
            id=request.id,
            text=request.text,
            characters=writer.next_characters(request.text, request.count),
            unknown="".join(writer.unknown(request.text)),
            step=opened.config.step,
            live=opened.found.live,
        )

    def _fill(self, request: FillBlanks) -> BlanksFilled:
        opened = self._open(request.model, "masked_language_model")
        found = blanks.filler(opened).fill(request.text, request.count)
        return BlanksFilled(
            id=request.id,
            text=request.text,
            blanks=found.blanks,
            note=found.note,
            step=opened.config.step,
            live=opened.found.live,
        )

    def _read(self, request: ReadAloud) -> TextRead:
        opened = self._open(request.model, "hanzi_to_pinyin")
        found = readings.reader(opened).read(request.text)
        return TextRead(
            id=request.id,
            text=request.text,
            readings=tuple(
                tuple(Candidate(text=marks(number), score=share) for number, share in one.readings)
                for one in found
            ),
            unlearnt=tuple(place for place, one in enumerate(found) if not one.learnt),
            step=opened.config.step,
            live=opened.found.live,
        )

    def _label(self, request: LabelText) -> TextLabelled:
        opened = self._open(request.model, "sequence_labelling")
        found = labelling.labeller(opened).spans(request.text)
        return TextLabelled(
            id=request.id,
            text=request.text,
            spans=tuple(LabelledSpan(start=one.start, end=one.end, label=one.label) for one in found),
            labels=opened.task.labels,
            step=opened.config.step,
            live=opened.found.live,
        )

    def _correct(self, request: CorrectText) -> TextCorrected:
        opened = self._open(request.model, "correction")
        found = correction.proofreader(opened).correct(request.text)
        edits = (
            TextEdit(position=one.position, wrong=one.wrong, right=one.right, score=one.score)
            for one in found.edits
        )
        return TextCorrected(
            id=request.id,
            text=request.text,
            edits=tuple(edits),
            note=found.note,
            step=opened.config.step,
            live=opened.found.live,
        )

    def _translate(self, request: Translate, cancelled: Callable[[], bool]) -> Translated:
        def check() -> None:
            if cancelled():
                raise Cancelled

        opened = self._open(request.model, "sequence_to_sequence")
        found = translation.translator(opened).translate(
            request.text, request.count, most_pieces=request.most_pieces, looks=request.looks, tick=check
        )
        return Translated(
            id=request.id,
            text=request.text,
            candidates=found.candidates,
            read=found.read,
            looks=tuple(Looked(written=look.written, weights=look.weights) for look in found.looks),
            rest=found.rest,
            note=found.note,
            step=opened.config.step,
            live=opened.found.live,
        )

    def _write(
        self, request: WriteOn, tell: Callable[[TextGrown], object], cancelled: Callable[[], bool]
    ) -> TextWritten:
        writer = generation.writer(self._open(request.model, "language_model"))
        began = told = time.monotonic()
        text, ended = "", ""
        for grown in writer.stream(request.text, request.sampling):
            if cancelled():
                raise Cancelled
            text, ended = grown.text, grown.ended
            if time.monotonic() - told > _TOLD_EVERY:
                told = time.monotonic()
                tell(TextGrown(id=request.id, text=text))
        return TextWritten(id=request.id, text=text, ended=ended, seconds=time.monotonic() - began)

    def _open(self, model: str, task: str) -> Opened:
        found = find(Path(model))
        key, now = (found.folder, task), stamp(found)
        kept = self._opened.pop(key, None)
        if kept is None or kept[1] != now:
            kept = open_model(Path(model), task), now
        self._opened[key] = kept
        while len(self._opened) > _KEPT:
            del self._opened[next(iter(self._opened))]
        return kept[0]
