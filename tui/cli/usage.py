"""Sums what the agents used, from the index of all transcripts."""

from __future__ import annotations

import csv
import gc
import os
import sys
import time
from pathlib import Path

from tui.cli.common import CommandError, Common, data_settings_of, home_roots, named_roots, now, price_table, say
from tui.config.data_sections import DataSettings
from tui.config.paths import Paths
from tui.history.reading import UsageReading
from tui.history.usage import Asked, By, Per, Used, total
from tui.history.wanted import Wanted
from tui.io.workers import processors
from tui.ledger.prices import PriceTable
from tui.sources.discover import find, on_disk
from tui.text.times import moment

SHOWN_DAYS = 30
"""Days with usage that the table shows if neither a period nor a time is asked for. What was used before is one row."""


def print_usage(common: Common, per: Per | None, by: By | None, until: float | None, *, form: str, keep: bool) -> int:
    """Prints the usage as a table, as JSON or as CSV.

    Args:
        common: the paths, or none: the agents' homes; and from when on calls count.
        per: the periods.
        by: the groups.
        until: seconds UTC; None: to the end.
        form: `table`, `json` or `csv`.
        keep: whether the index is kept for the next time. That of named paths never is.
    """
    settings = data_settings_of(common)
    is_short = form == "table" and per is None and by is None and common.since is None
    per = Per.DAY if per is None and by is None else per
    asked = Asked(per, by, _since(common), until)
    gc.disable()  # millions of small values are made, and none of them in circles
    try:
        [rows] = reading(common, settings, keep=keep).read([asked])
    finally:
        gc.enable()
    _print(rows, asked, form, is_short=is_short)
    return 0


def reading(common: Common, settings: DataSettings, *, keep: bool, aside: Path | None = None) -> UsageReading:
    """The reading of the usage of the paths, or of the agents' homes. The index of named paths is never kept.

    `aside` is a folder for an index that is not to be kept for long; None: then everything is read each time.
    """
    prices = price_table(settings)
    if common.demo is not None:
        roots = common.demo.roots()
    else:
        roots = named_roots(common)[0] if common.paths else home_roots(settings)
    cap = settings.watch.line_cap_mib * 1024 * 1024
    thresholds = long_prompts(prices)

    def wanted() -> Wanted:
        return Wanted(find(roots), [root.path for root in on_disk(roots)], cap, thresholds, processors())

    folder = Paths.of(os.environ, Path.home()).cache if keep and not common.paths else aside
    return UsageReading(wanted, folder, prices, offset)


def long_prompts(prices: PriceTable) -> list[int]:
    """The sizes of prompts, ascending, above which some model has another price."""
    found = {one.long_prompt.above for one in prices.models().values() if one.long_prompt is not None}
    return sorted(found)


def offset(at: float) -> int:
    """How many seconds local time is ahead of UTC at a time in seconds UTC."""
    try:
        return time.localtime(at).tm_gmtoff
    except (OverflowError, OSError, ValueError):
        return 0


def _since(common: Common) -> float | None:
    if common.since is None:
        return None
    from tui.settings.kinds import parse_since

    try:
        seconds = parse_since(common.since)
    except ValueError as error:
        try:
            return moment(common.since, now())
        except ValueError:
            raise CommandError(f"--since {common.since}: {error}, or a time such as 07:12 or 2026-05-09") from error
    return None if seconds is None else now() - seconds


def _print(rows: list[Used], asked: Asked, form: str, *, is_short: bool) -> None:
    from tui.view import usage as view

    if form == "json":
        from tui.view.json_out import dumps

        sys.stdout.write(dumps(view.usage_json(rows, asked.per, asked.by)) + "\n")
        return
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(view.CSV_HEADS)
        writer.writerows(view.csv_rows(rows))
        return
    from tui.cli.ansi import output_cells

    older = rows[: len(rows) - SHOWN_DAYS] if is_short else []
    earlier = total(older) if older else None
    rows = rows[len(older) :]
    say(view.usage_lines(rows, asked.per, asked.by, output_cells(), earlier))
