"""Messages without a call that say the same over and over, or one message that chants."""

from __future__ import annotations

import re
from collections import Counter, deque

from tui.judge.findings.repetition import RepetitionLimits
from tui.judge.limits import Limits
from tui.judge.masks import without_digits
from tui.model.finding import StepShown

SHOWN = 6
SHORTEST = 12
"""Characters of a message that can be a monologue: shorter ones are yes and no."""
ALIKE = 0.8
CHANT_CHARS = 160
CHANT_PIECES = 24
CHANT_SHARE = 0.6

_PIECES = re.compile(r"[\n.!?]+")
_DIGITS = re.compile(r"\d+")


class Monologue:
    """Fed with what the agent says and told of each call."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(RepetitionLimits)
        self._recent: deque[frozenset[bytes]] = deque(maxlen=3)
        self._said: deque[StepShown] = deque(maxlen=SHOWN)
        self._text = ""
        self.count = 0
        """Messages that were like one before, without a call between, the first included."""
        self._chant = 0

    @property
    def score(self) -> float:
        """0 to 1."""
        if self._chant:
            return 0.75
        over = self.count - self._limits.monologue_repeats
        return min(1.0, 0.5 + 0.125 * over) if over >= 0 else 0.0

    @property
    def reason(self) -> str:
        """In words."""
        if self._chant:
            return f"one message says “{self._text[:40]}” {self._chant} times"
        return f"said the same {self.count} times without a call: “{self._text[:60]}”"

    @property
    def shown(self) -> tuple[StepShown, ...]:
        """The newest messages that are alike."""
        return tuple(self._said)

    def call(self) -> None:
        """The agent did something: what it says now is about that."""
        if self.count or self._chant:
            self.count = 0
            self._chant = 0
            self._said.clear()
            self._recent.clear()

    def say(self, text: str, at: float | None, offset: int) -> None:
        """The agent said something."""
        chant, piece = _chant(text)
        if chant:
            self._chant, self._text = chant, piece
            self._said.append(StepShown(text[:160], "", at, offset))
            return
        if len(text) < SHORTEST:
            return
        words = frozenset(without_digits(text[:600].lower().encode("utf-8", "replace")).split())
        alike = any(_alike(words, earlier) >= ALIKE for earlier in self._recent)
        self._recent.append(words)
        if not alike:
            self._said.clear()
        self.count = self.count + 1 if alike else 1
        self._text = " ".join(text[:160].split())
        self._said.append(StepShown(text[:160], "", at, offset))


def _alike(a: frozenset[bytes], b: frozenset[bytes]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _chant(text: str) -> tuple[int, str]:
    """How often a long message repeats one piece of itself, and the piece; (0, "") if it does not."""
    if len(text) < CHANT_CHARS or "```" in text or "\n|" in text:
        return 0, ""
    if text.count("\n") + text.count(".") + text.count("!") < CHANT_PIECES and text.count(" ") < 4 * CHANT_PIECES:
        return 0, ""
    head = text[:8000]
    pieces = [piece for piece in (_DIGITS.sub("#", part.strip().lower()) for part in _PIECES.split(head)) if piece]
    if len(pieces) < CHANT_PIECES:
        pieces = head.lower().split()
        if len(pieces) < 4 * CHANT_PIECES:
            return 0, ""
    piece, count = Counter(pieces).most_common(1)[0]
    if count >= CHANT_SHARE * len(pieces) and any(letter.isalnum() or letter == "#" for letter in piece):
        return count, piece
    return 0, ""
