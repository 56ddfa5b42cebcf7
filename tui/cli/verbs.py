"""`lanewatch pause|resume|redirect|close LANE...`: verbs from a shell, for people, scripts and other agents."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from tui.agents.processes import ProcessProbe
from tui.cli.common import CommandError, Common, now, say, say_aside
from tui.cli.control import control_folder, permissions_of, process_table, with_held
from tui.cli.lanes import lane_called
from tui.cli.session import live_fleet, midnight, settings_of, since_of
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.control.bounds import Bounds
from tui.control.folder import ControlFolder
from tui.control.moments import UPTIME
from tui.control.service import ControlService
from tui.control.verbs.base import TextSource
from tui.control.verbs.close import NO_OUTPUT
from tui.control.verbs.registry import spec_of
from tui.fleet.live import LiveFleet
from tui.model.control import LaneControl, Order, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.text.safe_text import SafeText

NOT_SEEN = 4
"""Exit code: the verb was requested, but was not seen to take effect in time."""
LOOK_S = 0.2


@frozen
class VerbArgs:
    """The options of a verb's command."""

    lanes: tuple[str, ...]
    text: str | None = None
    file: str | None = None
    template: str | None = None
    route: str | None = None
    reason: str = ""
    now: bool = False
    tree: bool = False
    family: str | None = None
    lasts_s: float | None = None
    within_s: float | None = None
    calls: int | None = None
    wait: bool = False
    wait_s: float | None = None
    dry_run: bool = False
    as_json: bool = False
    read_only: bool = False
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    """Values of the verb's own options that have no field here."""


class Watcher:
    """Reads the fleet again and again, as the live screen does."""

    def __init__(self, common: Common, settings: Settings) -> None:
        self._live: LiveFleet = live_fleet(common, settings)[0]
        since, _ = since_of(common, settings, now())
        self._since = with_held(since)
        self._probe = ProcessProbe(self._live.own.paths, process_table(common.demo))
        self._probed = float("-inf")

    def look(self) -> Fleet:
        """Reads what is new and returns a snapshot."""
        found, refused = self._live.find(self._since)
        self._live.add(found, refused)
        self._live.changed([file.path for file in found])
        self._live.read_all()
        at = now()
        if not 0 <= at - self._probed < 1.0:
            self._probed = at
            self._live.supervisor.observe(*self._probe.look())
        return self._live.snapshot(at, midnight(at))

    def hear(self, controls: Mapping[LaneId, LaneControl]) -> None:
        """Sets the control of the lanes for the next snapshot."""
        self._live.supervisor.apply_control(controls)

    def close(self) -> None:
        """Closes the open files."""
        self._live.close()


def run(verb: Verb, common: Common, args: VerbArgs) -> int:
    """Uses one verb on lanes. If it waits, it prints each step on standard error as soon as it is seen.

    Exit code: 0 done, 1 refused, expired or undone, 4 not seen in time, 5 closed without a closing summary.

    Raises:
        CommandError: no lane, or more than one, has a name; there is no text; the folder cannot be used.
        KeyboardInterrupt: during the wait, after a line about each unfinished order.
    """
    settings = settings_of(common)
    text = _text(verb, args)
    if spec_of(verb).is_for_one_request and (len(args.lanes) != 1 or args.tree or args.family is not None):
        raise CommandError(f"{verb.value}: name one lane; each request is answered by itself")
    watcher = Watcher(common, settings)
    fleet = watcher.look()
    lanes = _lanes(fleet, args)
    control, within = _control(settings, args, control_folder(common.demo))
    # The plans need the present state of control. Only reads; no step is taken.
    watcher.hear(control.see(fleet))
    fleet = watcher.look()
    plans = control.plans(verb, lanes, fleet, RouteKind(args.route) if args.route else None)
    if args.dry_run:
        plans = control.with_text_check(plans, text, fleet)
        from tui.view.order_lines import plan_line, plans_json

        _print(args, plans_json(plans), [plan_line(plan) for plan in plans])
        return 1 if any(plan.refused for plan in plans) else 0
    options = args.options
    if spec_of(verb).is_for_one_request:
        from tui.cli.answer import chosen_options

        chosen = chosen_options(plans, fleet, options, as_json=args.as_json)
        if chosen is None:
            return 1 if all(plan.refused for plan in plans) else 0
        options = chosen
    until = fleet.at + args.lasts_s if args.lasts_s is not None else None
    orders = control.give(plans, fleet, text=text, now=args.now, reason=args.reason, until=until, options=options)
    watch = args.wait or spec_of(verb).always_waits
    if watch:
        orders = _Wait(watcher, control, orders).settled(_patience(verb, args, within))
    control.release_orders()
    watcher.close()
    if control.trouble:
        sys.stderr.write(f"lanewatch: not everything could be written: {control.trouble}\n")
    from tui.view.order_lines import order_line, orders_json

    _print(args, orders_json(orders), [order_line(order) for order in orders])
    return _code(orders, waited=watch)


def _patience(verb: Verb, args: VerbArgs, within: float) -> float:
    if args.wait_s is not None:
        return args.wait_s
    return spec_of(verb).default_wait_s(within)


def _control(settings: Settings, args: VerbArgs, folder: ControlFolder) -> tuple[ControlService, float]:
    """Control with the limits of a close by configuration and command line, and the seconds for the whole close."""
    control = settings.control
    within = args.within_s if args.within_s is not None else control.close_within_s
    calls = control.close_calls if args.calls is None else args.calls
    # A time that is stated with `--within` also limits the time for the output.
    write = control.close_write_s if args.within_s is None else within
    bounds = Bounds(within, calls, write, answer_attached=control.answer_attached)
    permissions = permissions_of(settings, read_only=args.read_only)
    made = ControlService(folder, permissions=permissions, stays=False, uptime=UPTIME, bounds=bounds)
    return made, within


class _Wait:
    """Waits for orders and prints each of their steps on standard error; standard output contains only the result."""

    def __init__(self, watcher: Watcher, control: ControlService, orders: Sequence[Order]) -> None:
        self._watcher = watcher
        self._control = control
        self._orders = {order.id: order for order in orders}
        self._told = dict.fromkeys(self._orders, 0)

    def settled(self, patience: float) -> list[Order]:
        """The orders when they took effect or were refused, or when `patience` (seconds) is over.

        When the time is over, or the wait is interrupted, a line about each unfinished order is printed.

        Raises:
            KeyboardInterrupt: the wait was interrupted; the lines are printed first.
        """
        end = time.monotonic() + patience
        try:
            self._tell()
            while time.monotonic() < end and not all(map(_is_settled, self._orders.values())):
                time.sleep(LOOK_S)
                self._watcher.hear(self._control.look(self._watcher.look()))
                self._orders |= {order.id: order for order in self._control.orders() if order.id in self._orders}
                self._tell()
        except KeyboardInterrupt:
            self._leave()
            raise
        self._leave()
        return list(self._orders.values())

    def _tell(self) -> None:
        from tui.view.order_lines import step_line

        for order in self._orders.values():
            # A refusal is one line, which is the result.
            if order.steps[0].stage is not Stage.REFUSED:
                say_aside(step_line(order, step) for step in order.steps[self._told[order.id] :])
            self._told[order.id] = len(order.steps)

    def _leave(self) -> None:
        from tui.view.order_lines import standing_line

        self._control.release_orders()
        say_aside(standing_line(order) for order in self._orders.values() if not _is_settled(order))


def _is_settled(order: Order) -> bool:
    return order.stage is Stage.EFFECTIVE or order.stage.is_final or not order.is_open


def _code(orders: Sequence[Order], *, waited: bool) -> int:
    # An order that was undone in the meantime, or has expired, is not done either.
    if any(order.stage.is_final for order in orders):
        return 1
    overdue = any(order.stage is Stage.OVERDUE for order in orders)
    if overdue or (waited and not all(_is_settled(order) for order in orders)):
        return NOT_SEEN
    return NO_OUTPUT if any(order.closing_output is False for order in orders) else 0


def _lanes(fleet: Fleet, args: VerbArgs) -> list[LaneId]:
    """The named lanes: by ids, trees and a family."""
    named = [lane_called(fleet, name).id for name in args.lanes]
    if args.family is not None:
        family = next((family for family in fleet.families if family.id == args.family), None)
        if family is None:
            raise CommandError(f"there is no family {args.family!r}: lanewatch findings --json names them")
        named += [member.lane for member in family.members]
    if args.tree:
        below: list[LaneId] = []
        for lane in fleet.lanes:
            if lane.id in named or lane.parent in (*named, *below):
                below.append(lane.id)
        named += below
    if not named:
        raise CommandError("name a lane: lanewatch lanes shows what there is")
    return list(dict.fromkeys(named))


def _text(verb: Verb, args: VerbArgs) -> str:
    source = spec_of(verb).text
    if source is TextSource.NONE:
        return ""
    if args.text is not None:
        return args.text
    if args.file is not None:
        try:
            return sys.stdin.read() if args.file == "-" else Path(args.file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{args.file}: the text cannot be read: {error}") from error
    if source is TextSource.WRITTEN:
        raise CommandError("give a text for it: --text TEXT, or --file FILE (- for standard input)")
    from tui.config.closings import closings

    known = dict(closings(Paths.of(os.environ, Path.home()).closings))
    wanted = args.template or next(iter(known))
    if wanted not in known:
        raise CommandError(f"no closing template is called {wanted!r}: there are {', '.join(known)}")
    return known[wanted]


def _print(args: VerbArgs, document: dict[str, object], lines: list[SafeText]) -> None:
    if args.as_json:
        from tui.view.json_out import dumps

        sys.stdout.write(dumps(document) + "\n")
        return
    say(lines)
