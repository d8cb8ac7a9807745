"""The recipe: the one typed object behind the form in the window, the TOML file and the command line."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from studio.recipe import pretrained_decoder
from studio.recipe.augmentation import unsuitable
from studio.recipe.compute import Compute, Privacy
from studio.recipe.data import LEXICONS, BuiltinSource, Data, LexiconSource
from studio.recipe.encoder_decoder import Bart, TransformerEncoderDecoder
from studio.recipe.fields import DisagreementError, Section, setting
from studio.recipe.model import CausalTransformer, Model, TransformerEncoder
from studio.recipe.pretrained import unfit
from studio.recipe.pretrained_pairs import disagreements
from studio.recipe.sequences import GRADED, SequenceToSequence
from studio.recipe.tagging import HanziToPinyin, SequenceLabelling
from studio.recipe.task import (
    TYPED,
    Correction,
    LanguageModel,
    MaskedLanguageModel,
    PinyinToHanzi,
    Task,
    TextClassification,
)
from studio.recipe.training import Training
from studio.recipe.usual import with_usual

VERSION = 1
_OF_BOUNDED_LENGTH = (
    TransformerEncoder | CausalTransformer | TransformerEncoderDecoder | Bart | pretrained_decoder.Gpt2
)


class Recipe(Section):
    """Everything that decides what a run does; equal recipes on equal data make equal runs."""

    version: Literal[1] = setting(
        VERSION, title="Version", help="Version of the recipe's own format.", advanced=True
    )
    name: str = setting(
        "untitled",
        title="Name",
        help="Names the run and its folder.",
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f/\\:*?\"<>|]+$",
    )
    description: str = setting("", title="Description", help="A line for people.", max_length=2000)
    task: Task = setting(PinyinToHanzi(), title="Task", help="What is learnt.")
    data: Data = setting(title="Data", help="Texts, cleaning and splits.")
    model: Model = setting(TransformerEncoder(), title="Model", help="Which network is trained.")
    training: Training = setting(Training(), title="Training", help="How it is trained.")
    compute: Compute = setting(Compute(), title="Compute", help="What it runs on.")
    privacy: Privacy = setting(Privacy(), title="Privacy", help="What the run records about this machine.")

    @model_validator(mode="before")
    @classmethod
    def _task_fills_in(cls, values: Any) -> Any:
        return with_usual(values)

    @property
    def longest(self) -> tuple[str, int]:
        """The field that says how many positions an example may have, and the number."""
        if isinstance(self.task, TextClassification | HanziToPinyin | SequenceLabelling):
            return "task.max_length", self.task.max_length
        if isinstance(self.task, LanguageModel):
            return "task.context", self.task.context
        if isinstance(self.task, Correction):
            return "task.max_length", self.task.max_length
        if isinstance(self.task, SequenceToSequence):
            longer = self.task.max_target > self.task.max_length
            name = "max_target" if longer else "max_length"
            return f"task.{name}", max(self.task.max_target, self.task.max_length)
        if isinstance(self.task, MaskedLanguageModel):
            # Each half of a piece has a mark in front of it.
            return "task.context", self.task.context + (2 if self.task.next_sentence else 0)
        return "data.cleaning.max_length", self.data.cleaning.max_length

    @property
    def reported(self) -> tuple[str, ...]:
        """The figures that may decide what is best or when to stop."""
        return (*self.task.METRICS, *(TYPED if isinstance(self.task, PinyinToHanzi) else ()))

    @property
    def measured(self) -> tuple[str, ...]:
        """Those that each evaluation has: the ones that cost much only where one of them decides."""
        return self.reported if self.training.types else self.task.METRICS

    @model_validator(mode="after")
    def _sections_agree(self) -> Recipe:
        complaints = []
        if self.model.family not in self.task.FAMILIES:
            complaints.append(
                f"model.family {self.model.family} does not go with the task {self.task.name}; "
                f"one of {', '.join(self.task.FAMILIES)}"
            )
        field, longest = self.longest
        if isinstance(self.model, _OF_BOUNDED_LENGTH) and longest > self.model.max_length:
            complaints.append(
                f"{field} {longest} is longer than model.max_length {self.model.max_length}; "
                f"raise model.max_length to {longest} or more"
            )
        complaints += self._sources_agree()
        complaints += unfit(self.task, self.model, self.training, self.compute)
        complaints += pretrained_decoder.unfit(self.task, self.model, self.training, self.compute)
        complaints += disagreements(self.task, self.model, self.training, self.compute)
        for name, metric in (
            ("early_stopping.metric", self.training.early_stopping.metric),
            ("checkpoints.best_metric", self.training.checkpoints.best_metric),
        ):
            if metric not in self.reported:
                complaints.append(
                    f"training.{name} {metric!r} is no figure that the task {self.task.name} reports; "
                    f"one of {', '.join(self.reported)}"
                )
        if not set(LEXICONS) & set(self.task.BUILTIN):
            complaints += [
                f"data.sources: the word list {source.path} does not go with the task {self.task.name}, which learns "
                "from running text; take it out"
                for source in self.data.sources
                if isinstance(source, LexiconSource)
            ]
        complaints += self._processes_agree()
        complaints += unsuitable(self.task.name, self.data.augmentation)
        balance = self.data.balance
        if (
            balance.method != "none"
            and balance.by == "label"
            and not isinstance(self.task, TextClassification)
        ):
            complaints.append(
                f"data.balance.by label does not go with the task {self.task.name}, whose examples have no label each; "
                "balance the sources, or set data.balance.method to none"
            )
        if complaints:
            raise DisagreementError(complaints)
        return self

    def _sources_agree(self) -> list[str]:
        if isinstance(self.task, SequenceLabelling):
            named = [s.name for s in self.data.sources if isinstance(s, BuiltinSource)]
            return [
                f"data.sources: {name} marks no words, which {self.task.name} learns; use peoples_daily, or files of "
                "word/tag tokens"
                for name in named
                if name not in ("peoples_daily", *LEXICONS)
            ]
        if isinstance(self.task, SequenceToSequence):
            return self.task.without_target(self.data.sources)
        if not isinstance(self.task, TextClassification):
            return []
        named = [
            s.name
            for s in self.data.sources
            if isinstance(s, BuiltinSource) and s.name not in ("reviews", GRADED)
        ]
        return [
            f"data.sources: {name} has no labels, which {self.task.name} learns; use reviews, graded_sentences, "
            "files of label<TAB>text lines, or tables with a label column"
            for name in named
        ]

    def _processes_agree(self) -> list[str]:
        compute, training = self.compute, self.training
        if compute.processes * compute.nodes == 1:
            return []
        complaints = []
        if compute.device not in ("auto", "cpu", "cuda"):
            complaints.append(
                f"compute.device {compute.device} is a single device; several processes take auto, cuda or cpu"
            )
        if compute.strategy == "fsdp":
            if training.ema_decay:
                complaints.append(
                    "training.ema_decay does not go with compute.strategy fsdp; set it to 0, or the strategy to ddp"
                )
            if training.optimizer not in ("adamw", "sgd"):
                complaints.append(
                    f"training.optimizer {training.optimizer} does not go with compute.strategy fsdp; "
                    "use adamw or sgd, or set the strategy to ddp"
                )
            if training.precision == "fp16":
                complaints.append(
                    "training.precision fp16 does not go with compute.strategy fsdp; use bf16, or the strategy ddp"
                )
        return complaints
