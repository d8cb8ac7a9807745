"""What is learnt: one section a task, told apart by its `name`."""

from __future__ import annotations

from typing import ClassVar, Literal

from studio.recipe.fields import Section, setting


class PinyinToHanzi(Section):
    """Convert toneless pinyin syllables to characters, as an input method does."""

    METRICS: ClassVar[tuple[str, ...]] = ("validation_loss", "character_accuracy", "sentence_accuracy")
    """What an evaluation reports; losses end in "loss", and of everything else more is better."""

    name: Literal["pinyin_to_hanzi"] = setting(
        "pinyin_to_hanzi", title="Task", help="What the model learns to do."
    )


Task = PinyinToHanzi
