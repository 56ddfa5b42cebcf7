"""Claude Code's transcripts: one JSON object per line, written by client versions 1.0 to 2.1.

A main session and each of its subagents have a file of their own. Older clients wrote subagents into the main file: as
progress lines with an agent id (2.0 to about 2.1.40), or as sidechain lines without one (1.0). The former become lanes
of their own inside the transcript; the latter cannot be distinguished and share one.

State kept between lines, all of it bounded: the facts stated about each lane, the usage of the last few calls,
facts of tool calls without a result, queued prompts, the newest line ids.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from tui.agents.claude.api_errors import api_error_events, retry_events
from tui.agents.claude.lane_facts import SIDECHAIN, LaneBook
from tui.agents.claude.tools import ToolBook
from tui.agents.claude.usage import SYNTHETIC, SpendBook
from tui.agents.claude.user_text import PromptQueue, is_notification, origin_of, prompt_text, queued_events, text_events
from tui.agents.tools import DETAIL_BOUND, SAY_BOUND, THINK_BOUND, absolute, bounded, effort_in, joined_text
from tui.agents.unread_usage import states_usage
from tui.io.json_fields import Record, Where, array, obj, parse, stamp, stated_count, text
from tui.io.lines import Line
from tui.model.event import AssistantText, Compact, Edit, Event, LaneInfo, Mark, Origin, Reasoning, State, Unknown

CUSTOM_TITLE, MADE_TITLE, SUMMARY_TITLE = 40, 30, 20

RECENT_LINES = 64

MUTE_TYPES = frozenset(
    {
        "agent-color", "agent-setting", "api-request-blob", "api-request-shape", "artifact-autoreact-ledger",
        "artifact-comment-monitor", "atis-latch", "attribution-snapshot", "bridge-session", "content-replacement",
        "cost-state", "file-history-delta", "file-history-snapshot", "frame-link", "last-prompt", "launched", "mode",
        "permission-mode", "result", "started", "tag", "tools-used",
    }
)  # fmt: skip
"""Types of lines that state nothing about a lane's activity or usage. They are skipped."""

_MUTE_BEGINNINGS = tuple(b'{"type":"%s",' % name.encode() for name in sorted(MUTE_TYPES))

_MUTE_SYSTEM = frozenset({None, "away_summary", "bridge_status", "informational", "stop_hook_summary"})

_MUTE_ATTACHMENTS = frozenset(
    {
        "agent_listing_delta", "auto_mode", "budget_usd", "command_permissions", "compact_file_reference", "date",
        "date_change", "deferred_tools_delta", "deferred_tools_record", "diagnostics", "environment", "file",
        "instructions", "invoked_skills", "mcp_instructions_delta", "model", "nested_memory", "plan_mode",
        "plan_mode_exit", "prompt_snapshot", "read_truncation_notice", "remote_session_change", "session_context",
        "silent_turn_reminder", "skill_listing", "structured_output", "task_status", "total_tokens_reminder",
    }
)  # fmt: skip

_SESSIONLESS = {"summary": "leafUuid", "file-history-snapshot": "messageId", "file-history-delta": "messageId"}
"""Types whose lines name no session, each with the field that identifies it."""

_ENDING = frozenset({"end_turn", "stop_sequence", "refusal"})
"""Stop reasons after which the model waits for a person."""


class ClaudeReader:
    """Reads one transcript of Claude Code."""

    agent: ClassVar[str] = "claude"

    def __init__(self, lanes: LaneBook | None = None, spends: SpendBook | None = None) -> None:
        """`lanes` and `spends` are shared with a counting reader that reads some of the lines itself."""
        self._lanes = lanes or LaneBook()
        self._spends = spends or SpendBook()
        self._tools = ToolBook()
        self._queue = PromptQueue()
        self._effort: str | None = None
        self._recent: list[str] = []

    def _remember(self, uuid: str) -> None:
        self._recent.append(uuid)
        if len(self._recent) > RECENT_LINES:
            del self._recent[0]

    @staticmethod
    def knows(record: Record) -> bool:
        """True if this line can only be Claude Code's."""
        kind = record.get("type")
        if not isinstance(kind, str) or "payload" in record or "systemPayload" in record:
            return False
        if kind in _SESSIONLESS:
            return _SESSIONLESS[kind] in record
        if not isinstance(record.get("sessionId"), str):
            return False
        if kind in ("user", "assistant"):
            return "content" in obj(record.get("message"))  # lines of another agent differ only in their parts
        if kind in ("system", "attachment", "progress"):
            return "uuid" in record and "message" not in record
        return kind in MUTE_TYPES or kind in _HANDLERS

    def read(self, line: Line) -> list[Event]:
        """Events of this line.

        Raises:
            BadLine: the line is broken; the reader is unchanged and takes the next one.
        """
        data = line.data
        # Most bytes of a newer transcript are in skipped lines. Their type comes first, so that the rest need not be
        # parsed.
        if data.startswith(b'{"type":"') and data.startswith(_MUTE_BEGINNINGS) and data.endswith(b"}"):
            return []
        record = parse(data)
        kind = text(record.get("type")) or "?"
        handler = _HANDLERS.get(kind)
        if handler is not None:
            return handler(self, record, line.offset)
        if kind in MUTE_TYPES:
            return []
        return [Unknown("", stamp(record.get("timestamp")), line.offset, kind[:DETAIL_BOUND], states_usage(record))]

    def note_line(self, uuid: str) -> None:
        """Notes the id of a line that was read elsewhere: a summary may name it."""
        self._remember(uuid)

    # -- conversation -------------------------------------------------------------------------------

    def _assistant(self, record: Record, offset: int) -> list[Event]:
        calls = self._spends.calls(
            obj(record.get("message")), record, offset
        )  # may raise BadLine, so it comes before any change
        where, events = self._enter(record, offset)
        if record.get("isApiErrorMessage") is True:
            return events + api_error_events(record, where)
        events += self._spends.news(calls, where, gauge=where.lane != SIDECHAIN)
        return events + self._said(record, where)

    def _said(self, record: Record, where: Where) -> list[Event]:
        message = obj(record.get("message"))
        if message.get("model") == SYNTHETIC:
            return []  # a text that the client wrote as if the model had
        content = message.get("content")
        name = text(message.get("id"))
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        events: list[Event] = []
        for index, one in enumerate(array(content)):
            block = obj(one)
            kind = block.get("type")
            if kind == "text" and (words := text(block.get("text"))):
                events.append(AssistantText(*where, bounded(words, SAY_BOUND), name))
            elif kind in ("thinking", "redacted_thinking"):
                events.append(Reasoning(*where, bounded(text(block.get("thinking")) or "", THINK_BOUND), name))
            elif kind == "tool_use":
                events += self._tools.call_events(block, f"@{where.offset}:{index}", where, name)
        stopped_by = text(message.get("stop_reason"))
        if stopped_by in _ENDING:
            events.append(State(*where, Mark.TURN_ENDED, stopped_by))
        return events

    def _user(self, record: Record, offset: int) -> list[Event]:
        where, events = self._enter(record, offset)
        if "thinkingMetadata" in record and not where.lane:
            events += self._thinking(obj(record.get("thinkingMetadata")), where)
        return events + self._heard(record, where)

    def _thinking(self, stated: Record, where: Where) -> list[Event]:
        """The reasoning effort, if it is another one than before. Newer clients state a budget in tokens instead."""
        effort = "none" if stated.get("disabled") is True else effort_in(stated.get("level"))
        if effort is None or effort == self._effort:
            return []
        self._effort = effort
        return [LaneInfo(*where, effort=effort)]

    def _heard(self, record: Record, where: Where) -> list[Event]:
        content = obj(record.get("message")).get("content")
        if not isinstance(content, str):
            blocks = [obj(block) for block in array(content)]
            results = [block for block in blocks if block.get("type") == "tool_result"]
            if results:
                return self._results(results, blocks, record, where)
        if record.get("isMeta") is True or record.get("isCompactSummary") is True:
            return []
        words = prompt_text(content)
        if is_notification(record, words):
            return [State(*where, Mark.TURN_STARTED, "task notification")]
        return text_events(words, Origin.AGENT if self._lanes.is_subagent(where.lane) else origin_of(record), where)

    def _results(self, results: list[Record], blocks: list[Record], record: Record, where: Where) -> list[Event]:
        events: list[Event] = []
        for block in results:
            events += self._tools.result_events(block, record, where, alone=len(results) == 1)
        if len(blocks) > len(results) and record.get("isMeta") is not True:
            # Text beside a result was typed while the tool ran, or states that a person interrupted.
            said = [block for block in blocks if block.get("type") == "text"]
            events += queued_events(self._queue.deliver(said), where)
        return events

    def _progress(self, record: Record, offset: int) -> list[Event]:
        data = obj(record.get("data"))
        agent_id = text(data.get("agentId"))
        if data.get("type") != "agent_progress" or agent_id is None:
            return []
        inner = obj(data.get("message"))
        inner.setdefault("cwd", record.get("cwd"))
        calls = self._spends.calls(obj(inner.get("message")), inner, offset)
        host, events = self._enter(record, offset)
        at = stamp(inner.get("timestamp"))
        where = Where(agent_id, at if at is not None else host.at, offset)
        parent_call = text(record.get("parentToolUseID"))
        events += self._lanes.embedded(record, where, parent_call, self._tools.spawner(parent_call))
        if inner.get("type") == "assistant":
            events += self._spends.news(calls, where, gauge=True)
            return events + self._said(inner, where)
        return events + self._heard(inner, where)

    def _enter(self, record: Record, offset: int) -> tuple[Where, list[Event]]:
        if (uuid := text(record.get("uuid"))) is not None:
            self._remember(uuid)
        return self._lanes.enter(record, offset)

    # -- the client's own lines -----------------------------------------------------------------------

    def _system(self, record: Record, offset: int) -> list[Event]:
        where, events = self._enter(record, offset)
        subtype = text(record.get("subtype"))
        if subtype == "turn_duration":
            events.append(State(*where, Mark.TURN_ENDED))
        elif subtype == "stop_hook_summary" and record.get("preventedContinuation") is True:
            events.append(State(*where, Mark.HOOK_STOPPED, (text(record.get("stopReason")) or "")[:DETAIL_BOUND]))
        elif subtype == "api_error":
            events += retry_events(record, where)
        elif subtype == "local_command":
            events += text_events(text(record.get("content")) or "", Origin.COMMAND, where)
        elif subtype == "compact_boundary":
            events.append(_compacted(obj(record.get("compactMetadata")), where))
        elif subtype == "microcompact_boundary":
            events.append(_trimmed(obj(record.get("microcompactMetadata")), where))
        elif subtype not in _MUTE_SYSTEM:
            events.append(Unknown(*where, f"system/{subtype}"[:DETAIL_BOUND]))
        return events

    def _attachment(self, record: Record, offset: int) -> list[Event]:
        where, events = self._enter(record, offset)
        attachment = obj(record.get("attachment"))
        kind = text(attachment.get("type")) or "?"
        if kind == "edited_text_file" and (path := text(attachment.get("filename"))):
            changed = absolute(path, text(record.get("cwd")))
            events.append(Edit(*where, changed, None, "update", by_lane=False))
        elif kind == "queued_command":
            events += queued_events(self._queue.deliver(attachment.get("prompt")), where)
        elif kind in ("task_reminder", "todo_reminder"):
            events += self._tools.set_tasks(array(attachment.get("content")), where)
        elif kind == "hook_stopped_continuation":
            said = text(attachment.get("message")) or joined_text(attachment.get("content"))
            events.append(State(*where, Mark.HOOK_STOPPED, said[:DETAIL_BOUND]))
        elif kind not in _MUTE_ATTACHMENTS and not kind.startswith("hook_"):
            events.append(Unknown(*where, f"attachment/{kind}"[:DETAIL_BOUND]))
        return events

    def _queued(self, record: Record, offset: int) -> list[Event]:
        where, events = self._enter(record, offset)
        told = self._queue.operate(record.get("operation"), record.get("content"), record.get("reason"))
        return events + queued_events(told, where)

    def _request(self, record: Record, offset: int) -> list[Event]:
        where, events = self._enter(record, offset)
        model = text(obj(record.get("params")).get("model"))
        return [*events, State(*where, Mark.REQUEST_STARTED, (model or "")[:DETAIL_BOUND])]

    # -- names and places -----------------------------------------------------------------------------

    def _custom_title(self, record: Record, offset: int) -> list[Event]:
        return self._titled(record, offset, text(record.get("customTitle")), CUSTOM_TITLE)

    def _agent_name(self, record: Record, offset: int) -> list[Event]:
        return self._titled(record, offset, text(record.get("agentName")), CUSTOM_TITLE)

    def _ai_title(self, record: Record, offset: int) -> list[Event]:
        return self._titled(record, offset, text(record.get("aiTitle")), MADE_TITLE)

    def _summary(self, record: Record, offset: int) -> list[Event]:
        # Clients wrote the summaries of other sessions into a new file. Only the leaf shows to which session one
        # belongs.
        if record.get("leafUuid") not in self._recent:
            return []
        return self._titled(record, offset, text(record.get("summary")), SUMMARY_TITLE)

    def _titled(self, record: Record, offset: int, title: str | None, rank: int) -> list[Event]:
        if title is None or not self._lanes.is_new_title(title, rank):
            return []
        at = stamp(record.get("timestamp"))
        return [LaneInfo("", at, offset, title=title[:DETAIL_BOUND], title_rank=rank)]

    def _worktree(self, record: Record, offset: int) -> list[Event]:
        session = obj(record.get("worktreeSession"))
        cwd, branch = text(session.get("worktreePath")), text(session.get("worktreeBranch"))
        if cwd is None and branch is None:
            return []
        return [LaneInfo("", stamp(record.get("timestamp")), offset, cwd=cwd, branch=branch)]

    def _pull_request(self, record: Record, offset: int) -> list[Event]:
        url = text(record.get("prUrl"))
        return (
            [LaneInfo("", stamp(record.get("timestamp")), offset, pull=url[:DETAIL_BOUND])] if url is not None else []
        )

    def _relocated(self, record: Record, offset: int) -> list[Event]:
        cwd = text(record.get("relocatedCwd"))
        return [LaneInfo("", stamp(record.get("timestamp")), offset, cwd=cwd)] if cwd is not None else []


def _compacted(metadata: Record, where: Where) -> Compact:
    before, after = stated_count(metadata, "preTokens"), stated_count(metadata, "postTokens")
    return Compact(*where, text(metadata.get("trigger")), before, after)


def _trimmed(metadata: Record, where: Where) -> Compact:
    before, saved = stated_count(metadata, "preTokens"), stated_count(metadata, "tokensSaved")
    after = before - saved if before is not None and saved is not None and saved <= before else None
    return Compact(*where, "micro", before, after)


_HANDLERS: dict[str, Callable[[ClaudeReader, Record, int], list[Event]]] = {
    "user": ClaudeReader._user,  # pyright: ignore[reportPrivateUsage]
    "assistant": ClaudeReader._assistant,  # pyright: ignore[reportPrivateUsage]
    "progress": ClaudeReader._progress,  # pyright: ignore[reportPrivateUsage]
    "system": ClaudeReader._system,  # pyright: ignore[reportPrivateUsage]
    "attachment": ClaudeReader._attachment,  # pyright: ignore[reportPrivateUsage]
    "queue-operation": ClaudeReader._queued,  # pyright: ignore[reportPrivateUsage]
    "api-request": ClaudeReader._request,  # pyright: ignore[reportPrivateUsage]
    "custom-title": ClaudeReader._custom_title,  # pyright: ignore[reportPrivateUsage]
    "agent-name": ClaudeReader._agent_name,  # pyright: ignore[reportPrivateUsage]
    "ai-title": ClaudeReader._ai_title,  # pyright: ignore[reportPrivateUsage]
    "summary": ClaudeReader._summary,  # pyright: ignore[reportPrivateUsage]
    "worktree-state": ClaudeReader._worktree,  # pyright: ignore[reportPrivateUsage]
    "pr-link": ClaudeReader._pull_request,  # pyright: ignore[reportPrivateUsage]
    "relocated": ClaudeReader._relocated,  # pyright: ignore[reportPrivateUsage]
}
