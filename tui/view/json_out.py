"""The stable JSON of `lanes` and `findings`. Schema 1; a key is never removed or given another meaning within it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tui.model.evidence import Evidence
from tui.model.finding import QUESTION, Family, Finding, Member, Repetition
from tui.model.snapshot import Fleet, Lane
from tui.model.usage import Usage
from tui.text.safe_text import safe_text
from tui.view.mutes import Mute, Mutes

SCHEMA = 1
BURN_WINDOW = 1
"""Index of the window that stands in the JSON: five minutes."""
TEXT_CHARS = 2000


def dumps(value: dict[str, Any]) -> str:
    """One line of ASCII: whatever a transcript or a path holds arrives escaped."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def lanes_json(fleet: Fleet, mutes: Mutes | None = None) -> dict[str, Any]:
    """The document of `lanes --json`. Without `mutes` nothing is shown as muted."""
    files = [{"path": skip.path, "line": skip.line, "why": skip.why} for skip in fleet.skipped]
    return {
        "schema": SCHEMA,
        "at": iso(fleet.at),
        "lanes": [lane_json(lane, mutes) for lane in fleet.lanes],
        "totals": usage_json(fleet.totals),
        "totals_trust": [doubt.value for doubt in fleet.trust],
        "skipped": {"lines": fleet.skipped_lines, "files": files},
    }


def lane_json(lane: Lane, mutes: Mutes | None = None) -> dict[str, Any]:
    """One lane with the findings that hold. What is unknown is null."""
    burn = lane.burn[BURN_WINDOW]
    return {
        "id": lane.id,
        "agent": lane.agent,
        "session": lane.session,
        "parent": lane.parent,
        "title": safe_text(lane.title),
        "project": safe_text(lane.project),
        "branch": safe_text(lane.branch) if lane.branch else None,
        "state": lane.state.value,
        "started": iso(lane.started),
        "last_event": iso(lane.last_event),
        "models": {share.model or "unknown": usage_json(share.usage) for share in lane.models},
        "usage": usage_json(lane.usage),
        "cost_usd": None if lane.cost_usd is None else round(lane.cost_usd, 6),
        "trust": [doubt.value for doubt in lane.trust],
        "burn": {"tokens_per_hour": round(burn.tokens_per_hour, 1), "window_s": burn.window_s},
        "context": {"used": lane.context.used, "window": lane.context.window},
        "repetition": repetition_json(lane.repetition),
        "actions": lane.action_count,
        "findings": [finding_json(finding, mutes.muted(finding) if mutes else None) for finding in lane.findings],
        "routes": [route.kind.value for route in lane.control.routes if route.is_open],
        "recording": safe_text(lane.recording) or None,
    }


def findings_json(findings: Iterable[Finding], families: Iterable[Family], mutes: Mutes | None) -> dict[str, Any]:
    """The document of `findings --json`, and what a notification's command and webhook are given."""
    return {
        "schema": SCHEMA,
        "findings": [finding_json(finding, mutes.muted(finding) if mutes else None) for finding in findings],
        "families": [family_json(family) for family in families],
    }


def finding_json(finding: Finding, mute: Mute | None) -> dict[str, Any]:
    """One finding. It holds while `until` is null."""
    return {
        "kind": finding.kind.value,
        "key": safe_text(finding.key, limit=TEXT_CHARS),
        "lane": finding.lane,
        "family": finding.family,
        "severity": finding.severity.value,
        "since": iso(finding.since),
        "until": iso(finding.until),
        "tokens_since": finding.tokens_since,
        "title": safe_text(finding.title, limit=TEXT_CHARS),
        "evidence": [_evidence_json(evidence) for evidence in finding.evidence],
        "suggest": None if finding.suggest is None else finding.suggest.value,
        "muted": None if mute is None else {"reason": safe_text(mute.reason), "at": iso(mute.at)},
    }


def family_json(family: Family) -> dict[str, Any]:
    """One family: `members` are the newest ones, oldest first, `count` counts all."""
    return {
        "id": family.id,
        "template": safe_text(family.template, limit=TEXT_CHARS),
        "members": [_member_json(member) for member in family.members],
        "count": family.count,
        "tokens": family.tokens,
        "tokens_since_third": family.tokens_since_third,
        "similarity": round(family.similarity, 4),
        "conditions": [
            {"title": safe_text(one.title), "holds": one.holds, "text": safe_text(one.text, limit=TEXT_CHARS)}
            for one in family.conditions
        ],
        "question": QUESTION,
        "answer": safe_text(family.answer, limit=TEXT_CHARS),
        "since": iso(family.since),
        "open": family.is_open,
    }


def repetition_json(repetition: Repetition) -> dict[str, Any]:
    """How repetitive a lane is. `severity` is null while there is nothing to say of it."""
    return {
        "score": round(repetition.score, 4),
        "reason": safe_text(repetition.reason, limit=TEXT_CHARS) if repetition.reason else None,
        "kind": None if repetition.kind is None else repetition.kind.value,
        "severity": None if repetition.severity is None else repetition.severity.value,
        "period": repetition.period,
        "repeats": repetition.repeats,
        "since": iso(repetition.since),
    }


def _member_json(member: Member) -> dict[str, Any]:
    return {
        "lane": member.lane,
        "action": member.action,
        "name": safe_text(member.name),
        "title": safe_text(member.title, limit=TEXT_CHARS),
        "words": [safe_text(word) for word in member.words],
        "started": iso(member.started),
        "ended": iso(member.ended),
        "outcome": member.outcome,
        "tokens": member.tokens,
        "steps": member.steps,
        "novelty": round(member.novelty, 4),
        "path": member.path,
        "offset": member.offset,
    }


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "text": safe_text(evidence.text, limit=TEXT_CHARS),
        "at": iso(evidence.at),
        "path": evidence.path,
        "offset": evidence.offset,
    }


def usage_json(usage: Usage) -> dict[str, int]:
    """Tokens by class; fresh = total - cache_read."""
    return {
        "input": usage.input,
        "cache_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "output": usage.output,
        "reasoning": usage.reasoning,
        "total": usage.total,
        "fresh": usage.fresh,
    }


def iso(at: float | None) -> str | None:
    """Seconds UTC as ISO 8601 with milliseconds; None, and what no calendar holds, stay unknown."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return None
