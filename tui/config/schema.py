"""The sections of the configuration. A section about another package is declared there, beside what it configures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields, is_dataclass
from typing import Any

from tui.budget.budget import Budget
from tui.config.data_sections import Prices, Watch
from tui.config.keys import KeyOverride
from tui.config.resources import DEFAULT_THEME
from tui.control.bounds import Bounds
from tui.control.user_commands import PlacedCommand
from tui.fleet.policy import Rules
from tui.fleet.state import Thresholds
from tui.judge.findings.registry import kind_names, limit_groups
from tui.judge.limits import Limits
from tui.ledger.burn import WINDOWS_S
from tui.model.finding import FindingKind, Severity
from tui.model.frozen import frozen
from tui.settings.declare import Checked, setting, settings_in, with_settings_of
from tui.settings.kinds import (
    Argv,
    Choice,
    Count,
    Seconds,
    Since,
    Switch,
    Text,
    WebAddress,
    Whole,
    Window,
    Words,
)

SEVERITIES = tuple(severity.value for severity in Severity)
"""The severities from the lowest to the highest."""
_DAY_S = 86400
_BOUNDS = Bounds()
_RULES = Rules()


def _verbs() -> tuple[str, ...]:
    from tui.control.verbs.registry import all_verbs

    return tuple(spec.verb.value for spec in all_verbs())


def _sorts() -> tuple[str, ...]:
    from tui.view.columns.registry import all_sorts

    return tuple(sort.name for sort in all_sorts())


def _columns() -> tuple[str, ...]:
    from tui.view.columns.registry import all_columns

    return tuple(column.name for column in all_columns())


@frozen
class Screen:
    """The look and behaviour of the screen."""

    theme: str = setting(
        DEFAULT_THEME, Text("a theme's name"), "`lanewatch config --themes` lists them; T changes it while it runs."
    )
    mouse: bool = setting(True, Switch(), "Take the mouse. Off leaves selecting text to the terminal; M switches it.")
    ascii: bool = setting(False, Switch(), "Draw state glyphs in plain ASCII, for fonts and readers that lack others.")
    refresh_ms: int = setting(50, Whole(10, 10_000), "Shortest time between two drawn frames, in milliseconds.")
    since: str = setting(
        "24h", Since(), 'How far back history is read from the agents\' homes; "all" reads everything.'
    )
    bell: bool = setting(True, Switch(), "Ring the terminal's bell when a lane begins to need you.")
    sort: str = setting("attention", Choice(_sorts), "The order of the table at the start.")
    columns: tuple[str, ...] = setting(
        (),
        Words(_columns),
        "Columns of the table on the screen from left to right; the least important ones are left out where there is no"
        " room. Empty: as many as fit. C changes them while it runs. `lanewatch lanes` has its own choice (--columns).",
    )


@frozen
class Burn:
    """Token rates and budgets."""

    window_s: int = setting(300, Window(WINDOWS_S), "Window of the rates in the table; b changes it while it runs.")
    hourly_budget_tokens: int = setting(0, Count(), "Tokens per hour that all lanes together may burn; 0: no budget.")


@frozen
class JudgeSection:
    """The limits above which a lane counts as repeating itself, or as spending for nothing."""

    off: tuple[str, ...] = setting((), Words(kind_names), "Kinds of findings that are never raised.")
    recent_s: float = setting(
        3600.0,
        Seconds(0, 365 * _DAY_S),
        "A lane with an event within this time is judged while it is read. Older ones are counted then, and judged"
        " afterwards on the screen, not at all in `lanewatch lanes`, and always in all other commands.",
    )
    whole_mib: int = setting(
        8,
        Whole(0, 1_000_000),
        "Up to this size of all their transcripts together, in MiB, older lanes are judged while they are read, too.",
    )
    keep_ended: bool = setting(
        True,
        Switch(),
        "Keep what was found in transcripts that no longer change, without secrets, in the cache folder, so that they"
        " need not be read and judged again. Delete the files named *.pictures there to remove it.",
    )

    def limits(self) -> Limits:
        """The limits in the form that the judge uses."""
        return Limits(
            *(group(**{name: getattr(self, name) for name in settings_in(group)}) for group in limit_groups())
        )

    def kinds_off(self) -> frozenset[FindingKind]:
        """The kinds in `off`."""
        return frozenset(map(FindingKind, self.off))

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """See `Checked.conflicts`."""
        limits = self.limits()
        for group in limit_groups():
            found = limits.of(group)
            if isinstance(found, Checked):
                yield from found.conflicts()


Judge = with_settings_of(JudgeSection, limit_groups())
"""The section with the limits of all findings: see `tui.judge.findings`."""


@frozen
class Notify:
    """Notices for a person who does not watch the screen: each finding once, several in one notice, no muted ones."""

    bell: bool = setting(
        True,
        Switch(),
        "Ring the terminal's bell for a finding of severity stop; for lanes that need you see screen.bell.",
    )
    osc: str = setting(
        "off",
        Choice(("off", "9", "777")),
        "Show it on the desktop by OSC 9 (iTerm2, WezTerm, kitty, Ghostty) or OSC 777 (urxvt, foot, Ghostty)."
        " Inside tmux this needs `set -g allow-passthrough on`.",
    )
    command: tuple[str, ...] = setting(
        (), Argv(), "Run a program, without a shell, with `findings --json` of what is new on its standard input."
    )
    webhook: str = setting("", WebAddress(), "Send the same JSON to this address by POST; redirects are not followed.")
    min_severity: str = setting(
        "stop", Choice(SEVERITIES), "Report only findings of at least this severity (osc, command, webhook)."
    )
    needs_you: bool = setting(
        True,
        Switch(),
        "Report each lane that begins to need you, whatever min_severity says (osc, command, webhook).",
    )
    kinds: tuple[str, ...] = setting(
        (), Words(kind_names), "Report only findings of these kinds; empty: of all (osc, command, webhook)."
    )
    cooldown_s: float = setting(30.0, Seconds(0, _DAY_S), "The shortest time between two notices.")


@frozen
class Control:
    """The verbs that are allowed, the time limits of a close, and the lanes that may be answered."""

    read_only: bool = setting(False, Switch(), "Allow no verbs at all (also --read-only).")
    forbid: tuple[str, ...] = setting((), Words(_verbs), "Verbs that are never allowed.")
    close_within_s: float = setting(
        _BOUNDS.within_s, Seconds(5, _DAY_S), "A lane that is closed is stopped after this long at the latest."
    )
    close_calls: int = setting(
        _BOUNDS.calls,
        Whole(0, 10_000),
        "Number of tool calls for the closing summary after the lane was asked to close; 0: any number. Then a stop is"
        " offered on the screen, or made if a command waits for it or a policy gave the close.",
    )
    close_write_s: float = setting(
        _BOUNDS.write_s, Seconds(5, _DAY_S), "The same limit as a time; the first that is reached counts."
    )
    answer_attached: bool = setting(
        False,
        Switch(),
        "Answer lanes also while somebody may be at their pane. The next question can then come under a key that they"
        " meant for the answered one.",
    )


@frozen
class Policy:
    """Acts of lanewatch without you, by the gate alone. The default is none."""

    pause: tuple[str, ...] = setting((), Words(kind_names), "Pause the lane when one of these findings is raised.")
    close: tuple[str, ...] = setting(
        (), Words(kind_names), "Close the lane when one of these findings is raised; goes before pause."
    )
    min_severity: str = setting("stop", Choice(SEVERITIES), "Act only on findings of at least this severity.")
    lane_hourly_tokens: int = setting(
        0, Count(), "Pause a lane whose tree burns more tokens per hour than this over five minutes; 0: never."
    )
    typing_s: float = setting(
        _RULES.typing_s, Seconds(0, _DAY_S), "Leave a lane alone for this long after a person wrote to it."
    )
    spare: tuple[str, ...] = setting(
        (), Words(item="words"), "Never act on lanes whose id, session or project holds one of these words."
    )
    dry_run: bool = setting(False, Switch(), "Only write to the audit log what would have been done.")
    again_s: float = setting(
        _RULES.again_s,
        Seconds(0, _DAY_S),
        "If the lane continues and the finding stays, act again after this long, or at once if it became more severe;"
        " 0: only if it became more severe.",
    )


@frozen
class Search:
    """The search through all conversations."""

    index: bool = setting(
        True,
        Switch(),
        "Keep an index of the words of all transcripts, without secrets, in the cache folder; it is built while the"
        " screen is open. Without it each search reads all transcripts. Delete search.db there to remove it.",
    )


@frozen
class History:
    """The index of the usage of all transcripts."""

    fill: bool = setting(
        True,
        Switch(),
        "Read all transcripts into the index of usage while the screen is open: newest first, in the background, at low"
        " priority. Without it they are read when usage is asked for.",
    )


@frozen
class Settings:
    """The whole configuration. `keys` contains the remapped keys as written, by the id of their binding."""

    screen: Screen = field(default_factory=Screen)
    watch: Watch = field(default_factory=Watch)
    burn: Burn = field(default_factory=Burn)
    prices: Prices = field(default_factory=Prices)
    state: Thresholds = field(default_factory=Thresholds)
    judge: JudgeSection = field(default_factory=Judge)
    notify: Notify = field(default_factory=Notify)
    control: Control = field(default_factory=Control)
    policy: Policy = field(default_factory=Policy)
    search: Search = field(default_factory=Search)
    history: History = field(default_factory=History)
    keys: Mapping[str, KeyOverride] = field(default_factory=dict[str, KeyOverride])
    commands: tuple[PlacedCommand, ...] = ()
    """The user's own commands, in the order of the file."""
    budgets: tuple[Budget, ...] = ()
    """The budgets, in the order of the file."""


SECTIONS: dict[str, type[Any]] = {
    one.name: one.default_factory
    for one in fields(Settings)
    if isinstance(one.default_factory, type) and is_dataclass(one.default_factory)
}
"""The sections by name, in the order of `Settings`."""
