"""`python -m tests.bench [scan|usage|search|code|replay|report|live|start|gate|conversation|pauses] [--quick]`: figures and ratios, printed.

`pauses` runs real clients for minutes: only when it is named.
"""

from __future__ import annotations

import argparse
import platform
import shutil
from pathlib import Path

import psutil

FOLDER = Path(__file__).resolve().parents[2] / "bench-data"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "names",
        nargs="*",
        choices=[
            [],
            "scan",
            "usage",
            "search",
            "code",
            "replay",
            "report",
            "live",
            "start",
            "gate",
            "conversation",
            "pauses",
        ],
        default=[],
    )
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    names = given.names or [
        "gate",
        "scan",
        "usage",
        "search",
        "code",
        "replay",
        "report",
        "start",
        "live",
        "conversation",
    ]
    print(
        f"Python {platform.python_version()}, {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}: ratios hold, seconds are this machine's"
    )
    if "gate" in names:
        from tests.bench import gate

        print("\nthe gate, per tool call")
        gate.run()
    if "scan" in names:
        from tests.bench import scan

        print("\ncold scan")
        scan.run(FOLDER, quick=given.quick)
    if "usage" in names:
        from tests.bench import usage

        print("\nusage of all history")
        usage.run(FOLDER, quick=given.quick)
    if "search" in names:
        from tests.bench import search

        print("\nsearch through all conversations")
        search.run(quick=given.quick)
    if "code" in names:
        from tests.bench import code_mode

        print("\nCodex in code mode")
        code_mode.run(quick=given.quick)
    if "replay" in names:
        from tests.bench import replay

        print("\nreplay")
        replay.run(FOLDER, quick=given.quick)
    if "report" in names:
        from tests.bench import report

        print("\nreport")
        report.run(FOLDER, quick=given.quick)
    if "pauses" in names:
        from tests.bench import pauses

        print("\npauses of real clients at work")
        pauses.run(30 if given.quick else pauses.PAUSES)
    if not shutil.which("tmux"):
        print("\nno tmux here: start and live are left out")
        return
    if "start" in names:
        from tests.bench import start

        print("\nstart")
        start.run(FOLDER, quick=given.quick)
    if "live" in names:
        from tests.bench import live

        print("\nappend to drawn frame")
        live.run(quick=given.quick)
    if "conversation" in names:
        from tests.bench import conversation

        print("\nthe conversation")
        conversation.run(quick=given.quick)


if __name__ == "__main__":
    main()
