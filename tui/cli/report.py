"""`lanewatch report PATH...`: writes a postmortem of recorded lanes."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tui import __version__
from tui.cli.ansi import output_cells, show
from tui.cli.arguments import Side
from tui.cli.common import CommandError, Common, now, price_table, warn
from tui.cli.journal import journal_of
from tui.cli.session import judged_by_workers, live_fleet, midnight, settings_of, since_of
from tui.fleet.clock_skew import SpawnLog, skews
from tui.fleet.costs import ModelCosts
from tui.fleet.deferral import ALL_AT_ONCE
from tui.fleet.supervisor import Supervisor
from tui.io.files import atomic_write
from tui.io.workers import processors
from tui.judge.lane import LaneJudge
from tui.ledger.lane import LaneLedger
from tui.model.event import Call, Event, Result
from tui.model.frozen import frozen
from tui.report.analyse import Material, compose
from tui.report.document import Comparison, Note, Report
from tui.report.facts import Facts
from tui.text.safe_text import safe_text
from tui.text.styled_text import Line

FORMATS = ("md", "html", "json")
ENDINGS = {".md": "md", ".markdown": "md", ".json": "json", ".html": "html", ".htm": "html"}
SETTLED_S = 2.0
"""Seconds from the last event to the report's time, after which everything that was written has been read."""


@frozen
class ReportArgs:
    """The options of a report. Times are seconds UTC."""

    format: str | None = None
    output: str | None = None
    since: float | None = None
    until: float | None = None
    title: str = ""
    opens: bool = False
    """True if the file is shown in a browser."""


def run(common: Common, args: ReportArgs) -> int:
    """Writes the report.

    Raises:
        CommandError: there is nothing to read, the format is unknown, or the file cannot be written.
    """
    args = _with_a_file(args) if args.opens else args
    draw = _drawer(_format(args))
    _write(draw(report_of(common, since=args.since, until=args.until, title=args.title)), args)
    if args.opens and args.output is not None:
        _open(Path(args.output))
    return 0


def run_compare(common: Common, args: ReportArgs, sides: tuple[Side, Side]) -> int:
    """Writes a comparison of two reports.

    Raises:
        CommandError: as `run`.
    """
    from tui.report.compare import compare

    draw = _comparison_drawer(_format(args))
    a, b = (
        report_of(replace(common, paths=(side.path,) if side.path else ()), since=side.since, until=side.until)
        for side in sides
    )
    _write(draw(compare(a, b, (sides[0].label, sides[1].label))), args)
    return 0


def _with_a_file(args: ReportArgs) -> ReportArgs:
    """The options with an output file, which a browser needs. Unless one was named, it is HTML in a private folder."""
    if args.output not in (None, "-"):
        return args
    folder = tempfile.mkdtemp(prefix="lanewatch-report-")
    return replace(args, format=args.format or "html", output=str(Path(folder) / f"report.{args.format or 'html'}"))


def _open(path: Path) -> None:
    import webbrowser

    sys.stdout.write(f"{safe_text(str(path), limit=4096)}\n")
    if not webbrowser.open(path.resolve().as_uri()):
        warn("no browser could be started: open that file yourself")


def print_schema() -> int:
    """Prints the JSON Schema of a report."""
    from tui.report.published import schema_text

    sys.stdout.write(schema_text())
    return 0


def report_of(common: Common, *, since: float | None = None, until: float | None = None, title: str = "") -> Report:
    """Reads everything once and composes the document.

    Raises:
        CommandError: none of the named paths exists.
    """
    settings = settings_of(common)
    prices = price_table(settings)
    facts, spawns = Facts(since), SpawnLog()

    def hear(ledger: LaneLedger, judge: LaneJudge, event: Event) -> None:
        facts(ledger, judge, event)
        if isinstance(event, Call | Result):
            spawns.take(ledger.path, (event,))

    # Workers judge all events; a report up to a time needs the verdicts on the earlier ones alone.
    deferral = judged_by_workers() if until is None else ALL_AT_ONCE
    live, _ = live_fleet(common, settings, prices, hear, until, deferral)
    oldest, _ = since_of(common, settings, now())
    # A transcript that was last changed before `--from` contains nothing of the window.
    live.add(*live.find(since if common.since is None and since is not None else oldest))
    live.judge_in_workers(processors(), facts.take_shapes)
    live.read_all()
    live.close()
    end = facts.end
    at = (end if end is not None else until if until is not None else now()) + SETTLED_S
    fleet = live.snapshot(at, midnight(at))
    return compose(Material(
        fleet=fleet, ledger_of=live.supervisor.ledger, facts=facts, costs=ModelCosts(prices), version=__version__,
        title=title, journal=journal_of(common.paths).entries, notes=_clocks(live.supervisor, spawns), since=since,
        until=until,
    ))  # fmt: skip


def _clocks(supervisor: Supervisor, spawns: SpawnLog) -> list[Note]:
    """Notes about clocks of parents and children that differ. Nothing is corrected."""
    found: list[Note] = []
    for skew in skews(supervisor.descents(), spawns.all()):
        way = "behind" if skew.seconds < 0 else "ahead of"
        text = f"the clock of {skew.child} seems to be {abs(skew.seconds):.1f} s {way} that of its parent {skew.parent}"
        found.append(Note("clock", text, (skew.parent, skew.child)))
    return found


def _format(args: ReportArgs) -> str:
    if args.format is not None:
        return args.format
    if args.output is None or args.output == "-":
        return "md"
    ending = Path(args.output).suffix.lower()
    if ending not in ENDINGS:
        raise CommandError(f"{args.output}: no format has this ending; say which one: --format md, html, json")
    return ENDINGS[ending]


def _drawer(name: str) -> Callable[[Report], str]:
    if name == "md":
        from tui.report.markdown import markdown

        return markdown
    if name == "html":
        from tui.report.html_page import html_report

        return html_report
    if name == "json":
        from tui.report.published import report_text

        return report_text
    raise CommandError(f"the format {name} is unknown: there are {', '.join(FORMATS)}")


def _comparison_drawer(name: str) -> Callable[[Comparison], str]:
    if name == "md":
        from tui.report.markdown import comparison_markdown

        return comparison_markdown
    if name == "json":
        from tui.report.published import comparison_text

        return comparison_text
    raise CommandError(f"a comparison has no format {name}: there are md, json")


def _write(text: str, args: ReportArgs) -> None:
    """Writes to standard output, or to a file, which is written completely or not at all."""
    if args.output is None or args.output == "-":
        if args.format is None and args.output is None and sys.stdout.isatty():
            show(terminal_lines(text, output_cells()), sys.stdout)
        else:
            sys.stdout.write(text)
        return
    path = Path(args.output)
    try:
        with atomic_write(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise CommandError(f"{args.output}: the report cannot be written: {error.strerror or error}") from error


_FOLD = re.compile(r"^</?details>\n|^<summary>(.*)</summary>$", re.MULTILINE)
"""The lines by which a code host folds a part of the report. Texts of transcripts are quoted, and are no such lines."""


def terminal_lines(markdown: str, cells: int) -> list[Line]:
    """A report in Markdown as a terminal shows it. Parts that a code host folds are shown, too."""
    from tui.view.markdown import markdown_lines

    return markdown_lines(_FOLD.sub(lambda fold: f"**{fold[1]}**" if fold[1] else "", markdown), cells)
