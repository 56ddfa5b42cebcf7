"""Evidence that a lane goes in circles: groups of steps that came to the same, and the account of the whole lane."""

from __future__ import annotations

from tui.model.finding import RepetitionKind

AGAIN = 1.0
"""The same call came to the same, and nothing was changed between."""
ALIKE = 0.75
"""Another call came to the same, or something was done between that has little to do with it."""
DOUBTFUL = 0.5
"""It may be chance: next to nothing was said, somebody refused it, or only a part is as it was."""
EXCUSED = 0.25
"""There is a reason to do it once more, such as an edit since."""
FADE = 0.3
"""What a whole gain takes from a group: work that gets on may well have a call that it makes each time."""
CALM_TURNS = 0.04
"""The same for each turn, so that what lies far back counts for nothing in the end."""
GROUPS = 32
NEAR = 0.7
"""Share of a group's words that another outcome must have to be one of it."""
LEAST_WORDS = 3
CALLS_KEPT = 24
STEPS_KEPT = 8
PAID_BACK = 0.5
"""What a whole gain takes from the account: a lane that wastes more than a third of its turns is told in the end."""
ACCOUNT_LIMIT = 8.0
"""More than this is not kept, so that work of some turns clears a lane."""
WHOLE_TURN = 2.0
"""The most that one turn counts for, however many of its calls, made at once, repeat others."""
FIRST_REPEAT = 0.5
"""The share of a group's first repeat that the account takes: many things are done twice."""
TWICE = 2.0
"""First repeats alone do not bring the account above this, however many they are."""


class Group:
    """Steps that came to the same. `points` grow with each turn that does so again and bought nothing."""

    __slots__ = (
        "acts", "anchor", "answer", "calls", "count", "edits", "gains", "key", "kind", "last_at", "points", "program",
        "since_at", "since_offset", "steps", "tokens", "tree", "turn", "varies", "version",
    )  # fmt: skip

    def __init__(self, key: int, kind: RepetitionKind) -> None:
        self.key = key
        self.kind = kind
        self.points = 0.0
        self.count = 0
        """Steps of the lane that ended so since something else came of it, parallel ones too."""
        self.turn = 0
        self.edits = -1
        self.acts = -1
        self.version = -1
        """The lane's state when it was last seen."""
        self.tree = 0
        """The state of all edited files then."""
        self.gains = 0.0
        self.program = ""
        self.varies = False
        self.tokens: frozenset[int] = frozenset()
        self.calls: dict[int, None] = {}
        self.steps: list[tuple[str, str, float | None, int]] = []
        self.since_at: float | None = None
        self.last_at: float | None = None
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

    def left(self, clock: float) -> float:
        """What its points are worth at a time that is measured in gains."""
        return max(0.0, self.points - FADE * max(0.0, clock - self.gains))

    def ease(self, clock: float) -> None:
        """It came to something else, if to nothing better."""
        self.points = self.left(clock) * DOUBTFUL
        self.gains = clock


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

    def of(self, key: int, kind: RepetitionKind) -> Group:
        """The group of this key, a new one if there is none."""
        return self.get(key) or self.make(key, kind)

    def near(self, tokens: frozenset[int]) -> Group | None:
        """The group whose template these words fit best: what is not shared becomes a slot of it."""
        size = len(tokens)
        if size < LEAST_WORDS:
            return None
        best, score = None, NEAR
        for group in self._known.values():
            theirs = group.tokens
            if not theirs or not (0.4 * size <= len(theirs) <= 2.5 * size):
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


class Account:
    """The evidence against a lane as a whole: turns worth nothing make it grow, turns worth something pay it back.

    So a lane whose rounds have many calls, or that does other work between, is told as well as one that makes one
    call over and over.
    """

    __slots__ = ("_before", "_gain", "_turn", "_waste", "owed")

    def __init__(self) -> None:
        self.owed = 0.0
        self._before = 0.0
        self._turn = 0
        self._gain = self._waste = 0.0

    def add(self, turn: int, waste: float, gain: float, *, is_first: bool) -> None:
        """One step; `is_first`: of its group's repeats. A turn is judged by what all its steps are worth together."""
        if turn != self._turn:
            self._turn = turn
            self._before = self.owed
            self._gain = self._waste = 0.0
        if is_first:
            waste = min(FIRST_REPEAT * waste, max(0.0, TWICE - self._before - self._waste))
        self._waste = min(WHOLE_TURN, self._waste + waste)
        self._gain += gain
        owed = self._before + self._waste - PAID_BACK * min(1.0, self._gain)
        self.owed = max(0.0, min(ACCOUNT_LIMIT, owed))

    def clear(self) -> None:
        """A person said something new."""
        self.owed = self._before = 0.0
        self._gain = self._waste = 0.0
