"""One snapshot of all lanes, and the lane that a name stands for."""

from __future__ import annotations

import sys

from tui.cli.arguments import JudgeWhat
from tui.cli.session import (
    CommandError,
    Common,
    deferral_of,
    live_fleet,
    midnight,
    mutes_of,
    now,
    say,
    settings_of,
    since_of,
)
from tui.fleet.live import LiveFleet
from tui.model.snapshot import Fleet, Lane

NAMED = 5
"""Maximum number of lanes that are listed for an ambiguous name."""


def picture(common: Common, at: float | None = None, judge: JudgeWhat = JudgeWhat.ALL) -> Fleet:
    """Reads everything once and returns a snapshot at `at` (seconds UTC; None: now). Later events are left out.

    At a time in the past all lanes are judged.
    """
    settings = settings_of(common)
    moment = at if at is not None else now()
    deferral = deferral_of(judge if at is None else JudgeWhat.ALL, settings, moment)
    live, _ = live_fleet(common, settings, until=at, deferral=deferral)
    since, _ = since_of(common, settings, moment)
    if at is None:
        from tui.cli.control import with_held

        since = with_held(since)
    live.add(*live.find(since))
    live.read_all()
    if live.judging:
        live.snapshot(moment, midnight(moment))
        live.judge_kindred()
    live.close()
    if at is None:
        _apply_control(live, moment)
    return live.snapshot(moment, midnight(moment))


def _apply_control(live: LiveFleet, at: float) -> None:
    """Adds the routes to the lanes of this machine's agents, and the states that orders give them."""
    from tui.agents.processes import ProcessProbe
    from tui.cli.control import control_folder
    from tui.control.moments import UPTIME
    from tui.control.permissions import Permissions
    from tui.control.service import ControlService

    live.supervisor.observe(*ProcessProbe(live.own.paths).look())
    control = ControlService(control_folder(), permissions=Permissions(read_only=True), uptime=UPTIME)
    live.supervisor.apply_control(control.look(live.snapshot(at, midnight(at))))


def print_lanes(common: Common, *, as_json: bool, at: float | None, judge: JudgeWhat = JudgeWhat.RECENT) -> int:
    """Prints the lanes."""
    fleet = picture(common, at, judge)
    mutes = mutes_of()
    if as_json:
        from tui.view.json_out import dumps
        from tui.view.lanes_json import lanes_json

        sys.stdout.write(dumps(lanes_json(fleet, mutes)) + "\n")
        return 0
    import shutil

    from tui.view.findings import listed_findings
    from tui.view.flags import flags_of
    from tui.view.plain import lanes_table

    flags = flags_of(fleet, listed_findings(fleet, mutes))
    say(lanes_table(fleet, shutil.get_terminal_size((140, 24)).columns, flags))
    return 0


def lane_called(fleet: Fleet, wanted: str) -> Lane:
    """The lane with this id or session, or the only one whose id or session contains it.

    Raises:
        CommandError: no lane or several lanes match.
    """
    exact = [lane for lane in fleet.lanes if wanted in (lane.id, lane.session)]
    found = exact or [lane for lane in fleet.lanes if wanted in lane.id or wanted in lane.session]
    if len(exact) > 1:
        found = [lane for lane in exact if lane.parent is None] or exact
    if not found:
        raise CommandError(f"no lane is called {wanted!r}: lanewatch lanes shows what there is")
    if len(found) > 1:
        names = ", ".join(lane.id for lane in found[:NAMED])
        more = f", and {len(found) - NAMED} more: name more of its id" if len(found) > NAMED else ""
        raise CommandError(f"{wanted!r} could be {len(found)} lanes: {names}{more}")
    return found[0]
