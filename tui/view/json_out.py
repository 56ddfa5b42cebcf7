"""JSON for standard output: common parts, and the document of `findings`.

Within a schema (1), a key is never removed or given another meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tui.model.cost import Cost
from tui.model.evidence import Evidence
from tui.model.finding import QUESTION, QUIET, Family, Finding, Member, Repetition
from tui.model.usage import Usage
from tui.text.safe_text import safe_text
from tui.view.mutes import Mute, Mutes

SCHEMA = 1
TEXT_CHARS = 2000


def dumps(value: dict[str, Any]) -> str:
    """One line of ASCII, in which all other characters are escaped."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def findings_json(findings: Iterable[Finding], families: Iterable[Family], mutes: Mutes | None) -> dict[str, Any]:
    """The document of `findings --json`. Commands and webhooks for notices get it, too."""
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
        "suggest_for": finding.suggest_for,
        "progress": safe_text(finding.progress, limit=TEXT_CHARS) if finding.progress else None,
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
    """How repetitive a lane is. `severity` is null while the lane is not flagged."""
    return {
        "score": round(repetition.score, 4),
        "reason": safe_text(repetition.reason, limit=TEXT_CHARS) if repetition.reason else None,
        "kind": None if repetition.kind is None else repetition.kind.value,
        "severity": None if repetition.severity is None else repetition.severity.value,
        "period": repetition.period,
        "repeats": repetition.repeats,
        "since": iso(repetition.since),
    }


def unknown_repetition() -> dict[str, Any]:
    """The same keys for a lane that was not judged, all null."""
    return dict.fromkeys(repetition_json(QUIET))


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


def cost_json(cost: Cost) -> dict[str, Any]:
    """A cost in US dollars. It is a lower bound if fewer of its `parts` (lanes) are `priced`."""
    return {"usd": round(cost.usd, 6), "priced": cost.priced, "parts": cost.parts, "lower_bound": not cost.is_whole}


def iso(at: float | None) -> str | None:
    """Seconds UTC as ISO 8601 with milliseconds; None if unknown or outside the calendar."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return None
