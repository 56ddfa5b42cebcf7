"""Further numbers about the course of a lane: what came of it when it had the same outcome before, and what it says.

They are part of `tui.judge.signals`, and fade as its numbers do.
"""

from __future__ import annotations

import re
from array import array
from collections import deque
from functools import lru_cache
from math import log1p
from typing import NamedTuple
from zlib import crc32

from tui.judge.normalise import LOWER
from tui.judge.novelty_filter import Seen
from tui.judge.outcomes import Outcome, one_sign
from tui.judge.shapes import Role, Shape
from tui.judge.state import count_left
from tui.judge.work import Step

FAST, SLOW = 0.8, 0.95
"""The shares of the two means that are left after one step."""
_NEW_FAST, _NEW_SLOW = 1 - FAST, 1 - SLOW
LEADS = 6
"""The number of newest steps among which the one with the most like outcomes leads."""
KINDS = 32
"""The number of newest steps whose kinds are counted."""
FOLLOWED_KEPT, SERIES_KEPT = 128, 48
FAILURES_KEPT = 16
MANNERS_KEPT, LINES_KEPT = 16, 6
HEAD_CHARS, TAIL_CHARS, SAID_CHARS, PROMPT_CHARS = 1000, 600, 400, 2000
FEW_LINES, FAILING_LINES, SHORTEST_LINE = 16, 12, 4
SAME_LINES, SAME_FAILURE = 0.8, 0.7
"""The least shares of common lines of two results, and of common failing lines of two failures, that are the same."""
SMALL = 80
"""The most characters of a small result."""
NUMBERS = 6
SURE = 3
"""So many changes of a number show whether it goes in one direction."""
TREND_KEPT = 0.8
BITS = 1023
_BIT = [1 << at for at in range(BITS + 1)]
LONG_AGO = 60
ASKED_KEPT = 0.5
"""The part of what an earlier prompt asked for that still counts after another prompt."""

MEANS = (
    "like_before", "exactly_before", "small", "foreseen", "trend_sure", "call_new", "call_listed", "names_new",
    "lines_same", "lines_alike", "failure_same", "failure_alike", "failure_new", "text_onward", "text_tries",
    "text_new",
)  # fmt: skip
FIGURES = (
    "like_gain", "like_calls", "like_success", "lead_calls", "lead_gain", "lead_edits", "kinds_most", "kinds_distinct",
    "failures_alike", "failures_share", "since_pass", "asked_list", "asked_measure",
)  # fmt: skip
NAMES = tuple(f"{name}_{span}" for name in MEANS for span in ("fast", "slow")) + FIGURES
"""The names of the numbers in `Course.vector`, in their order."""
_PLACE = {name: at for at, name in enumerate(MEANS)}
_FAILURES_ALIKE, _FAILURES_SHARE, _KINDS_MOST, _KINDS_DISTINCT = map(
    FIGURES.index, ("failures_alike", "failures_share", "kinds_most", "kinds_distinct")
)

_PASSING = re.compile(
    r"[0-9a-f](?<=\b\w)(?:\d?:\d\d(?::\d\d(?:\.\d+)?)?|\d{3}-\d\d-\d\d\S*|[0-9a-f]{5,}\b|x[0-9a-f]+"
    r"|(?<=\d)(?:\d*(?:\.\d+)?\s?(?:ms|s|sec|seconds|m|min|us|ns)\b|(?<=pid \d)\d*))"
)
"""Times, dates, ids, hashes and durations. It begins with a set of characters, so that a search skips all others."""
_NUMBER = re.compile(r"\d(?<![\w.]\d)\d{0,5}(?:\.\d+)?(?!\w)")
_FAILING = re.compile(
    r"error|fail|exception|not found|denied|cannot|can't|no such|unable|refused|invalid|traceback|fatal|timed out"
    r"|expected|received|assert|panic|✕|✗|×|●|not ok|killed|conflict|already|rejected|warning|mismatch|want|got:"
    r"|unexpected|undefined|missing|^e  ".encode()
)
"""What a line of a failed result has that says what failed."""
_TRIES = re.compile(
    r"(?i)\b(?:again|once more|one more|another (?:try|attempt|way|form|guess|approach|spelling|wording|idea)|retry\w*"
    r"|re-?run\w*|try(?:ing)?|attempt\w*|maybe|perhaps|still|instead|different\w*|revert\w*|undo\w*|back to|restor\w*"
    r"|should (?:fix|do|work)|this time|same (?:error|result|failure|output|problem)"
    r"|noch (?:ein|mal)\w*|wieder|erneut|immer noch|vielleicht|anders|encore|nouve\w+|toujours|peut-être|otra vez"
    r"|de nuevo|todavía|quizá\w*|nuevo)\b"
)
"""Words of a message about another try."""
_ONWARD = re.compile(
    r"(?i)\b(?:next|then on|moving on|passes|passed|green|done|fixed|found|left|remain\w*|\d+ of|so far|good|healthy"
    r"|clear|matches|ok|finished|complete\w*|nächste\w*|weiter|fertig|suivant\w*|siguiente\w*|listo)\b|\d+/\d+"
)
"""Words of a message about something that is done."""
_LIST = re.compile(
    r"(?i)\b(?:all|each|every|remaining|pending|one by one|one (?:at a time|after)|step by step|go through|in order"
    r"|batch\w*|list|alle|jede\w*|einzeln|tous|chaque|todos|cada)\b"
)
"""Words of a prompt that asks for the same with many things."""
_MEASURE = re.compile(
    r"(?i)\b(?:repeat\w*|times|runs|measure\w*|benchmark\w*|flak\w*|soak|fuzz\w*|bisect\w*|sweep|statistic\w*|deviation"
    r"|rate|try out|experiment\w*|compare)\b"
)
"""Words of a prompt that asks for the same many times."""


class Likes(NamedTuple):
    """The earlier steps whose results are like the newest one."""

    turns: int
    """The number of turns in which they were made."""
    first: int
    """The place of the first of them among the remembered steps."""
    of: int
    """The number of the remembered steps, without the newest one."""
    calls: int
    """The number of different calls among them and the newest step."""
    exact: bool
    """Whether the result of one of them is equal letter by letter."""


class _Head(NamedTuple):
    """The beginning of a result, without times, ids and the like."""

    numbers: tuple[float, ...]
    """Its first numbers."""
    lines: list[bytes]
    """Its lines that are not very short."""
    exact: int
    """The first of these lines as bits."""
    alike: int
    """The same, without their numbers."""


class Course:
    """Takes the steps, messages and prompts of one lane. Bounded memory."""

    def __init__(self, window: int) -> None:
        """`window`: the most steps that are remembered with `Likes`."""
        self._fast = [0.0] * len(MEANS)
        self._slow = [0.0] * len(MEANS)
        self._figures = [0.0] * len(FIGURES)
        self._sums: deque[tuple[float, int, int]] = deque(maxlen=window)
        """For each remembered step: the gains, the edits and the successes before it."""
        self._sum = (0.0, 0, 0)
        self._leads: deque[tuple[int, float, float, float]] = deque(maxlen=LEADS)
        self._kinds: deque[int] = deque(maxlen=KINDS)
        self._counts: dict[int, int] = {}
        """How many of these steps are of each kind."""
        self._before = self._newest = 0
        self._followed: dict[int, int] = {}
        """By a mark of the kinds of two steps: the kind of the step that followed them the last time."""
        self._texts, self._calls, self._results = Seen(), Seen(), Seen()
        """Words of messages; of calls; of results and prompts."""
        self._failures: deque[tuple[int, int, int]] = deque(maxlen=FAILURES_KEPT)
        """Turn, failing lines, and failing lines without numbers of the newest failures."""
        self._lines: dict[int, list[tuple[int, int, int]]] = {}
        """The same of all first lines of the newest results, by the manner of the call."""
        self._series: dict[int, array[float]] = {}
        """For each number of such results four: the newest one, its changes, and how many lately went up and down."""
        self._count = self._passed_at = 0
        self._asked_list = self._asked_measure = 0.0

    def say(self, text: str, marks: dict[int, None]) -> None:
        """Takes a message of the agent, and marks of its words."""
        head = text[:SAID_CHARS]
        self._mean("text_tries", float(_TRIES.search(head) is not None))
        self._mean("text_onward", float(_ONWARD.search(head) is not None))
        self._mean("text_new", len(self._texts.take(marks)) / len(marks) if marks else 0.0)

    def prompt(self, text: str, marks: dict[int, None]) -> None:
        """Takes a prompt that says something new, and marks of its words."""
        head = text[:PROMPT_CHARS]
        self._failures.clear()
        self._figures[_FAILURES_ALIKE] = self._figures[_FAILURES_SHARE] = 0.0
        self._asked_list = max(ASKED_KEPT * self._asked_list, float(_LIST.search(head) is not None))
        self._asked_measure = max(ASKED_KEPT * self._asked_measure, float(_MEASURE.search(head) is not None))
        self._results.learn(marks)

    def step(
        self, step: Step, shape: Shape, outcome: Outcome, text: str, sign: int, likes: Likes, own: dict[int, None],
        said: dict[int, None],
    ) -> None:  # fmt: skip
        """Takes a weighed step. `sign`: its kind; `own`, `said`: marks of the words of the call and of the result."""
        self._count += 1
        self._take_likes(step, outcome, likes)
        self._count_kind(sign)
        before = self._before
        foreseen = self._followed.pop(before, None) == sign
        self._followed[before] = sign
        if len(self._followed) > FOLLOWED_KEPT:
            self._followed.pop(next(iter(self._followed)))
        self._before = crc32(b"%d" % sign, self._newest)
        self._newest = sign
        named = self._calls.take(own)
        listed = len(named) - len(self._results.unseen(named))
        self._results.learn(said)
        whole = len(own) or 1
        head = _head(text[:HEAD_CHARS])
        trend = self._trend(head.numbers, sign) if head.numbers else 0.0
        same, alike = self._known_lines(head, shape.manner, step.turn)
        if step.role is Role.CHECK or outcome.bad:
            self._take_failure(step, outcome, head.lines, text)
        values = (
            likes.turns > 0, likes.exact, len(text) <= SMALL, foreseen, trend, len(named) / whole, listed / whole,
            bool(named), same, alike,
        )  # fmt: skip
        size = len(values)
        fast, slow = self._fast, self._slow
        fast[:size] = [mean + _NEW_FAST * (value - mean) for mean, value in zip(fast, values, strict=False)]
        slow[:size] = [mean + _NEW_SLOW * (value - mean) for mean, value in zip(slow, values, strict=False)]

    def vector(self) -> list[float]:
        """The numbers, in the order of `NAMES`."""
        self._figures[-3:] = (
            log1p(min(LONG_AGO, self._count - self._passed_at)), self._asked_list, self._asked_measure,
        )  # fmt: skip
        means = [0.0] * (2 * len(MEANS))
        means[::2], means[1::2] = self._fast, self._slow
        return means + self._figures

    # -- inside ---------------------------------------------------------------------------------

    def _mean(self, name: str, value: float) -> None:
        at = _PLACE[name]
        self._fast[at] += _NEW_FAST * (value - self._fast[at])
        self._slow[at] += _NEW_SLOW * (value - self._slow[at])

    def _count_kind(self, sign: int) -> None:
        kinds, counts = self._kinds, self._counts
        if len(kinds) == KINDS:
            gone = kinds[0]
            if counts[gone] > 1:
                counts[gone] -= 1
            else:
                del counts[gone]
        kinds.append(sign)
        counts[sign] = counts.get(sign, 0) + 1
        size = max(KINDS // 2, len(kinds))
        self._figures[_KINDS_MOST] = sum(sorted(counts.values())[-2:]) / size
        self._figures[_KINDS_DISTINCT] = len(counts) / size

    def _take_likes(self, step: Step, outcome: Outcome, likes: Likes) -> None:
        gains, edits, successes = self._sum
        now = (
            gains + step.gain,
            edits + (step.role is Role.EDIT and not outcome.bad),
            successes + (not outcome.bad and outcome.fresh > 0.2),
        )
        calls = gain = success = 1.0
        tried = 0.0
        if likes.turns:
            since = self._sums[likes.first + len(self._sums) - likes.of]
            span = likes.of - likes.first
            calls = likes.calls / (likes.turns + 1)
            gain = (now[0] - since[0]) / span
            tried = (now[1] - since[1]) / likes.turns
            success = (now[2] - since[2]) / span
        self._sums.append(self._sum)
        self._sum = now
        self._leads.append((likes.turns, calls, gain, tried))
        _, *lead = max(self._leads, key=lambda one: one[0])
        self._figures[:6] = (gain, calls, success, *lead)

    def _trend(self, numbers: tuple[float, ...], sign: int) -> float:
        """How surely one of these numbers of such results goes in one direction, 0 to 1."""
        at = crc32(b"%d" % len(numbers), sign)
        known = self._series.pop(at, None)
        if len(self._series) >= SERIES_KEPT:
            self._series.pop(next(iter(self._series)))
        if known is None:
            self._series[at] = array("d", [part for number in numbers for part in (number, 0.0, 0.0, 0.0)])
            return 0.0
        self._series[at] = known
        sure = 0.0
        place = 0
        for number in numbers:
            last, changes, rises, falls = known[place : place + 4]
            if number != last:
                changes += 1
                rises, falls = TREND_KEPT * rises + (number > last), TREND_KEPT * falls + (number < last)
                known[place : place + 4] = array("d", (number, changes, rises, falls))
            if changes >= SURE:
                sure = max(sure, abs(rises - falls) / (rises + falls))
            place += 4
        return sure

    def _known_lines(self, head: _Head, manner: int, turn: int) -> tuple[bool, bool]:
        """Whether an earlier result of this manner has the same lines, and whether it has them without numbers."""
        exact, alike = head.exact, head.alike
        known = self._lines.pop(manner, None)
        if known is None:
            known = list[tuple[int, int, int]]()
            if len(self._lines) >= MANNERS_KEPT:
                self._lines.pop(next(iter(self._lines)))
        self._lines[manner] = known
        same = like = False
        for at, other, other_alike in known:
            if at != turn:
                same = same or _shared(exact, other) >= SAME_LINES
                like = like or _shared(alike, other_alike) >= SAME_LINES
        known.append((turn, exact, alike))
        if len(known) > LINES_KEPT:
            del known[0]
        return same, same or like

    def _take_failure(self, step: Step, outcome: Outcome, lines: list[bytes], text: str) -> None:
        is_check = step.role is Role.CHECK
        if not (outcome.bad or (is_check and count_left(text[-1500:].encode("utf-8", "replace")))):
            self._passed_at = self._count
            self._mean("failure_same", 0.0)
            self._mean("failure_alike", 0.0)
            return
        if len(text) > HEAD_CHARS:
            lines = lines + _lines(_PASSING.sub(" ", text[max(HEAD_CHARS, len(text) - TAIL_CHARS) :]))
        masked = _masked(lines)
        failing = [at for at, line in enumerate(masked) if _FAILING.search(line)][:FAILING_LINES]
        places = failing or range(max(0, len(lines) - 3), len(lines))
        exact, alike = _marked([lines[at] for at in places]), _marked([masked[at] for at in places])
        known = [one for one in self._failures if one[0] != step.turn]
        same = sum(_shared(exact, other) >= SAME_FAILURE for _, other, _ in known)
        like = sum(_shared(alike, other) >= SAME_FAILURE for _, _, other in known)
        self._failures.append((step.turn, exact, alike))
        self._mean("failure_same", float(same > 0))
        self._mean("failure_alike", float(like > 0))
        self._mean("failure_new", float(not like))
        self._figures[_FAILURES_ALIKE] = log1p(like)
        self._figures[_FAILURES_SHARE] = same / len(known) if known else 0.0


@lru_cache(maxsize=32)  # the same result often comes again
def _head(text: str) -> _Head:
    plain = _PASSING.sub(" ", text)
    lines = _lines(plain)
    few = lines[:FEW_LINES]
    numbers = [float(found) for found in _NUMBER.findall(plain[:500])[:NUMBERS]]
    return _Head(tuple(numbers), lines, _marked(few), _marked(_masked(few)))


def _lines(text: str) -> list[bytes]:
    """The lines of a text that are not very short."""
    return [line for line in text.encode("utf-8", "replace").split(b"\n") if len(line) >= SHORTEST_LINE]


def _masked(lines: list[bytes]) -> list[bytes]:
    """The lines without capitals and numbers."""
    return one_sign(b"\n".join(lines).translate(LOWER)).split(b"\n") if lines else []


def _marked(lines: list[bytes]) -> int:
    """A set of lines as bits."""
    found = 0
    for line in lines:
        found |= _BIT[crc32(line) & BITS]
    return found


def _shared(one: int, other: int) -> float:
    """The share of common lines, 0 to 1 (Jaccard)."""
    if one == other:
        return 1.0
    return (one & other).bit_count() / (one | other).bit_count()
