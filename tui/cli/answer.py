"""Prints the requests for `lanewatch answer LANE`, and turns its options into an answer to the printed request."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence

from tui.cli.common import CommandError, say, say_aside
from tui.control.verbs.answer import REQUEST, answer_from, options_of
from tui.model.control import Plan
from tui.model.pending import Answer, Decision, PendingRequest, answer_mistake, option_of
from tui.model.snapshot import Fleet
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own
from tui.view.pending import pending_json, printed


def chosen_options(
    plans: Sequence[Plan], fleet: Fleet, options: Mapping[str, str], *, as_json: bool
) -> dict[str, str] | None:
    """The options of the order for the stated answer; None if nothing is to be answered, after it was printed.

    Raises:
        CommandError: the options do not answer one request that was shown.
    """
    (plan,) = plans
    stated = [name for name in Decision if name.value in options]
    if not stated:
        if REQUEST in options:
            raise CommandError(f"say what the answer is: {', '.join(map(option_of, Decision))}")
        _print(plan, fleet, as_json=as_json)
        return None
    answer = answer_from(options)
    if answer is None:
        raise CommandError(
            "give one answer: options by number, such as --choose 2 or --choose 1,3, or one other option"
        )
    if plan.route is None:
        return dict(options)  # the order is refused, and the audit log gets the refusal
    request = _request(plan, fleet, answer, options.get(REQUEST))
    if mistake := answer_mistake(request, answer):
        raise CommandError(mistake)
    return options_of(request, answer)


def _request(plan: Plan, fleet: Fleet, answer: Answer, wanted: str | None) -> PendingRequest:
    if wanted is not None:
        found = next((one for one in plan.requests if one.id == wanted), None)
        if found is None:
            raise CommandError(f"no request {wanted!r} waits there: it was answered, or its client has ended")
        return found
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise CommandError("name the request that is meant with --request ID: `lanewatch answer LANE` prints it")
    request = plan.requests[0]
    say_aside([*_lines(request, fleet), safe_text(plan.warning, limit=300)] if plan.warning else _lines(request, fleet))
    sys.stderr.write(f"{answer.decision.value.replace('_', ' ')}? Type yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != "yes":
        raise CommandError("left: nothing was answered")
    return request


def _print(plan: Plan, fleet: Fleet, *, as_json: bool) -> None:
    lane = next((lane for lane in fleet.lanes if lane.id == plan.lane), None)
    requests = plan.requests or (lane.pending if lane is not None else ())
    if as_json:
        from tui.view.json_out import dumps
        from tui.view.order_lines import SCHEMA

        found = [pending_json(request) for request in requests]
        refused = safe_text(plan.refused, limit=600) or None
        sys.stdout.write(dumps({"schema": SCHEMA, "lane": plan.lane, "pending": found, "refused": refused}) + "\n")
        return
    say([line for request in requests for line in (*_lines(request, fleet), own(""))])
    if plan.refused:
        say([safe_text(f"it cannot be answered from here: {plan.refused}", limit=600)])


def _lines(request: PendingRequest, fleet: Fleet) -> list[SafeText]:
    return printed(request, fleet.at, shutil.get_terminal_size((100, 24)).columns)
