"""The repetitions that a person asked a lane for. Steps that were asked for do not count as repetition."""

from __future__ import annotations

import re

CHARS = 4000
MOST = 1000
_TIMES = re.compile(
    r"(?i)\b(?:(\d{1,4})|twice|thrice|(two|three|four|five|six|seven|eight|nine|ten|a dozen|twelve|fifteen|twenty|"
    r"thirty|fifty|a hundred))\s*"
    r"(?:x\b|times\b|runs?\b|rounds?\b|repetitions?\b|iterations?\b|attempts?\b|more times\b|in a row\b)"
    r"(?!\s+(?:slower|faster|as|more|less|larger|smaller|bigger|higher|longer|the)\b)"
)
_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "a dozen": 12,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "a hundred": 100,
}  # fmt: skip
_EACH = re.compile(
    r"(?i)\b(?:each|every|one by one|one (?:at a time|after the other|after another)|all (?:the|of|my|our|these|those)|"
    r"(?:file|row|page|item|line|module|host) by (?:file|row|page|item|line|module|host))\b"
)
_WATCH = re.compile(
    r"(?i)\bevery (?:\w+ )?(?:seconds?|minutes?|hours?)\b|\bkeep (?:an eye|watching|checking|polling|looking)\b|"
    r"\b(?:check|look|wait|try|ask|poll|watch|monitor)\b.{0,60}\buntil\b|\bevery \d+ ?(?:s|sec|min|m|h)\b"
)


class Request:
    """The repetitions that a person's prompts ask for."""

    __slots__ = ("each", "times", "watches")

    def __init__(self, text: str = "") -> None:
        head = text[:CHARS]
        self.times = max((_count(match) for match in _TIMES.finditer(head)), default=0)
        """How many times something is to be done; 0 if the prompts do not say."""
        self.each = _EACH.search(head) is not None
        """True if something is to be done for each item of a list."""
        self.watches = _WATCH.search(head) is not None
        """True if something is to be watched until it changes, or until somebody says stop."""

    def add(self, text: str) -> None:
        """Adds the repetitions that a further prompt asks for."""
        more = Request(text)
        self.each = self.each or more.each
        self.times = max(self.times, more.times)
        self.watches = self.watches or more.watches


def _count(match: re.Match[str]) -> int:
    if match[1]:
        return min(MOST, int(match[1]))
    return _WORDS.get((match[2] or "").lower(), 3)
