"""The small file that Claude Code writes beside a subagent's transcript: `agent-<id>.meta.json`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tui.io.files import Reason, Refused, open_transcript, refusal
from tui.io.json_fields import parse
from tui.io.lines import BadLine
from tui.model.event import LaneInfo, UnreadableLine
from tui.model.frozen import frozen

SUFFIX = ".meta.json"
SIZE_CAP = 64 * 1024
TEXT_CAP = 2000
DESCRIPTION_RANK = 15
"""A subagent's description by its parent is a better name than its first prompt."""


@frozen
class Sidecar:
    """The purpose of a subagent.

    Masked text, at most TEXT_CAP characters each; None where the file does not state it.
    """

    agent_type: str | None
    description: str | None


def is_sidecar(path: str) -> bool:
    """Whether a path is named as a sidecar."""
    name = path.rpartition(os.sep)[2]
    return name.startswith("agent-") and name.endswith(SUFFIX)


def sidecar_of(transcript: str) -> str:
    """The path of a transcript's sidecar, if it has one."""
    return transcript.removesuffix(".jsonl") + SUFFIX


def transcript_of(sidecar: str) -> str:
    """The transcript of a sidecar."""
    return sidecar.removesuffix(SUFFIX) + ".jsonl"


def read_sidecar(path: str, roots: Sequence[str] | None = None) -> Sidecar | UnreadableLine | None:
    """Reads a sidecar. Returns None if there is none, and `UnreadableLine` with the reason if it cannot be read.

    Args:
        path: the sidecar's own path.
        roots: as in `open_transcript`.
    """
    try:
        opened = open_transcript(path, roots)
    except Refused as refused:
        return None if refused.reason is Reason.MISSING else UnreadableLine(path, None, None, refused.why)
    try:
        data = os.read(opened.fd, SIZE_CAP + 1)
    except OSError as error:
        return UnreadableLine(path, None, None, refusal(path, error).why)
    finally:
        os.close(opened.fd)
    return _parse(path, data)


def lane_info(path: str) -> LaneInfo | UnreadableLine | None:
    """The facts in a sidecar; None if there are none."""
    sidecar = read_sidecar(path)
    if isinstance(sidecar, Sidecar) and (sidecar.agent_type or sidecar.description):
        return LaneInfo(
            "", None, 0, agent_type=sidecar.agent_type, title=sidecar.description, title_rank=DESCRIPTION_RANK
        )
    return sidecar if isinstance(sidecar, UnreadableLine) else None


def _parse(path: str, data: bytes) -> Sidecar | UnreadableLine:
    if len(data) > SIZE_CAP:
        return UnreadableLine(path, None, None, f"a sidecar of more than {SIZE_CAP // 1024} KiB")
    try:
        fields = parse(data)
    except BadLine as bad:
        return UnreadableLine(path, None, None, str(bad))
    return Sidecar(_text(fields.get("agentType")), _text(fields.get("description")))


def _text(value: object) -> str | None:
    return value[:TEXT_CAP] if isinstance(value, str) else None
