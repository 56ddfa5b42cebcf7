"""The limits of the verbs: the times of a close, and the lanes that may be answered."""

from __future__ import annotations

from tui.model.frozen import frozen


@frozen
class Bounds:
    """The limits of a close before the lane's loop is stopped, and of an answer.

    `within_s`: seconds for the whole close. After the text was given, the lane may make `calls` tool calls (0: any
    number) and has `write_s` seconds. Then the next step is taken (`by_itself`) or offered to the operator.
    `answer_attached`: lanes may be answered even while somebody may be at their pane.
    """

    within_s: float = 600.0
    calls: int = 10
    write_s: float = 90.0
    by_itself: bool = False
    answer_attached: bool = False

    @property
    def words(self) -> str:
        """The text `it is stopped after 10 tool calls or 90 s`, or the limits for offering a stop and for stopping."""
        calls = f"{self.calls} tool calls or " if self.calls else ""
        allowed = f"{calls}{length_words(min(self.write_s, self.within_s))}"
        if self.by_itself or allowed == length_words(self.within_s):
            return f"it is stopped after {allowed}"
        return f"a stop is offered after {allowed}, and made after {length_words(self.within_s)}"


def length_words(seconds: float) -> str:
    """A duration in seconds as text: `90 s`, `10 min`."""
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
