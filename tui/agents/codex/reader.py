"""Codex's rollouts: one JSON object per line, {timestamp, type, payload}; builds of 2025 wrote bare items.

Several lines often state the same fact: a prompt as a message and as an event, a command's end as an event and in its
output. All builds write `response_item` lines, and the model saw their content, so events are made from them; the other
lines only add facts that these do not state.

State kept between lines, all of it bounded: the counters, facts of tool calls without an output,
the newest statement about each limit, and the facts stated about the lane.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar

from tui.agents.codex.limits import LimitBook
from tui.agents.codex.lineage import Lineage
from tui.agents.codex.tools import ToolBook
from tui.agents.codex.usage import Counters, Growth, Snapshot, count_snapshot, record_snapshot
from tui.agents.codex.user_text import agent_task, human_text, is_for_agent
from tui.agents.counting import Calls
from tui.agents.tools import DETAIL_BOUND, PROMPT_BOUND, SAY_BOUND, THINK_BOUND, bounded, effort_in, joined_text
from tui.agents.unread_usage import states_usage
from tui.io.json_fields import Record, Where, array, integer, obj, parse, stamp, stated_count, text
from tui.io.lines import Line
from tui.model.event import (
    ApiError,
    AssistantText,
    Compact,
    Event,
    Inherited,
    LaneInfo,
    Mark,
    Origin,
    Prompt,
    Reasoning,
    State,
    Unknown,
    UsageReported,
)

NAME_TITLE, NICKNAME_TITLE = 30, 5

_COPIED = (Inherited.YES, Inherited.GUESS_YES)

MUTE_TYPES = frozenset(
    {"world_state", "retained_context", "realtime_item", "inter_agent_communication",
     "inter_agent_communication_metadata"}
)  # fmt: skip

_MUTE_ITEMS = frozenset(
    {"ghost_snapshot", "compaction", "context_compaction", "compaction_trigger", "configuration_update",
     "additional_tools", "other"}
)  # fmt: skip

MUTE_EVENTS = frozenset(
    {
        "agent_message", "agent_message_delta", "agent_reasoning", "agent_reasoning_raw_content",
        "agent_reasoning_section_break", "background_event", "collab_agent_interaction_end", "collab_close_end",
        "collab_resume_end", "collab_waiting_end", "context_compacted", "deprecation_notice",
        "dynamic_tool_call_request", "dynamic_tool_call_response", "entered_review_mode", "exec_command_begin",
        "exited_review_mode", "guardian_assessment", "image_generation_end", "item_started", "mcp_startup_complete",
        "mcp_tool_call_begin", "patch_apply_begin", "session_configured", "thread_goal_updated", "thread_rolled_back",
        "turn_diff", "undo_completed", "user_message", "view_image_tool_call", "web_search_begin", "web_search_end",
    }
)  # fmt: skip
"""Events that repeat an item, or state nothing about a lane's activity or usage."""

_LEGACY_ITEMS = frozenset(
    {
        "message", "reasoning", "function_call", "function_call_output", "custom_tool_call",
        "custom_tool_call_output", "local_shell_call", "local_shell_call_output", "web_search_call",
    }
)  # fmt: skip


class CodexReader:
    """Reads one rollout of Codex."""

    agent: ClassVar[str] = "codex"

    def __init__(self) -> None:
        self._lineage = Lineage()
        self._counters = Counters()
        self._tools = ToolBook()
        self._limits = LimitBook()
        self._has_begun = False
        self._identity: str | None = None
        self._calls = 0
        self._model: str | None = None
        self._window: int | None = None
        self._cwd: str | None = None
        self._effort: str | None = None
        self._agent_path: str | None = None
        self._given_by = Origin.PERSON
        self._turn_is_open = False
        self._turn_has_prompt = False
        self._held: list[Event] = []

    @staticmethod
    def knows(record: Record) -> bool:
        """True if this line can only be Codex's."""
        kind = record.get("type")
        if isinstance(record.get("payload"), dict):
            return isinstance(kind, str) and (kind in _HANDLERS or kind in MUTE_TYPES or kind == "session_meta")
        if kind == "message":
            return any(obj(part).get("type") in ("input_text", "output_text") for part in array(record.get("content")))
        if kind == "function_call":
            return isinstance(record.get("call_id"), str) and isinstance(record.get("arguments"), str)
        return _is_legacy_head(record)

    def read(self, line: Line) -> list[Event]:
        """Events of this line.

        Raises:
            BadLine: the line is broken; the reader is unchanged and takes the next one.
        """
        record = parse(line.data)
        kind, payload = _opened(record)
        where = Where("", stamp(record.get("timestamp")), line.offset)
        snapshot = _snapshot(kind, payload)  # may raise BadLine, so it comes before any change
        if self._identity is None:
            # Until the thread's name is known, the first line names it: that line is the same in every copy of the
            # file.
            self._identity = hashlib.blake2b(line.data, digest_size=12).hexdigest()
        if kind == "session_meta" and not self._has_begun:
            return self._begin(payload, where)
        parent = self._lineage.parent
        how = self._lineage.judge(record, payload, where.at, counts=snapshot is not None)
        events: list[Event] = []
        if self._lineage.parent != parent:
            events.append(LaneInfo(*where, parent_session=self._lineage.parent, forked=True))
        if how in _COPIED:
            return events + self._copied(kind, payload, snapshot, how, where)
        events += self._held
        self._held = []
        if snapshot is not None:
            events += self._spent(snapshot, payload, how, where)
        handler = _HANDLERS.get(kind)
        if handler is not None:
            return events + handler(self, payload, where)
        if kind not in MUTE_TYPES:
            events.append(Unknown(*where, kind[:DETAIL_BOUND], states_usage(record)))
        return events

    # -- for a counting reader ------------------------------------------------------------------------

    @property
    def is_child(self) -> bool:
        """True if the rollout may begin with lines of another thread."""
        return self._lineage.is_child

    @property
    def has_begun(self) -> bool:
        """True once the thread of the rollout is known."""
        return self._has_begun

    def spent(self, snapshot: Snapshot, at: float | None, calls: Calls) -> None:
        """Gives the call that a line of a thread without a parent adds, as `_spent` does. Its context is not kept."""
        growth = self._counters.grow(snapshot)
        if growth is None:
            return
        key = self._key(growth, Inherited.NO)
        calls.call(
            "",
            key,
            at,
            self._model,
            growth.usage,
            counter=tuple(growth.counter) if growth.counter is not None else None,
        )

    def saved(self) -> list[object]:
        """What `restored` needs to continue the counts, as plain JSON."""
        return [self._identity, self._calls, self._model, self._cwd, self._lineage.thread, self._counters.saved()]

    @classmethod
    def restored(cls, saved: Any) -> CodexReader:
        """A reader of a thread without a parent that counts on. It knows no tool calls and no turns."""
        made = cls()
        made._identity, made._calls, made._model, made._cwd, made._lineage.thread, counters = saved
        made._counters = Counters.restored(counters)
        made._has_begun = True
        return made

    # -- the thread -----------------------------------------------------------------------------------

    def _begin(self, meta: Record, where: Where) -> list[Event]:
        lineage = self._lineage
        lineage.begin(meta, where.at)
        self._has_begun = True
        self._identity = lineage.thread or self._identity
        self._cwd = text(meta.get("cwd"))
        subagent = obj(meta.get("source")).get("subagent")
        spawn = obj(obj(subagent).get("thread_spawn"))
        role = text(meta.get("agent_role")) or text(spawn.get("agent_role"))
        self._agent_path = text(meta.get("agent_path")) or text(spawn.get("agent_path"))
        nickname = text(meta.get("agent_nickname")) or text(spawn.get("agent_nickname"))
        is_exec = meta.get("source") == "exec"
        # A person's shell or another program may have started `exec`: the rollout does not say which.
        self._given_by = Origin.AGENT if lineage.is_subagent else Origin.UNKNOWN if is_exec else Origin.PERSON
        return [
            LaneInfo(
                *where,
                session=lineage.thread,
                parent_session=lineage.parent,
                agent_id=lineage.thread if lineage.is_subagent else None,
                agent_type=role or text(subagent) or text(obj(subagent).get("other")),
                forked=True if lineage.is_fork else None,
                title=nickname[:DETAIL_BOUND] if nickname is not None else None,
                title_rank=NICKNAME_TITLE if nickname is not None else 0,
                cwd=self._cwd,
                branch=text(obj(meta.get("git")).get("branch")),
                version=text(meta.get("cli_version")),
                headless=True if is_exec else False if meta.get("source") == "cli" else None,
            )
        ]

    def _copied(
        self, kind: str, payload: Record, snapshot: Snapshot | None, how: Inherited, where: Where
    ) -> list[Event]:
        """The events of a line of the parent's history: only usage, as inherited."""
        if kind == "turn_context":
            self._model = text(payload.get("model")) or self._model
        if how is Inherited.GUESS_YES and kind == "response_item" and payload.get("role") == "user":
            # If only times show what was copied, the newest prompt before the first own answer is the thread's own.
            self._held = list(self._message(payload, where)) or self._held
        return list(self._spent(snapshot, payload, how, where)) if snapshot is not None else []

    def _turn_context(self, payload: Record, where: Where) -> list[Event]:
        self._model = text(payload.get("model")) or self._model
        cwd, effort = text(payload.get("cwd")), _effort(payload)
        cwd = cwd if cwd != self._cwd else None
        effort = effort if effort != self._effort else None
        if cwd is None and effort is None:
            return []
        self._cwd, self._effort = cwd or self._cwd, effort or self._effort
        return [LaneInfo(*where, cwd=cwd, effort=effort)]

    def _compacted(self, payload: Record, where: Where) -> list[Event]:
        return [Compact(*where, text(payload.get("trigger")), None, None)]

    def _no_more(self, _payload: Record, _where: Where) -> list[Event]:
        """No events: the line states nothing but its counts."""
        return []

    # -- usage ----------------------------------------------------------------------------------------

    def _spent(self, snapshot: Snapshot, payload: Record, how: Inherited, where: Where) -> list[UsageReported]:
        growth = self._counters.grow(snapshot)
        window = stated_count(obj(payload.get("info")), "model_context_window")
        self._window = window or self._window
        if growth is None:
            return []
        key, context = self._key(growth, how), growth.context_used
        return [
            UsageReported(
                *where,
                key,
                self._model,
                growth.usage,
                min(context, self._window) if self._window else context,
                self._window,
                inherited=how,
                counter=tuple(growth.counter) if growth.counter is not None else None,
            )
        ]

    def _key(self, growth: Growth, how: Inherited) -> str:
        """The key of a call, which is the next one of the rollout."""
        self._calls += 1
        copy = self._lineage.key_of_copy(growth.counter, how) if growth.counter is not None else None
        return copy or f"{self._identity}:{growth.response or self._calls}"

    # -- items ----------------------------------------------------------------------------------------

    def _item(self, payload: Record, where: Where) -> list[Event]:
        kind = text(payload.get("type")) or "?"
        handler = _ITEMS.get(kind)
        if handler is not None:
            return handler(self, payload, where)
        return [] if kind in _MUTE_ITEMS else [_unknown("response_item", kind, payload, where)]

    def _reasoning(self, payload: Record, where: Where) -> list[Event]:
        said = joined_text(payload.get("summary")) or joined_text(payload.get("content"))
        return [Reasoning(*where, bounded(said, THINK_BOUND))]

    def _call(self, payload: Record, where: Where) -> list[Event]:
        return self._tools.call_events(payload, self._cwd, where)

    def _output(self, payload: Record, where: Where) -> list[Event]:
        return self._tools.output_events(payload, where)

    def _web_search(self, payload: Record, where: Where) -> list[Event]:
        return self._tools.whole_call_events(payload, "web_search", obj(payload.get("action")), where)

    def _image(self, payload: Record, where: Where) -> list[Event]:
        asked = {"prompt": payload.get("revised_prompt")}
        return self._tools.whole_call_events(payload, "image_generation", asked, where)

    def _message(self, payload: Record, where: Where) -> list[Event]:
        if payload.get("role") == "assistant":
            said = joined_text(payload.get("content"))
            return [AssistantText(*where, bounded(said, SAY_BOUND))] if said.strip() else []
        if payload.get("role") != "user":
            return []
        words = human_text(payload)
        if not words:
            return []
        is_steering = self._turn_is_open and self._turn_has_prompt
        self._turn_has_prompt = True
        origin = Origin.QUEUED if is_steering else self._given_by
        return [Prompt(*where, bounded(words, PROMPT_BOUND), origin)]

    def _agent_message(self, payload: Record, where: Where) -> list[Event]:
        if not is_for_agent(payload, self._agent_path):
            return []
        self._turn_has_prompt = True
        return [Prompt(*where, bounded(agent_task(payload), PROMPT_BOUND), Origin.AGENT)]

    # -- events ---------------------------------------------------------------------------------------

    def _event(self, payload: Record, where: Where) -> list[Event]:
        kind = text(payload.get("type")) or "?"
        handler = _EVENTS.get(kind)
        if handler is not None:
            return handler(self, payload, where)
        return [] if kind in MUTE_EVENTS else [_unknown("event_msg", kind, payload, where)]

    def _token_count(self, payload: Record, where: Where) -> list[Event]:
        return [*self._limits.events(obj(payload.get("rate_limits")), where)]

    def _turn_started(self, payload: Record, where: Where) -> list[Event]:
        self._window = stated_count(payload, "model_context_window") or self._window
        self._turn_is_open = True
        self._turn_has_prompt = False
        return [State(*where, Mark.TURN_STARTED)]

    def _turn_ended(self, payload: Record, where: Where) -> list[Event]:
        self._turn_is_open = False
        error = obj(payload.get("error"))
        return [*(self._fault(error, where) if error else []), State(*where, Mark.TURN_ENDED)]

    def _turn_aborted(self, payload: Record, where: Where) -> list[Event]:
        self._turn_is_open = False
        return [State(*where, Mark.INTERRUPTED, (text(payload.get("reason")) or "")[:DETAIL_BOUND])]

    def _error(self, payload: Record, where: Where) -> list[Event]:
        return self._fault(payload, where)

    def _fault(self, error: Record, where: Where) -> list[Event]:
        info = error.get("codex_error_info")
        if info == "usage_limit_exceeded" or "usage_limit_exceeded" in obj(info):
            return [self._limits.refused(where)]
        return [ApiError(*where, (text(error.get("message")) or "error")[:DETAIL_BOUND], _status(error))]

    def _stream_error(self, payload: Record, where: Where) -> list[Event]:
        said = text(payload.get("message")) or "stream error"
        return [ApiError(*where, said[:DETAIL_BOUND], _status(payload), final=False)]

    def _named(self, payload: Record, where: Where) -> list[Event]:
        name = text(payload.get("thread_name"))
        return [LaneInfo(*where, title=name[:DETAIL_BOUND], title_rank=NAME_TITLE)] if name is not None else []

    def _settings(self, payload: Record, where: Where) -> list[Event]:
        return self._turn_context(obj(payload.get("thread_settings")), where)

    def _item_done(self, payload: Record, where: Where) -> list[Event]:
        return self._tools.item_events(obj(payload.get("item")), self._cwd, where)

    def _command_done(self, payload: Record, _where: Where) -> list[Event]:
        self._tools.note_command(text(payload.get("call_id")), payload)
        return []

    def _mcp_done(self, payload: Record, _where: Where) -> list[Event]:
        self._tools.note_mcp(text(payload.get("call_id")), payload)
        return []

    def _patch_done(self, payload: Record, where: Where) -> list[Event]:
        done = payload.get("success") is True
        return self._tools.patch_events(text(payload.get("call_id")), payload.get("changes"), done, self._cwd, where)

    def _spawn_done(self, payload: Record, _where: Where) -> list[Event]:
        self._tools.note_spawned(text(payload.get("call_id")), payload.get("new_thread_id"))
        return []

    def _agent_activity(self, payload: Record, _where: Where) -> list[Event]:
        if payload.get("kind") == "started":
            self._tools.note_spawned(text(payload.get("event_id")), payload.get("agent_thread_id"))
        return []


def _effort(payload: Record) -> str | None:
    """The reasoning effort, as the line states it."""
    settings = obj(obj(payload.get("collaboration_mode")).get("settings"))
    return effort_in(payload.get("effort") or payload.get("reasoning_effort") or settings.get("reasoning_effort"))


def _opened(record: Record) -> tuple[str, Record]:
    """Type and payload of a line. A bare item of a build of 2025 is its own payload."""
    kind = record.get("type")
    payload = record.get("payload")
    if isinstance(payload, dict):
        return (kind if isinstance(kind, str) else "?"), obj(record["payload"])
    if _is_legacy_head(record):
        return "session_meta", record
    if isinstance(kind, str) and kind in _LEGACY_ITEMS:
        return "response_item", record
    if record.get("record_type") == "state":
        return "world_state", {}
    return (kind if isinstance(kind, str) else "?"), {}


def _is_legacy_head(record: Record) -> bool:
    is_bare = "type" not in record and "payload" not in record and isinstance(record.get("id"), str)
    return is_bare and isinstance(record.get("timestamp"), str) and ("instructions" in record or "git" in record)


def _snapshot(kind: str, payload: Record) -> Snapshot | None:
    if kind == "token_usage_record":
        return record_snapshot(payload)
    if kind == "event_msg" and payload.get("type") == "token_count":
        return count_snapshot(payload)
    return None


def _status(error: Record) -> int | None:
    """The HTTP status, which is nested in the kind of the error."""
    kinds = [obj(kind) for kind in obj(error.get("codex_error_info")).values()]
    return next((code for kind in kinds if (code := integer(kind.get("http_status_code"))) is not None), None)


def _unknown(line: str, kind: str, payload: Record, where: Where) -> Unknown:
    return Unknown(*where, f"{line}/{kind}"[:DETAIL_BOUND], states_usage(payload))


_Handler = Callable[[CodexReader, Record, Where], list[Event]]

_HANDLERS: dict[str, _Handler] = {
    "session_meta": CodexReader._no_more,  # pyright: ignore[reportPrivateUsage]
    "token_usage_record": CodexReader._no_more,  # pyright: ignore[reportPrivateUsage]
    "turn_context": CodexReader._turn_context,  # pyright: ignore[reportPrivateUsage]
    "response_item": CodexReader._item,  # pyright: ignore[reportPrivateUsage]
    "event_msg": CodexReader._event,  # pyright: ignore[reportPrivateUsage]
    "compacted": CodexReader._compacted,  # pyright: ignore[reportPrivateUsage]
}

_ITEMS: dict[str, _Handler] = {
    "message": CodexReader._message,  # pyright: ignore[reportPrivateUsage]
    "reasoning": CodexReader._reasoning,  # pyright: ignore[reportPrivateUsage]
    "function_call": CodexReader._call,  # pyright: ignore[reportPrivateUsage]
    "custom_tool_call": CodexReader._call,  # pyright: ignore[reportPrivateUsage]
    "local_shell_call": CodexReader._call,  # pyright: ignore[reportPrivateUsage]
    "tool_search_call": CodexReader._call,  # pyright: ignore[reportPrivateUsage]
    "function_call_output": CodexReader._output,  # pyright: ignore[reportPrivateUsage]
    "custom_tool_call_output": CodexReader._output,  # pyright: ignore[reportPrivateUsage]
    "local_shell_call_output": CodexReader._output,  # pyright: ignore[reportPrivateUsage]
    "tool_search_output": CodexReader._output,  # pyright: ignore[reportPrivateUsage]
    "web_search_call": CodexReader._web_search,  # pyright: ignore[reportPrivateUsage]
    "image_generation_call": CodexReader._image,  # pyright: ignore[reportPrivateUsage]
    "agent_message": CodexReader._agent_message,  # pyright: ignore[reportPrivateUsage]
}

_EVENTS: dict[str, _Handler] = {
    "token_count": CodexReader._token_count,  # pyright: ignore[reportPrivateUsage]
    "task_started": CodexReader._turn_started,  # pyright: ignore[reportPrivateUsage]
    "turn_started": CodexReader._turn_started,  # pyright: ignore[reportPrivateUsage]
    "task_complete": CodexReader._turn_ended,  # pyright: ignore[reportPrivateUsage]
    "turn_complete": CodexReader._turn_ended,  # pyright: ignore[reportPrivateUsage]
    "turn_aborted": CodexReader._turn_aborted,  # pyright: ignore[reportPrivateUsage]
    "error": CodexReader._error,  # pyright: ignore[reportPrivateUsage]
    "stream_error": CodexReader._stream_error,  # pyright: ignore[reportPrivateUsage]
    "thread_name_updated": CodexReader._named,  # pyright: ignore[reportPrivateUsage]
    "thread_settings_applied": CodexReader._settings,  # pyright: ignore[reportPrivateUsage]
    "item_completed": CodexReader._item_done,  # pyright: ignore[reportPrivateUsage]
    "exec_command_end": CodexReader._command_done,  # pyright: ignore[reportPrivateUsage]
    "mcp_tool_call_end": CodexReader._mcp_done,  # pyright: ignore[reportPrivateUsage]
    "patch_apply_end": CodexReader._patch_done,  # pyright: ignore[reportPrivateUsage]
    "collab_agent_spawn_end": CodexReader._spawn_done,  # pyright: ignore[reportPrivateUsage]
    "sub_agent_activity": CodexReader._agent_activity,  # pyright: ignore[reportPrivateUsage]
}

_TELLING = frozenset({"token_count", "thread_name_updated", "thread_settings_applied"})
QUIET_ITEMS = frozenset(_ITEMS) | _MUTE_ITEMS
QUIET_EVENTS = (MUTE_EVENTS | frozenset(_EVENTS)) - _TELLING
QUIET_TYPES = MUTE_TYPES | {"compacted"}
"""Items, events and lines that state neither usage nor facts about the thread."""
