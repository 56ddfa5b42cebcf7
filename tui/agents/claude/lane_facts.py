"""Finds the lane of a Claude line, and the facts that the lines state about lanes."""

from __future__ import annotations

from typing import Any, NamedTuple

from tui.agents.claude.tools import OpenCall
from tui.agents.tools import DETAIL_BOUND
from tui.io.json_fields import Record, Where, stamp, text
from tui.model.event import Event, LaneInfo

SIDECHAIN = "sidechain"
"""The lane of all subagent lines without an agent's name: they cannot be distinguished."""

DESCRIPTION_TITLE = 15

COPIED_EARLIER_S = 2.0
"""Seconds. Lines are in the order of their times, within milliseconds. If the first line of the conversation is this
much older than a line before it, it was copied: the file is a fork (seen from 2.1.270 on; the copied lines have the
new session's id, and nothing else in the file tells).
"""

LANES_BOUND = 4096


class Facts(NamedTuple):
    """The facts of one lane so far."""

    session: str | None = None
    cwd: str | None = None
    branch: str | None = None
    version: str | None = None
    headless: bool | None = None
    agent_type: str | None = None


class LaneBook:
    """Finds the lane of each line. Gives each fact when it is first stated and when it changes."""

    def __init__(self) -> None:
        self._own_agent: str | None = None
        self._has_begun = False
        self._newest_before: float | None = None
        self._facts: dict[str, Facts] = {}
        self._raw: dict[str, tuple[object, ...]] = {}
        self._title: tuple[int, str] = (0, "")

    def enter(self, record: Record, offset: int) -> tuple[Where, list[Event]]:
        """The place of the line's events, and the new facts that it states about its lane."""
        at = stamp(record.get("timestamp"))
        is_copy = False if self._has_begun else self._begin(record, at)
        where = Where(self._local(record), at, offset)
        raw = (
            record.get("sessionId"), record.get("cwd"), record.get("gitBranch"), record.get("version"),
            record.get("entrypoint"), record.get("attributionAgent"),
        )  # fmt: skip
        if raw == self._raw.get(where.lane) and not is_copy:
            return where, []
        return where, self._compare(record, raw, where, is_copy)

    @property
    def has_begun(self) -> bool:
        """True from the first line of the conversation on."""
        return self._has_begun

    def local(self, agent_id: str | None, *, is_sidechain: bool) -> str:
        """The lane of a line within the transcript, by what the line states."""
        if agent_id:
            return "" if agent_id == self._own_agent or not self._has_begun else agent_id
        return SIDECHAIN if is_sidechain and self._own_agent is None else ""

    def states_news(self, local: str, raw: tuple[str | None, ...]) -> bool:
        """Whether a line states a fact about its lane that is not known. Changes nothing.

        `raw` are the fields sessionId, cwd, gitBranch, version, entrypoint and attributionAgent of the line.
        """
        known = self._facts.get(local)
        if known is None or not self._has_begun:
            return True
        session, cwd, branch, version, entrypoint, agent_type = raw
        if not session:
            return True  # another field may state it
        told = Facts(
            session, cwd or None, branch or None, version or None, _is_headless(entrypoint), agent_type or None
        )
        if not self.is_subagent(local):
            told = told._replace(agent_type=None)
        return any(b is not None and b != a for a, b in zip(known, told, strict=True))

    def saved(self) -> list[object]:
        """The state as plain JSON, for `restored`."""
        facts = {lane: list(stated) for lane, stated in self._facts.items()}
        return [self._own_agent, self._has_begun, self._newest_before, facts, list(self._title)]

    @classmethod
    def restored(cls, saved: Any) -> LaneBook:
        """The book that `saved` described."""
        made = cls()
        made._own_agent, made._has_begun, made._newest_before, facts, title = saved
        made._facts = {lane: Facts(*stated) for lane, stated in facts.items()}
        made._title = (title[0], title[1])
        return made

    def is_subagent(self, local: str) -> bool:
        """Whether the lane is a subagent's."""
        return local != "" or self._own_agent is not None

    def embedded(self, record: Record, where: Where, parent_call: str | None, spawner: OpenCall | None) -> list[Event]:
        """The facts that a progress line states about its subagent; once per subagent."""
        if where.lane in self._facts or len(self._facts) >= LANES_BOUND:
            return []
        told = _told(record)
        self._facts[where.lane] = told
        title = spawner.description if spawner is not None else None
        return [
            LaneInfo(
                *where,
                session=told.session,
                parent_session=told.session,
                parent_call=parent_call,
                agent_id=where.lane,
                agent_type=spawner.agent_type if spawner is not None else None,
                title=title[:DETAIL_BOUND] if title is not None else None,
                title_rank=DESCRIPTION_TITLE if title is not None else 0,
                cwd=told.cwd,
                branch=told.branch,
                version=told.version,
            )
        ]

    def is_new_title(self, title: str, rank: int) -> bool:
        """Whether the title is new. Clients write the title again after every turn."""
        is_new = (rank, title) != self._title
        self._title = (rank, title)
        return is_new

    def _begin(self, record: Record, at: float | None) -> bool:
        """Waits for the first line of the conversation, which decides to which session the file belongs.

        True if it was copied.
        """
        before = self._newest_before
        if "uuid" in record:
            self._has_begun = True
            if record.get("isSidechain") is True:
                self._own_agent = text(record.get("agentId"))
            return before is not None and at is not None and before - at > COPIED_EARLIER_S
        if at is not None and (before is None or at > before):
            self._newest_before = at
        return False

    def _local(self, record: Record) -> str:
        return self.local(text(record.get("agentId")), is_sidechain=record.get("isSidechain") is True)

    def _compare(self, record: Record, raw: tuple[object, ...], where: Where, is_copy: bool) -> list[Event]:
        old = self._facts.get(where.lane)
        if old is None and len(self._facts) >= LANES_BOUND:
            return []
        self._raw[where.lane] = raw
        told = _told(record)
        is_subagent = self.is_subagent(where.lane)
        if not is_subagent:
            told = told._replace(agent_type=None)
        known = old or Facts()
        self._facts[where.lane] = Facts._make(b if b is not None else a for a, b in zip(known, told, strict=True))
        news = Facts._make(b if b != a else None for a, b in zip(known, told, strict=True))
        parent = told.session if is_subagent and old is None else None
        if news.session is not None and known.session is not None and not is_subagent:
            # The file continues with another session, so everything before was copied from the first session.
            parent, is_copy = known.session, True
        agent_id = (where.lane or self._own_agent) if old is None else None
        if parent is None and agent_id is None and not is_copy and all(fact is None for fact in news):
            return []
        return [
            LaneInfo(
                *where,
                session=news.session,
                parent_session=parent,
                agent_id=agent_id,
                agent_type=news.agent_type,
                forked=True if is_copy else None,
                cwd=news.cwd,
                branch=news.branch,
                version=news.version,
                headless=news.headless,
            )
        ]


def _told(record: Record) -> Facts:
    return Facts(
        text(record.get("sessionId")) or text(record.get("session_id")),
        text(record.get("cwd")),
        text(record.get("gitBranch")),
        text(record.get("version")),
        _is_headless(record.get("entrypoint")),
        text(record.get("attributionAgent")),
    )


def _is_headless(entrypoint: object) -> bool | None:
    if not isinstance(entrypoint, str):
        return None
    return True if entrypoint.startswith("sdk") else False if entrypoint == "cli" else None
