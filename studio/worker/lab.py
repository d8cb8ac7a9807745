"""The lab: answers what is interactive.

Seven lanes: predictions of keystrokes and, beside them, of texts, of which only the newest counts; estimates of runs,
with trials that take some seconds in a process of their own; evaluations of models, and preparations of data, in such
processes too; what prepared data hold; and all else. A keystroke never waits behind a preview or an export, and
neither of those, an estimate and an evaluation wait for each other.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from studio.recipe import RecipeError, parse
from studio.runs import lab_messages, requests
from studio.runs.appraisal_requests import AppraiseModel, CompareModels, ExportItems, PageItems
from studio.runs.batch_requests import FindExample, PrepareData, ShowBatch
from studio.runs.count_requests import CountData
from studio.runs.dataset_requests import InspectSource, PageRows
from studio.runs.doctor_requests import ExamineData, PreviewAugmentation, PreviewSteps
from studio.runs.lab_messages import Request, Response
from studio.runs.personal_requests import ExportPhrases, ImportDictionary, Learn
from studio.runs.requests import (
    CancelRequest,
    EstimateRun,
    EvaluateModel,
    Explain,
    ExportModel,
    Predict,
    PreviewData,
    Refused,
)
from studio.runs.split_requests import ShowSplits
from studio.runs.tagging_requests import TaggingRequest
from studio.runs.text_requests import Classify, CorrectText, FillBlanks, NextCharacters, WriteOn
from studio.runs.translation_requests import Translate
from studio.runs.vocabulary_requests import InspectVocabulary
from studio.worker import answers, appraisal, batches, datasets, doctor, items, personal, preparation, splits
from studio.worker.channel import Channel

Lane = Literal["keys", "slow", "estimates", "evaluations", "prepared", "preparations", "texts"]
# of these only the newest of a channel counts
_TYPED = (Predict, Explain, Classify, CorrectText, FillBlanks, NextCharacters, WriteOn, Translate)
_OF_TEXTS = Classify | CorrectText | FillBlanks | NextCharacters | WriteOn | TaggingRequest | Translate
_REMEMBERED = 100  # requests taken back while they may be under way
_LAST_TRIAL = 1.0  # seconds for a trial under way to end in


class Desk:
    """Requests that wait, by lane, and who is no longer wanted among them. Filled and emptied by threads."""

    def __init__(self, send: Callable[[Response], object]) -> None:
        self._send = send
        self._lanes: dict[Lane, deque[Request]] = {lane: deque() for lane in get_args(Lane)}
        self._there = threading.Condition()
        self._cancelled: OrderedDict[str, None] = OrderedDict()
        self.closed = False

    def put(self, request: Request) -> None:
        """Add a request; of predictions for one channel only the newest stays."""
        with self._there:
            if isinstance(request, CancelRequest):
                self._take_back(request.id)
                return
            lane = self._lanes[_lane_of(request)]
            if isinstance(request, _TYPED):
                asked = (type(request), request.channel)
                for older in [r for r in lane if isinstance(r, _TYPED) and (type(r), r.channel) == asked]:
                    lane.remove(older)
                    self._refuse(older.id, "superseded", "Something newer was typed.")
            lane.append(request)
            self._there.notify_all()

    def close(self) -> None:
        """Let `take` return None."""
        with self._there:
            self.closed = True
            self._there.notify_all()

    def take(self, name: Lane) -> Request | None:
        """The next request of a lane, waiting for one; None once the desk is closed."""
        lane = self._lanes[name]
        with self._there:
            self._there.wait_for(lambda: lane or self.closed)
            return None if self.closed else lane.popleft()

    def is_cancelled(self, id: str) -> bool:
        """Whether a request that is being worked on was taken back."""
        return id in self._cancelled

    def _take_back(self, id: str) -> None:
        for lane in self._lanes.values():
            for waiting in [request for request in lane if request.id == id]:
                lane.remove(waiting)
                self._refuse(id, "cancelled", "The request was taken back.")
                return
        self._cancelled[id] = None
        while len(self._cancelled) > _REMEMBERED:
            self._cancelled.popitem(last=False)

    def _refuse(self, id: str, kind: str, message: str) -> None:
        self._send(Refused(id=id, kind=kind, message=message))


def serve() -> int:
    """Answer requests until standard input closes."""
    channel = Channel()

    def send(response: Response) -> bool:
        return channel.send(lab_messages.encode_response(response))

    desk = Desk(send)

    def handle(line: bytes) -> None:
        try:
            desk.put(lab_messages.decode_request(line))
        except ValueError as error:
            send(Refused(id=lab_messages.id_of(line), kind="protocol", message=str(error)))

    channel.read_in_background(handle, desk.close)
    send(requests.Ready(pid=os.getpid()))
    bench = answers.Bench()

    def work(lane: Lane) -> None:
        while (request := desk.take(lane)) is not None:
            send(_answer(bench, request, desk, send))

    others: tuple[Lane, ...] = ("slow", "prepared", "texts", "estimates", "evaluations", "preparations")
    threads = [threading.Thread(target=work, args=(n,), name=f"studio-lab-{n}", daemon=True) for n in others]
    for thread in threads:
        thread.start()
    work("keys")
    for thread in threads[2:]:
        thread.join(_LAST_TRIAL)  # it kills its child
    if any(thread.is_alive() for thread in threads):
        # Native code that a thread is in would bring the process down with an error while Python ends.
        sys.stderr.flush()
        os._exit(0)
    return 0


def _lane_of(request: Request) -> Lane:
    if isinstance(request, Predict | Explain | Learn):
        return "keys"
    if isinstance(request, _OF_TEXTS):
        return "texts"
    if isinstance(request, EvaluateModel | AppraiseModel | CompareModels):
        return "evaluations"
    if isinstance(request, PrepareData | ExamineData | ShowSplits):
        return "preparations"
    if isinstance(request, ShowBatch | CountData | PageRows | InspectVocabulary | PageItems | ExportItems):
        return "prepared"
    return "estimates" if isinstance(request, EstimateRun) else "slow"


def _answer(
    bench: answers.Bench, request: Request, desk: Desk, send: Callable[[Response], object]
) -> Response:
    def cancelled() -> bool:
        return desk.closed or desk.is_cancelled(request.id)

    try:
        if isinstance(request, Predict):
            return bench.predict(request)
        if isinstance(request, Explain):
            return bench.explain(request)
        if isinstance(request, Learn):
            return bench.learn(request)
        if isinstance(request, _OF_TEXTS):
            return bench.texts.answer(request, send, cancelled)
        if isinstance(request, EvaluateModel | AppraiseModel | CompareModels):
            return appraisal.appraise(request, send, cancelled)
        if isinstance(request, PageItems):
            return items.page(request)
        if isinstance(request, ExportItems):
            return items.export(request)
        if isinstance(request, PreviewData):
            return bench.preview(request, cancelled)
        if isinstance(request, EstimateRun):
            recipe = parse(request.recipe)
            return (
                bench.try_out(request, recipe, cancelled)
                if request.trial
                else bench.estimate(request, recipe)
            )
        if isinstance(request, ExportModel):
            return bench.export(request, Path(request.target))
        if isinstance(request, PrepareData):
            return preparation.prepared(request, send, cancelled)
        if isinstance(request, ShowBatch):
            return bench.shelf.show(request)
        if isinstance(request, FindExample):
            return batches.found(request, cancelled)
        if isinstance(request, CountData):
            return bench.counter.count(request, cancelled)
        if isinstance(request, InspectVocabulary):
            return bench.vocabularies.inspect(request, cancelled)
        if isinstance(request, InspectSource):
            return datasets.inspect_source(request, cancelled)
        if isinstance(request, PageRows):
            return datasets.page_rows(request, cancelled)
        if isinstance(request, ExamineData):
            return doctor.examined(request, send, cancelled)
        if isinstance(request, ShowSplits):
            return splits.shown(request, send, cancelled)
        if isinstance(request, PreviewSteps):
            return doctor.preview_steps(request, cancelled)
        if isinstance(request, PreviewAugmentation):
            return doctor.preview_augmentation(request, cancelled)
        if isinstance(request, ImportDictionary):
            return personal.import_dictionary(request)
        if isinstance(request, ExportPhrases):
            return personal.export_phrases(request)
        raise TypeError(f"no answer is known to {type(request).__name__}")
    except RecipeError as error:
        details = tuple(str(problem) for problem in error.problems)
        return Refused(id=request.id, kind="recipe", message=str(error), details=details)
    except answers.KNOWN_ERRORS as error:
        return answers.refusal(request.id, error)
    except Exception as error:
        trace = traceback.format_exc()
        return Refused(
            id=request.id,
            kind="internal",
            message=f"{type(error).__name__}: {error}",
            remedy="This is a fault of the studio: report it with the trace.",
            details=(trace,),
        )
