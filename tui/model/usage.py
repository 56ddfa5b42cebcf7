"""Token usage in disjoint classes, so that no sum counts a token twice."""

from __future__ import annotations

from tui.model.frozen import frozen


@frozen
class Usage:
    """Tokens of one call, or a sum over calls. All fields are token counts, which are disjoint except `reasoning`.

    `input` is uncached input only. `cache_write_other` holds cache writes whose lifetime the
    transcript does not state. `reasoning` is a part of `output`, kept beside it for information.
    """

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_write_other: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def cache_write(self) -> int:
        """Cache writes of every lifetime."""
        return self.cache_write_5m + self.cache_write_1h + self.cache_write_other

    @property
    def total(self) -> int:
        """Sum of input + cache_read + cache_write + output."""
        return (
            self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.cache_write_other
            + self.output
        )  # fmt: skip

    @property
    def fresh(self) -> int:
        """Total without cache reads: new work."""
        return self.input + self.cache_write + self.output

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.cache_write_other + other.cache_write_other,
            self.output + other.output,
            self.reasoning + other.reasoning,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.input - other.input,
            self.cache_read - other.cache_read,
            self.cache_write_5m - other.cache_write_5m,
            self.cache_write_1h - other.cache_write_1h,
            self.cache_write_other - other.cache_write_other,
            self.output - other.output,
            self.reasoning - other.reasoning,
        )

    def __neg__(self) -> Usage:
        return ZERO - self


ZERO = Usage()


def classes(usage: Usage) -> tuple[int, int, int, int, int, int, int]:
    """The counts in the order of the fields: `Usage(*classes(usage)) == usage`."""
    return (
        usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.cache_write_other,
        usage.output, usage.reasoning,
    )  # fmt: skip
