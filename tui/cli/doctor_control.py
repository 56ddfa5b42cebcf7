"""The part of `doctor` about control: the gate in the agents' settings, their trust in it, and routes to live lanes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tui.agents.registry import gated, title_of
from tui.cli.control import control_folder, permissions_of
from tui.cli.install import settings_file
from tui.config.schema import Settings
from tui.control import audit
from tui.control.context import context_of
from tui.control.folder import ControlFolder
from tui.control.gate.place import command, is_current, missing
from tui.control.install.plan import ASKS, GateStatus, hooks_of_agent, install_state, other_hooks, trust_of
from tui.control.routes.gate_client import sessions
from tui.control.routes.registry import Routes
from tui.control.subjects import is_over
from tui.model.control import Route
from tui.model.snapshot import Fleet
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Printed, Span, joined, own, word

LANES_SHOWN = 20
RECORDINGS_SHOWN = 5
"""Maximum number of reasons why lanes are recordings."""
_WORDS = {
    GateStatus.ABSENT: "not installed: `lanewatch install {agent}`",
    GateStatus.CURRENT: "installed",
    GateStatus.OTHER: "of an older version: `lanewatch install {agent}` brings it up to date",
    GateStatus.BROKEN: "not in effect",
}


def control_rows(settings: Settings, fleet: Fleet) -> Sequence[Printed]:
    """The lines of the section. Reads only."""
    folder = control_folder()
    allowed = permissions_of(settings)
    lines: list[Printed] = [(), (word("control", "section"),)]
    if allowed.read_only or allowed.forbid:
        forbidden = "no verbs at all" if allowed.read_only else ", ".join(sorted(allowed.forbid))
        lines.append(_row("forbidden", safe_text(forbidden)))
    for agent in gated():
        lines += _gate(folder, agent.name)
    asked = sessions(folder)
    alive = sum(1 for session in asked.values() if session.lives)
    lines.append(_row("sessions", joined(number(alive), own(" live ones have asked the gate"))))
    broken = audit.problems(folder)
    log = (
        safe_text(broken[0], limit=200)
        if broken
        else joined(number(len(audit.read(folder))), own(" entries, verified"))
    )
    lines.append(_row("audit", log))
    return [*lines, *_routes(folder, fleet)]


def ungated(folder: ControlFolder) -> list[str]:
    """The agents whose settings have no gate that is in effect."""
    return [
        agent.name
        for agent in gated()
        if install_state(agent.name, settings_file(agent.name, project=False), command(folder, agent.name)).status
        in (GateStatus.ABSENT, GateStatus.BROKEN)
        or missing(folder)
    ]


def _gate(folder: ControlFolder, agent: str) -> Sequence[Printed]:
    path = settings_file(agent, project=False)
    state = install_state(agent, path, command(folder, agent))
    words = _WORDS[state.status].format(agent=agent)
    more = joined(own(": "), safe_text(state.words, limit=400)) if state.words else own("")
    gone = missing(folder) if state.status is not GateStatus.ABSENT else ""
    if gone:
        words = f"not in effect, {gone} is gone: `lanewatch install {agent}` puts it back"
    rows: list[Printed] = [_row(f"gate {agent}", joined(safe_text(words, limit=400), more))]
    if state.status is GateStatus.ABSENT:
        return rows
    rows += _other_answers(agent, path)
    if not gone and not is_current(folder):
        rows.append(_row("", safe_text(f"its files are not this version's: `lanewatch install {agent}`")))
    return [*rows, *_trust(agent, path)]


def _other_answers(agent: str, path: Path) -> Sequence[Printed]:
    """Hooks of other programs that may answer a request before the operator does."""
    if not any(hook.word == "ask" for hook in hooks_of_agent(agent).entries):
        return []
    found = [one for file in _hook_files(agent, path) for one in other_hooks(file, ASKS)]
    if not found:
        return []
    lead = own("other hooks may answer its requests first: ")
    return [_row("", joined(lead, safe_text("; ".join(dict.fromkeys(found)), limit=300)))]


def _hook_files(agent: str, path: Path) -> tuple[Path, ...]:
    """The user's file, one beside it for this machine alone, and that of the project in this folder."""
    return (path, path.with_name("settings.local.json"), settings_file(agent, project=True))


def _trust(agent: str, path: Path) -> Sequence[Printed]:
    """The trust in the gate's hooks: some agents skip hooks that are not trusted, and do not always report it."""
    rule, title = hooks_of_agent(agent).trust, title_of(agent)
    if rule is None:
        return []
    found = trust_of(agent, path.parent, path)
    wanting = sorted(event for event, trust in found.items() if trust not in ("trusted", "unknown"))
    if wanting:
        steps = [_row("", safe_text(line)) for line in rule.steps.splitlines()]
        return [_row("", joined(own("not trusted yet, so skipped: "), safe_text(", ".join(wanting)))), *steps]
    if any(trust == "unknown" for trust in found.values()):
        return [_row("", safe_text(f"whether {title} trusts it cannot be told from its files"))]
    return [_row("", safe_text(f"trusted by {title}"))]


def _routes(folder: ControlFolder, fleet: Fleet) -> Sequence[Printed]:
    """The routes to each live lane, and the reasons why the others are shut."""
    whys = Counter(lane.recording for lane in fleet.lanes if lane.recording)
    lines: list[Printed] = [
        _row("recordings", joined(number(count), own(" lanes can only be read: "), safe_text(why, limit=200)))
        for why, count in whys.most_common(RECORDINGS_SHOWN)
    ]
    live = [lane for lane in fleet.lanes if not is_over(lane) and lane.process is not None and not lane.recording]
    if not live:
        return [*lines, _row("routes", own("no lane with a live process"))]
    routes = Routes(folder)
    around = routes.look()
    lines += [(), (word("routes to live lanes", "section"),)]
    for lane in live[:LANES_SHOWN]:
        lines.append(joined(own("  "), safe_text(lane.id), own("  "), safe_text(lane.title, limit=60)))
        lines += [_route(route) for route in context_of(lane, fleet, routes, around).routes]
    if len(live) > LANES_SHOWN:
        lines.append(joined(own("  and "), number(len(live) - LANES_SHOWN), own(" more")))
    return lines


def _route(route: Route) -> SafeText:
    mark = own("yes") if route.is_open else own("no ")
    return joined(own("    "), safe_text(f"{route.kind.value:<8}"), mark, own("  "), safe_text(route.why, limit=200))


def _row(label: str, text: SafeText) -> Line:
    return (Span(safe_text(f"  {label:<12}"), "dim"), Span(text, "text"))
