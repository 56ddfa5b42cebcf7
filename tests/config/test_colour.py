"""The contrast of colours as WCAG defines it."""

from __future__ import annotations

import pytest

from tui.config.colour import contrast, is_rgb, luminance


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
        ("#808080", "#000000", 5.32),
        ("#123456", "#123456", 1.0),
    ],
)
def test_known_contrast_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


def test_luminance_of_the_primaries() -> None:
    assert [luminance(colour) for colour in ("#ff0000", "#00ff00", "#0000ff")] == pytest.approx(
        [0.2126, 0.7152, 0.0722]
    )


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("#a0B1c2", True), ("#abc", False), ("a0b1c2", False), ("#a0b1c2ff", False), ("#a0b1cg", False), ("", False)],
)
def test_valid_and_invalid_colours(text: str, is_one: bool) -> None:
    assert is_rgb(text) is is_one
