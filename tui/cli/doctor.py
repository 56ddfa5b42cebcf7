"""`lanewatch doctor`: prints what was found, what was skipped, and why."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import humanize

from tui import __version__
from tui.agents.process import Stale
from tui.agents.processes import ProcessProbe
from tui.agents.registry import AGENTS
from tui.cli.common import CommandError, Common, now, price_table, say
from tui.cli.doctor_control import control_rows
from tui.cli.session import live_fleet, midnight, mutes_of, settings_of, since_of
from tui.config.load import ConfigError
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.fleet.live import LiveFleet
from tui.history.search_index import NAME, size_of
from tui.ledger.prices import PriceTable
from tui.model.snapshot import Fleet
from tui.sources.discover import Found
from tui.text.format import number, size
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.styled_text import Line, Printed, Span, joined, own, word
from tui.view.skips import skip_lines

LIBRARIES = ("textual", "watchfiles", "orjson", "hyperscan", "psutil", "zstandard", "websockets", "tree-sitter")
LABEL = 14
STALE_SHOWN = 5
FILES_COUNTED = 9_999
"""The most files of other formats that are counted in a folder."""


def run(common: Common) -> int:
    """Prints the result. Exit code 1 if the configuration is wrong.

    Raises:
        CommandError: none of the named paths exists.
    """
    say(_program())
    try:
        settings = settings_of(common)
        prices = price_table(settings)
    except (ConfigError, CommandError) as error:
        say([_row("config", safe_text(str(error), limit=600))])
        return 1
    config = Paths.of(os.environ, Path.home()).config
    say([_row("config", safe_path(str(config), limit=200)), _row("prices", _prices(prices))])
    say([_row("search", _search_index(settings)), _row("ended", _pictures(settings))])
    say(_outside(settings))
    live, _ = live_fleet(common, settings)
    at = now()
    since, words = since_of(common, settings, at)
    found, refused = live.find(since)
    live.add(found, refused)
    live.read_all()
    probe = ProcessProbe(live.own.paths)
    live.supervisor.observe(*probe.look())
    fleet = live.snapshot(at, midnight(at))
    live.close()
    say(_places(live, found, words))
    say(_lanes(fleet, _unknown_kinds(live, fleet), _lanes_with_unread_usage(live, fleet)))
    say(_not_believed(probe.stale))
    say(control_rows(settings, fleet))
    skips = skip_lines(fleet, 110) if found or fleet.skipped else [(word("nothing was read", "warn"),)]
    say([(), (word("skips", "section"),), *((word("  "), *line) for line in skips)])
    return 0


def _program() -> Sequence[Printed]:
    libraries = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    tmux = shutil.which("tmux")
    inside = "inside tmux" if os.environ.get("TMUX") else "not inside tmux: o cannot show a lane's pane"
    colours = "NO_COLOR is set" if os.environ.get("NO_COLOR") else os.environ.get("COLORTERM") or "256 or fewer colours"
    return [
        _row("lanewatch", safe_text(f"{__version__} on Python {platform.python_version()}, {platform.system()}")),
        _row("libraries", safe_text(libraries)),
        _row("terminal", safe_text(f"TERM {os.environ.get('TERM', 'not set')}, {colours}")),
        _row("tmux", safe_text(f"{inside if tmux else 'no tmux command'}")),
    ]


def _search_index(settings: Settings) -> SafeText:
    if not settings.search.index:
        return own("no index is kept ([search] index)")
    folder = Paths.of(os.environ, Path.home()).cache
    kept = size_of(folder)
    if not kept:
        return own("no index yet: lanewatch search --build, or the screen, makes it")
    return joined(own("index of "), size(kept), own(", "), safe_path(str(folder / NAME), limit=200))


def _pictures(settings: Settings) -> SafeText:
    """Where the pictures of ended lanes are, and how large."""
    if not settings.judge.keep_ended:
        return own("nothing is kept of lanes that have ended ([judge] keep_ended)")
    folder = Paths.of(os.environ, Path.home()).cache
    kept = 0
    for path in folder.glob("*.pictures*"):
        with contextlib.suppress(OSError):
            kept += path.lstat().st_size
    if not kept:
        return own("nothing is kept yet of lanes that have ended")
    return joined(
        own("pictures of ended lanes of "), size(kept), own(", "), safe_path(f"{folder}/*.pictures", limit=200)
    )


def _prices(prices: PriceTable) -> SafeText:
    models = prices.models().values()
    dates = sorted(price.as_of for price in models if price.as_of)
    return safe_text(f"{len(models)} models, as of {dates[0]} to {dates[-1]}" if dates else f"{len(models)} models")


def _outside(settings: Settings) -> Sequence[Printed]:
    """The mutes, and the channels for notices. For a webhook only the host: its address may contain a secret."""
    troubles: list[str] = []
    mutes = mutes_of(troubles.append)
    notify = settings.notify
    ways = ["bell"] if notify.bell else []
    ways += [f"OSC {notify.osc}"] if notify.osc != "off" else []
    ways += [f"command {notify.command[0]}"] if notify.command else []
    ways += [f"webhook at {urlsplit(notify.webhook).hostname}"] if notify.webhook else []
    rows: list[Printed] = [_row("notify", safe_text(", ".join(ways) or "off")), _row("mutes", number(len(mutes.all())))]
    return rows + [_row("", safe_text(trouble, limit=600)) for trouble in troubles]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _places(live: LiveFleet, found: list[Found], since: SafeText) -> Sequence[Printed]:
    lines: list[Printed] = [(), (word("homes, ", "section"), Span(since, "dim"))]
    for root in live.roots:
        inside = [file for file in found if file.path == root.path or file.path.startswith(root.path + os.sep)]
        size = humanize.naturalsize(sum(file.size for file in inside), binary=True)
        there = f"{len(inside)} transcripts, {size}" if Path(root.path).exists() else "does not exist yet: watched for"
        others = _other_files(root.path) if not inside else 0
        if others:
            most = "more than " if others > FILES_COUNTED else ""
            there += f"; {most}{min(others, FILES_COUNTED):,} files of formats that lanewatch does not know"
        lines.append(joined(own("  "), safe_path(root.path, limit=90), own("  "), safe_text(there)))
    return lines


def _other_files(folder: str) -> int:
    """The number of files below a folder; at most one more than are counted."""
    files = (name for _, _, names in os.walk(folder) for name in names)
    return sum(1 for _ in islice(files, FILES_COUNTED + 1))


def _unknown_kinds(live: LiveFleet, fleet: Fleet) -> Counter[str]:
    """The number of lines by kind, for kinds that the reader does not use."""
    kinds: Counter[str] = Counter()
    for lane in fleet.lanes:
        ledger = live.supervisor.ledger(lane.id)
        if ledger is not None:
            kinds.update(ledger.unknown)
    return kinds


def _lanes_with_unread_usage(live: LiveFleet, fleet: Fleet) -> int:
    """The number of lanes in which a line of an unknown kind states usage."""
    ledgers = (live.supervisor.ledger(lane.id) for lane in fleet.lanes)
    return sum(1 for ledger in ledgers if ledger is not None and ledger.has_unread_usage)


def _not_believed(stale: Sequence[Stale]) -> Sequence[Printed]:
    """Registrations of live processes that are not believed.

    Those of processes that have ended are common and left out.
    """
    told = [one for one in stale if not one.why.startswith("its process is gone")]
    return [
        _row("registry", joined(safe_path(one.path, limit=90), own(" is not believed: "), safe_text(one.why)))
        for one in told[:STALE_SHOWN]
    ]


def _lanes(fleet: Fleet, kinds: Counter[str], uncounted: int) -> Sequence[Printed]:
    states = Counter(lane.state.value for lane in fleet.lanes)
    versions = Counter(f"{lane.agent} {lane.version or 'version not stated'}" for lane in fleet.lanes)
    unpriced = sorted({share.model or "not stated" for share in fleet.models if share.cost_usd is None})
    unread = _unread(kinds)
    unknown = kinds.total() - sum(count for count, _ in unread)
    lines: list[Printed] = [(), (word("lanes ", "section"), Span(number(len(fleet.lanes)), "text"))]
    lines += [_row(f"  {name}", number(count)) for name, count in states.most_common()]
    lines += [(), (word("agents", "section"),)]
    lines += [
        joined(own("  "), safe_text(name, limit=60), own("  "), number(count))
        for name, count in versions.most_common(12)
    ]
    if unpriced:
        lines.append(_row("unpriced", safe_text(", ".join(unpriced), limit=300)))
    lines += [_row("not read", joined(number(count), safe_text(f" {why}", limit=200))) for count, why in unread]
    if unknown:
        what = own(" lines of kinds that are not read; none of them states usage")
        if uncounted:
            what = joined(
                own(" lines of kinds that are not read; in "), number(uncounted),
                own(" lanes some of them state usage, which is not counted"),
            )  # fmt: skip
        lines.append(_row("unknown", joined(number(unknown), what)))
    return lines


def _unread(kinds: Mapping[str, int]) -> list[tuple[int, str]]:
    """Kinds of lines that an agent declares as not read: their number, and why."""
    told = [(beginning, words) for agent in AGENTS for beginning, words in agent.unread_kinds.items()]
    return [
        (count, f"{words}: {kind.removeprefix(beginning)}")
        for kind, count in sorted(kinds.items())
        for beginning, words in told
        if kind.startswith(beginning)
    ]


def _row(label: str, text: SafeText) -> Line:
    return (Span(safe_text(f"{label:<{LABEL}}"), "dim"), Span(text, "text"))
