"""One block of each kind, as a conversation may have them."""

from __future__ import annotations

from tui.conversation.blocks import Block, BlockKind, Place
from tui.model.diff import DiffLine, FileDiff, Sign
from tui.model.event import PlanItem, ToolKind
from tui.model.usage import Usage

START = 1_778_317_200.0
OUTPUT = "\n".join(f"ok      harbor/internal/pkg{n}  0.{n}s" for n in range(40))


def every_kind() -> list[Block]:
    """A short session: a prompt, a plan, a command that fails, an edit, a subagent, an error, a compaction."""
    usage = Usage(input=1200, cache_read=40_000, output=310)
    return [
        Block(BlockKind.PROMPT, Place(0, 0), START, "person", text="Expire unpaid seat holds.\nKeep the API as it is."),
        Block(BlockKind.THINKING, Place(100, 0), START + 2, text="First the tests.\n\nThen the handler.\nThen docs.\nEnd.",
              usage=usage, usage_key="a"),
        Block(BlockKind.TEXT, Place(150, 0), START + 3, text="I look at how holds are stored, and begin with a test."),
        Block(BlockKind.PLAN, Place(180, 0), START + 4, items=(
            PlanItem("Read the store", "completed"), PlanItem("Write the test", "in_progress"),
            PlanItem("Expire holds", "pending"))),
        Block(BlockKind.CALL, Place(200, 0), START + 5, "Bash", "go test ./...", '{"command":"go test ./..."}', "c1",
              ToolKind.SHELL),
        Block(BlockKind.RESULT, Place(260, 0), START + 21, "Bash", "go test ./...", OUTPUT, "c1", ToolKind.SHELL,
              failed=True, exit_code=1, duration_s=16.2),
        Block(BlockKind.CALL, Place(300, 0), START + 25, "Edit", "/home/mara/harbor/internal/holds/store.go", "{}", "c2",
              ToolKind.EDIT, diffs=(FileDiff("/home/mara/harbor/internal/holds/store.go", (
                  DiffLine(Sign.SAME, "func (s *Store) Expire() {"), DiffLine(Sign.REMOVED, "\treturn nil"),
                  DiffLine(Sign.ADDED, "\treturn s.db.Exec(expire)"), DiffLine(Sign.SAME, "}"))),),
              usage=usage, usage_key="b", usage_may_grow=True),
        Block(BlockKind.RESULT, Place(330, 0), START + 26, "Edit", "/home/mara/harbor/internal/holds/store.go",
              "The file was updated.", "c2", ToolKind.EDIT),
        Block(BlockKind.CALL, Place(350, 0), START + 30, "Bash", "git commit -m 'holds\n\nlong text'",
              '{"command":"git commit -m \'holds\\n\\nlong text\'"}', "c3", ToolKind.SHELL),
        Block(BlockKind.CALL, Place(351, 0), START + 30, "Task", "Test the edges of hold expiry", '{"prompt":"Test"}',
              "c4", ToolKind.AGENT),
        Block(BlockKind.RESULT, Place(380, 0), START + 31, "Bash", "git commit -m 'holds\n\nlong text'", "", "c3",
              ToolKind.SHELL),
        Block(BlockKind.RESULT, Place(390, 0), START + 95, "Task", "Test the edges of hold expiry", "All edges hold.",
              "c4", ToolKind.AGENT, duration_s=64.0, spawned="a40f46e8"),
        Block(BlockKind.ERROR, Place(400, 0), START + 99, text="529 overloaded"),
        Block(BlockKind.NOTE, Place(410, 0), START + 100, "context compacted", text="150,000 tokens before, 20,000 after"),
        Block(BlockKind.PROMPT, Place(420, 0), START + 101, "queued", text="Stop after this."),
        Block(BlockKind.NOTE, Place(430, 0), START + 102, "interrupted"),
    ]  # fmt: skip
