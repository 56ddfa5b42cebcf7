"""Every shipped theme can be read, also with 256 colours and by eyes that lack a kind of cone.

State is never told by colour alone: that each state has a glyph and a word of its own is tested in
`tests/view/test_states.py`. Here it is what colour adds to that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, pairwise

import pytest
from rich.color import Color, ColorSystem

from tui.config.colour import READABLE, contrast
from tui.config.theme import BURN_STEPS, GROUNDS, HELD_STATES, RGB, STATES, ThemeSpec
from tui.config.themes import load_themes
from tui.screen.themes import textual_theme

RGB_THEMES = [spec for spec in load_themes(None).specs if spec.colours == RGB]
BLIND_THEMES = {spec.name: spec for spec in RGB_THEMES if spec.name in ("deuteranopia", "protanopia", "tritanopia")}
every_rgb_theme = pytest.mark.parametrize("spec", RGB_THEMES, ids=[spec.name for spec in RGB_THEMES])
every_blind_theme = pytest.mark.parametrize("name", BLIND_THEMES)

ACTIVE = ("needs_input", "limited", "stalled", "waiting", "working")
QUIET = ("idle", "ended")
APART = 12.0
"""Least CIEDE2000 distance of two colours that are to be told apart in passing; 2.3 is just noticeable side by side."""
READABLE_256 = 4.0
"""With 256 colours each is up to half a step of the cube away from what the theme says."""


def colour_of(spec: ThemeSpec, role: str) -> str:
    colour = spec.look(role).colour
    assert colour is not None
    return colour


# -- contrast ---------------------------------------------------------------------------------------


@every_rgb_theme
def test_every_role_can_be_read_on_every_ground(spec: ThemeSpec) -> None:
    assert not list(spec.weak())
    for role, look in spec.roles.items():
        for ground in [look.ground] if look.ground else [spec.grounds[name] for name in GROUNDS]:
            assert contrast(colour_of(spec, role), ground) >= READABLE, (role, ground)


def test_high_contrast_means_seven_to_one() -> None:
    spec = next(spec for spec in RGB_THEMES if spec.name == "high-contrast")
    for role, look in spec.roles.items():
        for ground in [look.ground] if look.ground else [spec.grounds[name] for name in GROUNDS]:
            assert contrast(colour_of(spec, role), ground) >= 7, role


@every_rgb_theme
def test_the_row_under_the_cursor_stands_out(spec: ThemeSpec) -> None:
    assert contrast(spec.grounds["cursor"], spec.grounds["ground"]) >= 1.2
    assert distance(spec.grounds["cursor"], spec.grounds["ground"]) >= 4
    assert in_256(spec.grounds["cursor"]) != in_256(spec.grounds["ground"])


@every_rgb_theme
def test_roles_can_still_be_read_with_256_colours(spec: ThemeSpec) -> None:
    for role, look in spec.roles.items():
        for ground in [look.ground] if look.ground else [spec.grounds[name] for name in GROUNDS]:
            assert contrast(in_256(colour_of(spec, role)), in_256(ground)) >= READABLE_256, (role, ground)
    assert len({in_256(colour_of(spec, f"state.{state}")) for state in ACTIVE}) == len(ACTIVE)
    assert in_256(colour_of(spec, "state.paused")) not in {
        in_256(colour_of(spec, f"state.{state}")) for state in STATES
    }


@every_rgb_theme
def test_what_textuals_own_widgets_draw_can_be_read(spec: ThemeSpec) -> None:
    theme = textual_theme(spec)
    made = {**theme.to_color_system().generate(), **theme.variables}
    on_screen = [made["background"], made["surface"], made["panel"]]
    pairs = [(name, ground) for name in made if name.startswith("text-") for ground in on_screen]
    pairs += [("foreground", ground) for ground in on_screen]
    pairs += [
        ("block-cursor-foreground", made["block-cursor-background"]),
        ("block-cursor-blurred-foreground", made["block-cursor-blurred-background"]),
        ("input-cursor-foreground", made["input-cursor-background"]),
        ("input-selection-foreground", made["input-selection-background"]),
        ("screen-selection-foreground", made["screen-selection-background"]),
        ("footer-foreground", made["footer-background"]),
        ("footer-key-foreground", made["footer-background"]),
        ("button-color-foreground", made["primary"]),
        ("button-color-foreground", made["error"]),
    ]
    for name, ground in pairs:
        assert contrast(made[name], ground) >= READABLE, (name, made[name], ground)


# -- colours that are told apart --------------------------------------------------------------------


@every_rgb_theme
def test_states_are_told_apart_by_colour_too(spec: ThemeSpec) -> None:
    assert_apart(spec, lambda colour: colour)


@every_blind_theme
def test_states_are_told_apart_by_the_eyes_that_a_theme_is_made_for(name: str) -> None:
    assert_apart(BLIND_THEMES[name], lambda colour: as_seen(colour, name))


def assert_apart(spec: ThemeSpec, seen: Callable[[str], str]) -> None:
    looks = {state: seen(colour_of(spec, f"state.{state}")) for state in STATES}
    pairs = [*combinations(ACTIVE, 2), *((active, quiet) for active in ACTIVE for quiet in QUIET)]
    for one, other in pairs:
        assert distance(looks[one], looks[other]) >= APART, (one, other)
    for held in (held for held, role in HELD_STATES.items() if role == "accent"):
        look = seen(colour_of(spec, f"state.{held}"))
        for other in (*looks.values(), seen(colour_of(spec, "warn")), seen(colour_of(spec, "stop"))):
            assert distance(look, other) >= APART, (held, other)
    signals = [seen(colour_of(spec, role)) for role in ("good", "warn", "stop")]
    assert min(distance(*pair) for pair in combinations(signals, 2)) >= APART
    assert distance(seen(colour_of(spec, "diff.added")), seen(colour_of(spec, "diff.removed"))) >= APART
    classes = [seen(colour_of(spec, f"usage.{name}")) for name in ("input", "cache_read", "cache_write", "output")]
    assert min(distance(*pair) for pair in combinations(classes, 2)) >= 8
    ramp = [seen(colour_of(spec, f"burn.{step}")) for step in range(BURN_STEPS)]
    assert min(distance(*pair) for pair in pairwise(ramp)) >= 5
    assert distance(ramp[0], ramp[-1]) >= 2 * APART


@every_blind_theme
def test_text_can_be_read_by_the_eyes_that_a_theme_is_made_for(name: str) -> None:
    spec = BLIND_THEMES[name]
    for role, look in spec.roles.items():
        for ground in [look.ground] if look.ground else [spec.grounds[one] for one in GROUNDS]:
            assert contrast(as_seen(colour_of(spec, role), name), as_seen(ground, name)) >= READABLE, (role, ground)


# -- how it is measured -----------------------------------------------------------------------------

# Machado, Oliveira, Fernandes: "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
# severity 1.0, for linear RGB.
_MACHADO = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
Lab = tuple[float, float, float]


def in_256(colour: str) -> str:
    """What a terminal with 256 colours is sent instead."""
    return Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex


def linear(colour: str) -> list[float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def as_seen(colour: str, deficiency: str) -> str:
    """The colour as eyes with this deficiency see it."""
    red_green_blue = linear(colour)
    seen = []
    for row in _MACHADO[deficiency]:
        c = min(1.0, max(0.0, sum(weight * channel for weight, channel in zip(row, red_green_blue, strict=True))))
        seen.append(round(255 * (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055)))
    return "#{:02x}{:02x}{:02x}".format(*seen)


def lab(colour: str) -> Lab:
    """CIE L*a*b* of sRGB under D65."""
    r, g, b = linear(colour)
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: str, other: str) -> float:
    return ciede2000(lab(one), lab(other))


def ciede2000(one: Lab, other: Lab) -> float:
    """The colour difference CIEDE2000 (CIE 142-2001)."""
    mean_c7 = ((math.hypot(*one[1:]) + math.hypot(*other[1:])) / 2) ** 7
    stretch = 1.5 - 0.5 * math.sqrt(mean_c7 / (mean_c7 + 25**7))
    (l1, c1, h1), (l2, c2, h2) = (
        (light, math.hypot(a * stretch, b), math.degrees(math.atan2(b, a * stretch)) % 360)
        for light, a, b in (one, other)
    )
    delta_h = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    mean_h = (h1 + delta_h / 2) % 360 if c1 * c2 else h1 + h2
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    weight = (
        1
        - 0.17 * math.cos(math.radians(mean_h - 30))
        + 0.24 * math.cos(math.radians(2 * mean_h))
        + 0.32 * math.cos(math.radians(3 * mean_h + 6))
        - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    )
    by_l = (l2 - l1) / (1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2))
    by_c = (c2 - c1) / (1 + 0.045 * mean_c)
    by_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(delta_h / 2)) / (1 + 0.015 * mean_c * weight)
    turn = 60 * math.exp(-(((mean_h - 275) / 25) ** 2))
    rotation = -2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7)) * math.sin(math.radians(turn))
    return math.sqrt(by_l**2 + by_c**2 + by_h**2 + rotation * by_c * by_h)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        # Sharma, Wu, Dalal: "The CIEDE2000 Color-Difference Formula" (2005), table 1: pairs 1, 4, 7, 9, 17, 25, 34.
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_is_ciede2000(one: Lab, other: Lab, difference: float) -> None:
    assert ciede2000(one, other) == pytest.approx(difference, abs=1e-4)
    assert ciede2000(other, one) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize("deficiency", _MACHADO)
def test_a_deficiency_leaves_grey_grey_and_confuses_what_it_is_known_for(deficiency: str) -> None:
    assert distance(as_seen("#808080", deficiency), "#808080") < 1
    confused = {
        "protanopia": ("#c0504d", "#6b7d2b"),
        "deuteranopia": ("#d07030", "#909020"),
        "tritanopia": ("#3070d0", "#208878"),
    }
    one, other = confused[deficiency]
    assert distance(as_seen(one, deficiency), as_seen(other, deficiency)) < 0.6 * distance(one, other)
