"""A lane's events made into steps: a call with its result, weighed by what it brought and what it changed."""

from __future__ import annotations

import re
from collections import deque
from zlib import crc32

from tui.judge.limits import Limits
from tui.judge.normalise import mark, without_digits, without_label
from tui.judge.novelty_filter import FEW, Seen
from tui.judge.outcomes import SHORT, Outcome, OutcomeReader
from tui.judge.polling import ASKS
from tui.judge.recurrence import CALLS_KEPT, CALM_TURNS, STEPS_KEPT, Group, Groups
from tui.judge.runs import has_failed
from tui.judge.shapes import NORMAL, Role, Shape, exact_mark, likeness, words_of
from tui.judge.state import Change, Check, FileStates, brings_other_files, count_left, taken_back
from tui.judge.turns import Turns
from tui.model.event import Call, Plan, Result, ToolKind
from tui.model.finding import RepetitionKind

OPEN_LIMIT = 64
SHAPES_KEPT = 32
KNOWN_LIMIT = 96
SIGNS_KEPT = 16
SHOWN_CHARS = 120
WRITTEN_KEPT = 64
PROSE = (".md", ".rst", ".txt", ".adoc", ".mdx")
POLISHED = 0.8
CHECKS_KEPT = 24
RECENT = 8
FADING = 0.85
"""What a call is like counts this much less with each step between."""
ALMOST = 0.98
"""Alike in all words is not yet the same letter by letter."""
TEXT = 160
EDIT_CHARS = 1200
FAR = 96
"""Turns after which a call is not being repeated: it is needed again."""
SPACED_S = 15.0
"""Looks at a state this far apart are polling."""
STALE = 0.15
"""A result with a smaller share of new lines than this brought what was brought before."""
STALE_FOUND = 0.34
"""The same of what a search finds: there is always one result more that has nothing to do with it."""
FREE_LOOKS = 3
"""Looks at what was seen before, after each change of state: one looks whether it went well."""

FAILED_AGAIN = 1.0
FAILED_OTHERWISE = 0.85
LOOKED_ELSEWHERE = 0.7
"""What one looks for may well not be there."""
FAILED_ELSEWHERE = 0.7
FAILED_ALIKE = 0.45
"""The same failure of another program."""
AFTER_EDIT = 0.25
"""The same failure after something was edited: an attempt lies between."""
AFTER_ACT = 0.7
NUMBERS_MOVE = 0.7
WAIT_FAILED = 0.75
WAITED = 0.19
ALIVE_S = 3600.0
"""A command that the client knows to run may say nothing for so long."""
ASKED = 0.3
LABEL = 0.4
SEEN_OTHERWISE = 0.8
"""The same thing looked at with other flags."""
LOOKED_AFTER = 0.3
"""One looks again after a change; it may be for that."""
_CHEAP = frozenset(("git", "ls", "pwd", "wc", "stat", "date", "df", "ps"))
"""Looks that one takes between other things."""
EMPTY = 0.45
SEEN = 0.6
ALIKE = 0.6
"""Two answers with so large a share of words in common are the same answer."""
OTHER_PART = 0.4
TURNED = 0.2
"""A query with so few words of its own is an earlier one, turned."""
VERIFIED = 0.1
LABELLED = 0.3
PROOF_LINES = 2
REPLANNED = 0.7
SAID_AGAIN = 0.8

_PASSING_PLACES = ("/tmp/", "/var/tmp/")  # noqa: S108 (a name in a transcript, never opened)
_PASSING_KINDS = (".log", ".tmp", ".out", ".pid", ".lock")
"""Files that come and go: another number in the name makes no other target."""
GONE_CHARS = 600
_GONE = re.compile(
    r"(?i)no such (?:process|job|task|container)|not running|\bexited\b|terminated|\bkilled\b|\bdead\b|not found|"
    r"defunct|does not exist|(?:has|is|was) (?:ended|finished|completed|stopped|gone)|"
    r"already (?:finished|completed|ended|stopped)|"
    r"traceback|\w+error\b|fatal|out of memory|segmentation|panic|aborted|core dumped|"
    r"\"(?:completed|failed|errored|exited|killed)\"\s*:|"
    r"status\W{1,12}(?:completed|failed|killed|exited|ended|stopped|cancelled)|no longer"
)
"""What is waited for does not run any more."""
_ASKS_INPUT = re.compile(
    r"(?i)(?:pass(?:word|phrase)\b[^\n]{0,80}|\[y/n\]|\(yes/no[^)]*\)|\(y/n\)|press (?:any key|enter)[^\n]{0,40}|"
    r"username for [^\n]{0,60})[:?]?\s*(?:</?\w+>\s*)*$|(?:reading|waiting for) (?:additional |user |your )?input"
)
"""How the output of a command ends that waits for somebody to type."""
_TIMEOUT = re.compile(r"(?i)time[d -]?out|still (?:running|waiting|in progress)|pending")
"""The wait was over, not what is waited for."""
_DIGITS = re.compile(r"\d+")
EDITORS = frozenset(("edit", "insert", "str_replace", "applypatch", "apply_patch"))
"""Commands of agents' own shells that write the text which they are given."""


class Step:
    """One weighed step.

    `gain` (0 to 1): the information that it brought and the state that it changed. `group` is what it repeats, if it
    does, and `waste` (0 to 1) how much. `novelty` (0 to 1): what was new in it, whatever it was worth.
    """

    __slots__ = (
        "_said", "at", "failed", "fresh", "gain", "group", "guard", "key", "manner", "novelty", "offset", "poll",
        "role", "text", "tool_kind", "turn", "waste",
    )  # fmt: skip

    def __init__(self, call: _Pending, result: Result, outcome: Outcome) -> None:
        shape = call.shape
        self.offset = call.offset
        self.at = result.at if result.at is not None else call.at
        self.text = call.text
        self.tool_kind = call.kind
        self.manner = shape.manner
        self.poll = shape.poll
        self.guard = shape.guard
        self.role = shape.role
        self.turn = call.turn
        self.failed = outcome.failed
        self.fresh = outcome.fresh
        self._said = outcome.words or result.text[:TEXT]
        self.gain = 0.0
        self.group: Group | None = None
        self.waste = 0.0
        self.novelty = 0.0
        self.key = 0
        """Equal for steps that repeat each other with nothing new, 0 where there was something new."""

    @property
    def outcome(self) -> str:
        """The error, or the first line of the result. Raw text."""
        return next((line.strip() for line in self._said.splitlines() if line.strip()), "")


class _Pending:
    __slots__ = ("args", "asks", "at", "continues", "kind", "offset", "shape", "summary", "text", "turn")

    def __init__(self, call: Call, shape: Shape, turn: int) -> None:
        self.shape = shape
        self.turn = turn
        self.at = call.at
        self.offset = call.offset
        self.continues = call.continues is not None
        self.asks = False
        """What it waits for waits itself, for somebody to type."""
        self.kind = call.tool_kind
        self.summary = call.summary
        self.args = call.args if shape.role is Role.EDIT or shape.role >= Role.PLAN else ""
        if call.tool_kind is ToolKind.SHELL:
            self.text = call.summary[:TEXT] or call.tool
        else:
            self.text = f"{call.tool} {(call.summary or call.args)[:TEXT]}"


class _Known:
    """The last time that a call was seen."""

    __slots__ = ("digest", "exact", "size", "turn", "version")

    def __init__(self, turn: int, version: int, outcome: Outcome, shape: Shape) -> None:
        self.turn = turn
        self.version = version
        self.digest = outcome.digest
        self.exact = shape.exact
        self.size = outcome.size


class StepMaker:
    """Pairs calls with results and weighs them. `label` holds the words of the running action's name."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.label: tuple[bytes, ...] = ()
        self.turns = Turns()
        self.groups = Groups()
        self._open: dict[str, _Pending] = {}
        self._shapes: dict[int, Shape] = {}
        self._reader = OutcomeReader()
        self._by_same: dict[int, _Known] = {}
        self._by_exact: dict[int, _Known] = {}
        self._manners = Seen(FEW)
        self._targets = Seen()
        self._errors = Seen(FEW)
        self._edited = Seen(FEW)
        self._bare = Seen(FEW)
        """Targets and edits without the words of their action's label."""
        self._spoken: dict[Role, Seen] = {}
        """Words of questions, of tasks for helpers, of messages."""
        self._files = FileStates()
        self._checks: dict[int, Check] = {}
        self._asking: dict[str, None] = {}
        """Commands that run and wait for somebody to type."""
        self._plan: frozenset[int] = frozenset()
        self._plan_done: int = 0
        self._plan_most = 0
        self._plan_moved: bool = True
        self._plan_told = False
        """The plan was stated as a whole since the newest call about it."""
        self._plan_gains = 0.0
        self.version = 0
        """Grows when something was changed in a way in which it never was before."""
        self._acts = 0
        """Changes by other means than edits, such as commands."""
        self._written: dict[int, None] = {}
        """Names of files that were edited, the newest."""
        self._done = False
        """The agent said that its work is done, and nothing but prose was written since."""
        self._edits = 0
        """The same for edits of files alone."""
        self._looks = 0
        """Looks since the last change."""
        self.gains = 0.0
        """What all steps brought so far."""
        self._recent: deque[Shape] = deque(maxlen=RECENT + 1)
        self._last_at: float | None = None
        self._counted = 0
        self.outcome: Outcome | None = None
        """Of the newest step."""
        self.edit_text = ""
        """Arguments of the newest step, if it was an edit that went well."""
        self.targets: tuple[str, ...] = ()

    # -- events ---------------------------------------------------------------------------------

    def call(self, event: Call) -> Shape:
        """A call began."""
        exact = exact_mark(event)
        shape = self._shapes.get(exact)
        if shape is None:
            if len(self._shapes) >= SHAPES_KEPT:
                self._shapes.pop(next(iter(self._shapes)))
            shape = self._shapes[exact] = Shape(event, exact)
        if len(self._open) >= OPEN_LIMIT:
            self._open.pop(next(iter(self._open)))
        pending = self._open[event.call] = _Pending(event, shape, self.turns.call(event))
        pending.asks = event.continues is not None and event.continues in self._asking
        return shape

    def result(self, event: Result) -> Step | None:
        """A call ended: the step that it makes, or None if nobody knows the call or what came of it."""
        self.turns.close()
        if event.untold:
            self._untold(event)
            return None
        pending = self._open.pop(event.call, None)
        if pending is None:
            return None
        shape = pending.shape
        known = self._by_exact.get(shape.exact)
        if known is not None and known.turn == pending.turn:
            return None  # the same call made twice at once, such as by one script
        if event.background and _ASKS_INPUT.search(event.text[-200:]) is not None:
            if len(self._asking) >= OPEN_LIMIT:
                self._asking.pop(next(iter(self._asking)))
            self._asking[event.call] = None
        outcome = self._reader.read(event, shape, self.label)
        step = Step(pending, event, outcome)
        self._weigh(step, pending, outcome, event)
        self.outcome = outcome
        self.targets = shape.targets
        self.edit_text = pending.args[:EDIT_CHARS] if shape.role is Role.EDIT and not outcome.failed else ""
        self._last_at = step.at
        return step

    def plan(self, event: Plan) -> None:
        """The plan as it stands now: it moves when more of it is done, or when it is another one after some work."""
        if not event.items:
            return
        self._plan_told = True
        open_ = frozenset(mark(item.text[:80].lower()) for item in event.items if item.status != "completed")
        done = sum(item.status == "completed" for item in event.items)
        worked = self.gains - self._plan_gains >= 0.5
        grown = len(event.items) > self._plan_most
        self._plan_most = max(self._plan_most, len(event.items))
        self._plan_moved = (
            grown or done > self._plan_done or (worked and (open_ != self._plan or done != self._plan_done))
        )
        self._plan, self._plan_done, self._plan_gains = open_, done, self.gains

    def compacted(self) -> None:
        """The context was cut: what stood in it may be read once more."""
        self._change(edit=False)

    def says_done(self) -> None:
        """The agent says that its work is done."""
        self._done = True

    def person_spoke(self) -> None:
        """A person said something new: whatever is done now is done for that."""
        self.turns.close()
        self._files.forget_history()
        self._done = False
        self.version += 1
        self._looks = 0
        for group in self.groups.all():
            group.reset()
        self._spoken.clear()

    def _untold(self, event: Result) -> None:
        """No step: a result that nobody told proves neither progress nor repetition. An edit still is one."""
        if event.background:
            return  # its result may come later
        pending = self._open.pop(event.call, None)
        if (
            pending is not None
            and pending.shape.mutates
            and event.ok is not False
            and pending.shape.exact not in self._edited
        ):
            self._edited.add(pending.shape.exact)
            self._change(edit=pending.shape.role is Role.EDIT)

    @property
    def likeness(self) -> float:
        """How much the newest call is like one of those before it, 0 to 1, whatever came of either.

        Worked out when asked: it is for those who compare with what people call a repetition.
        """
        if not self._recent:
            return 0.0
        *earlier, newest = self._recent
        words = words_of(newest.text)
        best, weight = 0.0, 1.0
        for shape in reversed(earlier):
            if shape.exact == newest.exact:
                return max(best, weight)
            if shape.tool == newest.tool:
                best = max(best, min(ALMOST, likeness(words, words_of(shape.text))) * weight)
            weight *= FADING
        return best

    # -- weighing -------------------------------------------------------------------------------

    def points(self, group: Group) -> float:
        """What a group counts for now."""
        return max(0.0, group.points - group.fade * group.weight * max(0.0, self._clock() - group.gains))

    def _clock(self) -> float:
        return self.gains + CALM_TURNS * self.turns.number

    def _weigh(self, step: Step, pending: _Pending, outcome: Outcome, result: Result) -> None:
        shape = pending.shape
        new_target = self._has_new_target(shape)
        known = self._by_same.get(shape.same)
        if known is not None and (
            known.turn >= pending.turn or pending.turn - known.turn > FAR or (new_target and known.exact != shape.exact)
        ):
            known = None
        self._recent.append(shape)
        self._note_novelty(step, pending, outcome, known, new_target=new_target)
        known = self._by_exact.get(shape.exact)
        if known is not None and (known.turn >= pending.turn or pending.turn - known.turn > FAR):
            known = None
        if not (outcome.redacted or shape.redacted):  # what was cut out may have been what differed
            self._find(step, pending, outcome, result, known, new_target=new_target)
        self._remember(shape, pending, outcome)
        self.gains += step.gain

    def _find(
        self, step: Step, pending: _Pending, outcome: Outcome, result: Result, known: _Known | None, *, new_target: bool
    ) -> None:
        role = step.role
        if role is Role.CHECK and not result.background:
            self._check(step, pending, outcome, result)
        elif role is Role.WAIT:
            self._wait(step, pending, outcome, result)
        elif outcome.bad:
            self._fail(step, pending, outcome, new_target=new_target)
        elif role is Role.PLAN:
            self._replan(step, pending, known)
        elif role in (Role.ASK, Role.SPAWN, Role.TELL):
            self._speak(step, pending, outcome)
        elif role is Role.EDIT:
            self._edit(step, pending, outcome)
        elif role is Role.LOOK:
            self._look(step, pending, outcome, result, known)
        else:
            self._act(step, pending, outcome, known, new_target=new_target)

    def _fail(self, step: Step, pending: _Pending, outcome: Outcome, *, new_target: bool, fade: float = 0.33) -> None:
        shape = pending.shape
        key = crc32(b"bad", outcome.digest)
        group = self.groups.get(key)
        is_same = group is not None
        if group is None:
            group = self.groups.near(outcome.tokens, 0)
        if group is None:
            group = self.groups.make(key, RepetitionKind.SAME_ERROR)
            group.tokens = outcome.tokens
            group.fade = fade
            step.gain = 0.3
            self._touch(group, step, shape, 0.0)
            return
        weight = FAILED_AGAIN
        if shape.exact not in group.calls:
            alike = shape.program == group.program or step.tool_kind is not ToolKind.SHELL
            weight = FAILED_OTHERWISE if alike else FAILED_ELSEWHERE if is_same else FAILED_ALIKE
            if new_target and step.role is Role.LOOK:
                weight = min(weight, LOOKED_ELSEWHERE)
            if group.count and shape.same not in (group.anchor,):
                group.varies = True
        if group.version != self.version and step.role in (Role.ACT, Role.CHECK):
            weight *= AFTER_EDIT if self._edits != group.edits else AFTER_ACT
        if outcome.refused:
            weight *= 0.4
        if outcome.fresh > 0.5 and not outcome.numbers:
            weight *= 0.5
        elif outcome.fresh > 0.5:
            weight *= NUMBERS_MOVE
        self._touch(group, step, shape, weight)
        group.kind = RepetitionKind.SAME_OUTCOME if group.varies else RepetitionKind.SAME_ERROR

    def _check(self, step: Step, pending: _Pending, outcome: Outcome, result: Result) -> None:
        shape = pending.shape
        left = count_left(result.text[-1500:].encode("utf-8", "replace"))
        bad = outcome.bad or bool(left) or has_failed(result.text)
        sign = outcome.digest if outcome.digest else crc32(b"%d" % outcome.count, 7)
        if left is not None:
            sign = crc32(b"%d" % left, sign)
        at = crc32(" ".join(shape.targets).encode("utf-8", "replace"), shape.manner)
        check = self._checks.pop(at, None)
        fresh_check = check is None
        if check is None:
            if len(self._checks) >= CHECKS_KEPT:
                self._checks.pop(next(iter(self._checks)))
            check = Check()
        self._checks[at] = check
        better = left is not None and (check.best is None or left < check.best)
        if better:
            check.best = left
        new = sign not in check.seen
        group = self.groups.get(crc32(b"check", at))
        if group is None:
            group = self.groups.make(crc32(b"check", at), RepetitionKind.SAME_ERROR)
        same = sign == check.last
        edited = check.version != self._edits
        moved = self.version != group.version
        if bad and new and not better:
            # The same failure, whatever is run: the folder, the tool, the network is wrong, not the work.
            self._fail(step, pending, outcome, new_target=False)
            if step.group is None:
                step.gain = 0.5
                self._ease_points(group)
                self._touch(group, step, shape, 0.0)
        elif fresh_check or (new and (better or not bad)):
            step.gain = 0.6
            self._settle(group)
            self._touch(group, step, shape, 0.0)
        elif not bad and edited:
            step.gain = 0.2
            self._settle(group)
            self._touch(group, step, shape, 0.0)
        elif not bad:
            again = shape.exact in group.calls
            # Another label, and a proof that says the same in several lines: nothing is learnt from it.
            says_same = outcome.fresh <= STALE and outcome.count >= PROOF_LINES
            self._touch(group, step, shape, 1.0 if again else LABELLED if says_same else VERIFIED)
            group.varies = group.varies or not again
            group.kind = RepetitionKind.LABELS if group.varies else RepetitionKind.SAME_RESULT
        elif same:
            weight = AFTER_EDIT if edited else AFTER_ACT if moved else 1.0
            self._touch(group, step, shape, weight)
            group.kind = RepetitionKind.SAME_ERROR
        else:
            self._touch(group, step, shape, 0.7)
            group.kind = RepetitionKind.OSCILLATION
        if new:
            check.seen.append(sign)
            del check.seen[:-SIGNS_KEPT]
        check.last = sign
        check.version = self._edits

    def _wait(self, step: Step, pending: _Pending, outcome: Outcome, result: Result) -> None:
        shape = pending.shape
        key = crc32(b"wait", shape.core)
        group = self.groups.get(key)
        if group is None:
            group = self.groups.make(key, RepetitionKind.WAITING)
            group.fade = 0.3
            step.gain = 0.3 * outcome.fresh
            self._touch(group, step, shape, 0.0)
            group.answer = hash(outcome.tokens) ^ outcome.empty
            return
        answer = hash(outcome.tokens) ^ outcome.empty
        if (outcome.fresh > STALE and not outcome.empty) or (answer != group.answer and outcome.tokens):
            step.gain = 0.3 * max(outcome.fresh, 0.3)
            self._settle(group)
            self._touch(group, step, shape, 0.0)
            group.answer = answer
            return
        gone = not result.background and (
            (outcome.failed and not _TIMEOUT.search(result.text[:SHORT]))
            or (len(result.text) <= GONE_CHARS and _GONE.search(result.text) is not None)
        )
        gone = gone or pending.asks or _ASKS_INPUT.search(result.text[-200:]) is not None
        if gone or not (result.background or pending.continues):
            self._touch(group, step, shape, WAIT_FAILED if gone else WAITED)
            return
        # The client itself knows the command: a long run says nothing for long.
        self._touch(group, step, shape, WAITED)
        waited = step.at - group.since_at if step.at is not None and group.since_at is not None else 0.0
        group.points = min(group.points, 3.0 * waited / ALIVE_S)

    def _replan(self, step: Step, pending: _Pending, known: _Known | None) -> None:
        shape = pending.shape
        key = crc32(b"plan")
        group = self.groups.get(key) or self.groups.make(key, RepetitionKind.PLANNING)
        told, self._plan_told = self._plan_told, False
        if not told and known is None:
            return  # one entry of a list is changed: each is another matter
        if self._plan_moved:
            step.gain = 0.1
            self._settle(group)
            self._touch(group, step, shape, 0.0)
        else:
            self._touch(group, step, shape, REPLANNED)
        self._plan_moved = False

    def _speak(self, step: Step, pending: _Pending, outcome: Outcome) -> None:
        shape = pending.shape
        role = step.role
        new = self._new_words(role, pending.args[:3000])
        kind = {Role.ASK: RepetitionKind.ASKING, Role.SPAWN: RepetitionKind.RESPAWN}.get(
            role, RepetitionKind.SAME_RESULT
        )
        key = crc32(b"say", role)
        group = self.groups.get(key) or self.groups.make(key, kind)
        told = outcome.fresh if outcome.count > 2 else 0.0
        step.gain = 0.7 * told + (0.2 if new > 0.1 else 0.0)
        if new <= 0.03 and told <= 0.5:
            self._touch(group, step, shape, SAID_AGAIN)
        elif new <= 0.12 and told <= STALE:
            self._touch(group, step, shape, SAID_AGAIN / 2)
        else:
            self._settle(group)
            self._touch(group, step, shape, 0.0)

    def _new_words(self, role: Role, args: str) -> float:
        """The share of a call's words that no call of its role had."""
        # Not a set: its order differs from process to process, and the order decides what a full table forgets.
        words = dict.fromkeys(args.encode("utf-8", "replace").replace(b"\\n", b" ").translate(NORMAL).split())
        seen = self._spoken.get(role)
        if seen is None:
            seen = self._spoken[role] = Seen(FEW)
        marks = [crc32(word) for word in words if len(word) > 2]
        unknown = seen.unseen(marks)
        seen.learn([marks[at] for at in unknown])
        return len(unknown) / len(marks) if marks else 0.0

    def _edit(self, step: Step, pending: _Pending, outcome: Outcome) -> None:
        shape = pending.shape
        change = self._files.edit(pending.args, pending.summary)
        if change is None:
            change = Change.NONE if shape.exact in self._edited else Change.NEW
        name = mark(pending.summary.rsplit("/", 1)[-1])
        self._written.pop(name, None)
        self._written[name] = None
        if len(self._written) > WRITTEN_KEPT:
            self._written.pop(next(iter(self._written)))
        if change is Change.NEW:
            self._change(edit=True)
            if self._done and pending.summary.endswith(PROSE):
                key = crc32(b"polish")
                group = self.groups.get(key)
                if group is None:
                    group = self.groups.make(key, RepetitionKind.AFTER_DONE)
                    group.fade = 0.2
                self._touch(group, step, shape, POLISHED)
                return
            self._done = False
            step.gain = 0.4
            self._ease(shape, 0.4)
            return
        self._sway(step, shape, pending.summary, 1.0 if shape.exact in self._edited else 0.5)

    def _sway(self, step: Step, shape: Shape, what: str, weight: float) -> None:
        """A file, or all of them, are back at a state in which they were before."""
        key = crc32(b"sway", mark(what))
        group = self.groups.get(key)
        if group is None:
            group = self.groups.make(key, RepetitionKind.OSCILLATION)
            group.fade = 0.15
        self._touch(group, step, shape, weight)
        self._change(edit=True)

    def _look(self, step: Step, pending: _Pending, outcome: Outcome, result: Result, known: _Known | None) -> None:
        shape = pending.shape
        self._looks += 1
        stale = outcome.fresh <= (STALE_FOUND if step.tool_kind is ToolKind.WEB else STALE)
        if result.size == 0 and step.tool_kind is not ToolKind.SHELL and step.tool_kind is not ToolKind.SEARCH:
            # What it brought is not in the transcript: only its own words can tell.
            if step.tool_kind is ToolKind.WEB and self._new_words(Role.LOOK, shape.text) <= TURNED:
                self._vary(step, shape, b"turned", SEEN)
            return
        core = crc32(b"look", shape.core)
        group = self.groups.get(core)
        if stale and (known is not None or group is not None):
            if group is None:
                kind = RepetitionKind.REREADING if step.tool_kind is ToolKind.READ else RepetitionKind.SAME_RESULT
                group = self.groups.make(core, kind)
                group.fade = 1.0 if shape.program in _CHEAP else 0.4
            if not group.count:
                group.count = 1
                group.version = known.version if known is not None else self.version
            weight = 1.0 if known is not None else SEEN_OTHERWISE
            if self._may_differ(step, shape, group):
                weight *= LOOKED_AFTER
            if outcome.trivial or (outcome.count <= 1 and outcome.size <= 24):
                weight = 0.5  # next to nothing said proves next to nothing
            if shape.poll == ASKS:
                spaced = step.at is not None and self._last_at is not None and step.at - self._last_at >= SPACED_S
                weight = WAITED if spaced else ASKED
            self._touch(group, step, shape, weight, first=weight)
            return
        if group is None:
            group = self.groups.make(
                core, RepetitionKind.REREADING if step.tool_kind is ToolKind.READ else RepetitionKind.SAME_RESULT
            )
            group.fade = 1.0 if shape.program in _CHEAP else 0.4
        else:
            self._settle(group)
        if not outcome.empty:
            self._touch(group, step, shape, 0.0)
        if outcome.empty:
            self._vary(step, shape, b"empty", EMPTY)
        elif stale and outcome.count:
            if self._looks > FREE_LOOKS:
                self._vary(step, shape, b"stale", SEEN, outcome)
        else:
            step.gain = outcome.fresh
            self._ease(shape, 0.7)

    def _may_differ(self, step: Step, shape: Shape, group: Group) -> bool:
        """Whether what the lane did since may have changed what it looks at."""
        if step.tool_kind is ToolKind.WEB or group.version == self.version:
            return False
        if group.acts != self._acts:
            return True
        if group.edits == self._edits:
            return False
        return not shape.targets or any(mark(target.rsplit("/", 1)[-1]) in self._written for target in shape.targets)

    def _vary(self, step: Step, shape: Shape, why: bytes, weight: float, outcome: Outcome | None = None) -> None:
        key = crc32(why + shape.program.encode("utf-8", "replace"))
        group = self.groups.get(key)
        if group is None:
            group = self.groups.make(key, RepetitionKind.SEARCHING)
            group.fade = 0.5
            self._touch(group, step, shape, 0.0)
        else:
            if outcome is not None and not _alike(outcome.tokens, group.tokens):
                weight *= OTHER_PART  # another part of what was seen: it may well be what was asked for
            self._touch(group, step, shape, weight)
        if outcome is not None:
            group.tokens = outcome.tokens

    def _act(self, step: Step, pending: _Pending, outcome: Outcome, known: _Known | None, *, new_target: bool) -> None:
        shape = pending.shape
        back, path = taken_back(pending.summary) if step.tool_kind is ToolKind.SHELL else (False, None)
        if back:
            if self._files.take_back(path) is Change.BACK:
                self._sway(step, shape, path or "", 0.6)
                return
        elif shape.mutates and brings_other_files(pending.summary):
            self._files.forget_history(all_of_it=True)
        if shape.mutates and not back and shape.exact not in self._edited:
            step.gain = 0.4
            self._change(edit=False)
            self._ease(shape, 0.4)
            return
        if known is not None:
            if shape.mutates and ("<<" in pending.summary or shape.program in EDITORS):
                # The very same text was written before: the file is what it was, or has it twice.
                group = self.groups.get(shape.exact)
                if group is None:
                    group = self.groups.make(shape.exact, RepetitionKind.SAME_RESULT)
                    group.count = 1
                self._touch(group, step, shape, 1.0, first=1.0)
                return
            same = outcome.fresh <= STALE
            group = self.groups.get(shape.exact)
            if not same or (known.version != self.version and not shape.mutates):
                step.gain = outcome.fresh * 0.7
                if not same:
                    self._change(edit=False)  # it said something new: most likely it did something
                if group is not None:
                    self._settle(group)
                return
            if group is None:
                group = self.groups.make(shape.exact, RepetitionKind.SAME_RESULT)
                group.count = 1
            self._touch(group, step, shape, ASKED if shape.poll else 1.0, first=1.0)
            return
        if outcome.effect or new_target:
            step.gain = 0.5
            self._change(edit=False)
            self._ease(shape, 0.4)
            return
        if outcome.fresh > STALE:
            step.gain = outcome.fresh * 0.7
            self._change(edit=False)
            self._ease(shape, 0.4)
        if not outcome.idle:
            # Values that never recur, and succeed: a list that is worked off.
            step.gain = max(step.gain, 0.2)
            return
        key = crc32(b"label", outcome.digest ^ shape.manner)
        group = self.groups.get(key) or self.groups.near(outcome.tokens, shape.manner)
        if group is None:
            group = self.groups.make(key, RepetitionKind.LABELS)
            group.tokens = outcome.tokens
            group.manner = shape.manner
            self._touch(group, step, shape, 0.0)
            return
        step.gain = min(step.gain, 0.05)
        self._touch(group, step, shape, LABEL)

    # -- groups ---------------------------------------------------------------------------------

    def _touch(self, group: Group, step: Step, shape: Shape, weight: float, first: float = 0.0) -> None:
        """One more of a group. `first` is what the first of them counts for."""
        new_turn = group.turn != step.turn
        if new_turn:
            points = self.points(group) if group.turn else 0.0
            if points <= 0.0 and group.points > 0.0 and group.count > 1:
                group.reset()
                points = 0.0
            group.points = points + (weight if group.count else first)
            group.gains = self._clock() + CALM_TURNS
        counts = weight > 0.0 and (group.count > 0 or first > 0.0)
        if not group.count:
            group.since_at, group.since_offset = step.at, step.offset
            group.anchor = shape.same
        group.count += 1
        group.turn = step.turn
        group.version = self.version
        group.edits = self._edits
        group.acts = self._acts
        group.program = shape.program
        if counts:
            group.weight = weight
            step.waste = min(1.0, weight)
            step.group = group
            step.key = 0 if group.kind is RepetitionKind.WAITING else crc32(b"%d" % shape.same, group.key) or 1
        if len(group.calls) < CALLS_KEPT:
            group.calls[shape.exact] = None
        if not weight and not first:
            group.steps.clear()
        group.steps.append((step.text[:SHOWN_CHARS], step.outcome[:SHOWN_CHARS], step.at, step.offset))
        if len(group.steps) > STEPS_KEPT:
            del group.steps[0]

    def _ease_points(self, group: Group) -> None:
        """It came to something else, if to nothing better."""
        group.points = self.points(group) * 0.5
        group.gains = self._clock()

    def _settle(self, group: Group) -> None:
        """Something else came of it."""
        group.reset()

    def _ease(self, shape: Shape, share: float) -> None:
        """The program did something well: failures of it count for less."""
        for group in self.groups.all():
            if group.points and group.manner == 0 and group.program == shape.program and group.kind in _FAILING:
                if shape.exact in group.calls:
                    group.reset()
                else:
                    group.points *= share

    def _change(self, *, edit: bool) -> None:
        self.version += 1
        self._looks = 0
        if edit:
            self._edits += 1
        else:
            self._acts += 1

    # -- memory ---------------------------------------------------------------------------------

    def _note_novelty(
        self, step: Step, pending: _Pending, outcome: Outcome, known: _Known | None, *, new_target: bool
    ) -> None:
        shape = pending.shape
        if shape.manner not in self._manners:
            self._manners.add(shape.manner)
            step.novelty = 1.0
            if new_target and self.label:
                self._is_more_than_label(shape)
        else:
            novelty = 0.6 * outcome.fresh
            if new_target and self._is_more_than_label(shape):
                novelty += 0.2
            if outcome.error and outcome.error not in self._errors:
                novelty += 0.2
            step.novelty = min(1.0, novelty) if known is None else min(0.6, novelty)
        if outcome.error:
            self._errors.add(outcome.error)
        if (
            step.tool_kind is ToolKind.EDIT and not outcome.failed and shape.exact not in self._edited
            and self._is_new_text(pending.args[:EDIT_CHARS])
        ):  # fmt: skip
            step.novelty = max(step.novelty, 0.5)

    def _remember(self, shape: Shape, pending: _Pending, outcome: Outcome) -> None:
        if shape.mutates and not outcome.failed:
            self._edited.add(shape.exact)
        known = _Known(pending.turn, self.version, outcome, shape)
        for book, key in ((self._by_same, shape.same), (self._by_exact, shape.exact)):
            book.pop(key, None)
            if len(book) >= KNOWN_LIMIT:
                book.pop(next(iter(book)))
            book[key] = known

    def _has_new_target(self, shape: Shape) -> bool:
        fresh = False
        for target in shape.targets:
            passing = target.startswith(_PASSING_PLACES) or target.endswith(_PASSING_KINDS)
            at = mark(_DIGITS.sub("#", target) if passing else target)
            if at not in self._targets:
                self._targets.add(at)
                fresh = True
        return fresh

    def _is_more_than_label(self, shape: Shape) -> bool:
        """Whether a target is new even without the words of the action's label and without numbers."""
        if not self.label:
            return True
        fresh = False
        for target in shape.targets:
            at = self._unlabelled(target)
            if at not in self._bare:
                self._bare.add(at)
                fresh = True
        return fresh

    def _is_new_text(self, text: str) -> bool:
        """The same of what an edit writes."""
        at = self._unlabelled(text)
        if at in self._bare:
            return False
        self._bare.add(at)
        return True

    def _unlabelled(self, text: str) -> int:
        return crc32(without_digits(without_label(text.encode("utf-8", "replace"), self.label)))


def _alike(a: frozenset[int], b: frozenset[int]) -> bool:
    return 2 * len(a & b) >= ALIKE * (len(a) + len(b))


_FAILING = (RepetitionKind.SAME_ERROR, RepetitionKind.SAME_OUTCOME)
