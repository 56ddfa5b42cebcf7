"""Evidence that a lane goes in circles: groups of steps with the same outcome, and an account of the whole lane."""

from __future__ import annotations

from tui.model.finding import RepetitionKind

AGAIN = 1.0
"""Weight of a repetition: the same call had the same outcome, and nothing was changed in between."""
ALIKE = 0.75
"""Weight: another call had the same outcome, or an unrelated change was made in between."""
DOUBTFUL = 0.5
"""Weight: it may be chance. The result is very short, somebody refused the call, or only a part is the same."""
EXCUSED = 0.25
"""Weight: there is a reason to make the call again, such as an edit since."""
FADE = 0.3
"""Points that a gain of 1 takes from a group, since useful work may need the same call each time."""
CALM_TURNS = 0.04
"""Each turn counts as this gain, so that old repetitions lose their points in the end."""
GROUPS = 32
NEAR = 0.7
"""The least share of common words by which an outcome joins a group."""
LEAST_WORDS = 3
CALLS_KEPT = 24
STEPS_KEPT = 8
PAID_BACK = 0.5
"""Points that a gain of 1 takes from the account. A lane that wastes more than a third of its turns is flagged."""
ACCOUNT_LIMIT = 8.0
"""The most points of the account, so that a few useful turns clear a lane."""
WHOLE_TURN = 2.0
"""The most points that one turn adds to the account, however many of its calls are repetitions."""
FIRST_REPEAT = 0.5
"""The share of the weight of a group's first repeat that the account takes, since many things are done twice."""
TWICE = 2.0
"""The most points of the account that first repeats alone can reach."""


class Group:
    """Steps with the same outcome. `points` grow with each turn that repeats it, and fade with gains."""

    __slots__ = (
        "acts", "anchor", "answer", "calls", "count", "edits", "gains", "key", "kind", "last_at", "points", "program",
        "since_at", "since_offset", "steps", "tokens", "tree", "turn", "varies", "version",
    )  # fmt: skip

    def __init__(self, key: int, kind: RepetitionKind) -> None:
        self.key = key
        self.kind = kind
        self.points = 0.0
        self.count = 0
        """The number of steps with this outcome since the last `reset`, those of one turn included."""
        self.turn = 0
        self.edits = -1
        self.acts = -1
        self.version = -1
        """The counters of `Work` at the newest step of the group."""
        self.tree = 0
        """The state of all edited files at that step."""
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
        """Starts again, since another outcome came."""
        self.points = 0.0
        self.count = 0
        self.steps.clear()
        self.calls.clear()
        self.varies = False

    def left(self, clock: float) -> float:
        """The points that are left at a time of `Work.clock`."""
        return max(0.0, self.points - FADE * max(0.0, clock - self.gains))

    def ease(self, clock: float) -> None:
        """Halves its points, since there was another outcome."""
        self.points = self.left(clock) * DOUBTFUL
        self.gains = clock


class Groups:
    """The groups of one lane. If there are too many, one that was not used recently is forgotten."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, Group] = {}

    def get(self, key: int) -> Group | None:
        """The group with this key, which becomes the newest; None if there is none."""
        found = self._known.pop(key, None)
        if found is not None:
            self._known[key] = found
        return found

    def make(self, key: int, kind: RepetitionKind) -> Group:
        """Makes a group with this key."""
        if len(self._known) >= GROUPS:
            # Of the oldest third, the group with the fewest points is forgotten.
            oldest = list(self._known)[: GROUPS // 3]
            self._known.pop(min(oldest, key=lambda one: self._known[one].points))
        made = self._known[key] = Group(key, kind)
        return made

    def of(self, key: int, kind: RepetitionKind) -> Group:
        """The group with this key; a new one if there is none."""
        return self.get(key) or self.make(key, kind)

    def near(self, tokens: frozenset[int]) -> Group | None:
        """The group whose words are most like these; None if none is near. Words that differ leave the group."""
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
        """All groups, oldest first."""
        return list(self._known.values())


class Account:
    """The points of a lane as a whole: wasted turns add to them, useful turns take from them.

    So a lane is also flagged if its rounds have many calls, or if it does other work between its repetitions.
    """

    __slots__ = ("_before", "_gain", "_turn", "_waste", "owed")

    def __init__(self) -> None:
        self.owed = 0.0
        self._before = 0.0
        self._turn = 0
        self._gain = self._waste = 0.0

    def add(self, turn: int, waste: float, gain: float, *, is_first: bool) -> None:
        """Takes one step. `is_first`: it is the first repeat of its group. All steps of a turn are judged together."""
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
        """Starts again, since a person said something new."""
        self.owed = self._before = 0.0
        self._gain = self._waste = 0.0
