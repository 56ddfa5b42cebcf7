"""Numbers that describe a lane and do not depend on its tools: how much is repeated, fails, is new, or changes.

Each step and each message gives some signals between 0 and 1. A lane has two fading means of each, over about 5 and
about 20 steps, and some figures of the newest step. `tui.judge.loop_model` decides by them whether the lane goes in
circles. Two texts are compared by bit sets of their words, so that a comparison takes less than a microsecond.
"""

from __future__ import annotations

import re
from array import array
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from math import log1p
from typing import NamedTuple
from zlib import crc32

from tui.judge.course import NAMES as COURSE_NAMES
from tui.judge.course import Course, Likes
from tui.judge.normalise import without_hashes
from tui.judge.novelty_filter import Seen
from tui.judge.outcomes import Outcome
from tui.judge.shapes import NORMAL, Role, Shape
from tui.judge.work import Step, Work
from tui.model.finding import RepetitionKind, StepShown

WINDOW = 48
"""The number of steps with which the newest one is compared."""
TEXTS_KEPT = 16
PROMPTS_KEPT = 8
FAST, SLOW = 0.8, 0.95
"""The shares of the two means that are left after one step."""
_NEW_FAST, _NEW_SLOW = 1 - FAST, 1 - SLOW
BITS = 1024
CALL_WORDS, RESULT_WORDS, TEXT_WORDS, PROMPT_WORDS = 60, 80, 120, 200
HEAD_CHARS, TAIL_CHARS, TEXT_CHARS = 500, 300, 800
ALIKE = 0.75
"""Two calls, or two results, that share at least this part of their words are alike."""
AS_BEFORE = 0.7
"""A step repeats an earlier one if both its call and its result are at least this much like those of that step."""
ALMOST = 0.98
"""The greatest likeness of two calls or results that are not the same."""
SAME_TEXT = 0.6
PROMPT_CHARS = 2000
EXACT_CHARS = 3000
"""The characters of a result that are compared letter by letter."""
SHORTEST = 12
"""The fewest characters of a message that counts. Shorter ones say no more than yes or no."""
LONGEST_PERIOD = 12
NUMBERS = 6
SERIES_KEPT = 200
FILES_KEPT = 256
KINDS_KEPT = 32
LONG_AGO = 60
LIKE_SHOWN = 8
SAID_CHARS = 160
OUTDATED = 2 * WINDOW
"""Steps of one manner that are all more turns old than this are forgotten. Late results may be some turns old."""
_NUMBER = re.compile(r"\d(?<![\w.]\d)\d{0,5}(?:\.\d+)?(?!\w)")
"""A number. It begins with a set of characters, so that a search skips all others."""
_SIMILAR_KEPT = 10
"""The number of newest steps of the same manner that are compared with each other."""

MEANS = (
    "failed", "nothing", "call_again", "result_again", "again", "as_before", "failed_again", "same_call",
    "fails_in_other_words", "succeeds_in_other_words", "succeeds_as_before", "new_success", "to_and_fro", "trend",
    "trend_broken", "fresh", "news", "gain", "edit", "first_edit", "state_back", "acts", "works", "looks", "waits",
    "spawns", "plans", "tells", "checks", "effect", "new_words", "new_answer", "times_before", "times_result", "period",
    "text_again", "thought_again", "talk",
)  # fmt: skip
FIGURES = (
    "again_now", "fresh_now", "news_now", "times_as_before", "times_as_before_lately", "times_result_now",
    "times_result_lately", "times_in_other_state", "times_failed_again", "named_by_person", "manner_distinct",
    "manner_failed", "manner_news", "program_again", "program_fresh", "program_distinct", "period_now", "since_gain",
    "since_done", "since_news", "since_first_edit", "since_success", "done", "text_now", "texts_alike", "thought_now",
    "thoughts_alike", "talk_now", "compactions", "nudges", "prompt_again", "asked_times", "asked_each",
    "asked_to_watch",
)  # fmt: skip
NAMES = tuple(f"{name}_{span}" for name in MEANS for span in ("fast", "slow")) + FIGURES + COURSE_NAMES
"""The names of the numbers in `Signals.vector`, in their order."""


class Like(NamedTuple):
    """A step that may be shown to a person, with what tells whether another came of it alike."""

    step: Step
    bare: int
    failed: bool
    kind: int
    digest: int
    result: int
    """The words of its result as bits."""
    again: float
    """How much it repeats an earlier step, 0 to 1."""


_Row = tuple[int, int, int, int, int, int, int, int, int, int, int]
"""What the comparison of two steps needs, as one tuple: read in a third of the time of as many attributes."""
_Fact = tuple[int, int, bool, int, float, float, int, int, int]
"""What is remembered of a step by its manner: turn, call, whether it failed, news, `again`, `fresh`, kind, digest and
result.
"""


class _Similar(NamedTuple):
    """The newest step and the earlier ones with the same key."""

    newest: _Fact | None
    """The newest of the earlier ones."""
    distinct: float
    """The share of different calls; and of all of them the means of these numbers."""
    failed: float
    news: float
    again: float
    fresh: float


class Signals:
    """Takes the steps, messages and prompts of one lane. Bounded memory."""

    def __init__(self) -> None:
        self._steps: deque[Like] = deque(maxlen=WINDOW)
        self._rows: deque[_Row] = deque(maxlen=WINDOW)
        self._texts: deque[int] = deque(maxlen=TEXTS_KEPT)
        self._thoughts: deque[int] = deque(maxlen=TEXTS_KEPT)
        self._prompts: deque[int] = deque(maxlen=PROMPTS_KEPT)
        self._asked = 0
        """The words of the person's prompts."""
        self._by_manner: dict[int, list[_Fact]] = {}
        """The newest steps by a mark of their manner or of their program."""
        self._signs: deque[int] = deque(maxlen=LONGEST_PERIOD)
        self._equal = [0] * (LONGEST_PERIOD + 1)
        """By period: whether each of the newest steps was of the same kind as the one a period before, as bits."""
        self._words = Seen()
        self._course = Course(WINDOW)
        self._fast = [0.0] * len(MEANS)
        self._slow = [0.0] * len(MEANS)
        self._figures = [0.0] * len(FIGURES)
        self._series: dict[int, array[float]] = {}
        """The numbers in such results, and after them the direction of the last change of each."""
        self._files = array("I")
        """Marks of the newest edited files."""
        self._compacted: deque[int] = deque(maxlen=8)
        self.count = 0
        """The number of steps."""
        self._since = {"gain": 0, "done": 0, "news": 0, "first_edit": 0, "success": 0}
        self._done = self._done_times = 0
        self._nudges = 0
        self._text_now = self._thought_now = self._prompt_again = 0.0
        self._texts_alike = self._thoughts_alike = self._talk = 0
        self._said = ""
        self._asked_times = 0
        """How many times a person asked for the same; 0 if nobody did."""
        self._asked_turn = self._alike_now = self._said_now = 0
        """The turn in which a person asked for something new; since then: steps like the newest one, and messages."""

    # -- events ---------------------------------------------------------------------------------

    def say(self, text: str) -> bool:
        """Takes a message of the agent. True if it is one of several without a step between them."""
        if len(text) < SHORTEST:
            return False
        self._said = text[:SAID_CHARS]
        marks = _marks(text[:TEXT_CHARS], TEXT_WORDS)
        self._text_now, self._texts_alike = _compared(marks, self._texts)
        self._course.say(text, marks)
        self._said_now += 1
        self._mean("text_again", self._text_now)
        self._talk += 1
        if self._talk > 1:
            self._mean("talk", 1.0)
        return self.says_more

    def think(self, text: str) -> None:
        """Takes a thought of the agent."""
        if len(text) >= SHORTEST:
            self._thought_now, self._thoughts_alike = _compared(_marks(text[:TEXT_CHARS], TEXT_WORDS), self._thoughts)
            self._mean("thought_again", self._thought_now)

    def prompt(self, text: str, *, is_news: bool) -> None:
        """Takes a prompt. `is_news`: it says something that no earlier prompt said."""
        marks = _marks(text[:PROMPT_CHARS], PROMPT_WORDS)
        words = _bits(marks)
        most = max((_share(words, one) for one in self._prompts), default=0.0)
        self._prompts.append(words)
        self._prompt_again = max(most, 0.7 * self._prompt_again)
        if is_news:
            self._course.prompt(text, marks)
            self._nudges = 0
            self._alike_now, self._said_now = 0, 0
            self._asked_turn = self._steps[-1].step.turn if self._steps else 0
            self._asked |= words
            if self._asked.bit_count() > BITS // 2:
                self._asked = words
        else:
            self._nudges += 1

    def plan(self, done: int) -> None:
        """Takes the number of items of the plan that are done."""
        if done > self._done:
            self._since["done"] = self.count
            self._done_times += 1
        self._done = done

    def compacted(self) -> None:
        """Notes a compaction of the context."""
        self._compacted.append(self.count)

    def step(self, step: Step, shape: Shape, outcome: Outcome, text: str, work: Work) -> None:
        """Takes a weighed step. `text` is its result."""
        self.count += 1
        own = _marks(f"{shape.name} {shape.text}", CALL_WORDS)
        said = _marks(f"{text[:HEAD_CHARS]} {text[-TAIL_CHARS:]}", RESULT_WORDS)
        new_words, new_answer = self._new(own), self._new(said)
        call = result = both = 0.0
        turn, version, failed, digest = step.turn, work.version, outcome.bad, outcome.digest
        tool, bare = shape.tool, shape.bare
        kind = 3 if outcome.refused else 2 if failed else 1 if outcome.empty or outcome.idle else 0
        sign = crc32(b"%d" % kind, shape.manner)
        own_bits, said_bits = _bits(own), _bits([mark for mark in said if mark not in own] or said)
        own_size, said_size = own_bits.bit_count(), said_bits.bit_count()
        same_call = False
        before: set[int] = set()
        alike: set[int] = set()
        other_state = failed_again = 0
        whole = crc32(text[:EXACT_CHARS].encode("utf-8", "replace"))
        first, exact, calls_alike = -1, False, {bare}
        for place, (
            other_turn, other_tool, other_bare, other_call, other_call_size, other_kind, other_digest, other_result,
            other_result_size, other_version, other_whole,
        ) in enumerate(self._rows):  # fmt: skip
            if other_turn == turn:
                continue
            calls = results = 0.0
            # Written out, not by `_share`: this runs for each pair of steps.
            if other_tool == tool:
                if other_bare == bare:
                    same_call = True
                    calls = 1.0
                else:
                    size = own_size + other_call_size
                    calls = 2 * (own_bits & other_call).bit_count() / size if size else ALMOST
                    if calls > ALMOST:  # noqa: PLR1730 - min() takes three times as long
                        calls = ALMOST
                if calls > call:  # noqa: PLR1730
                    call = calls
            if digest and other_digest == digest:
                results = 1.0 if other_kind == kind else ALMOST
            elif other_kind == kind:
                size = said_size + other_result_size
                results = 2 * (said_bits & other_result).bit_count() / size if size else 1.0
            if results > result:  # noqa: PLR1730
                result = results
            shared = calls if calls < results else results
            if shared > both:  # noqa: PLR1730
                both = shared
            if results >= ALIKE:
                alike.add(other_turn)
                calls_alike.add(other_bare)
                if first < 0:
                    first = place
                if other_whole == whole:
                    exact = True
                failed_again += failed
                other_state += other_version != version
            if shared >= AS_BEFORE:
                before.add(other_turn)
        self._alike_now = sum(at > self._asked_turn for at in alike)
        fact = (turn, bare, failed, outcome.news, both, outcome.fresh, kind, digest, said_bits)
        by_manner = self._similar_steps(fact, shape.manner)
        by_program = self._similar_steps(fact, crc32(shape.program.encode("utf-8", "replace"), shape.tool))
        newest_alike = _result_likeness(fact, by_manner.newest) if by_manner.newest is not None else result
        likes = Likes(len(alike), first, len(self._rows), len(calls_alike), exact)
        self._course.step(step, shape, outcome, text, sign, likes, own, said)
        self._steps.append(Like(step, bare, failed, kind, digest, said_bits, both))
        self._rows.append((
            turn, tool, bare, own_bits, own_size, kind, digest, said_bits, said_size, version, whole,
        ))  # fmt: skip
        lately = turn - 16
        edit = step.role is Role.EDIT and not outcome.bad and step.group is None
        trend, broken = self._trend(text, sign)
        period = self._period(sign)
        values = (
            failed, kind == 1, call, result, both, both >= AS_BEFORE, failed and result >= AS_BEFORE,
            same_call, failed and call < 0.9 and result >= SAME_TEXT,
            not failed and call < 0.9 and result >= SAME_TEXT, not failed and both >= AS_BEFORE,
            not failed and call < ALIKE and outcome.fresh > 0.2,
            max(0.0, result - newest_alike), trend, broken, outcome.fresh, log1p(outcome.news),
            step.gain, edit, edit and self._is_first(shape),
            step.group is not None and step.group.kind is RepetitionKind.OSCILLATION,
            step.role is Role.ACT, not failed and step.role in (Role.ACT, Role.CHECK, Role.SPAWN),
            step.role is Role.LOOK, step.role is Role.WAIT or step.poll > 0, step.role is Role.SPAWN,
            step.role is Role.PLAN, step.role is Role.TELL, step.role is Role.CHECK, outcome.effect, new_words,
            new_answer, log1p(len(before)), log1p(len(alike)), period,
        )  # fmt: skip
        self._note_progress(step, outcome)
        fast, slow, size = self._fast, self._slow, len(values)
        fast[:size] = [mean + _NEW_FAST * (value - mean) for mean, value in zip(fast, values, strict=False)]
        slow[:size] = [mean + _NEW_SLOW * (value - mean) for mean, value in zip(slow, values, strict=False)]
        self._mean("talk", 0.0)
        self._talk = 0
        self._figures[:17] = (
            both, outcome.fresh, log1p(outcome.news), log1p(len(before)), log1p(sum(turn >= lately for turn in before)),
            log1p(len(alike)), log1p(sum(turn >= lately for turn in alike)), log1p(other_state), log1p(failed_again),
            _contained(own_bits, self._asked), by_manner.distinct, by_manner.failed, log1p(by_manner.news),
            by_program.again, by_program.fresh, by_program.distinct, period,
        )  # fmt: skip
        request = work.request
        self._asked_times = request.times
        self._figures[-3:] = log1p(request.times), float(request.each), float(request.watches)

    def vector(self) -> list[float]:
        """The numbers, in the order of `NAMES`."""
        ages = [log1p(min(LONG_AGO, self.count - since)) for since in self._since.values()]
        self._figures[17:31] = (
            *ages,
            log1p(self._done_times), self._text_now, log1p(self._texts_alike), self._thought_now,
            log1p(self._thoughts_alike), log1p(self._talk),
            float(sum(self.count - at < LONG_AGO for at in self._compacted)), log1p(self._nudges), self._prompt_again,
        )  # fmt: skip
        means = [0.0] * (2 * len(MEANS))
        means[::2], means[1::2] = self._fast, self._slow
        return means + self._figures + self._course.vector()

    def like_newest(self) -> list[Like]:
        """The newest step that repeats several others, after the steps that it is like; empty if there is none."""
        for newest in reversed(self._steps):
            if newest.again >= SAME_TEXT:
                alike = [other for other in self._steps if other is newest or _came_of_it_alike(other, newest)]
                if len(alike) > 2:
                    return alike
        return []

    @property
    def says_more(self) -> bool:
        """Whether the newest message is one of several without a step between them."""
        return self._talk > 1 and bool(self._steps)

    @property
    def is_third(self) -> bool:
        """Whether the newest result is like two or more since a person asked for something new, or a message is.

        If the person asked for the same many times, it must be like as many.
        """
        said = self._said_now > 2 and max(self._texts_alike, self._thoughts_alike) >= 2
        return self._alike_now >= max(2, self._asked_times) or said

    @property
    def repeating(self) -> tuple[list[Like], int]:
        """The remembered steps that are like an earlier one, and the number of all remembered steps."""
        return [one for one in self._steps if one.again >= SAME_TEXT], len(self._steps)

    @property
    def recurrence(self) -> float:
        """How many of the recent steps or messages repeat earlier ones, 0 to 1."""
        fast = self._fast
        return max(fast[_AGAIN], fast[_TEXT_AGAIN], fast[_TALK])

    @property
    def is_silent(self) -> bool:
        """Whether the agent has written no message so far."""
        return not self._texts

    @property
    def said_again(self) -> tuple[int, str]:
        """How many of the newest messages are like the newest one, and its beginning."""
        return self._texts_alike, self._said

    # -- inside ---------------------------------------------------------------------------------

    def _mean(self, name: str, value: float) -> None:
        at = _PLACE[name]
        self._fast[at] += _NEW_FAST * (value - self._fast[at])
        self._slow[at] += _NEW_SLOW * (value - self._slow[at])

    def _new(self, found: dict[int, None]) -> float:
        """The share of words that the lane's calls and results did not have before."""
        return len(self._words.take(found)) / len(found) if found else 0.0

    def _similar_steps(self, fact: _Fact, key: int) -> _Similar:
        """The newest steps with this key in earlier turns, together with this one, which is added to them."""
        kept = self._by_manner
        known = kept.pop(key, None)
        if known is None:
            known = list[_Fact]()
            if len(kept) >= KINDS_KEPT:
                kept.pop(next(iter(kept)))
        kept[key] = known
        turn, bare = fact[0], fact[1]
        calls = {bare}
        size = 1
        failed = news = 0
        again = fresh = 0.0
        newest: _Fact | None = None
        for other in known:
            other_turn, other_bare, other_failed, other_news, other_again, other_fresh, _, _, _ = other
            if other_turn == turn or turn - other_turn > WINDOW:
                continue
            newest = other
            size += 1
            calls.add(other_bare)
            failed += other_failed
            news += other_news
            again += other_again
            fresh += other_fresh
        known.append(fact)
        if len(known) > _SIMILAR_KEPT:
            del known[0]
        oldest = next(iter(kept))
        if turn - kept[oldest][-1][0] > OUTDATED and all(turn - other[0] > OUTDATED for other in kept[oldest]):
            del kept[oldest]
        return _Similar(
            newest, len(calls) / size, (failed + fact[2]) / size, (news + fact[3]) / size, (again + fact[4]) / size,
            (fresh + fact[5]) / size,
        )  # fmt: skip

    def _is_first(self, shape: Shape) -> bool:
        if not shape.targets:
            return False
        at = crc32(shape.targets[0].encode("utf-8", "replace"))
        if at in self._files:
            return False
        self._files.append(at)
        if len(self._files) > FILES_KEPT:
            del self._files[0]
        self._since["first_edit"] = self.count
        return True

    def _note_progress(self, step: Step, outcome: Outcome) -> None:
        since, now = self._since, self.count
        if step.gain >= 0.5:
            since["gain"] = now
        if outcome.news >= 3:
            since["news"] = now
        if not outcome.bad and step.role in (Role.ACT, Role.CHECK):
            since["success"] = now

    def _trend(self, text: str, sign: int) -> tuple[float, float]:
        """Compares the numbers in such results with the last ones.

        First 1.0: one changed in the same direction as before. Second 1.0: one changed its direction.
        """
        numbers = [float(found) for found in _NUMBER.findall(text[:400])[:NUMBERS]]
        if not numbers:
            return 0.0, 0.0
        at = crc32(b"%d" % len(numbers), sign)
        known = self._series.pop(at, None)
        if len(self._series) >= SERIES_KEPT:
            self._series.pop(next(iter(self._series)))
        size = len(numbers)
        if known is None:
            self._series[at] = array("d", numbers + [0.0] * size)
            return 0.0, 0.0
        self._series[at] = known
        trend = broken = 0.0
        for place, number in enumerate(numbers):
            last = known[place]
            if number == last:
                continue
            turn = 1.0 if number > last else -1.0
            if known[size + place] in (0.0, turn):
                trend = 1.0
            else:
                broken = 1.0
            known[place], known[size + place] = number, turn
        return trend, broken

    def _period(self, newest: int) -> float:
        """The greatest share of the newest steps that are of the same kind as the steps one period before."""
        signs, equal = self._signs, self._equal
        size = len(self._steps)
        best = 0.0
        for period, sign in enumerate(signs, 1):
            same = equal[period]
            if sign == newest:
                same = (same << 1 | 1) & _TWICE[period]
            elif same:
                same = (same << 1) & _TWICE[period]
            else:
                continue
            equal[period] = same
            if size <= 2 * period:
                continue
            count = min(2 * period, size - period)
            if same.bit_count() > (best + 0.05) * count:
                best = same.bit_count() / count
        signs.appendleft(newest)
        return best


_TWICE = [(1 << 2 * period) - 1 for period in range(LONGEST_PERIOD + 1)]
"""By period: the newest comparisons that count, as bits."""
_PLACE = {name: at for at, name in enumerate(MEANS)}
_ALIKE_PLACES = [NAMES.index(name) for name in ("times_result_now", "texts_alike", "thoughts_alike")]
_ASKED_PLACE = NAMES.index("asked_times")
_TWO = log1p(2) - 1e-6
"""The figure of two steps or texts; a little less, since signals are kept in single precision for training."""
_AGAIN, _TEXT_AGAIN, _TALK = _PLACE["again"], _PLACE["text_again"], _PLACE["talk"]


def is_third_of(vector: Sequence[float]) -> bool:
    """Nearly `Signals.is_third`, of a vector of signals: whatever a person asked for since."""
    return max(vector[place] for place in _ALIKE_PLACES) >= max(_TWO, vector[_ASKED_PLACE] - 1e-6)


def recurrence_of(vector: Sequence[float]) -> float:
    """`Signals.recurrence` of a vector of signals."""
    return max(vector[2 * _AGAIN], vector[2 * _TEXT_AGAIN], vector[2 * _TALK])


def _came_of_it_alike(one: Like, other: Like) -> bool:
    if one.kind != other.kind:
        return False
    return (one.digest == other.digest and one.digest != 0) or _share(one.result, other.result) >= ALIKE


def _result_likeness(one: _Fact, other: _Fact) -> float:
    """How much two results are alike, 0 to 1."""
    *_, kind, digest, result = one
    *_, other_kind, other_digest, other_result = other
    if digest and digest == other_digest:
        return 1.0 if kind == other_kind else ALMOST
    return _share(result, other_result) if kind == other_kind else 0.0


def shown(steps: list[Like]) -> tuple[StepShown, ...]:
    """The newest of these steps, as they are shown to a person."""
    return tuple(
        StepShown(one.step.text, one.step.outcome, one.step.at, one.step.offset) for one in steps[-LIKE_SHOWN:]
    )


_BIT = [1 << at for at in range(BITS)]
_LAST_BIT = BITS - 1


@lru_cache(maxsize=32)  # many lanes make the same call, or get the same result, several times
def _marks(text: str, most: int) -> dict[int, None]:
    """Marks of the first words of a text, numbers and hashes masked. Nobody may change them."""
    words = without_hashes(text.encode("utf-8", "replace").translate(NORMAL)).split(None, most)
    return dict.fromkeys([crc32(word) for word in words[:most] if len(word) > 1])


def _bits(marks: dict[int, None] | list[int]) -> int:
    found = 0
    for one in marks:
        found |= _BIT[one & _LAST_BIT]
    return found


def _share(one: int, other: int) -> float:
    """The share of common words, 0 to 1 (Dice's coefficient)."""
    both = one.bit_count() + other.bit_count()
    return 2 * (one & other).bit_count() / both if both else 1.0


def _contained(one: int, whole: int) -> float:
    size = one.bit_count()
    return (one & whole).bit_count() / size if size else 0.0


def _compared(marks: dict[int, None], known: deque[int]) -> tuple[float, int]:
    """The greatest likeness of a text, given as marks of its words, to an earlier one, and the number of like texts.

    The text is known then.
    """
    words = _bits(marks)
    most, count = 0.0, 0
    for one in known:
        share = _share(words, one)
        count += share >= SAME_TEXT
        most = max(most, share)
    known.append(words)
    return most, count
