"""What the agents' edit calls change, as lines."""

from __future__ import annotations

from difflib import unified_diff

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tui.agents.claude.diffs import diffs_of as claude_diffs
from tui.agents.codex.diffs import diffs_of as codex_diffs
from tui.agents.hunks import hunks_of_diff, hunks_of_patch
from tui.model.diff import DiffLine, FileDiff, Sign, numbered_lines
from tui.model.event import Call, ToolKind


def call(tool: str, args: object, kind: ToolKind = ToolKind.EDIT) -> Call:
    return Call("", 0.0, 0, "c1", tool, kind, orjson.dumps(args).decode(), "")


def drawn(diffs: tuple[FileDiff, ...]) -> list[str]:
    return [f"{line.sign}{line.text}" for diff in diffs for line in diff.lines]


def test_claude_an_edit_shows_the_changed_lines_with_two_around_them():
    old = "a\nb\nc\nd\ne\nf\n"
    diffs = claude_diffs(call("Edit", {"file_path": "/x.py", "old_string": old, "new_string": old.replace("d", "D")}))
    assert diffs[0].path == "/x.py"
    assert drawn(diffs) == [" b", " c", "-d", "+D", " e", " f"]
    assert (diffs[0].added, diffs[0].removed) == (1, 1)


def test_claude_several_edits_are_parted():
    edits = [{"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": ""}]
    diffs = claude_diffs(call("MultiEdit", {"file_path": "/x.py", "edits": edits}))
    assert drawn(diffs) == ["-a", "+b", "@", "-c"]


def test_claude_a_new_file_is_all_added():
    diffs = claude_diffs(call("Write", {"file_path": "/x.py", "content": "a\nb\n"}))
    assert drawn(diffs) == ["+a", "+b"]


def test_claude_long_texts_are_not_compared():
    old = "".join(f"{n}\n" for n in range(3000))
    diffs = claude_diffs(call("Edit", {"file_path": "/x.py", "old_string": old, "new_string": old + "x\n"}))
    assert (diffs[0].added, diffs[0].removed) == (3001, 3000)


def test_claude_other_calls_and_broken_arguments_have_no_diff():
    assert claude_diffs(call("Bash", {"command": "sed -i s/a/b/ x"}, ToolKind.SHELL)) == ()
    assert claude_diffs(call("Edit", ["x"])) == ()
    assert claude_diffs(Call("", 0.0, 0, "c", "Edit", ToolKind.EDIT, '{"file_path": "/x', "")) == ()
    assert claude_diffs(call("Edit", {"file_path": 3, "old_string": [], "new_string": {}})) == ()


PATCH = """*** Begin Patch
*** Update File: a.py
@@ def f():
-    return 1
+    return 2
     # end
*** Add File: b.py
+new
*** Delete File: c.py
*** End Patch
"""


def test_codex_a_patch_is_taken_apart_by_files():
    for args in ({"input": PATCH}, {"cmd": f"apply_patch <<'EOF'\n{PATCH}EOF"}, {"command": ["apply_patch", PATCH]}):
        diffs = codex_diffs(call("apply_patch", args))
        assert [diff.path for diff in diffs] == ["a.py", "b.py", "c.py"]
        assert diffs[0].lines[0] == DiffLine(Sign.PLACE, "def f():")
        assert drawn(diffs[:1]) == ["@def f():", "-    return 1", "+    return 2", "     # end"]
        assert drawn(diffs[1:]) == ["+new"]


def test_codex_calls_without_a_patch_have_no_diff():
    assert codex_diffs(call("exec_command", {"cmd": "ls"}, ToolKind.SHELL)) == ()
    assert codex_diffs(call("x", [1, 2])) == ()


def test_lines_of_a_new_file_are_numbered():
    from tui.conversation.blocks import Block, BlockKind, Place
    from tui.view.conversation import block_lines

    add = "*** Begin Patch\n*** Add File: x.py\n+a\n+b\n*** End Patch"
    for made in (
        claude_diffs(call("Write", {"file_path": "/x.py", "content": "a\nb\n"})),
        codex_diffs(call("apply_patch", {"input": add})),
    ):
        block = Block(BlockKind.CALL, Place(0, 0), None, "Write", "x.py", diffs=made)
        drawn = ["".join(span.text for span in line).strip() for line in block_lines(block, 60)]
        assert drawn[-2:] == ["1 + a", "2 + b"]
    edited = claude_diffs(call("Edit", {"file_path": "/x.py", "old_string": "a", "new_string": "b"}))
    assert not edited[0].is_whole


LINES = st.lists(st.text("ab{}x", max_size=3), max_size=30)


def numbers_hold(old: list[str], new: list[str], lines: list[DiffLine]) -> bool:
    """Whether each number names the very line in the text before and after."""
    return all(
        (line.old is None or old[line.old - 1] == line.text) and (line.new is None or new[line.new - 1] == line.text)
        for line in lines
    )


@given(LINES, LINES, st.integers(0, 4))
def test_numbers_of_a_unified_diff_name_the_lines_of_both_files(old: list[str], new: list[str], around: int):
    diff = "\n".join([*unified_diff(old, new, lineterm="", n=around)][2:])
    lines = list(numbered_lines(hunks_of_diff(diff)))
    assert numbers_hold(old, new, lines)
    assert sum(line.sign is Sign.ADDED for line in lines) - sum(line.sign is Sign.REMOVED for line in lines) == (
        len(new) - len(old)
    )


def test_a_diff_without_numbers_has_none():
    assert hunks_of_diff("@@\n-a\n+b\n") == ()
    assert hunks_of_diff("") == ()
    assert hunks_of_patch([{"lines": ["+x"]}]) == ()
    assert hunks_of_patch([{"oldStart": -1, "newStart": 2, "lines": ["+x"]}]) == ()
    assert hunks_of_patch("no list") == hunks_of_patch([]) == ()
    assert hunks_of_patch([{"oldStart": 1, "newStart": 1, "lines": ["+x"] * 30_000}]) == ()
