"""One snapshot of all lanes, and the search for a lane by name."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.cli.arguments import JudgeWhat
from tui.cli.common import CommandError, Common, now, say, warn
from tui.cli.session import Reading, deferral_of, live_fleet, midnight, mutes_of, settings_of, since_of, tags_of
from tui.config.schema import Settings
from tui.fleet.deferral import ALL_AT_ONCE
from tui.fleet.live import LiveFleet, Pictures
from tui.io.workers import processors
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane
from tui.text.messages import nearest, quoted

if TYPE_CHECKING:
    from tui.cli.running_demo import RunningDemo
    from tui.view.arrange import Arrangement, Rows
    from tui.view.filter import Filter
    from tui.view.flags import Flag

NAMED = 5
"""Maximum number of lanes that are listed for an ambiguous name."""


def read_once(common: Common, at: float | None = None, judge: JudgeWhat = JudgeWhat.ALL) -> Fleet:
    """Reads everything once and returns a snapshot at `at` (seconds UTC; None: now). Later events are left out.

    At a time in the past all lanes are judged.
    """
    settings = settings_of(common)
    moment = at if at is not None else now()

    def read(pictures: Pictures | None) -> Reading:
        return _read(common, settings, at, moment, judge, pictures)

    if at is None and not common.paths and common.demo is None and settings.judge.keep_ended:
        from tui.cli.pictures import read_with_pictures

        return read_with_pictures(settings, moment, read)
    return read(None).fleet


def _read(
    common: Common, settings: Settings, at: float | None, moment: float, judge: JudgeWhat, pictures: Pictures | None
) -> Reading:
    """See `read_once`; `moment` is the time of the snapshot. Transcripts of which there are `pictures` are not read."""
    deferral = deferral_of(judge, settings, moment) if at is None else ALL_AT_ONCE
    live, _ = live_fleet(common, settings, until=at, deferral=deferral)
    since, _ = since_of(common, settings, moment)
    if at is None:
        from tui.cli.control import with_held

        since = with_held(since)
    found, refused = live.find(since)
    live.add(found, refused, pictures)
    if judge is JudgeWhat.ALL:
        live.judge_in_workers(processors())
    live.read_all()
    if live.judging:
        live.snapshot(moment, midnight(moment))
        live.judge_related()
    live.close()
    if common.demo is None:
        live.supervisor.apply_tags(tags_of().of_lanes)
    if at is None:
        _apply_control(live, moment, common.demo)
    return Reading(live, found, since is None, live.snapshot(moment, midnight(moment)))


def _apply_control(live: LiveFleet, at: float, demo: RunningDemo | None) -> None:
    """Adds the routes to the lanes of this machine's agents, and the states that orders give them."""
    from tui.agents.processes import ProcessProbe
    from tui.cli.control import control_folder, process_table
    from tui.control.moments import UPTIME
    from tui.control.permissions import Permissions
    from tui.control.service import ControlService

    live.supervisor.observe(*ProcessProbe(live.own.paths, process_table(demo)).look())
    control = ControlService(control_folder(demo), permissions=Permissions(read_only=True), uptime=UPTIME)
    live.supervisor.apply_control(control.look(live.snapshot(at, midnight(at))))


@frozen
class Shown:
    """The lanes that are printed, and their order, groups and columns."""

    filter: Filter
    arrangement: Arrangement | None
    """The order, filter and groups; None: all lanes in the order of the snapshot."""
    columns: tuple[str, ...]

    @classmethod
    def of(
        cls,
        filter_text: str | None,
        states: str | None,
        sort: str | None,
        group: str | None,
        columns: tuple[str, ...] | None,
        *,
        reverse: bool = False,
    ) -> Shown:
        """The choice by options of the command line; None: not given.

        Raises:
            CommandError: the filter or a state is not understood.
        """
        from tui.view.arrange import Arrangement
        from tui.view.columns.registry import first_sort, grouping_named, sort_named
        from tui.view.filter import Filter

        text = " ".join([*([filter_text] if filter_text else []), *([f'state:"{states}"'] if states else [])])
        wanted = Filter(text)
        if wanted.mistakes:
            raise CommandError("; ".join(wanted.mistakes))
        arrangement = None
        if sort or reverse or group:
            order = sort_named(sort) if sort else first_sort()
            arrangement = Arrangement(order, reverse, wanted, grouping_named(group) if group else None)
        return cls(wanted, arrangement, columns or ())


def print_lanes(
    common: Common,
    *,
    as_json: bool,
    at: float | None,
    judge: JudgeWhat = JudgeWhat.RECENT,
    shown: Shown | None = None,
) -> int:
    """Prints the lanes. Totals count all lanes, including those that a filter leaves out."""
    if as_json and shown is not None and (shown.columns or (shown.arrangement and shown.arrangement.group)):
        raise CommandError("--columns and --group are of the table, not of --json")
    fleet = read_once(common, at, judge)
    mutes = mutes_of()
    from tui.view.findings import listed_findings
    from tui.view.flags import flags_of

    flags = flags_of(fleet, listed_findings(fleet, mutes))
    rows = _rows(fleet, shown, flags) if shown is not None else None
    if as_json:
        from tui.view.json_out import dumps
        from tui.view.lanes_json import lanes_json

        order = rows.order if rows is not None else None
        sys.stdout.write(dumps(lanes_json(fleet, mutes, order)) + "\n")
        return 0
    from tui.cli.ansi import output_cells
    from tui.view.plain import lanes_table

    if not fleet.lanes:
        from tui.view.empty import empty_lines

        say(empty_lines(fleet, output_cells(), named=bool(common.paths) and common.demo is None))
        return 0
    columns = shown.columns if shown is not None else ()
    order = shown.arrangement if shown is not None else None
    say(
        lanes_table(
            fleet, output_cells(), flags, rows=rows, columns=columns, sort=order.sort if order is not None else None,
            reverse=order is not None and order.reverse,
        )
    )  # fmt: skip
    for problem in shown.filter.problems(fleet.lanes, fleet.at) if shown is not None else ():
        warn(problem)
    return 0


def _rows(fleet: Fleet, shown: Shown, flags: Mapping[LaneId, Flag]) -> Rows | None:
    """The rows to print; None: all lanes. Lanes that are only above a match of the filter are left out."""
    if shown.arrangement is None and not shown.filter.conditions:
        return None
    from tui.view.arrange import Rows, arrange

    matching = {lane.id for lane in fleet.lanes if shown.filter.matches(lane, fleet.at)}
    if shown.arrangement is None:
        return Rows([lane.id for lane in fleet.lanes if lane.id in matching], {}, 0)
    rows = arrange(fleet, shown.arrangement, flags=flags)
    return replace(rows, order=[one for one in rows.order if one in matching or one in rows.groups])


def lane_called(fleet: Fleet, wanted: str) -> Lane:
    """The lane with this id or session, else the only one that the name fits.

    A name fits a lane if its id, a part of its id or its session begins with it, or if its title contains it. An agent
    chooses its own title, so that no fit is better than another one: a name that fits two lanes stands for neither.

    Raises:
        CommandError: no lane or several lanes match.
    """
    name = wanted.strip()
    if not name:
        raise CommandError("name a lane: lanewatch lanes shows what there is")
    found = _with_id(fleet, name) or [lane for lane in fleet.lanes if _fits(lane, name)]
    if not found:
        titles = {lane.title.lower(): lane.title for lane in fleet.lanes if lane.title}
        words = {word: word for title in titles for word in title.split()}
        hint = nearest(wanted, (*titles, *words))
        raise CommandError(f"no lane is called {quoted(wanted)}{hint or ': lanewatch lanes shows what there is'}")
    if len(found) > 1:
        names = "; ".join(f"{lane.id} {quoted(lane.title)}" if lane.title else lane.id for lane in found[:NAMED])
        more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise CommandError(f"{quoted(wanted)} could be {len(found)} lanes: {names}{more}: name an id, or more of it")
    return found[0]


def _with_id(fleet: Fleet, name: str) -> list[Lane]:
    """The lanes with this id or session (of a session, its main lane), and those with a longer id that begins so."""
    exact = [lane for lane in fleet.lanes if name in (lane.id, lane.session)]
    if len(exact) > 1:
        exact = [lane for lane in exact if lane.parent is None] or exact
    return [*exact, *(lane for lane in fleet.lanes if exact and lane.id.startswith(f"{name}-"))]


def _fits(lane: Lane, name: str) -> bool:
    parts = (lane.id, lane.session, *re.split("[:/]", lane.id))
    return any(part.startswith(name) for part in parts) or name.lower() in lane.title.lower()
