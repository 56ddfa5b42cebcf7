"""A lane's state, decided from its transcript, its process, the time and control, and the findings that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tui.agents.registry import title_of
from tui.judge.detector import Raised
from tui.judge.findings.detached import DETACHED
from tui.judge.findings.needs_input import NEEDS_INPUT
from tui.judge.findings.stalled import STALLED
from tui.judge.lane import LaneJudge
from tui.ledger.lane import LaneLedger
from tui.model.control import LaneControl
from tui.model.event import Limit, Mark, ToolKind
from tui.model.evidence import Evidence
from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import LaneState, OpenCall, ProcessFact
from tui.settings.declare import setting
from tui.settings.kinds import Seconds

DAY_S = 86400
_WINDOWS = {300: "5-hour", 10_080: "weekly"}
"""Words for windows of usage limits, by their lengths in minutes."""
ASKS = "it asks you, and has no answer yet"
PERMISSION = "it probably waits for your permission"
PERMISSION_STATED, INPUT_STATED = "permission prompt", "input needed"
"""Words of a client for what it waits for."""
SAID_CHARS = 80
"""The most characters of a command in the words for a state."""
_POLL = re.compile(r"poll of [^:]{1,80}: (.{1,80})", re.DOTALL)
"""The summary of a call that polls a running command, with that command."""


@frozen
class Thresholds:
    """Times of silence after which a lane's state changes. Seconds, or text such as "5m"."""

    quiet_after_s: float = setting(
        60.0, Seconds(1, DAY_S), "A turn is over if it ends in text without a tool call and is silent for longer."
    )
    instant_tool_s: float = setting(
        20.0, Seconds(1, DAY_S), "A read, search or edit that is open for longer waits for a permission."
    )
    shell_timeout_s: float = setting(
        120.0, Seconds(1, DAY_S), "The agent's time limit for a shell command that states none."
    )
    stalled_after_s: float = setting(
        180.0, Seconds(5, 7 * DAY_S), "An open turn is stalled if nothing runs in it and it is silent for longer."
    )
    long_tool_s: float = setting(
        1800.0,
        Seconds(5, 7 * DAY_S),
        "A tool is stalled if it runs for longer than this and three times its longest run.",
    )
    idle_after_s: float = setting(
        600.0, Seconds(5, 30 * DAY_S), "A lane that waits for its next prompt for longer becomes idle."
    )
    ended_after_s: float = setting(
        3600.0, Seconds(5, 365 * DAY_S), "A lane without a known live process has ended if it is silent for longer."
    )

    def conflicts(self) -> Iterable[tuple[str, str]]:
        """See `Checked.conflicts`."""
        if self.idle_after_s > self.ended_after_s:
            yield "ended_after_s", "must not be shorter than state.idle_after_s"


@frozen
class Liveness:
    """The known facts about a lane's process.

    `probed` is True if this machine's processes were read and a live process of this lane would have been found. Then
    `process` None means that the process has ended.
    """

    process: ProcessFact | None = None
    probed: bool = False
    parent_open: bool | None = None
    """For a subagent: True if its parent still waits for it; None if unknown."""
    is_recording: bool = False
    """True if the transcript is not the operator's own live one."""


@frozen
class Verdict:
    """A state, its start (seconds UTC) and its evidence."""

    state: LaneState
    since: float | None
    evidence: tuple[Evidence, ...]


def judge_state(lane: LaneLedger, live: Liveness, now: float, limits: Thresholds) -> Verdict:
    """The lane's state at `now` (seconds UTC). The first rule that holds decides."""
    silent = max(0.0, now - lane.last_event) if lane.last_event is not None else 0.0
    return (
        _ended(lane, live, silent, limits)
        or _limited(lane, now)
        or _unserved(lane, live, silent, limits)
        or _asks(lane, live, now, limits)
        or _between_turns(lane, live, silent, limits)
        or _stalled(lane, live, now, silent, limits)
        or _working(lane, live, now)
    )


def _ended(lane: LaneLedger, live: Liveness, silent: float, limits: Thresholds) -> Verdict | None:
    if live.process is not None:
        return None
    if lane.ended:
        return _verdict(lane, LaneState.ENDED, "the transcript states its end")
    if lane.agent_id and not lane.turn_open and lane.turn_ended_by is not None:
        return _verdict(lane, LaneState.ENDED, "subagent finished")
    if lane.agent_id and live.parent_open is False:
        return _verdict(lane, LaneState.ENDED, "subagent finished: its parent has the result")
    if lane.headless and not lane.turn_open and lane.turn_ended_by is not None:
        return _verdict(lane, LaneState.ENDED, "headless run finished")
    if live.probed and silent > limits.quiet_after_s and not lane.agent_id:
        how = " in mid-turn" if lane.turn_open else ""
        return _verdict(lane, LaneState.ENDED, f"process exited{how}")
    if live.is_recording and lane.last_event is None:
        return _verdict(lane, LaneState.ENDED, "a recording whose lines state no time: nothing of it runs now")
    if silent > limits.ended_after_s:
        how = ", last turn not finished" if lane.turn_open and not _answered(lane) else ""
        return _verdict(lane, LaneState.ENDED, f"no output for {duration(silent)}, process not found{how}")
    return None


def _limited(lane: LaneLedger, now: float) -> Verdict | None:
    limit = lane.limit
    if limit is None:
        return None
    if limit.resets_at is None:
        return _verdict(lane, LaneState.LIMITED, f"{_reached(limit)}; reset time unknown")
    if limit.resets_at <= now:
        return None
    return _verdict(lane, LaneState.LIMITED, f"{_reached(limit)}; resets in {duration(limit.resets_at - now)}")


def _reached(limit: Limit) -> str:
    """`usage limit reached`, with the name and the length of the window where they are stated."""
    words = [limit.name] if limit.name else []
    window = _WINDOWS.get(limit.window_minutes or 0)
    if window is not None and window not in (limit.name or ""):
        words.append(window)
    return " ".join([*words, "usage limit reached"])


def _unserved(lane: LaneLedger, live: Liveness, silent: float, limits: Thresholds) -> Verdict | None:
    """The verdict on a turn that was open when its daemon ended. The client that showed it may still live."""
    process = live.process
    if process is None or not lane.turn_open or silent <= limits.instant_tool_s:
        return None
    if not any(lane.path.startswith(folder) for folder in process.unserved):
        return None
    why = f"its daemon exited in mid-turn, so nothing runs the turn; its screen (process {process.pid}) still runs"
    return _verdict(lane, LaneState.STALLED, why)


def _asks(lane: LaneLedger, live: Liveness, now: float, limits: Thresholds) -> Verdict | None:
    process = live.process
    if process is not None and process.status == "waiting":
        return _verdict(lane, LaneState.NEEDS_INPUT, _stated_wait(process.waiting_for or "", lane))
    for call in lane.open_calls.values():
        if call.tool_kind is ToolKind.ASK:
            return _of_call(lane, LaneState.NEEDS_INPUT, call, ASKS)
    if process is not None and process.status == "busy":
        return None  # the client itself says that something runs
    for call in lane.open_calls.values():
        why = _unanswered(call, live, now, limits)
        if why:
            return _of_call(lane, LaneState.NEEDS_INPUT, call, why)
    return None


def _stated_wait(said: str, lane: LaneLedger) -> str:
    """What a lane waits for whose client says only that it waits, as far as it is known."""
    if said == PERMISSION_STATED:
        what, unknown = "a permission", "for what"
    elif said in ("", INPUT_STATED):
        what, unknown = "a permission or an answer", "which"
    else:
        what, unknown = f"you, its client says: {said}", "more"
    if lane.open_calls:
        return f"waits for {what}"
    return f"waits for {what}; the transcript does not say {unknown}: `o` goes to its pane"


def _unanswered(call: OpenCall, live: Liveness, now: float, limits: Thresholds) -> str | None:
    if call.started is None:
        return None
    age = now - call.started
    if call.tool_kind in (ToolKind.EDIT, ToolKind.READ, ToolKind.SEARCH) and age > limits.instant_tool_s:
        return f"{call.tool}, which needs no time, has no result after {duration(age)}: {PERMISSION}"
    limit = call.timeout_s or limits.shell_timeout_s
    if call.tool_kind is ToolKind.SHELL and call.limited and age > limit + limits.instant_tool_s:
        return f"{call.tool} has no result after {duration(age)}, its limit is {duration(limit)}: {PERMISSION}"
    return None


def _between_turns(lane: LaneLedger, live: Liveness, silent: float, limits: Thresholds) -> Verdict | None:
    why = ""
    if not lane.turn_open:
        why = {
            Mark.TURN_ENDED: "done",
            Mark.INTERRUPTED: "interrupted",
            Mark.HOOK_STOPPED: "turn stopped by a hook",
            None: "no turn yet",
        }.get(lane.turn_ended_by, "done")
    elif live.process is not None and live.process.status == "idle":
        why = "idle, as its client says"
    elif _answered(lane) and silent > limits.quiet_after_s:
        why = "final answer given"
    if not why:
        return None
    if silent > limits.idle_after_s:
        return _verdict(lane, LaneState.IDLE, f"{why}, no output for {duration(silent)}")
    return _verdict(lane, LaneState.WAITING, f"{why}, waiting for your prompt")


def _answered(lane: LaneLedger) -> bool:
    """True if its last line is an answer without a tool call."""
    return lane.last_kind in ("say", "usage") and not lane.open_calls


def _stalled(lane: LaneLedger, live: Liveness, now: float, silent: float, limits: Thresholds) -> Verdict | None:
    fault = lane.fault
    retrying = fault is not None and not fault.final
    if not lane.open_calls:
        if silent <= limits.stalled_after_s:
            return None
        what = "the service failed and it retries" if retrying else "the model request has no answer"
        return _verdict(lane, LaneState.STALLED, f"{what}, no output for {duration(silent)}")
    if any(call.tool_kind is ToolKind.AGENT for call in lane.open_calls.values()):
        return None  # its subagents are lanes of their own
    ages = [now - call.started for call in lane.open_calls.values() if call.started is not None]
    if not ages or silent <= limits.stalled_after_s:
        return None
    usual = max((lane.longest.get(call.tool, 0.0) for call in lane.open_calls.values()), default=0.0)
    if min(ages) <= max(limits.long_tool_s, 3 * usual):
        return None
    call = next(iter(lane.open_calls.values()))
    known = f"; no such call took longer than {duration(usual)} before" if usual else ""
    why = f"{_called(call)} has run for {duration(min(ages))} without a result{known}"
    return _of_call(lane, LaneState.STALLED, call, why)


def _called(call: OpenCall) -> str:
    """The call for a person: a command by its words, the poll of a command by that command, else the tool's name."""
    polled = _POLL.match(call.summary)
    if polled is not None:
        return f"`{polled[1]}`"
    return f"`{call.summary[:SAID_CHARS]}`" if call.tool_kind is ToolKind.SHELL and call.summary else call.tool


def _working(lane: LaneLedger, live: Liveness, now: float) -> Verdict:
    since = lane.turn_since
    if since is not None and lane.waits.end is not None:
        since = max(since, lane.waits.end)  # until then it did not work: it waited for a person
    if not lane.open_calls:
        why = "the service failed and it retries" if lane.fault is not None else "in progress"
        return _verdict(lane, LaneState.WORKING, why, since=since)
    call = next(reversed(lane.open_calls.values()))
    age = f" for {duration(now - call.started)}" if call.started is not None else ""
    verdict = _of_call(lane, LaneState.WORKING, call, f"{call.tool} runs{age}")
    # Not the time of the tool, which would begin again with each call.
    return replace(verdict, since=since) if since is not None else verdict


def _verdict(lane: LaneLedger, state: LaneState, why: str, since: float | None = None) -> Verdict:
    at = lane.last_event
    evidence = Evidence(why, at, lane.path, lane.last_offset)
    return Verdict(state, since if since is not None else at, (evidence,))


def _of_call(lane: LaneLedger, state: LaneState, call: OpenCall, why: str) -> Verdict:
    evidence = Evidence(why, call.started, lane.path, None)
    detail = Evidence(f"{call.tool}: {call.summary}", call.started, lane.path, None)
    return Verdict(state, call.started, (evidence, detail))


def duration(seconds: float) -> str:
    """A duration in at most two units: 40 s, 12 min, 5 h 12 min, 3 d 4 h."""
    whole = max(0, int(seconds))
    if whole < 90:  # up to a minute and a half, seconds are easier to read
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min"
    return f"{days} d {hours % 24} h"


def as_stated(verdict: Verdict, control: LaneControl) -> Verdict:
    """The verdict; or, if the client itself says that a request waits, the verdict that the lane needs a person."""
    if not control.pending or verdict.state not in (LaneState.WORKING, LaneState.STALLED):
        return verdict
    request = control.pending[0]
    said = Evidence(f"its client says that it waits for your answer: {request.kind.value}", request.asked_at)
    detail = Evidence(f"{request.tool}: {request.text}", request.asked_at)
    return Verdict(LaneState.NEEDS_INPUT, request.asked_at or verdict.since, (said, detail))


BUSY = frozenset({LaneState.WORKING, LaneState.NEEDS_INPUT, LaneState.STALLED})
"""The states in which a turn is open."""


def under_control(verdict: Verdict, control: LaneControl) -> Verdict:
    """The verdict with the state that control gives the lane.

    Control's evidence comes first, then that of the transcript.
    """
    if control.held is None:
        if not control.words:
            return verdict
        return replace(verdict, evidence=(Evidence(control.words, control.since), *verdict.evidence))
    said = Evidence(control.words or control.held.value, control.since)
    return replace(
        verdict,
        state=LaneState.of(control.held),
        since=control.since or verdict.since,
        evidence=(said, *verdict.evidence),
    )


_OF_STATES = {
    LaneState.NEEDS_INPUT: NEEDS_INPUT,
    LaneState.STALLED: STALLED,
}


def state_findings(verdict: Verdict) -> tuple[Raised, ...]:
    """The finding that belongs to the state, with the state's evidence. It ends when the state ends."""
    spec = _OF_STATES.get(verdict.state)
    if spec is None:
        return ()
    title = verdict.evidence[0].text if verdict.evidence else spec.kind.value
    if spec is NEEDS_INPUT and len(verdict.evidence) > 1:
        _, _, asked = verdict.evidence[-1].text.partition(": ")
        lead = "it asks you" if title == ASKS else PERMISSION if title.endswith(PERMISSION) else title
        title = f"{lead}: {asked}"
    return (spec.raised("", Severity.WARN, verdict.since, title, verdict.evidence),)


def cut_off(judge: LaneJudge, verdict: Verdict) -> tuple[Raised, ...]:
    """The finding that a lane left work half done: its process ended in a turn, which its transcript cannot show."""
    found = judge.cut_off(verdict.since, verdict.evidence[0].text if verdict.evidence else "")
    return (found,) if found is not None else ()


DETACHED_AFTER_S = 10.0
"""Seconds without a client before the finding is raised, because one client may be replaced by another."""


def detached(
    process: ProcessFact | None, cwd: str | None, judged: Verdict, turn_since: float | None, now: float
) -> tuple[Raised, ...]:
    """The finding that a turn runs in a shared daemon and no client shows it, so it burns tokens unseen.

    Raised if no client is connected to the daemon, or if none runs in the lane's folder or in an unknown folder.
    `turn_since` is the time at which the open turn began; it and `now` are seconds UTC. The state's own time is not
    used, because it begins again with each tool.
    """
    if process is None or process.viewers is None or judged.state not in BUSY:
        return ()
    if any(folder in ("", cwd) for folder in process.viewers) or cwd is None:
        return ()
    if turn_since is None or now - turn_since < DETACHED_AFTER_S:
        return ()
    elsewhere, client = len(process.viewers), title_of(process.agent)
    none = (
        f"no {client} client is connected to it"
        if not elsewhere
        else f"no {client} client runs in its folder ({elsewhere} elsewhere)"
    )
    evidence = (
        Evidence(f"its loop lives in the daemon, process {process.pid}, which outlives every pane", None),
        Evidence(none, None),
    )
    # No file records the time at which the pane was closed, so the cost since then is unknown.
    title = "no client shows it: its pane was closed, but its turn still runs in the daemon"
    return (DETACHED.raised("", Severity.WARN, None, title, evidence),)
