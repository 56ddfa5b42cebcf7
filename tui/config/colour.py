"""Colours as written in themes, and the contrast between them."""

from __future__ import annotations

import re

DEFAULT = "default"
"""The terminal's own foreground or background colour."""
SIXTEEN = tuple(
    prefix + name
    for prefix in ("", "bright_")
    for name in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
)
READABLE = 4.5
"""The minimum contrast for text: WCAG 2.2, success criterion 1.4.3."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_rgb(colour: str) -> bool:
    """True for a colour of the form `#rrggbb`."""
    return _HEX.fullmatch(colour) is not None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
