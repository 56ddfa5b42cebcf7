"""The policy of the configuration or of a file."""

from __future__ import annotations

import os
from pathlib import Path

from tui.config.load import load_settings
from tui.config.paths import Paths
from tui.config.schema import Policy, Settings
from tui.fleet.policy import Rules
from tui.model.finding import FindingKind, Severity
from tui.view.what_if import EXAMPLE


def rules_of(policy: Policy) -> Rules:
    """The rules of a policy section."""
    return Rules(
        frozenset(map(FindingKind, policy.pause)), frozenset(map(FindingKind, policy.close)),
        Severity(policy.min_severity), policy.lane_hourly_tokens, policy.typing_s, policy.spare, policy.dry_run,
        policy.again_s,
    )  # fmt: skip


def policy_of(file: str | None, settings: Settings) -> Rules:
    """The policy of a file, else that of the settings, else the example (pause on stop).

    Raises:
        ConfigError: the file is wrong; the message names file, line and key.
    """
    chosen = settings.policy
    if file is not None:
        chosen = load_settings(Path(file), Paths.of(os.environ, Path.home())).policy
    rules = rules_of(chosen)
    return rules if rules.is_on else EXAMPLE
