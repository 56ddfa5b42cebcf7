"""Orders with all that is needed to go on with them, each in a file of its own: whoever comes after us finds them."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import asdict, field, replace
from typing import Any, cast

import orjson

from tui.control.folder import ControlFolder, FolderError
from tui.control.gate.gate import start_of
from tui.control.moments import Asked
from tui.model.control import Order, OrderStep, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen

KEPT_S = 7 * 86_400
"""Orders that have ended are forgotten after a week; the audit log keeps them."""


@frozen
class Case:
    """An order, the lane as it was when it was given, and how far its steps have come. Times are seconds UTC."""

    order: Order
    path: str
    """The lane's transcript."""
    offset: int
    """Its size in bytes when the order was given."""
    tokens: int
    """What the lane had used by then."""
    pid: int | None
    """The client's process, as it was known then."""
    start: str | None
    """That process's identity: see `process_table.identity`."""
    phase: str
    """What comes next; the words are those of the verb's module."""
    phase_since: float
    is_open: bool = True
    now: bool = False
    until: float | None = None
    owner: tuple[int, str] | None = None
    """The lanewatch that goes on with it, by pid and start; None: whoever comes first."""
    facts: dict[str, str] = field(default_factory=dict[str, str])
    """What a route noted for itself: a turn's id, a pane."""
    asked: Asked | None = None
    """When it was given, on a clock that nobody can set too."""

    def stepped(self, at: float, stage: Stage, text: str, route: RouteKind | None = None) -> Case:
        """The case with one more step."""
        step = OrderStep(at, stage, route or self.order.route, text)
        return replace(self, order=replace(self.order, steps=(*self.order.steps, step)))

    def in_phase(self, phase: str, at: float) -> Case:
        """The case in another phase, from `at` on."""
        return replace(self, phase=phase, phase_since=at)

    def ended(self) -> Case:
        """Nothing more is done about it."""
        return replace(self, is_open=False, order=replace(self.order, stronger=""))

    def offering(self, stronger: str) -> Case:
        """With the next stronger step in words."""
        return self if self.order.stronger == stronger else replace(self, order=replace(self.order, stronger=stronger))

    def noting(self, name: str, value: str) -> Case:
        """With one more fact."""
        return replace(self, facts={**self.facts, name: value})

    @property
    def has(self) -> frozenset[Stage]:
        """The stages that it has seen."""
        return frozenset(step.stage for step in self.order.steps)


class CaseBook:
    """All cases, in `orders/` of the control folder. Another lanewatch's cases are seen as it writes them."""

    def __init__(self, folder: ControlFolder) -> None:
        self._folder = folder
        self._known: dict[str, tuple[int, Case]] = {}
        self._late: dict[str, Case] = {}
        """What could not be written yet: it counts all the same, and is written as soon as that is possible."""
        self.me = (os.getpid(), start_of(os.getpid()) or "")

    def all(self) -> list[Case]:
        """Every case, the oldest first."""
        known: dict[str, tuple[int, Case]] = {}
        for name in self._folder.names("orders"):
            stamp = _stamp(self._folder, name)
            old = self._known.get(name)
            if old is not None and old[0] == stamp:
                known[name] = old
                continue
            case = _case(self._folder.read(f"orders/{name}"))
            if case is not None and name == f"{case.order.id}.json":
                known[name] = (stamp, case)
        for name, (_, case) in self._known.items():
            if name not in known and case.is_open and self.is_mine(case):
                # Somebody removed the folder: what we go on with is not forgotten by that.
                self._late.setdefault(name, case)
        known.update((name, (0, case)) for name, case in self._late.items())
        self._known = known
        return sorted((case for _, case in known.values()), key=lambda case: (case.order.at, case.order.id))

    def keep(self, case: Case) -> None:
        """Writes a case.

        Raises:
            FolderError: it cannot be written.
        """
        name = f"{case.order.id}.json"
        self._folder.write(f"orders/{name}", orjson.dumps(asdict(case)))
        self._late.pop(name, None)
        self._known[name] = (_stamp(self._folder, name), case)

    def keep_anyway(self, case: Case) -> None:
        """Writes a case, or keeps it in memory until it can be written: what has happened to a lane has happened.

        Raises:
            FolderError: it is not written yet.
        """
        self._late[f"{case.order.id}.json"] = case
        self.keep(case)

    def write_late(self) -> None:
        """Writes what could not be written before.

        Raises:
            FolderError: it still cannot.
        """
        for case in list(self._late.values()):
            self.keep(case)

    def is_mine(self, case: Case) -> bool:
        """True if this process goes on with it."""
        return case.owner == self.me

    def is_orphan(self, case: Case) -> bool:
        """True if the lanewatch that went on with it has gone without giving it up."""
        return case.owner is not None and case.owner != self.me and start_of(case.owner[0]) != (case.owner[1] or None)

    def take_over(self, case: Case) -> Case | None:
        """Makes a case ours that nobody goes on with. None if another lanewatch has it, or is at it now.

        Raises:
            FolderError: it cannot be written.
        """
        with self._folder.locked("orders/.lock") as is_ours:
            found = _case(self._folder.read(f"orders/{case.order.id}.json")) if is_ours else None
            if found is None or found.owner != case.owner:
                return None
            mine = replace(found, owner=self.me)
            self.keep(mine)
            return mine

    def forget_old(self, now: float) -> None:
        """Removes cases that ended long ago, with all that gates and runs wrote about them."""
        old = {case.order.id for case in self.all() if not case.is_open and now - case.order.at >= KEPT_S}
        for part in ("acks", "taken", "orders"):
            for name in self._folder.names(part):
                if name.partition(".")[0] in old:
                    with contextlib.suppress(FolderError):
                        self._folder.remove(f"{part}/{name}")


def new_id() -> str:
    """An order's id: sorts by time, and nobody guesses it."""
    return f"{int(time.time() * 1000):011x}-{secrets.token_hex(4)}"


def _stamp(folder: ControlFolder, name: str) -> int:
    try:
        return (folder.path / "orders" / name).stat().st_mtime_ns
    except OSError:
        return 0


def _case(data: bytes | None) -> Case | None:
    try:
        fields = orjson.loads(data or b"")
        given = cast("dict[str, Any]", fields["order"])
        steps = tuple(
            OrderStep(
                float(step["at"]), Stage(step["stage"]), RouteKind(step["route"]) if step["route"] else None,
                str(step["text"]),
            )
            for step in given["steps"]
        )  # fmt: skip
        order = Order(
            id=str(given["id"]), verb=Verb(given["verb"]), lane=LaneId(str(given["lane"])), agent=str(given["agent"]),
            session=str(given["session"]), agent_id=given["agent_id"], route=RouteKind(given["route"]),
            by=str(given["by"]), at=float(given["at"]), reason=str(given["reason"]), text=str(given["text"]),
            deadline=float(given["deadline"]), steps=steps, stronger=str(given["stronger"]),
            run_by=str(given.get("run_by", "")), closing_output=given.get("closing_output"),
        )  # fmt: skip
        owner = fields["owner"]
        return Case(
            order=order, path=str(fields["path"]), offset=int(fields["offset"]), tokens=int(fields["tokens"]),
            pid=fields["pid"], start=fields.get("start"), phase=str(fields["phase"]),
            phase_since=float(fields["phase_since"]), is_open=bool(fields["is_open"]), now=bool(fields["now"]),
            until=fields["until"], owner=(int(owner[0]), str(owner[1])) if owner else None,
            facts={str(name): str(value) for name, value in fields["facts"].items()}, asked=_asked(fields.get("asked")),
        )  # fmt: skip
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, IndexError):
        return None


def _asked(fields: Any) -> Asked | None:
    if fields is None:
        return None
    return Asked(str(fields["boot"]), float(fields["uptime"]), float(fields["at"]))
