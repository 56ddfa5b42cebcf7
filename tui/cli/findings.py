"""`lanewatch findings`: prints the findings that hold now. Exit code 3 if one of them is not muted, for scripts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from tui.cli.common import CommandError, Common, now, say
from tui.cli.lanes import lane_called, read_once
from tui.cli.session import mutes_of
from tui.config.mutes import Mutes
from tui.model.evidence import LaneId
from tui.model.finding import Finding, FindingKind, Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own

FOUND = 3
"""Exit code: there are findings."""


@frozen
class Wanted:
    """The findings that are requested. None or empty: no restriction."""

    kinds: tuple[FindingKind, ...] = ()
    severity: Severity = Severity.INFO
    """The lowest severity."""
    lane: str | None = None
    all: bool = False
    """Includes muted findings and those that no longer hold."""


def run(common: Common, wanted: Wanted, *, as_json: bool, at: float | None) -> int:
    """Prints the findings. Exit code 3 if one of them holds and is not muted.

    Raises:
        CommandError: no lane, or more than one, has the name that was given.
    """
    fleet = read_once(common, at)
    mutes = mutes_of()
    found = _found(fleet, wanted)
    heard = [finding for finding in found if finding.is_open and mutes.muted(finding) is None]
    shown = found if wanted.all else heard
    if as_json:
        from tui.view.json_out import dumps, findings_json

        sys.stdout.write(dumps(findings_json(shown, fleet.families, mutes)) + "\n")
    else:
        _print(fleet, shown, mutes)
    return FOUND if heard else 0


def mute(common: Common, key: str, lane: str | None, reason: str, at: float | None) -> int:
    """Mutes one finding from now on: on the screen, in `findings` and in notifications.

    Raises:
        CommandError: no finding has that key, or findings of several lanes have it.
    """
    fleet = read_once(common, at)
    found = _called(_found(fleet, Wanted(lane=lane)), key)
    mutes = mutes_of()
    mutes.mute(found, reason, now())
    return _done(mutes, joined(own("muted: "), _named(found.lane, found.key)))


def unmute(key: str, lane: str | None) -> int:
    """Removes a mute, even if the finding no longer exists.

    Raises:
        CommandError: no finding with that key is muted, or findings of several lanes are.
    """
    mutes = mutes_of()
    found = [one for one in mutes.all() if _answers(one.key, key) and (lane is None or lane in (one.lane or ""))]
    if not found:
        raise CommandError(f"nothing is muted by the key {key!r}: lanewatch findings --all shows what is")
    if len(found) > 1:
        raise CommandError(f"{key!r} is muted in {_lanes(one.lane for one in found)}: name one with --lane")
    mutes.forget(found[0].lane, found[0].key)
    return _done(mutes, joined(own("no longer muted: "), _named(found[0].lane, found[0].key)))


def _done(mutes: Mutes, words: SafeText) -> int:
    """Prints the words and returns 0; returns 1 if the change could not be written, which was already reported."""
    if not mutes.is_kept:
        return 1
    say([words])
    return 0


def _named(lane: LaneId | None, key: str) -> SafeText:
    return joined(safe_text(key), own(" of "), safe_text(lane or "all lanes"))


def _answers(key: str, wanted: str) -> bool:
    """True if the wanted key is this key, or this key as it is shown."""
    return wanted in (key, safe_text(key))


def _found(fleet: Fleet, wanted: Wanted) -> list[Finding]:
    lane = lane_called(fleet, wanted.lane).id if wanted.lane is not None else None
    return [
        finding
        for finding in (*fleet.findings, *fleet.past_findings)
        if (not wanted.kinds or finding.kind in wanted.kinds)
        and finding.severity.rank >= wanted.severity.rank
        and (lane is None or _concerns(finding, lane, fleet))
    ]


def _concerns(finding: Finding, lane: LaneId, fleet: Fleet) -> bool:
    """True if the finding is the lane's own, or that of a family to which the lane belongs."""
    if finding.lane is not None:
        return finding.lane == lane
    return any(
        member.lane == lane for family in fleet.families if family.id == finding.family for member in family.members
    )


def _called(findings: Sequence[Finding], key: str) -> Finding:
    found = {(one.lane, one.key): one for one in findings if _answers(one.key, key)}
    if not found:
        raise CommandError(f"no finding has the key {key!r}: lanewatch findings --all shows what there is")
    if len(found) > 1:
        raise CommandError(f"{key!r} is a finding of {_lanes(lane for lane, _ in found)}: name one with --lane")
    return next(iter(found.values()))


def _lanes(lanes: Iterable[LaneId | None]) -> str:
    return ", ".join(lane or "all lanes" for lane in lanes)


def _print(fleet: Fleet, shown: Sequence[Finding], mutes: Mutes) -> None:
    from tui.view.findings_plain import findings_lines, tally

    if shown:
        say([*findings_lines(fleet, shown, mutes), own("")])
    say([tally(shown, mutes)])
