"""How texts become numbers: the vocabulary of a task that reads text as it stands."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from studio.recipe.fields import Section, setting

SUBWORDS = 8_000
"""Symbols of a subword vocabulary where the recipe does not say."""


class Vocabulary(Section):
    """Which symbols there are, and how they are fed."""

    size: int = setting(
        0,
        title="Largest size",
        help="The most frequent ones stay. 0: 8,000 subwords, or all characters or words that the least count leaves.",
        unit="symbols",
        step=500,
        ge=0,
        le=1_000_000,
    )
    algorithm: Literal["bpe", "unigram", "wordpiece"] = setting(
        "bpe",
        title="Subwords by",
        help="Byte-pair encoding joins what stands together most; Unigram drops what is least missed, in a sample of "
        "300,000 characters; WordPiece learns as the first and reads the longest piece first.",
        advanced=True,
    )
    special: tuple[str, ...] = setting(
        (),
        title="Kept whole",
        help="Texts that are one symbol wherever they stand, one a line, such as [人名].",
        max_length=200,
        advanced=True,
    )
    embedding: Literal["learnt", "one_hot"] = setting(
        "learnt",
        title="Input layer",
        help="A vector for each symbol; or one-hot: a one among zeros for each symbol, and an ordinary linear layer "
        "over it, with a bias, shared with no output.",
        advanced=True,
    )
    source: str = setting(
        "",
        title="Taken from",
        help="A run, a checkpoint, an exported model or a Hugging Face folder with a tokenizer.json, whose vocabulary "
        "is used as it is. Empty: made from the training texts.",
        advanced=True,
    )

    @field_validator("special")
    @classmethod
    def _are_texts(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        kept = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
        long = next((text for text in kept if len(text) > 64), None)
        if long is not None:
            raise ValueError(f"{long[:20]!r}... is longer than 64 characters; it is to be one symbol")
        return kept
