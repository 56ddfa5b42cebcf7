"""Talk without action: messages of the agent with no work between them."""

from __future__ import annotations

import re
from array import array
from collections import Counter, deque
from zlib import crc32

from tui.judge.evidence import AGAIN, ALIKE, EXCUSED
from tui.judge.normalise import mark, without_ids
from tui.judge.novelty_filter import FEW, Seen
from tui.judge.shapes import NORMAL
from tui.model.finding import StepShown

SHOWN = 6
SHORTEST = 12
"""The fewest characters of a message that counts. Shorter ones say no more than yes or no."""
CHARS = 800
SAME_WORDS, SIMILAR_WORDS = 0.85, 0.6
"""The least shares of known words: in a message that says the same again, and in one that says it in other words."""
SAID_AGAIN, IN_OTHER_WORDS, ANYTHING = AGAIN, ALIKE, EXCUSED
CHANT_CHARS = 160
CHANT_PIECES = 24
CHANT_SHARE = 0.6
PROMPTS_KEPT = 8
SAME_PROMPT = 0.9
"""Two long prompts with at least this share of common words are the same."""
LONG_PROMPT = 12
"""The fewest words of a long prompt. Shorter prompts are the same only if all words are equal."""
NEXT_NUMBER = 5
"""The most by which the next number of a count is higher."""
SHORT_PROMPT = 60
"""The most characters of a prompt in which a person counts. Longer ones that differ in a number are from a machine."""

_DONE = re.compile(
    r"(?i)\b(?:all (?:done|finished|complete|green|tasks (?:are )?(?:done|complete))|"
    r"(?:task|work|job|implementation|everything|feature|migration|refactor\w*|it) "
    r"(?:is|are|has been) (?:now )?(?:done|complete|completed|finished)|nothing (?:more|else|left) (?:to do|is left)|"
    r"completed successfully|is complete\b|fully implemented|(?:successfully|now) (?:completed|finished|implemented))"
)
_DONE_WORDS = ("done", "complete", "green", "hed", "noth", "mplement")
"""A text with none of these in lower case cannot match `_DONE`."""

_PIECES = re.compile(r"[\n.!?]+")
_DIGITS = re.compile(r"\d+")
_ADDRESS = re.compile(r"\]?\(?https?://\S+")
_BARE = re.compile(
    r"(?i)\W*(?:(?:y|yes|yep|ok|okay|sure|please|continue|go|go on|go ahead|proceed|keep going|carry on|next|answer|"
    r"question|so|well|hello|hey|hm|what|just|there|still|"
    r"do it|resume|try again|again|retry|approved?|thanks|thank you|sounds good|lgtm|and|then|with|it|that|now|working|"
    r"on|the|task|work|weiter|ja|and then|finish|done|you|can|may)\W*){1,7}"
)
"""A prompt without words of its own."""
_MACHINE = re.compile(
    r"\s*(?:<(?:system|task|hook|user-prompt|ci|bot|automated|reminder)[\w-]*|\[?(?:stop |pre|post)?hook\b|stop hook|"
    r"\[(?:system|bot|auto|ci|cron|heartbeat)|(?:system|automated|heartbeat|scheduled)\b.{0,20}:)",
    re.IGNORECASE,
)
"""The beginning of a prompt of a hook, a bot or a scheduler."""


def says_done(text: str) -> bool:
    """Whether a message says that the work is done."""
    head = text[:500]
    low = head.lower()
    for word in _DONE_WORDS:
        if word in low:
            return _DONE.search(head) is not None
    return False


class Prompts:
    """Distinguishes prompts that say something new from those that only make the lane continue."""

    __slots__ = ("_recent",)

    def __init__(self) -> None:
        self._recent: deque[tuple[array[int], list[int]]] = deque(maxlen=PROMPTS_KEPT)
        """Marks of the words of the newest prompts, and their first numbers."""

    def is_news(self, text: str) -> bool:
        """Whether a prompt says something that the newest prompts did not say."""
        head = text[:2000]
        if len(head) <= 80 and (_BARE.fullmatch(head) or not any(letter.isalnum() for letter in head)):
            return False
        plain = without_ids(head.lower())
        words = frozenset(map(mark, _DIGITS.sub("#", plain).split()))
        numbers = [int(one) for one in _DIGITS.findall(plain)[:SHORT_PROMPT]]
        known = [told for said, told in self._recent if _alike(words, said)]
        self._recent.append((array("I", sorted(words)), numbers))
        if known and not (len(head) <= SHORT_PROMPT and _counts_on(numbers, known)):
            return False
        return _MACHINE.match(head) is None


def _counts_on(numbers: list[int], before: list[list[int]]) -> bool:
    """Whether a number is the next of a count: "run 8 of 20" is news after "run 7 of 20"."""
    for at, number in enumerate(numbers):
        told = [one[at] for one in before if at < len(one)]
        if told and 0 < number - max(told) <= NEXT_NUMBER:
            return True
    return False


def _alike(words: frozenset[int], others: array[int]) -> bool:
    both, size = len(words.intersection(others)), len(words) + len(others)
    if min(len(words), len(others)) < LONG_PROMPT:
        return 2 * both == size
    return 2 * both >= SAME_PROMPT * size


class Talk:
    """Takes the messages of an agent and the gains of its steps, and counts messages without action."""

    def __init__(self) -> None:
        self._known = Seen(FEW)
        self._said: deque[StepShown] = deque(maxlen=SHOWN)
        self._text = ""
        self._message: str | None = None
        self._last = 0.0
        """The points of the newest message. They are subtracted if a call follows it directly."""
        self._before = 0.0
        self._open = False
        """True while nothing has come after the newest message."""
        self._asked = False
        """True if a person has said something since the newest message."""
        self.count = 0
        """The number of messages since something was done."""
        self._repeated_piece = 0
        self.since: tuple[float | None, int] = (None, 0)
        self.same = True
        """True if all of them say the same."""

    @property
    def points(self) -> float:
        """The points of all messages together."""
        return 4.5 if self._repeated_piece else self._before + self._last

    @property
    def reason(self) -> str:
        """The common feature of the messages, in words."""
        text = self._text[:60]
        if self._repeated_piece:
            return f"one message says “{text[:40]}” {self._repeated_piece} times"
        if self.same:
            return f"said the same {self.count} times without a call: “{text}”"
        return f"{self.count} messages without any work between them, the last one “{text}”"

    @property
    def shown(self) -> tuple[StepShown, ...]:
        """The newest messages without action."""
        return tuple(self._said)

    def call(self) -> None:
        """Takes a tool call. A message directly before it is no talk."""
        if self._open:
            self._open = False
            self._last = 0.0
            self.count -= 1
            self._said.pop()
        self._repeated_piece = 0

    def step(self, gain: float, talks: bool) -> None:
        """Takes the gain of a step. `talks`: the step only speaks (a question, a plan, a message)."""
        if self._before and not talks:
            self._before -= gain
            if self._before <= 0.0:
                self.reset()

    def reset(self) -> None:
        """Starts again, since something was done or a person spoke."""
        if self.count or self._repeated_piece or self._before or self._last:
            self.count = 0
            self._repeated_piece = 0
            self._before = self._last = 0.0
            self._open = False
            self.same = True
            self._said.clear()

    def asked(self) -> None:
        """Notes that a person said something that is not new, such as "go on"."""
        self._asked = True

    def notified(self) -> None:
        """Halves the points, since something that ran elsewhere has ended and the next message may be about it."""
        self._before *= 0.5

    def think(self, text: str) -> None:
        """Takes a thought of the agent."""
        if len(text) >= 4 * CHANT_CHARS:
            chant, piece = _repeated_piece(text)
            if chant:
                self._repeated_piece, self._text = chant, piece

    def say(self, text: str, message: str | None, at: float | None, offset: int) -> None:
        """Takes a message of the agent."""
        chant, piece = _repeated_piece(text)
        if chant:
            self._repeated_piece, self._text = chant, piece
            self._said.append(StepShown(text[:160], "", at, offset))
            return
        if len(text) < SHORTEST:
            return
        words = [word for word in text[:CHARS].encode("utf-8", "replace").translate(NORMAL).split() if len(word) > 2]
        marks = list(map(crc32, words))
        unknown = self._known.take(marks)
        known = 1.0 - len(unknown) / len(marks) if marks else 0.0
        if message is not None and message == self._message and self._said:
            return
        self._message = message
        self._before += self._last
        first = self.count == 0
        if first:
            self.since = (at, offset)
            self._last = 0.0
        else:
            self._last = SAID_AGAIN if known >= SAME_WORDS else IN_OTHER_WORDS if known >= SIMILAR_WORDS else ANYTHING
            if self._asked and known < SAME_WORDS:
                self._last = 0.0  # the person asked for more and got it
            self.same = self.same and known >= SAME_WORDS
        self._asked = False
        self.count += 1
        self._open = True
        self._text = " ".join(text[:160].split())
        self._said.append(StepShown(text[:160], "", at, offset))


def _repeated_piece(text: str) -> tuple[int, str]:
    """The piece that a long message repeats, after the number of its repetitions; (0, "") if there is none."""
    if len(text) < CHANT_CHARS or "```" in text or "\n|" in text:
        return 0, ""
    if text.count("\n") + text.count(".") + text.count("!") < CHANT_PIECES and text.count(" ") < 4 * CHANT_PIECES:
        return 0, ""
    head = _ADDRESS.sub("", text[:8000])
    pieces = [piece for piece in (_DIGITS.sub("#", part.strip().lower()) for part in _PIECES.split(head)) if piece]
    if len(pieces) < CHANT_PIECES:
        pieces = head.lower().split()
        if len(pieces) < 4 * CHANT_PIECES:
            return 0, ""
    counts = Counter(pieces)
    piece, count = counts.most_common(1)[0]
    if count >= CHANT_SHARE * len(pieces) and any(letter.isalnum() or letter == "#" for letter in piece):
        return count, piece
    # Several sentences that are repeated together.
    told = [piece for piece in pieces if any(letter.isalpha() for letter in piece)]
    if len(told) >= CHANT_PIECES // 2 and len(told) - len(set(told)) >= CHANT_SHARE * len(told):
        return Counter(told).most_common(1)[0][1], Counter(told).most_common(1)[0][0]
    return 0, ""
