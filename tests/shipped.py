"""The presets that come with the studio, made whole where they want something of the user's."""

from __future__ import annotations

from studio.recipe import Recipe, presets, resolve

NEED_AN_ENCODER = ("names-pretrained", "sentiment-pretrained", "translation-pretrained")


def resolved(name: str) -> Recipe:
    """A preset's recipe; with the name of an encoder, where it has to be given one."""
    return resolve(name, ["model.source=someone/encoder"] if name in NEED_AN_ENCODER else None)


def names() -> list[str]:
    """Of all that come with the studio."""
    return [preset.name for preset in presets() if preset.builtin]
