"""`lanewatch what-if`: prints where a policy would have acted in a recording, and what was spent after it."""

from __future__ import annotations

import sys

from tui.cli.ansi import output_cells
from tui.cli.common import Common, say
from tui.cli.policy import policy_of
from tui.cli.replay import recorded
from tui.cli.session import mutes_of, settings_of
from tui.replay.what_if import of_policy
from tui.view.json_out import dumps
from tui.view.what_if import Case, policy_title, what_if_json, what_if_lines


def run(common: Common, policy: str | None, *, as_json: bool) -> int:
    """Prints the result.

    Raises:
        CommandError: none of the paths exists. ConfigError: the policy's file is wrong.
    """
    settings = settings_of(common)
    rules = policy_of(policy, settings)
    player = recorded(common, settings)
    player.recording.open(None)
    player.load()
    mutes = mutes_of()
    cases = [Case(policy_title(rules), of_policy(player, rules, lambda one: mutes.muted(one) is not None))]
    if as_json:
        sys.stdout.write(dumps(what_if_json(cases)) + "\n")
        return 0
    cells = min(140, output_cells())
    say(what_if_lines(cases, player.whole(), cells))
    return 0
