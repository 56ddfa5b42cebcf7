"""What a finding could say at its own time: a family's findings are titled by all members that it has come to since."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.finding import Family, Finding, FindingKind
from tui.report.windowed import EARLY_S


def title_then(finding: Finding, families: Sequence[Family]) -> tuple[str, str]:
    """The title by the members that had begun as it was raised, and what came of it: `85 actions, up to S172`.

    The second is empty where nothing more came. A finding that is about no family is titled as it stands.
    """
    family = next((one for one in families if one.id == finding.family), None)
    if family is None or finding.since is None:
        return finding.title, ""
    later = sum(one.started is None or one.started > finding.since + EARLY_S for one in family.members)
    begun = family.members[: len(family.members) - later]
    if not begun or not later:
        return finding.title, ""
    title = _title(finding, family.count - later, begun[0].name, begun[-1].name)
    return title, f"{family.count} actions, up to {family.members[-1].name}"


def _title(finding: Finding, count: int, first: str, last: str) -> str:
    """In the words of the family's own titles."""
    actions = "action" if count == 1 else "actions"
    match finding.kind:
        case FindingKind.STOP:
            return f"{count} {actions}, only the label differs: {first} … {last}"
        case FindingKind.FAMILY_TOO_LONG:
            return f"{count} adjacent {actions} share one shape: {first} … {last}"
        case FindingKind.OWED_OUTPUT:
            return f"after {count} {actions} of one shape a closing output is owed, not another: {last}"
        case _:
            return finding.title
