"""All that the window asks the lab and all that the lab answers, as lines of JSON: see `studio.runs.requests`.

Who only asks or is only answered needs the module of that one request; this one needs them all.
"""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from studio.runs.appraisal_requests import AppraisalRequest, AppraisalResponse
from studio.runs.batch_requests import BatchRequest, BatchResponse, PreparationProgress
from studio.runs.count_requests import CountRequest, CountResponse
from studio.runs.dataset_requests import DatasetRequest, DatasetResponse
from studio.runs.doctor_requests import DoctorRequest, DoctorResponse, ExaminationProgress
from studio.runs.estimates import RunEstimated
from studio.runs.evaluations import EvaluationProgress, ModelEvaluated
from studio.runs.explanations import Explained
from studio.runs.personal_requests import PersonalRequest, PersonalResponse
from studio.runs.requests import (
    CancelRequest,
    DataPreviewed,
    EstimateRun,
    EvaluateModel,
    Explain,
    ExportModel,
    ModelExported,
    Predict,
    Predicted,
    PreviewData,
    Ready,
    Refused,
)
from studio.runs.split_requests import SplitRequest, SplitResponse
from studio.runs.text_requests import TextGrown, TextRequest, TextResponse
from studio.runs.vocabulary_requests import VocabularyRequest, VocabularyResponse

Request = (
    Predict
    | Explain
    | PreviewData
    | EstimateRun
    | ExportModel
    | EvaluateModel
    | AppraisalRequest
    | PersonalRequest
    | DoctorRequest
    | DatasetRequest
    | BatchRequest
    | CountRequest
    | SplitRequest
    | VocabularyRequest
    | TextRequest
    | CancelRequest
)

Response = (
    Ready
    | Predicted
    | Explained
    | DataPreviewed
    | RunEstimated
    | ModelExported
    | EvaluationProgress
    | ModelEvaluated
    | AppraisalResponse
    | PersonalResponse
    | DoctorResponse
    | DatasetResponse
    | PreparationProgress
    | TextResponse
    | TextGrown
    | BatchResponse
    | CountResponse
    | SplitResponse
    | VocabularyResponse
    | Refused
)

Progress = EvaluationProgress | ExaminationProgress | PreparationProgress | TextGrown
"""What is told before the answer to a request, any number of times."""

_requests: TypeAdapter[Request] = TypeAdapter(
    Annotated[Request, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)
_responses: TypeAdapter[Response] = TypeAdapter(
    Annotated[Response, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)


def encode_request(request: Request) -> str:
    """One line of JSON, without the line end."""
    return _requests.dump_json(request).decode("utf-8")


def decode_request(line: str | bytes) -> Request:
    """The request of one line; ValueError if it is none."""
    try:
        return _requests.validate_json(line)
    except ValidationError as error:
        raise ValueError(f"not a request: {error.errors()[0]['msg']}") from error


def id_of(line: str | bytes) -> str:
    """The id in a line that is no request, so that whoever sent it does not wait for ever; empty if it has none."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    found = values.get("id") if isinstance(values, dict) else None
    return found if isinstance(found, str) else ""


def encode_response(response: Response) -> str:
    """One line of JSON, without the line end."""
    return _responses.dump_json(response).decode("utf-8")


def decode_response(line: str | bytes) -> Response:
    """The response of one line; ValueError if it is none."""
    try:
        return _responses.validate_json(line)
    except ValidationError as error:
        raise ValueError(f"not a response: {error.errors()[0]['msg']}") from error
