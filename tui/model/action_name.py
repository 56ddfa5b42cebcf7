"""The name of an action: the ticket in its prompt, else the prompt's first line."""

from __future__ import annotations

import re

_TICKET = re.compile(
    r"""(?<![\w/.-])(?:
        [A-Z][A-Z0-9]{1,9}-\d{1,6}      # HARB-112
        | [A-Z]{1,2}\d{3,5}             # S091, PR0042
        | \#\d{1,6}                     # #4711
    )(?![\w/-])(?!\.\w)""",
    re.VERBOSE,
)
# Names that look like tickets and are none: standards, codecs, hashes, encodings.
_NO_TICKET = re.compile(r"^(?:UTF|ISO|SHA|RFC|CVE|AES|MD|RSA|ES|EC|IPV|TLS|HTTP|GPT|PEP|H|X|AVX|SSE)-?\d+$")

NAME_LIMIT = 200


def action_name(prompt: str) -> tuple[str, str]:
    """Name and title of the action that a prompt begins.

    The title is the prompt's first line that is not empty; the name is the first ticket id in it, else the title
    itself. Both are raw text, at most `NAME_LIMIT` characters.
    """
    title = next((line.strip() for line in prompt[:4000].splitlines() if line.strip(" \t#*->`_=")), "")
    title = title.lstrip("#*> ").strip()[:NAME_LIMIT]
    for match in _TICKET.finditer(title):
        if not _NO_TICKET.match(match.group()):
            return match.group(), title
    return title, title


def ticket_parts(name: str) -> tuple[str, str] | None:
    """Prefix and digits of the ticket that is an action's name: `S` and `091`. None if the name is no ticket."""
    match = _TICKET.fullmatch(name)
    if match is None or _NO_TICKET.match(name):
        return None
    digits = re.search(r"\d+$", name)
    return (name[: digits.start()], digits.group()) if digits else None
