"""The colours of the window: two palettes, from which everything that is drawn takes its colours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """One set of colours, as `#rrggbb`.

    Attributes:
        window: behind the panes. surface: the panes. raised: cards, menus, headers. sunken: inputs, plots.
        hairline: separators. hairline_strong: edges of inputs.
        text, muted, faint: three strengths of ink; `faint` is for decoration, not for words that matter.
        accent: seal red, for the primary action and what is current. accent_text: on top of it.
        accent_soft: a breath of it, behind selected things.
        jade: validation curves and what went well. amber: warnings. danger: failures.
        hover: behind what the pointer is on. selection: behind selected text.
        series: colours of curves, in order.
    """

    name: str
    dark: bool
    window: str
    surface: str
    raised: str
    sunken: str
    hairline: str
    hairline_strong: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_text: str
    accent_soft: str
    accent_ink: str
    jade: str
    jade_soft: str
    amber: str
    amber_soft: str
    danger: str
    danger_soft: str
    hover: str
    pressed: str
    selection: str
    grid: str
    series: tuple[str, ...]


LIGHT = Palette(
    name="light",
    dark=False,
    window="#f1ece2",
    surface="#faf7f0",
    raised="#fffdf8",
    sunken="#fffefb",
    hairline="#e2dacb",
    hairline_strong="#c9bfac",
    text="#23211d",
    muted="#655e52",
    faint="#a39a89",
    accent="#b8342a",
    accent_hover="#a52c23",
    accent_pressed="#8c231b",
    accent_text="#fffaf5",
    accent_soft="#f6e3dc",
    accent_ink="#a32a21",
    jade="#19705d",
    jade_soft="#ddeee6",
    amber="#8a5a00",
    amber_soft="#f8ebcd",
    danger="#a3231b",
    danger_soft="#f8dfd9",
    hover="#efe8da",
    pressed="#e6ddcb",
    selection="#efd5cb",
    grid="#8a8272",
    series=("#b8342a", "#19705d", "#3d5a8a", "#8a5a00", "#6d4a86"),
)

DARK = Palette(
    name="dark",
    dark=True,
    window="#14171c",
    surface="#1a1e24",
    raised="#21262e",
    sunken="#15181d",
    hairline="#2c323b",
    hairline_strong="#434b57",
    text="#e6e3dc",
    muted="#a3a6aa",
    faint="#656b75",
    accent="#c8463a",
    accent_hover="#bd3f34",
    accent_pressed="#a3352b",
    accent_text="#fffaf5",
    accent_soft="#3a2525",
    accent_ink="#f0877a",
    jade="#5cc0a6",
    jade_soft="#1d332f",
    amber="#e0ac4f",
    amber_soft="#372d1c",
    danger="#f0877a",
    danger_soft="#3d2323",
    hover="#272d36",
    pressed="#303743",
    selection="#553330",
    grid="#7d8591",
    series=("#ee7565", "#5cc0a6", "#83a8e0", "#e0ac4f", "#bd97d8"),
)
