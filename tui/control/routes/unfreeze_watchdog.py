"""The watchdog of frozen processes: continues them when the time is over, or when the lanewatch that froze them ends.

Usage: `python -m tui.control.routes.unfreeze_watchdog SECONDS`. Each line `PID IDENTITY` on standard input names a
process. When the input ends, lanewatch has continued the processes or has died; the watchdog continues them in both
cases.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Sequence

from tui.control.routes.signals import SignalRefused, Target, opened


def main(argv: Sequence[str]) -> int:
    """Waits, then continues the named processes. Returns 0."""
    # A terminal that is closed must not end the watchdog.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end = time.monotonic() + float(argv[1])
    named: list[Target] = []
    rest = b""
    while (left := end - time.monotonic()) > 0:
        if not select.select([0], [], [], left)[0]:
            break
        data = os.read(0, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            pid, _, start = line.partition(b" ")
            with contextlib.suppress(ValueError):
                named.append(Target(int(pid), start.decode("ascii")))
    for member in reversed(named):
        with contextlib.suppress(SignalRefused), opened(member) as handle:
            handle.send(signal.SIGCONT)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
