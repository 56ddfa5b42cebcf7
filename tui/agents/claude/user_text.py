"""Classifies a text in a user line of a Claude transcript.

A prompt, a command, a mark of the client, or none of these.
"""

from __future__ import annotations

import re

from tui.agents.tools import DETAIL_BOUND, PROMPT_BOUND, bounded
from tui.io.json_fields import Record, Where, array, obj
from tui.model.event import Event, Mark, Origin, Prompt, State

INTERRUPTED = "[Request interrupted by user"
NOTIFICATION = "<task-notification>"
_LOCAL_OUTPUT = ("<local-command-stdout>", "<local-command-stderr>")
_COMMAND = ("<command-name>", "<command-message>")
_CLIENT_SAYS = (
    INTERRUPTED, NOTIFICATION, "<command-", "<local-command-", "<bash-", "<system-reminder>", "Caveat:",
    "This session is being continued from a previous conversation",
)  # fmt: skip
"""Beginnings of texts that the client writes into user lines. A person may begin a prompt with any other tag."""

_ATTACHED = ("<system-reminder>", "<ide_selection>", "<ide_opened_file>", "<ide_diagnostics>")
"""Parts that the editor or the client adds to a person's text."""

_NAME = re.compile(r"<command-name>\s*/?(?P<name>[^<\s]+)\s*</command-name>")
_ARGS = re.compile(r"<command-args>(?P<args>.*?)</command-args>", re.DOTALL)

QUEUE_BOUND = 64


def prompt_text(content: object) -> str:
    """The text of a user line without what the editor and the client added."""
    if isinstance(content, str):
        return content
    said: list[str] = []
    has_image = False
    for part in array(content):
        fields = obj(part)
        words = fields.get("text")
        if isinstance(words, str) and not words.lstrip().startswith(_ATTACHED):
            said.append(words)
        has_image = has_image or fields.get("type") in ("image", "document")
    if not said and has_image:
        return "[image]"
    return "\n".join(said)


def origin_of(record: Record) -> Origin:
    """The origin of this user line's prompt, as far as the line states it."""
    kind = obj(record.get("origin")).get("kind")
    if kind in ("peer", "coordinator"):
        return Origin.AGENT
    if kind not in (None, "human") or record.get("promptSource") == "sdk":
        return Origin.UNKNOWN  # given by a program: a script, a foreman, a channel
    return Origin.PERSON


def is_notification(record: Record, words: str) -> bool:
    """Whether the client tells the model that background work has ended."""
    return obj(record.get("origin")).get("kind") == "task-notification" or words.startswith(NOTIFICATION)


def text_events(words: str, origin: Origin, where: Where) -> list[Event]:
    """The events of a user line's text. Most such texts are not prompts."""
    words = words.strip()
    if not words:
        return []
    if words.startswith(_CLIENT_SAYS):
        return _client_events(words, where)
    return [Prompt(*where, bounded(words, PROMPT_BOUND), origin)]


def _client_events(words: str, where: Where) -> list[Event]:
    if words.startswith(INTERRUPTED):
        return [State(*where, Mark.INTERRUPTED, words[:DETAIL_BOUND])]
    if words.startswith(NOTIFICATION):
        return [State(*where, Mark.TURN_STARTED, "task notification")]
    if words.startswith(_LOCAL_OUTPUT):
        # The client answers such a command itself (/clear, /model, /exit): no model call follows.
        return [State(*where, Mark.TURN_ENDED, "local command")]
    if words.startswith(_COMMAND):
        command = _command_line(words)
        return [Prompt(*where, bounded(command, PROMPT_BOUND), Origin.COMMAND)] if command else []
    return []


def _command_line(words: str) -> str | None:
    name = _NAME.search(words)
    if name is None:
        return None
    args = _ARGS.search(words)
    return f"/{name['name']} {args['args'].strip() if args else ''}".rstrip()


class PromptQueue:
    """The queue of texts that were typed while the lane was busy.

    A queued text becomes an event when it reaches the model, since until then it may be withdrawn or begin a turn of
    its own. `remove` states the delivery into the running turn. Newer clients, and some older ones, then write the text
    once more (as an attachment, or beside a tool result).
    """

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._told: list[str] = []
        self._removals_due = 0

    def operate(self, operation: object, content: object, reason: object = None) -> str | None:
        """Applies a queue operation. Returns the text that it delivered into the running turn, if any."""
        words = _queued(content)
        if operation == "enqueue":
            _append(self._waiting, words)
        elif operation == "popAll":
            self._waiting.clear()
        elif operation == "dequeue":
            self._take(words)
        elif operation == "remove" and reason in (None, "absorbed_mid_turn"):
            return self._removed(words)
        elif operation == "remove":
            self._take(words)
        return None

    def deliver(self, content: object) -> str | None:
        """Returns the text that was written into the running turn; None if its delivery is already known."""
        words = _queued(content)
        if words in self._told:
            self._told.remove(words)
            return None
        if words in self._waiting:
            self._waiting.remove(words)
            self._removals_due += 1
        return words or None

    def _removed(self, words: str) -> str | None:
        if not words and self._removals_due:
            self._removals_due -= 1
            return None
        taken = self._take(words)
        if taken:
            _append(self._told, taken)
        return taken

    def _take(self, words: str) -> str | None:
        if words and words in self._waiting:
            self._waiting.remove(words)
            return words
        return self._waiting.pop(0) if self._waiting else None


def _append(texts: list[str], text: str) -> None:
    """Appends a text; the oldest goes if there are too many. An empty deque would take 760 bytes in each lane."""
    texts.append(text)
    if len(texts) > QUEUE_BOUND:
        del texts[0]


def _queued(content: object) -> str:
    return bounded(prompt_text(content).strip(), PROMPT_BOUND)


def queued_events(words: str | None, where: Where) -> list[Event]:
    """The events of a text that was delivered into the running turn."""
    if not words:
        return []
    return text_events(words, Origin.QUEUED, where)
