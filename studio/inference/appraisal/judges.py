"""Which judge a task has."""

from __future__ import annotations

from collections.abc import Callable

from studio.data.dataset import Split
from studio.inference.appraisal.classification import ClassificationJudge
from studio.inference.appraisal.correction import CorrectionJudge
from studio.inference.appraisal.judge import Judge
from studio.inference.appraisal.labelling import LabellingJudge
from studio.inference.appraisal.masked import MaskedJudge
from studio.inference.appraisal.readings import ReadingsJudge
from studio.inference.appraisal.running import RunningJudge
from studio.inference.appraisal.typing import TypingJudge
from studio.inference.appraisal.writing import WritingJudge
from studio.inference.opened import Opened

JUDGES: dict[str, Callable[[Opened, Split], Judge]] = {
    "pinyin_to_hanzi": TypingJudge,
    "text_classification": ClassificationJudge,
    "language_model": RunningJudge,
    "hanzi_to_pinyin": ReadingsJudge,
    "sequence_labelling": LabellingJudge,
    "masked_language_model": MaskedJudge,
    "correction": CorrectionJudge,
    "sequence_to_sequence": WritingJudge,
}
"""By the name of the task; each has an entry in `scores.SCORINGS` as well."""
