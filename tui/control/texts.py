"""An operator's text: what may be given to an agent, and the words in which it is given.

Every text begins with `FROM`, by whatever route. The model reads who speaks, and no client takes the text for a command
of its own: Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0 look for `!`, `/` and their like at the beginning only
(measured with each of them there, behind a space, and at the beginning of a later line).

A mention is another matter: wherever it stands in a message, the client reads the file or the skill that it names and
gives that to the model too. A text may quote what an agent wrote, so it is refused, with what to write instead. Claude
Code's older version does this even to a text that its hook wakes it with.
"""

from __future__ import annotations

import re

from tui.agents.registry import find
from tui.control.refused import Refused
from tui.control.routes.gate_client import LONGEST_TEXT

FROM = "From the operator of this session:\n\n"
"""What stands before every text, so that the model knows who speaks."""

_SHOWN = 40


def checked(text: str) -> str:
    """The text as it may be given.

    Raises:
        Refused: it is empty, too long, or holds control characters; the words say which and where.
    """
    text = text.replace("\r\n", "\n").strip("\n")
    if not text.strip():
        raise Refused("there is no text to give")
    if len(text) > LONGEST_TEXT:
        raise Refused(
            f"the text has {len(text):,} characters; agents cut a hook's words at 10,000, so {LONGEST_TEXT:,} is all"
        )
    for place, char in enumerate(text):
        if (ord(char) < 0x20 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0:
            raise Refused(f"the text holds a control character (U+{ord(char):04X}, at {place + 1}): it is not given")
        if 0xD800 <= ord(char) < 0xE000:
            raise Refused(f"the text holds half a character (U+{ord(char):04X}, at {place + 1}): it is not given")
    return text


def said(text: str, agent: str) -> str:
    """The whole of what an agent is given: who speaks, and the text.

    Raises:
        Refused: it may not be given at all, or it mentions what the agent's client would read.
    """
    text = checked(text)
    known = find(agent)
    mention = known.mention if known is not None else None
    found = mention.pattern.search(text) if mention is not None else None
    if mention is not None and found is not None:
        raise Refused(
            f"{found[0][:_SHOWN]!r} is a mention: {mention.effect}; write the name without the {_sign(found)}"
        )
    return FROM + text


def _sign(found: re.Match[str]) -> str:
    return next(char for char in found[0] if char in "@$")
