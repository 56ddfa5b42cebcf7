"""Equal calls in a row are one line, which opens; every block of them can still be reached."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tui.conversation.blocks import Block, BlockKind, Place
from tui.conversation.equal_calls import LEAST, equal_calls
from tui.model.event import ToolKind
from tui.view.conversation import Fold
from tui.view.conversation_rows import ConversationRows, RowAt


def conversation(parts: str) -> list[Block]:
    """A letter is a call of that command with its result, `-` a text, `!` a call that still runs."""
    made: list[Block] = []
    for number, part in enumerate(parts):
        at, place = float(number), Place(100 * number, 0)
        if part == "-":
            made.append(Block(BlockKind.TEXT, place, at, text="and now?"))
            continue
        called = Block(BlockKind.CALL, place, at, "Bash", f"npm run {part}", part, f"c{number}", ToolKind.SHELL)
        made.append(called)
        if part != "!":
            told = replace(called, kind=BlockKind.RESULT, place=Place(100 * number + 50, 0), text=f"ran {part}")
            made.append(told)
    return made


def rows_of(blocks: list[Block]) -> ConversationRows:
    rows = ConversationRows()
    rows.use_width(100)
    rows.blocks = blocks
    return rows


def shown(rows: ConversationRows) -> list[str]:
    return ["".join(span.text for span in rows.line_at(at)).strip() for at in rows.after(RowAt(0, 0))]


@given(st.text("ab-!", max_size=40))
def test_runs_are_the_longest_rows_of_equal_calls(parts: str):
    blocks = conversation(parts)
    runs = equal_calls(blocks)
    for run in runs:
        assert len(run) >= 2 * LEAST
        assert len({blocks[at].text for at in run[::2]}) == len({blocks[at].text for at in run[1::2]}) == 1
    expected, at = 0, 0
    while at < len(parts):
        end = at
        while end < len(parts) and parts[end] == parts[at]:
            end += 1
        expected += parts[at] in "ab" and end - at >= LEAST
        at = end
    assert len(runs) == expected


def test_equal_calls_are_one_line_that_opens_and_closes():
    rows = rows_of(conversation("-aaaaaa-b"))
    line = next(line for line in shown(rows) if "npm run a" in line)
    assert line.endswith("Bash  npm run a, 6 times, same result")
    assert sum("npm run a" in line for line in shown(rows)) == 1
    assert rows.open_run(1)
    assert sum("npm run a" in line for line in shown(rows)) == 6
    assert not rows.open_run(1)
    assert rows.close_run(1)
    assert not rows.close_run(3)
    assert sum("npm run a" in line for line in shown(rows)) == 1
    rows.toggle_usual(Fold.OPEN)
    assert sum("npm run a" in line for line in shown(rows)) == 6


def test_a_call_with_another_result_or_a_failure_is_no_repetition():
    blocks = conversation("aaa")
    assert equal_calls(blocks) == [range(6)]
    assert not equal_calls([*blocks[:5], replace(blocks[5], text="3 failed")])
    assert not equal_calls([*blocks[:5], replace(blocks[5], failed=True)])
    assert not equal_calls([*blocks[:4], replace(blocks[4], text="other arguments"), blocks[5]])


def test_failed_calls_say_so():
    blocks = [replace(one, failed=one.kind is BlockKind.RESULT) for one in conversation("aaa")]
    (line,) = shown(rows_of(blocks))
    assert "✗ Bash  npm run a, 3 times, same result: failed" in line


def test_a_run_that_grows_stays_as_it_is_and_the_cursor_stays_in_it():
    rows = rows_of(conversation("aa"))
    last = rows.blocks[2].place
    rows.blocks = conversation("aaaa")
    assert rows.nearest(last) == rows.first
    assert "4 times" in shown(rows)[0]
    rows.open_run(0)
    rows.blocks = conversation("aaaaaaa")
    assert sum("npm run a" in line for line in shown(rows)) == 7
