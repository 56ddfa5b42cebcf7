"""The time of the last event of a transcript, from the last bytes of the file, without reading the rest."""

from __future__ import annotations

import os
import re

from tui.agents.registry import FILES
from tui.io.files import Refused, open_transcript
from tui.io.json_fields import stamp

TAIL_BYTES = 64 * 1024
_KEYS = b"|".join(sorted({re.escape(files.time_key.encode()) for files in FILES}))
_TIMES = re.compile(rb'"(?:' + _KEYS + rb')"\s*:\s*"([0-9T:.+Zz -]{10,40})"')


def last_time(path: str) -> float | None:
    """The latest time (seconds UTC) in the last `TAIL_BYTES` of a file; None if there is none or it cannot be read.

    It may be later than that of the last event, since a tool's result may state times too. In a compressed file no
    time is found.
    """
    try:
        opened = open_transcript(path)
    except Refused:
        return None
    try:
        data = os.pread(opened.fd, TAIL_BYTES, max(0, opened.stat.st_size - TAIL_BYTES))
    except OSError:
        return None
    finally:
        os.close(opened.fd)
    times = (stamp(found.decode("ascii")) for found in _TIMES.findall(data))
    return max((at for at in times if at is not None), default=None)
