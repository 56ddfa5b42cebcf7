"""The rows of a conversation: found without laying out blocks that nobody looks at."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest

from tests.conversation.samples import every_kind
from tui.conversation.blocks import Block, BlockKind, Place
from tui.text.safe_text import safe_text
from tui.view import conversation_rows as module
from tui.view.conversation import Fold, wrap_cells
from tui.view.conversation_rows import ConversationRows, RowAt


@pytest.fixture
def laid_out(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """The places of the blocks that were laid out, in order."""
    places: list[Place] = []
    really: Callable[..., object] = module.block_lines

    def block_lines(block: Block, *rest: object) -> object:
        places.append(block.place)
        return really(block, *rest)

    monkeypatch.setattr(module, "block_lines", block_lines)
    return places


def rows_of(blocks: list[Block]) -> ConversationRows:
    rows = ConversationRows()
    rows.use_width(100)
    rows.blocks = blocks
    return rows


def test_only_the_blocks_of_rows_that_are_looked_at_are_laid_out(laid_out: list[Place]):
    blocks = [Block(BlockKind.TEXT, Place(offset, 0), 1.0, text="one\ntwo") for offset in range(10_000)]
    rows = rows_of(blocks)
    last = rows.last
    assert last == RowAt(9_999, 2)
    top, passed = rows.moved(last, -46)
    assert passed == -46
    assert len(list(islice(rows.after(top), 47))) == 47
    assert len(set(laid_out)) <= 17
    assert len(laid_out) == len(set(laid_out))
    rows.blocks = [Block(BlockKind.TEXT, Place(-1, 0), 1.0, text="before"), *blocks]
    assert rows.nearest(blocks[-1].place, 2) == RowAt(10_000, 2)
    assert len(laid_out) == len(set(laid_out))


def test_walking_reaches_each_row_once_in_both_directions():
    rows = rows_of(every_kind())
    assert rows.toggle_usual(Fold.SHORT)  # some blocks have no row now
    down = list(rows.after(RowAt(0, 0)))
    assert down == list(rows.above(RowAt(len(rows.blocks), 0)))[::-1]
    assert {at.block for at in down} < set(range(len(rows.blocks)))
    for index, at in enumerate(down):
        assert rows.moved(at, 3)[0] == down[min(index + 3, len(down) - 1)]
        assert rows.moved(at, -3) == (down[max(index - 3, 0)], -min(index, 3))
    hidden = next(index for index in range(len(rows.blocks)) if not rows.lines_of(index))
    assert rows.nearest(rows.blocks[hidden].place) == next(at for at in down if at.block > hidden)
    assert rows_of([]).last is None


@pytest.mark.parametrize(
    ("text", "cells", "parts"),
    [
        ("", 5, [""]),
        ("abc", 5, ["abc"]),
        ("one two three", 7, ["one two", "three"]),
        ("  kept two", 6, ["  kept", "two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("漢字 漢字漢", 5, ["漢字", "漢字", "漢"]),
        ("漢字", 1, ["漢", "字"]),
    ],
)
def test_a_long_line_is_wrapped(text: str, cells: int, parts: list[str]):
    assert wrap_cells(safe_text(text), cells) == parts
