"""Closing templates: texts for a lane that is closed. Some are shipped; the operator can add own files."""

from __future__ import annotations

from pathlib import Path

MOST_BYTES = 64 * 1024

_NO_MORE = (
    "Stop here: begin no new work, start no further subagent, do not go on with the same work under a new name.\n"
    "Finish only what would otherwise be left half written.\n"
)
_THEN_END = "Write it as your answer, state the evidence for each line, then end your turn."

SHIPPED: tuple[tuple[str, str], ...] = (
    (
        "closeout",
        f"{_NO_MORE}\nYour last output is the closeout:\n"
        "- what was asked for, and what is done, each with its evidence (a file, a command and its result)\n"
        "- what was tried and did not work\n"
        "- what is left half done, and where it stands\n"
        f"- the one next step that you would take\n\n{_THEN_END}",
    ),
    (
        "coverage matrix",
        f"{_NO_MORE}\nYour last output is the coverage matrix of the family of actions that you repeated:\n"
        "one row per case (what varied), its result, its evidence, and whether it is proven, failed or untried.\n"
        f"End with the range of cases that is already proven and needs no further case.\n\n{_THEN_END}",
    ),
    (
        "missing-gap list",
        f"{_NO_MORE}\nYour last output is the list of gaps: each thing that nobody has shown yet,\n"
        "why it matters, what would show it, and what it would cost. Leave out what differs only in its name.\n\n"
        f"{_THEN_END}",
    ),
    (
        "new frontier",
        f"{_NO_MORE}\nYour last output is a redirect to a new frontier: name one question that the last three\n"
        "actions could not have answered, why it is worth more than another of the same kind, and how to begin.\n\n"
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
