"""What is learnt: one section a task, told apart by its `name`."""

from __future__ import annotations

from typing import Literal

from studio.recipe.fields import Section, setting


class PinyinToHanzi(Section):
    """Convert toneless pinyin syllables to characters, as an input method does."""

    name: Literal["pinyin_to_hanzi"] = setting(
        "pinyin_to_hanzi", title="Task", help="What the model learns to do."
    )


Task = PinyinToHanzi
