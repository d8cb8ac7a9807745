"""Tasks that say something of each character of a text."""

from __future__ import annotations

from typing import ClassVar, Literal

from studio.recipe.fields import Section, setting


class HanziToPinyin(Section):
    """Say how each hanzi of a text is read, tone included."""

    METRICS: ClassVar[tuple[str, ...]] = (
        "validation_loss",
        "syllable_accuracy",
        "toneless_accuracy",
        "polyphone_accuracy",
    )
    BEST: ClassVar[str] = "polyphone_accuracy"
    FAMILIES: ClassVar[tuple[str, ...]] = ("recurrent", "transformer_encoder", "pretrained_encoder")
    BUILTIN: ClassVar[tuple[str, ...]] = (
        "peoples_daily",
        "reviews",
        "lexicon_jieba",
        "lexicon_rime",
        "lexicon_modern",
    )
    SHAPING: ClassVar[tuple[str, ...]] = ("max_length",)
    PROBES: ClassVar[tuple[str, ...]] = (
        "他长大后在银行工作，行不行？",
        "这件事很重要，要重新考虑。",
        "音乐使人快乐，他还了书，还想再借。",
    )

    name: Literal["hanzi_to_pinyin"] = setting(
        "hanzi_to_pinyin", title="Task", help="What the model learns to do."
    )
    max_length: int = setting(
        128,
        title="Longest sentence",
        help="Longer sentences are cut, behind a comma where there is one.",
        unit="characters",
        step=16,
        ge=8,
        le=4096,
    )
    min_count: int = setting(
        2,
        title="Least count",
        help="Characters that training texts hold less often are all read as the same unknown one; each keeps its own "
        "readings.",
        ge=1,
        le=1000,
        advanced=True,
    )


class SequenceLabelling(Section):
    """Cut texts into words, or mark parts of speech or names in them."""

    METRICS: ClassVar[tuple[str, ...]] = ("validation_loss", "f1", "precision", "recall", "accuracy")
    BEST: ClassVar[str] = "f1"
    FAMILIES: ClassVar[tuple[str, ...]] = ("recurrent", "transformer_encoder", "pretrained_encoder")
    # Not jieba's, which was made of this very text among others: it would tell words of the test split.
    BUILTIN: ClassVar[tuple[str, ...]] = ("peoples_daily", "lexicon_rime", "lexicon_modern")
    SHAPING: ClassVar[tuple[str, ...]] = ("what", "max_length")
    PROBES: ClassVar[tuple[str, ...]] = (
        "南京市长江大桥今天通车。",
        "记者李明从上海报道，中国银行公布了新的办法。",
        "他说的确实在理。",
    )

    name: Literal["sequence_labelling"] = setting(
        "sequence_labelling", title="Task", help="What the model learns to do."
    )
    what: Literal["words", "parts_of_speech", "entities"] = setting(
        "words",
        title="Labels",
        help="Where words begin and end; their parts of speech as well; or names of persons, places and organisations, "
        "or whatever else files mark.",
    )
    scheme: Literal["bmes", "bio"] = setting(
        "bmes",
        title="Scheme",
        help="BMES tells beginning, middle, end and single characters apart and is a little more exact; BIO only "
        "beginnings from the rest, with half as many tags.",
    )
    crf: bool = setting(
        False,
        title="CRF layer",
        help="Learn which tag follows which, and train for whole sequences. Without it impossible ones are ruled out, "
        "and no more.",
    )
    max_length: int = setting(
        128,
        title="Longest sentence",
        help="Longer sentences are cut between two words.",
        unit="characters",
        step=16,
        ge=8,
        le=4096,
    )
    min_count: int = setting(
        2,
        title="Least count",
        help="Characters that training texts hold less often are all read as the same unknown one.",
        ge=1,
        le=1000,
        advanced=True,
    )
