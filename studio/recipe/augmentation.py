"""How examples are varied while they are learnt: otherwise in each epoch, and the same for the same seed and epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from pydantic import Field

from studio.recipe.fields import Section, setting

FuzzySound = Literal[
    "z_zh", "c_ch", "s_sh", "l_n", "f_h", "r_l", "an_ang", "en_eng", "in_ing", "ian_iang", "uan_uang"
]
"""Sounds that many speakers do not tell apart; the same names as in typing."""


class _Varying(Section):
    share: float = setting(
        0.5, title="Share of examples", help="The others stay as they are.", step=0.05, slider=1, gt=0, le=1
    )
    rate: float = setting(
        0.05,
        title="Rate",
        help="Chance of each character, in an example that is varied.",
        step=0.01,
        slider=1,
        gt=0,
        le=1,
    )


class RepeatCharacters(_Varying):
    """Write characters twice."""

    kind: Literal["repeat_characters"] = setting(
        "repeat_characters",
        title="Repeat characters",
        help="A character stands twice: 今天天气 as 今今天天气.",
    )


class ReplaceCharacters(_Varying):
    """Put other characters in their place."""

    kind: Literal["replace_characters"] = setting(
        "replace_characters",
        title="Replace characters",
        help="A common character stands for another, at random.",
    )


class InsertCharacters(_Varying):
    """Put characters between."""

    kind: Literal["insert_characters"] = setting(
        "insert_characters",
        title="Insert characters",
        help="A common character stands where none was, at random.",
    )


class DeleteCharacters(_Varying):
    """Leave characters out."""

    kind: Literal["delete_characters"] = setting(
        "delete_characters", title="Delete characters", help="A character is missing; never all of them."
    )


class SwapCharacters(_Varying):
    """Change neighbours over."""

    kind: Literal["swap_characters"] = setting(
        "swap_characters", title="Swap characters", help="Two neighbours stand the other way round."
    )


class Homophones(_Varying):
    """Confuse characters that sound alike."""

    kind: Literal["homophones"] = setting(
        "homophones", title="Homophones", help="A character of the same sound stands for another: 在 for 再."
    )


class SimilarShapes(_Varying):
    """Confuse characters that look alike."""

    kind: Literal["similar_shapes"] = setting(
        "similar_shapes",
        title="Similar shapes",
        help="A character that looks alike stands for another: 未 for 末.",
    )


class FuzzySounds(_Varying):
    """Confuse syllables as many speakers do."""

    kind: Literal["fuzzy_sounds"] = setting(
        "fuzzy_sounds",
        title="Fuzzy sounds",
        help="A syllable's fuzzy partner stands in the input, zong for zhong; the right character stays the label.",
    )
    pairs: tuple[FuzzySound, ...] = setting(
        ("z_zh", "c_ch", "s_sh", "l_n", "an_ang", "en_eng", "in_ing"),
        title="Pairs",
        help="Sounds that are not told apart, one a line.",
        min_length=1,
    )


class TypingSlips(_Varying):
    """Type letters wrongly."""

    kind: Literal["typing_slips"] = setting(
        "typing_slips",
        title="Slips in typing",
        help="Letters of pinyin as fingers type them; the rate is that of a syllable. What happens is drawn by weight.",
    )
    neighbours: float = setting(
        1.0,
        title="Neighbouring keys",
        help="Weight of the key beside the right one.",
        step=0.1,
        slider=5,
        ge=0,
        le=100,
    )
    missing: float = setting(
        1.0, title="Missing letters", help="Weight of a letter left out.", step=0.1, slider=5, ge=0, le=100
    )
    doubled: float = setting(
        1.0, title="Doubled letters", help="Weight of a letter typed twice.", step=0.1, slider=5, ge=0, le=100
    )
    initials: float = setting(
        1.0,
        title="Initials only",
        help="Weight of a syllable cut down to its initial; 0 where whole syllables are read, as pinyin to hanzi does.",
        step=0.1,
        slider=5,
        ge=0,
        le=100,
    )


AnyAugmentation = (
    RepeatCharacters
    | ReplaceCharacters
    | InsertCharacters
    | DeleteCharacters
    | SwapCharacters
    | Homophones
    | SimilarShapes
    | FuzzySounds
    | TypingSlips
)
Augmentation = Annotated[AnyAugmentation, Field(discriminator="kind")]

AUGMENTATION_KINDS: tuple[str, ...] = tuple(
    str(kind.model_fields["kind"].default) for kind in get_args(AnyAugmentation)
)
"""Every kind of augmentation."""

SUITABLE: dict[str, tuple[str, ...]] = {
    "pinyin_to_hanzi": ("fuzzy_sounds", "typing_slips"),
    "text_classification": tuple(
        kind for kind in AUGMENTATION_KINDS if kind not in ("fuzzy_sounds", "typing_slips")
    ),
}
"""The kinds that each task can use; a task that is not here uses none."""

_WHOLE_SYLLABLES = frozenset({"pinyin_to_hanzi"})


def unsuitable(task: str, augmentation: Sequence[AnyAugmentation]) -> list[str]:
    """Complaints about augmentation that a task cannot use."""
    usable = SUITABLE.get(task, ())
    instead = f"use {', '.join(usable)}, or take it out" if usable else "take it out"
    complaints = [
        f"data.augmentation.{place} ({item.kind}) does not go with the task {task}; {instead}"
        for place, item in enumerate(augmentation)
        if item.kind not in usable
    ]
    return complaints + [
        f"data.augmentation.{place} ({item.kind}) cuts syllables down to their initials, but the network of the task "
        f"{task} reads whole syllables: the input method spells initials out before; set its initials to 0"
        for place, item in enumerate(augmentation)
        if isinstance(item, TypingSlips) and item.initials and task in _WHOLE_SYLLABLES
    ]


def beginning(kind: str, task: str) -> dict[str, float]:
    """The settings other than the usual ones that a kind begins with, for it to go with a task."""
    return {"initials": 0.0} if kind == "typing_slips" and task in _WHOLE_SYLLABLES else {}
