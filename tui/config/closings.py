"""Closing templates: texts for lanes that are closed. Some are shipped; the operator can add more."""

from __future__ import annotations

from pathlib import Path

MOST_BYTES = 64 * 1024

_NO_MORE = (
    "Stop here. Do not begin new work. Do not start subagents. Do not continue the same work under a new name.\n"
    "Finish only what would otherwise be left half written.\n"
)
_THEN_END = "Write it as your answer. State the evidence for each line. Then end your turn."

SHIPPED: tuple[tuple[str, str], ...] = (
    (
        "closeout",
        f"{_NO_MORE}\nWrite the closing summary now. List:\n"
        "- what was asked for, and what is done, each with its evidence (a file, a command and its result)\n"
        "- what was tried and did not work\n"
        "- what is half done, and where it is\n"
        f"- the one next step to take\n\n{_THEN_END}",
    ),
    (
        "coverage matrix",
        f"{_NO_MORE}\nWrite the coverage matrix of the actions that you repeated:\n"
        "one row per case (what varied), its result, its evidence, and whether it is proven, failed or untried.\n"
        f"End with the range of cases that is already proven and needs no further case.\n\n{_THEN_END}",
    ),
    (
        "missing-gap list",
        f"{_NO_MORE}\nWrite the list of gaps: each thing that is not shown yet,\n"
        "why it matters, what would show it, and what it would cost. Leave out what differs only in its name.\n\n"
        f"{_THEN_END}",
    ),
    (
        "new frontier",
        f"{_NO_MORE}\nWrite a proposal for new work: name one question that the last three actions could not\n"
        "have answered, say why it is worth more than another of the same kind, and say how to begin.\n\n"
        f"{_THEN_END}",
    ),
)


def closings(folder: Path) -> tuple[tuple[str, str], ...]:
    """Names and texts: the operator's own files (`*.md`, `*.txt`) by name, then the shipped ones with other names.

    A file that cannot be read, is empty or is larger than 64 KiB is left out.
    """
    own: dict[str, str] = {}
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".md", ".txt"))
    except OSError:
        paths = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8") if path.stat().st_size <= MOST_BYTES else ""
        except (OSError, UnicodeDecodeError):
            continue
        if text.strip():
            own[path.stem] = text
    return (*own.items(), *((name, text) for name, text in SHIPPED if name not in own))
