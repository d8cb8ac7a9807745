"""The task that reads one text and writes another."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from studio.recipe.data import BuiltinSource, Source
from studio.recipe.fields import Section, setting
from studio.recipe.vocabulary import Vocabulary

GRADED = "graded_sentences"


class SidesVocabulary(Vocabulary):
    """Each side has its own, so that none can be taken over."""

    source: str = setting(
        "", title="Taken from", help="Always empty here: each side has a vocabulary of its own.", hidden=True
    )


class SequenceToSequence(Section):
    """Write one text for another: translate, transliterate, summarise, rewrite."""

    METRICS: ClassVar[tuple[str, ...]] = (
        "validation_loss",
        "token_accuracy",
        "exact_match",
        "chrf",
        "bleu",
        "rouge_l",
    )
    BEST: ClassVar[str] = "chrf"
    FAMILIES: ClassVar[tuple[str, ...]] = (
        "recurrent_encoder_decoder",
        "transformer_encoder_decoder",
        "t5",
        "bart",
        "pretrained_encoder_decoder",
    )
    BUILTIN: ClassVar[tuple[str, ...]] = (GRADED,)
    SHAPING: ClassVar[tuple[str, ...]] = ("direction", "tones", "max_length", "max_target")
    PROBES: ClassVar[tuple[str, ...]] = ("今天天气很好。", "我喜欢吃苹果。", "他在学校学习中文。")

    name: Literal["sequence_to_sequence"] = setting(
        "sequence_to_sequence", title="Task", help="What the model learns to do."
    )
    direction: Literal["text_to_target", "target_to_text", "text_to_pinyin", "pinyin_to_text"] = setting(
        "text_to_target",
        title="From and to",
        help="Text and target are two columns of a table, or what stands before and behind the tab of a line; in the "
        "graded sentences, Chinese and English. Pinyin is that of a source, or read from any Chinese text.",
    )
    tones: bool = setting(
        False, title="Tones", help="Pinyin has its tone marks; only where pinyin is read or written."
    )
    source_unit: Literal["character", "word", "subword"] = setting(
        "character",
        title="Read in",
        help="Characters; words (Chinese by jieba's counts), unknown ones spelt in characters; or subwords, pieces "
        "that are learnt from the training texts.",
    )
    target_unit: Literal["character", "word", "subword"] = setting(
        "word",
        title="Write in",
        help="As above, for what is written. Fewer and larger symbols are written sooner; characters know every word.",
    )
    shared: bool = setting(
        False,
        title="One vocabulary",
        help="What is read and what is written have the same symbols and vectors, for texts of one language.",
        advanced=True,
    )
    max_length: int = setting(
        128,
        title="Longest text",
        help="Pairs with a longer text are left out; in use, longer texts are cut at the ends of sentences.",
        unit="hanzi or letters",
        step=16,
        ge=4,
        le=4096,
    )
    max_target: int = setting(
        256,
        title="Longest target",
        help="Pairs with a longer target are left out, and nothing longer is written.",
        unit="hanzi or letters",
        step=16,
        ge=4,
        le=4096,
    )
    min_count: int = setting(
        2,
        title="Least count",
        help="Symbols that training texts hold less often are unknown, or spelt in characters.",
        ge=1,
        le=1000,
        advanced=True,
    )
    beam: int = setting(
        4,
        title="Beam",
        help="How many beginnings are followed at once where the model is used; evaluations follow one.",
        ge=1,
        le=64,
        advanced=True,
    )
    length_power: float = setting(
        1.0,
        title="Length normalisation",
        help="Log-probabilities are divided by the length to this power before alternatives are compared: 0 favours "
        "short ones, 1 takes the mean.",
        step=0.1,
        ge=0,
        le=2,
        advanced=True,
    )
    judged: int = setting(
        500,
        title="Texts judged",
        help="How many texts are written in an evaluation to compare them; 0 for all. The loss is that of all.",
        unit="texts",
        step=100,
        ge=0,
        advanced=True,
    )
    vocabulary: SidesVocabulary = setting(
        SidesVocabulary(),
        title="Vocabulary",
        help="Which symbols there are on each side, and how they are fed.",
    )

    @model_validator(mode="after")
    def _sides_agree(self) -> SequenceToSequence:
        if self.shared and self.source_unit != self.target_unit:
            raise ValueError(
                f"one vocabulary for both sides needs one unit; source_unit is {self.source_unit}, target_unit "
                f"{self.target_unit}: make them the same, or set shared to false"
            )
        if self.vocabulary.source:
            raise ValueError(
                "vocabulary.source cannot be used here, as each side has a vocabulary of its own; leave it empty"
            )
        return self

    @property
    def pairs(self) -> bool:
        """Whether sources have to hold pairs of texts; pinyin is read from any."""
        return self.direction in ("text_to_target", "target_to_text")

    def without_target(self, sources: tuple[Source, ...]) -> list[str]:
        """Complaints about sources that cannot have what is to be learnt."""
        if not self.pairs:
            return []
        return [
            f"data.sources: {source.name} has no target texts, which {self.name} learns; use {GRADED}, tables with "
            "two columns of text, or files of text<TAB>target lines, or set task.direction to text_to_pinyin"
            for source in sources
            if isinstance(source, BuiltinSource) and source.name != GRADED
        ]
