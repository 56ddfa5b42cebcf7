"""Everything that can be configured: sections, keys, what each may be, its default, and what it does in one line.

The file's reader, the annotated defaults and the reference in the documentation all follow from these classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, TypeVar, cast

from tui.config.keys import KeyOverride
from tui.config.kinds import Choice, Count, Kind, Seconds, Since, Switch, Text, Whole, Window, Words
from tui.engine.state import Thresholds
from tui.ledger.burn import WINDOWS_S

DEFAULT_THEME = "lanewatch-dark"
SORTS = ("attention", "burn", "tokens", "cost", "recent", "name")
COLUMNS = (
    "state", "word", "name", "project", "agent", "burn", "bar", "spark", "tokens", "cost", "context", "doing", "age",
)  # fmt: skip

_DAY_S = 86400
_DEFAULTS = Thresholds()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one key beside its default."""

    kind: Kind[object]
    doc: str


def setting(default: T, kind: Kind[T], doc: str) -> T:
    """A key of a section: its default, what it may be, and what it does."""
    return field(default=default, metadata={"setting": Setting(kind, doc)})


@dataclass(frozen=True, slots=True)
class Screen:
    """What the screen looks like and how it behaves."""

    theme: str = setting(
        DEFAULT_THEME, Text("a theme's name"), "`lanewatch config --themes` lists them; t changes it while it runs."
    )
    mouse: bool = setting(True, Switch(), "Take the mouse. Off leaves selecting text to the terminal; m switches it.")
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


@dataclass(frozen=True, slots=True)
class Watch:
    """What is read, and how changes are noticed."""

    poll: bool = setting(
        False, Switch(), "Look at files by the clock instead of waiting for notices: for network file systems."
    )
    paths: tuple[str, ...] = setting(
        (), Words(item="paths"), "More files and folders to read beside the agents' own homes."
    )
    line_cap_mib: int = setting(32, Whole(1, 1024), "A longer transcript line is skipped and counted, in MiB.")


@dataclass(frozen=True, slots=True)
class Burn:
    """Token rates and budgets."""

    window_s: int = setting(300, Window(WINDOWS_S), "Window of the rates in the table; b changes it while it runs.")
    hourly_budget_tokens: int = setting(0, Count(), "Tokens per hour that all lanes together may burn; 0: no budget.")


@dataclass(frozen=True, slots=True)
class Prices:
    """What tokens cost."""

    file: str = setting("", Text("a path"), "A price table of your own, laid over the shipped one; empty: none.")


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration. `keys` holds the remapped keys by the id of their binding, as written."""

    screen: Screen = field(default_factory=Screen)
    watch: Watch = field(default_factory=Watch)
    burn: Burn = field(default_factory=Burn)
    prices: Prices = field(default_factory=Prices)
    state: State = field(default_factory=State)
    keys: Mapping[str, KeyOverride] = field(default_factory=dict[str, KeyOverride])

    SECTIONS: ClassVar[dict[str, type[Any]]] = {
        "screen": Screen,
        "watch": Watch,
        "burn": Burn,
        "prices": Prices,
        "state": State,
    }


def settings_in(section: type[Any]) -> dict[str, tuple[Setting, object]]:
    """The keys of a section in their order, each with its default."""
    every: tuple[Field[Any], ...] = fields(section)
    return {one.name: (cast("Setting", one.metadata["setting"]), one.default) for one in every}
