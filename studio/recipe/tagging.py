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
    FAMILIES: ClassVar[tuple[str, ...]] = ("recurrent", "transformer_encoder")
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
