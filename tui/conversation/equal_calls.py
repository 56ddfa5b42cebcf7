"""Equal calls in a row: the same tool, the same arguments, and the same result each time."""

from __future__ import annotations

from collections.abc import Sequence

from tui.conversation.blocks import Block, BlockKind

LEAST = 3
"""So many equal calls are folded; two are as quickly read."""


def equal_calls(blocks: Sequence[Block]) -> list[range]:
    """The runs of equal calls: the indices of their blocks, a call and its result in turn."""
    runs: list[range] = []
    at, last = 0, len(blocks) - 1
    while at < last:
        end = at + 2
        if _is_pair(blocks, at):
            while end < last and _is_pair(blocks, end) and _is_equal(blocks, at, end):
                end += 2
            if end - at >= 2 * LEAST:
                runs.append(range(at, end))
            at = end
        else:
            at += 1
    return runs


def _is_pair(blocks: Sequence[Block], at: int) -> bool:
    call, result = blocks[at], blocks[at + 1]
    if call.kind is not BlockKind.CALL or result.kind is not BlockKind.RESULT:
        return False
    return call.call == result.call and result.spawned is None


def _is_equal(blocks: Sequence[Block], one: int, other: int) -> bool:
    call, again, result, told = blocks[one], blocks[other], blocks[one + 1], blocks[other + 1]
    return (call.title, call.text, result.text, result.failed, result.refused, result.exit_code) == (
        again.title, again.text, told.text, told.failed, told.refused, told.exit_code
    )  # fmt: skip
