"""Outcomes that come again: groups of steps that ended alike, each with a counter that progress brings down."""

from __future__ import annotations

from tui.model.finding import RepetitionKind

GROUPS = 32
NEAR = 0.7
"""Share of a group's words that another outcome must have to be one of it."""
LEAST_WORDS = 3
CALLS_KEPT = 24
STEPS_KEPT = 8
CALM_TURNS = 0.04
"""How much each turn that has nothing to do with a group brings it down, as a share of one repeat."""


class Group:
    """Steps that came to the same. `points` grow with each turn that does so again and bought nothing."""

    __slots__ = (
        "acts", "anchor", "answer", "calls", "count", "edits", "fade", "gains", "key", "kind", "manner", "points",
        "program", "since_at", "since_offset", "steps", "tokens", "turn", "varies", "version", "weight",
    )  # fmt: skip

    def __init__(self, key: int, kind: RepetitionKind) -> None:
        self.key = key
        self.kind = kind
        self.points = 0.0
        self.weight = 1.0
        """Of the newest repeat."""
        self.count = 0
        """Steps of the lane that ended so since something else came of it, parallel ones too."""
        self.turn = 0
        self.edits = -1
        self.acts = -1
        self.version = -1
        """The lane's state when it was last seen."""
        self.gains = 0.0
        self.fade = 0.33
        self.manner = 0
        self.program = ""
        self.varies = False
        self.tokens: frozenset[int] = frozenset()
        self.calls: dict[int, None] = {}
        self.steps: list[tuple[str, str, float | None, int]] = []
        self.since_at: float | None = None
        self.since_offset = 0
        self.anchor = 0
        self.answer = 0

    def reset(self) -> None:
        """Something else came of it: what comes now counts anew."""
        self.points = 0.0
        self.count = 0
        self.steps.clear()
        self.calls.clear()
        self.varies = False


class Groups:
    """The groups of one lane, the least recently seen forgotten first."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, Group] = {}

    def get(self, key: int) -> Group | None:
        """The group of this key, made the newest."""
        found = self._known.pop(key, None)
        if found is not None:
            self._known[key] = found
        return found

    def make(self, key: int, kind: RepetitionKind) -> Group:
        """A new group."""
        if len(self._known) >= GROUPS:
            # One that counts for something is kept longer than one that was seen once.
            oldest = list(self._known)[: GROUPS // 3]
            self._known.pop(min(oldest, key=lambda one: self._known[one].points))
        made = self._known[key] = Group(key, kind)
        return made

    def near(self, tokens: frozenset[int], manner: int) -> Group | None:
        """The group whose template these words fit best: what is not shared becomes a slot of it."""
        size = len(tokens)
        if size < LEAST_WORDS:
            return None
        best, score = None, NEAR
        for group in self._known.values():
            theirs = group.tokens
            if not theirs or not (0.4 * size <= len(theirs) <= 2.5 * size):
                continue
            if manner and group.manner != manner:
                continue
            alike = len(tokens & theirs) / max(len(theirs), min(size, 1.5 * len(theirs)))
            if alike >= score:
                best, score = group, alike
        if best is not None:
            shared = best.tokens & tokens
            if len(shared) >= LEAST_WORDS:
                best.tokens = shared
        return best

    def all(self) -> list[Group]:
        """All of them, oldest first."""
        return list(self._known.values())
