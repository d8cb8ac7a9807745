"""What is learnt: one section a task, told apart by its `name`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from studio.recipe.fields import Section, setting
from studio.recipe.sequences import SequenceToSequence
from studio.recipe.tagging import HanziToPinyin, SequenceLabelling
from studio.recipe.vocabulary import Vocabulary

TYPED = ("typing_top1", "typing_char")
"""What evaluations report of pinyin typed as raw letters: shares of sentences and of characters that come out right.
Typing takes time, so it is done only where one of these decides something."""
_LOWER = frozenset({"perplexity", "bits_per_character", "network_loss", "false_alarms"})


class PinyinToHanzi(Section):
    """Convert toneless pinyin syllables to characters, as an input method does."""

    METRICS: ClassVar[tuple[str, ...]] = ("validation_loss", "character_accuracy", "sentence_accuracy")
    """What an evaluation reports; see `lower_is_better` for which way each is better."""
    BEST: ClassVar[str] = "character_accuracy"
    """The figure that decides which checkpoint is the best, where the recipe does not say."""
    FAMILIES: ClassVar[tuple[str, ...]] = ("transformer_encoder", "recurrent")
    """The networks that can learn it, the usual one first."""
    PROBES: ClassVar[tuple[str, ...]] = ()
    """Pinned probes where the recipe names none; empty for those of `Training`."""
    BUILTIN: ClassVar[tuple[str, ...]] = (
        "peoples_daily",
        "reviews",
        "lexicon_jieba",
        "lexicon_rime",
        "lexicon_modern",
    )
    """The sources that come with the studio and that it can learn from."""

    name: Literal["pinyin_to_hanzi"] = setting(
        "pinyin_to_hanzi", title="Task", help="What the model learns to do."
    )


class TextClassification(Section):
    """Say which of some labels a text has, such as whether a review praises or complains."""

    METRICS: ClassVar[tuple[str, ...]] = (
        "validation_loss",
        "accuracy",
        "macro_precision",
        "macro_recall",
        "macro_f1",
    )
    BEST: ClassVar[str] = "accuracy"
    FAMILIES: ClassVar[tuple[str, ...]] = (
        "text_cnn",
        "transformer_encoder",
        "recurrent",
        "pretrained_encoder",
    )
    BUILTIN: ClassVar[tuple[str, ...]] = ("reviews",)
    SHAPING: ClassVar[tuple[str, ...]] = ("max_length",)
    """The fields that decide how examples are cut, before there is a vocabulary."""
    PROBES: ClassVar[tuple[str, ...]] = (
        "房间很干净，服务也很好，下次还会再来。",
        "质量太差了，用了两天就坏了。",
        "书的内容一般，不过送货很快。",
    )

    name: Literal["text_classification"] = setting(
        "text_classification", title="Task", help="What the model learns to do."
    )
    unit: Literal["character", "word", "subword"] = setting(
        "character",
        title="Input",
        help="Characters know every text; words (by jieba's counts) make shorter inputs and miss rare ones; subwords "
        "are pieces that are learnt from the training texts.",
    )
    max_length: int = setting(
        256,
        title="Longest text",
        help="Of longer texts the beginning and the end are read, half of this from each.",
        unit="characters",
        step=16,
        ge=8,
        le=4096,
    )
    min_count: int = setting(
        2,
        title="Least count",
        help="Characters or words that training texts hold less often are all read as the same unknown one.",
        ge=1,
        le=1000,
        advanced=True,
    )
    pooling: Literal["max", "mean", "attention", "last"] = setting(
        "max",
        title="Pooling",
        help="How the positions become one vector: the largest value of each feature, their mean, a learnt weighing, "
        "or the two ends of the text.",
    )
    counted: int = setting(
        0,
        title="Counted sequences",
        help="Which labels sequences of up to so many symbols speak for is counted in the training texts and asked "
        "beside the network, in shares found on the validation split: strong where texts are few. 0 leaves the "
        "network alone.",
        unit="symbols",
        ge=0,
        le=6,
    )
    class_weights: Literal["none", "balanced", "square_root"] = setting(
        "none",
        title="Class weights",
        help="Balanced lets rare labels count as much as frequent ones, square root half-way there; for data in which "
        "one label prevails.",
    )
    label_weights: dict[str, Annotated[float, Field(gt=0, le=1000)]] = setting(
        {},
        title="Weights by hand",
        help="How many times as much as the class weights say a label counts in what is learnt; labels that are not "
        "named count once. All together are scaled so that a text counts 1 in the mean.",
    )
    focal_gamma: float = setting(
        0.0,
        title="Focal loss",
        help="The focal loss's gamma. Above 0 (usually 2), a text that gets p of its label counts (1 - p) to this "
        "power as much: what is told apart easily hardly counts. 0 is the ordinary loss.",
        step=0.5,
        ge=0,
        le=10,
    )
    vocabulary: Vocabulary = setting(
        Vocabulary(), title="Vocabulary", help="Which symbols there are, and how they are fed."
    )


class LanguageModel(Section):
    """Continue running text, a symbol at a time."""

    METRICS: ClassVar[tuple[str, ...]] = (
        "validation_loss",
        "perplexity",
        "bits_per_character",
        "network_loss",
    )
    BEST: ClassVar[str] = "validation_loss"
    FAMILIES: ClassVar[tuple[str, ...]] = (
        "causal_transformer",
        "causal_recurrent",
        "causal_cnn",
        "gpt2",
        "pretrained_decoder",
    )
    BUILTIN: ClassVar[tuple[str, ...]] = ("peoples_daily", "reviews")
    SHAPING: ClassVar[tuple[str, ...]] = ("context",)
    PROBES: ClassVar[tuple[str, ...]] = ("今天的天气", "新华社北京", "这家酒店的房间")

    name: Literal["language_model"] = setting(
        "language_model", title="Task", help="What the model learns to do."
    )
    unit: Literal["character", "word", "subword"] = setting(
        "character",
        title="Symbols are",
        help="Characters; words (by jieba's counts), unknown ones spelt in characters; or subwords, pieces that are "
        "learnt from the training texts.",
    )
    context: int = setting(
        128,
        title="Length of a piece",
        help="Texts are cut into pieces of this length; none is read beyond its own piece in training.",
        unit="characters",
        step=16,
        ge=8,
        le=4096,
    )
    min_count: int = setting(
        3,
        title="Least count",
        help="Characters that training texts hold less often are all read as the same unknown one.",
        ge=1,
        le=1000,
        advanced=True,
    )
    counted: int = setting(
        0,
        title="Counted sequences",
        help="Sequences of up to so many symbols are counted in the training texts and mixed with what the network "
        "says, in shares found on the validation split: rare ones are remembered at once. 0 and 1 leave the network "
        "alone.",
        unit="symbols",
        ge=0,
        le=6,
    )
    vocabulary: Vocabulary = setting(
        Vocabulary(), title="Vocabulary", help="Which symbols there are, and how they are fed."
    )


class MaskedLanguageModel(Section):
    """Guess characters that were left out of running text, to learn what other tasks can start from."""

    METRICS: ClassVar[tuple[str, ...]] = ("validation_loss", "mask_accuracy", "next_sentence_accuracy")
    BEST: ClassVar[str] = "mask_accuracy"
    FAMILIES: ClassVar[tuple[str, ...]] = ("transformer_encoder", "recurrent", "pretrained_encoder")
    BUILTIN: ClassVar[tuple[str, ...]] = ("peoples_daily", "reviews")
    SHAPING: ClassVar[tuple[str, ...]] = ("context",)
    PROBES: ClassVar[tuple[str, ...]] = (
        "今天的天[MASK]很好。",
        "新华社北[MASK]一月一日电",
        "这家酒店的房[MASK]很干净。",
    )

    name: Literal["masked_language_model"] = setting(
        "masked_language_model", title="Task", help="What the model learns to do."
    )
    context: int = setting(
        128,
        title="Length of a piece",
        help="Texts are cut into pieces of this length; none is read beyond its own piece in training.",
        unit="characters",
        step=16,
        ge=8,
        le=4096,
    )
    mask_rate: float = setting(
        0.15,
        title="Share left out",
        help="Share of the characters that are asked for. Of ten of them eight become the mask, one another character, "
        "and one stays.",
        step=0.05,
        gt=0,
        le=0.6,
    )
    whole_words: bool = setting(
        False,
        title="Whole words",
        help="Leave out words (by jieba's counts) as a whole: harder, and more of it is learnt from the sense.",
    )
    next_sentence: bool = setting(
        False,
        title="Next sentence",
        help="Cut each piece in two, give half of the pieces another's second half, and ask which: for tasks about "
        "pairs of texts.",
        advanced=True,
    )
    counted: int = setting(
        0,
        title="Counted sequences",
        help="Sequences of up to so many characters are counted in the training texts and asked beside the network, "
        "with a weight found on the validation split. 0 and 1 leave the network alone.",
        unit="symbols",
        ge=0,
        le=6,
    )
    min_count: int = setting(
        3,
        title="Least count",
        help="Characters that training texts hold less often are all read as the same unknown one.",
        ge=1,
        le=1000,
        advanced=True,
    )


class Correction(Section):
    """Find wrong characters in sentences and put the right ones there."""

    METRICS: ClassVar[tuple[str, ...]] = (
        "validation_loss",
        "correction_f1",
        "correction_precision",
        "correction_recall",
        "detection_f1",
        "sentence_correction_f1",
        "sentence_detection_f1",
        "false_alarms",
    )
    BEST: ClassVar[str] = "correction_f1"
    FAMILIES: ClassVar[tuple[str, ...]] = ("transformer_encoder", "recurrent", "pretrained_encoder")
    BUILTIN: ClassVar[tuple[str, ...]] = ("peoples_daily", "reviews")
    SHAPING: ClassVar[tuple[str, ...]] = ("max_length",)
    PROBES: ClassVar[tuple[str, ...]] = (
        "今天的天汽很好。",
        "这家酒店的房间很于净。",
        "他每天早上去公园跑步。",
    )

    name: Literal["correction"] = setting("correction", title="Task", help="What the model learns to do.")
    max_length: int = setting(
        128,
        title="Longest sentence",
        help="Longer sentences are read in pieces.",
        unit="characters",
        step=16,
        ge=8,
        le=4096,
    )
    error_rate: float = setting(
        0.06,
        title="Wrong characters",
        help="Share of the characters that are made wrong for learning and judging; at least one of a sentence.",
        step=0.01,
        gt=0,
        le=0.5,
    )
    sounds: float = setting(
        0.7,
        title="Share of homophones",
        help="Of the wrong characters so many sound like the right one, the others look like it.",
        step=0.05,
        ge=0,
        le=1,
    )
    clean: float = setting(
        0.3,
        title="Right sentences",
        help="Share of the sentences that are left right in training; more of them make fewer false alarms.",
        step=0.05,
        ge=0,
        lt=1,
    )
    most_false_alarms: float = setting(
        0.015,
        title="False alarms at most",
        help="Share of right validation sentences that may be touched; from which score on corrections are made "
        "follows from it.",
        step=0.005,
        ge=0,
        le=1,
    )
    mask_rate: float = setting(
        0.15,
        title="Right characters asked for",
        help="Share of the right characters that are left out and guessed in training, as a masked language model "
        "does; 0 for none.",
        step=0.05,
        ge=0,
        le=0.6,
        advanced=True,
    )
    counted: int = setting(
        0,
        title="Counted sequences",
        help="Sequences of up to so many characters are counted in the training texts and asked beside the network, "
        "with a weight found on the validation split. 0 and 1 leave the network alone.",
        unit="symbols",
        ge=0,
        le=6,
    )
    min_count: int = setting(
        3,
        title="Least count",
        help="Characters that training texts hold less often are all read as the same unknown one.",
        ge=1,
        le=1000,
        advanced=True,
    )


AnyTask = (
    PinyinToHanzi
    | TextClassification
    | LanguageModel
    | MaskedLanguageModel
    | Correction
    | HanziToPinyin
    | SequenceLabelling
    | SequenceToSequence
)
Task = Annotated[AnyTask, Field(discriminator="name")]
TASKS: dict[str, type[AnyTask]] = {
    "pinyin_to_hanzi": PinyinToHanzi,
    "text_classification": TextClassification,
    "language_model": LanguageModel,
    "hanzi_to_pinyin": HanziToPinyin,
    "sequence_labelling": SequenceLabelling,
    "masked_language_model": MaskedLanguageModel,
    "correction": Correction,
    "sequence_to_sequence": SequenceToSequence,
}


def lower_is_better(metric: str) -> bool:
    """Whether less of a figure is better: of losses and what follows from them. Of all others more is."""
    return metric.endswith("loss") or metric in _LOWER
