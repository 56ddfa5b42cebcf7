"""`lanewatch what-if`: where a policy would have acted in a recording, and what was spent after it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tui.cli.commands.live import rules_of
from tui.cli.commands.replay import recorded
from tui.cli.session import Common, mutes_of, say, settings_of
from tui.config.load import load_settings
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.fleet.policy import Rules
from tui.replay.what_if import of_policy
from tui.view.json_out import dumps
from tui.view.plain import page_text
from tui.view.what_if import EXAMPLE, Case, policy_title, what_if_json, what_if_lines


def run(common: Common, policy: str | None, *, as_json: bool) -> int:
    """Prints the answer.

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
    cells = min(140, shutil.get_terminal_size((120, 24)).columns)
    say(page_text(what_if_lines(cases, player.whole(), cells)))
    return 0


def policy_of(file: str | None, settings: Settings) -> Rules:
    """The policy of a file, else that of the settings, else the example: pause on stop.

    Raises:
        ConfigError: the file is wrong; the message names file, line and key.
    """
    chosen = settings.policy
    if file is not None:
        chosen = load_settings(Path(file), Paths.of(os.environ, Path.home())).policy
    rules = rules_of(chosen)
    return rules if rules.is_on else EXAMPLE
