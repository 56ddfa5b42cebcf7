"""What a theme says: the looks of roles (`state.working`, `dim`, `usage.output`), never of widgets.

There are three kinds of themes: `rgb` with colours of their own, `terminal` with the sixteen that the terminal has, and
`none` with attributes alone.
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
"""What text is drawn on: the screen, the detail, bars, and the row under the cursor."""
HELD_STATES = {one.held.value: one.role for one in held_states()}
"""What verbs make of lanes, each with the role that it looks like, unless a theme says otherwise below `roles`."""
STATES = tuple(state.value for state in LaneState if state.value not in HELD_STATES)
"""What a theme says of a lane by itself."""
BURN_STEPS = 5
REVERSE = "reverse"
"""What a `cursor` may be instead of a colour, in themes without colours of their own."""


@frozen
class Look:
    """A colour, a background and attributes. None for a colour means: that of the text, or of the ground."""

    colour: str | None = None
    ground: str | None = None
    attributes: frozenset[str] = frozenset()

    def also(self, *attributes: str) -> Look:
        """The same with more attributes."""
        return replace(self, attributes=self.attributes | set(attributes))


@frozen
class ThemeSpec:
    """A theme. `grounds` are colours (`cursor` may be `reverse`), `roles` are looks."""

    name: str
    description: str
    dark: bool
    colours: str
    grounds: Mapping[str, str]
    roles: Mapping[str, Look]
    overrides: Mapping[str, Look] = field(default_factory=dict[str, Look])
    """Of the roles, those that the theme names itself though they would follow from others."""
    file: str = ""

    def look(self, role: str) -> Look:
        """The look of a role; of what stands before its last dot if it has none of its own; of text at last."""
        while role not in self.roles:
            role, dot, _ = role.rpartition(".")
            if not dot:
                return self.roles["text"]
        return self.roles[role]

    def weak(self) -> Iterator[tuple[str, str, float]]:
        """Roles that are hard to read: role, ground and contrast below 4.5. Only colours of our own can be judged."""
        if self.colours != RGB:
            return
        for role, look in self.roles.items():
            for ground in (None,) if look.ground else GROUNDS:
                ratio = contrast(look.colour or "", look.ground or self.grounds[ground or ""])
                if ratio < READABLE:
                    yield role, ground or "its own ground", ratio
