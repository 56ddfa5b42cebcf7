"""Everything that can be configured: sections, keys, what each may be, its default, and what it does in one line.

The file's reader, the annotated defaults and the reference in the documentation all follow from these classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, field, fields, make_dataclass
from typing import Any, ClassVar, TypeVar, cast

from tui.config.keys import KeyOverride
from tui.config.kinds import (
    Argv,
    Choice,
    Count,
    Kind,
    Number,
    Seconds,
    Since,
    Switch,
    Text,
    WebAddress,
    Whole,
    Window,
    Words,
)
from tui.fleet.state import Thresholds
from tui.judge.findings.registry import kind_names, limit_groups
from tui.judge.limits import LimitInfo, Limits, Unit, limits_in
from tui.ledger.burn import WINDOWS_S
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen

DEFAULT_THEME = "lanewatch-dark"
SORTS = ("attention", "burn", "tokens", "cost", "recent", "name", "repetition")
COLUMNS = (
    "state", "word", "name", "project", "agent", "burn", "bar", "spark", "tokens", "cost", "context", "rep", "doing",
    "age",
)  # fmt: skip

KINDS = kind_names()
VERBS = tuple(verb.value for verb in Verb)
SEVERITIES = tuple(severity.value for severity in Severity)
"""The mildest first."""

_DAY_S = 86400
_DEFAULTS = Thresholds()
T = TypeVar("T")


@frozen
class Setting:
    """What is known of one key beside its default."""

    kind: Kind[object]
    doc: str


def setting(default: T, kind: Kind[T], doc: str) -> T:
    """A key of a section: its default, what it may be, and what it does."""
    return field(default=default, metadata={"setting": Setting(kind, doc)})


@frozen
class Screen:
    """What the screen looks like and how it behaves."""

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
    sort: str = setting("attention", Choice(SORTS), "What the table is ordered by at the start.")
    columns: tuple[str, ...] = setting(
        (), Words(COLUMNS), "Columns of the table, the most important first; empty: as many as fit."
    )


@frozen
class Watch:
    """What is read, and how changes are noticed."""

    poll: bool = setting(
        False, Switch(), "Look at files by the clock instead of waiting for notices: for network file systems."
    )
    paths: tuple[str, ...] = setting(
        (), Words(item="paths"), "More files and folders to read beside the agents' own homes."
    )
    line_cap_mib: int = setting(32, Whole(1, 1024), "A longer transcript line is skipped and counted, in MiB.")


@frozen
class Burn:
    """Token rates and budgets."""

    window_s: int = setting(300, Window(WINDOWS_S), "Window of the rates in the table; b changes it while it runs.")
    hourly_budget_tokens: int = setting(0, Count(), "Tokens per hour that all lanes together may burn; 0: no budget.")


@frozen
class Prices:
    """What tokens cost."""

    file: str = setting("", Text("a path"), "A price table of your own, laid over the shipped one; empty: none.")


@frozen
class State:
    """After how long silence means something. Times are seconds, or such as "5m"."""

    quiet_after_s: float = setting(
        _DEFAULTS.quiet_s, Seconds(1, _DAY_S), "Text without a tool call, then silence: the turn is over."
    )
    instant_tool_s: float = setting(
        _DEFAULTS.instant_tool_s, Seconds(1, _DAY_S), "A read, search or edit open for longer waits for a permission."
    )
    shell_timeout_s: float = setting(
        _DEFAULTS.shell_timeout_s, Seconds(1, _DAY_S), "The agent's own limit for a shell command that states none."
    )
    stalled_after_s: float = setting(
        _DEFAULTS.stalled_s, Seconds(5, 7 * _DAY_S), "In mid-turn, nothing running and silent: stalled."
    )
    long_tool_s: float = setting(
        _DEFAULTS.long_tool_s,
        Seconds(5, 7 * _DAY_S),
        "A tool running longer, and thrice its longest, is not believed to work.",
    )
    idle_after_s: float = setting(
        _DEFAULTS.idle_s, Seconds(5, 30 * _DAY_S), "A lane that waits for its next prompt becomes idle."
    )
    ended_after_s: float = setting(
        _DEFAULTS.ended_s, Seconds(5, 365 * _DAY_S), "Silent with no live process known: ended."
    )

    def thresholds(self) -> Thresholds:
        """The same as the engine takes them."""
        return Thresholds(
            quiet_s=self.quiet_after_s,
            instant_tool_s=self.instant_tool_s,
            shell_timeout_s=self.shell_timeout_s,
            stalled_s=self.stalled_after_s,
            long_tool_s=self.long_tool_s,
            idle_s=self.idle_after_s,
            ended_s=self.ended_after_s,
        )


@frozen
class JudgeBase:
    """When a lane is said to go in circles, or to spend for nothing."""

    off: tuple[str, ...] = setting((), Words(KINDS), "Kinds of findings that are never raised.")

    def limits(self) -> Limits:
        """The same as the judge takes them."""
        return Limits(
            *(group(**{name: getattr(self, name) for name, _, _ in limits_in(group)}) for group in limit_groups())
        )

    def kinds_off(self) -> frozenset[FindingKind]:
        """The kinds in `off`."""
        return frozenset(map(FindingKind, self.off))


def _limit_kind(info: LimitInfo) -> Kind[Any]:
    """What a limit may be."""
    match info.unit:
        case Unit.TOKENS:
            return Count()
        case Unit.SECONDS:
            return Seconds(1, 30 * _DAY_S)
        case Unit.COUNT:
            return Whole(1, info.most or 1_000_000)
        case Unit.RATIO:
            return Number(0, 1000)
        case Unit.SHARE:
            return Number(0, 1)


def _judge_with_limits() -> type[JudgeBase]:
    keys: list[tuple[str, type, Any]] = [
        (name, type(default), setting(default, _limit_kind(info), info.doc))
        for group in limit_groups()
        for name, default, info in limits_in(group)
    ]
    name = {"__doc__": JudgeBase.__doc__}
    made = make_dataclass("Judge", keys, bases=(JudgeBase,), unsafe_hash=True, slots=True, namespace=name)
    return cast("type[JudgeBase]", made)


Judge = _judge_with_limits()
"""`JudgeBase` with a key for every limit of a finding: see `tui.judge.findings`."""


@frozen
class Notify:
    """How you are told of a finding when you do not look: each once, several at once as one, none that is muted."""

    bell: bool = setting(
        True, Switch(), "Ring the terminal's bell for a finding of severity stop; screen.bell rings for needs."
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
    webhook: str = setting("", WebAddress(), "Send the same JSON there, by POST; redirects are not followed.")
    min_severity: str = setting("stop", Choice(SEVERITIES), "Tell nothing milder (osc, command, webhook).")
    kinds: tuple[str, ...] = setting(
        (), Words(KINDS), "Tell of these kinds alone; empty: of all (osc, command, webhook)."
    )
    cooldown_s: float = setting(30.0, Seconds(0, _DAY_S), "After a notice the next one waits this long.")


@frozen
class Control:
    """What your hands may do, and how long a lane has for it."""

    read_only: bool = setting(False, Switch(), "No verbs at all: look, but do not touch (also --read-only).")
    forbid: tuple[str, ...] = setting((), Words(VERBS), "Verbs that are never given.")
    close_within_s: float = setting(
        600.0, Seconds(5, _DAY_S), "A lane that is closed is stopped after this long at the latest."
    )
    close_calls: int = setting(
        10,
        Whole(0, 10_000),
        "Once it was told to close, it has so many tool calls for its closing output, 0: any number; then a stop is"
        " offered on the screen, and made where a command waits for it or a policy gave it.",
    )
    close_write_s: float = setting(90.0, Seconds(5, _DAY_S), "The same in seconds; whichever comes first.")


@frozen
class Policy:
    """What is done without you: nothing, unless you say so here. By the gate alone."""

    pause: tuple[str, ...] = setting((), Words(KINDS), "Pause the lane when one of these findings is raised.")
    close: tuple[str, ...] = setting((), Words(KINDS), "Close it out; goes before pause.")
    min_severity: str = setting("stop", Choice(SEVERITIES), "Act on nothing milder.")
    lane_hourly_tokens: int = setting(
        0, Count(), "Pause a lane whose tree burns more tokens per hour than this over five minutes; 0: never."
    )
    typing_s: float = setting(120.0, Seconds(0, _DAY_S), "Leave a lane alone for this long after a person wrote to it.")
    spare: tuple[str, ...] = setting(
        (), Words(item="words"), "Never act on lanes whose id, session or project holds one of these words."
    )
    dry_run: bool = setting(False, Switch(), "Only write to the audit log what would have been done.")
    again_s: float = setting(
        600.0,
        Seconds(0, _DAY_S),
        "If the lane goes on and the finding holds, act on it again after this long, at once if it grew graver;"
        " 0: only then.",
    )


@frozen
class Settings:
    """The whole configuration. `keys` holds the remapped keys by the id of their binding, as written."""

    screen: Screen = field(default_factory=Screen)
    watch: Watch = field(default_factory=Watch)
    burn: Burn = field(default_factory=Burn)
    prices: Prices = field(default_factory=Prices)
    state: State = field(default_factory=State)
    judge: JudgeBase = field(default_factory=Judge)
    notify: Notify = field(default_factory=Notify)
    control: Control = field(default_factory=Control)
    policy: Policy = field(default_factory=Policy)
    keys: Mapping[str, KeyOverride] = field(default_factory=dict[str, KeyOverride])

    SECTIONS: ClassVar[dict[str, type[Any]]] = {
        "screen": Screen,
        "watch": Watch,
        "burn": Burn,
        "prices": Prices,
        "state": State,
        "judge": Judge,
        "notify": Notify,
        "control": Control,
        "policy": Policy,
    }


def settings_in(section: type[Any]) -> dict[str, tuple[Setting, object]]:
    """The keys of a section in their order, each with its default."""
    every: tuple[Field[Any], ...] = fields(section)
    return {one.name: (cast("Setting", one.metadata["setting"]), one.default) for one in every}
