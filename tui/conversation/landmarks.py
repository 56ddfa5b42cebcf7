"""The places of all prompts and errors of a conversation, so that a jump can say which of them it reached."""

from __future__ import annotations

from bisect import bisect_left
from enum import StrEnum

from tui.conversation.blocks import Place
from tui.conversation.conversation import Conversation, Stop, is_error, is_prompt

COUNTED = 64 * 1024 * 1024
"""Bytes of the longest transcript that is counted: a longer one would take the computer's time for seconds."""


class Landmark(StrEnum):
    """What is counted."""

    PROMPT = "prompt"
    ERROR = "error"


WANTED = {Landmark.PROMPT: is_prompt, Landmark.ERROR: is_error}


class Landmarks:
    """Counts in a thread of its own; it goes on where it ended when the transcript has grown."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._end = 0
        """The offset up to which was counted."""
        self._places: dict[Landmark, list[Place]] = {one: [] for one in Landmark}

    def count(self, stop: Stop) -> bool:
        """Counts up to the present end. False if it is too long, or if the count was given up."""
        if self._conversation.size > COUNTED:
            return False
        if self._end >= self._conversation.size:
            return True
        for blocks, end in self._conversation.read(self._end):
            if stop():
                return False
            for one, wanted in WANTED.items():
                self._places[one] += [block.place for block in blocks if wanted(block)]
            self._end = end
        return True

    def number(self, what: Landmark, place: Place) -> tuple[int, int] | None:
        """Which one is at this place, and how many there are; None if it was not counted."""
        places = self._places[what]
        at = bisect_left(places, place)
        return (at + 1, len(places)) if places[at : at + 1] == [place] else None
