"""The content of a theme: the looks of roles (`state.working`, `dim`, `usage.output`), not of widgets.

There are three kinds of themes: `rgb` has colours of its own, `terminal` uses the sixteen colours of the terminal, and
`none` uses only attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from tui.config.colour import READABLE, contrast
from tui.control.verbs.registry import held_states
from tui.model.frozen import frozen
from tui.model.snapshot import LaneState

RGB, TERMINAL, NONE = COLOURS = ("rgb", "terminal", "none")
ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike")
GROUNDS = ("ground", "surface", "panel", "cursor")
"""Backgrounds of text: the screen, the detail, bars, and the row under the cursor."""
HELD_STATES = {one.held.value: one.role for one in held_states()}
"""The states that verbs give to lanes, each with a role: it has the look of that role, unless a theme sets its own."""
STATES = tuple(state.value for state in LaneState if state.value not in HELD_STATES)
"""The states whose looks every theme must set."""
BURN_STEPS = 5
"""The number of looks for burn, from cool to hot."""
REVERSE = "reverse"
"""The value of `cursor` that is allowed instead of a colour, in themes without colours of their own."""


@frozen
class Look:
    """A colour, a background and attributes.

    `colour` is None: the colour of normal text. `ground` is None: the background of the surface behind.
    """

    colour: str | None = None
    ground: str | None = None
    attributes: frozenset[str] = frozenset()

    def also(self, *attributes: str) -> Look:
        """The same look with more attributes."""
        return replace(self, attributes=self.attributes | set(attributes))


@frozen
class ThemeSpec:
    """A theme. `colours` is its kind, `grounds` are colours (`cursor` may be `reverse`), `roles` are looks."""

    name: str
    description: str
    dark: bool
    colours: str
    grounds: Mapping[str, str]
    roles: Mapping[str, Look]
    overrides: Mapping[str, Look] = field(default_factory=dict[str, Look])
    """Looks that the theme sets itself; without them they would be derived from other roles. Also in `roles`."""
    file: str = ""

    def look(self, role: str) -> Look:
        """The look of a role. If `a.b.c` has none: that of `a.b`, else of `a`, and in the end of `text`."""
        while role not in self.roles:
            role, dot, _ = role.rpartition(".")
            if not dot:
                return self.roles["text"]
        return self.roles[role]

    def weak(self) -> Iterator[tuple[str, str, float]]:
        """The roles that are hard to read: each with its ground and their contrast, which is below 4.5.

        Only themes of the kind `rgb` can be checked; others yield nothing.
        """
        if self.colours != RGB:
            return
        for role, look in self.roles.items():
            for ground in (None,) if look.ground else GROUNDS:
                ratio = contrast(look.colour or "", look.ground or self.grounds[ground or ""])
                if ratio < READABLE:
                    yield role, ground or "its own ground", ratio
