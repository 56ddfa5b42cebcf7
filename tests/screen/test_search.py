"""The search on the screen: hits while one types, the conversation at the very place, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agents.builders import claude_call, claude_message, claude_result, claude_user
from tests.history.test_search import build, on_disk, write
from tests.screen.apps import Stage, text_of
from tests.screen.test_conversation import until
from tui.screen.conversation import ConversationScreen
from tui.screen.lanes import LanesScreen
from tui.screen.search import SearchDesk, SearchScreen

NOW = 1_785_800_000.0
HOSTILE = "moor the \x1b]0;pwned\x07ferry [red]now[/red] \u202egnp"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logs"
    made.mkdir()
    talk = [
        claude_message(f"m{at}", [{"type": "text", "text": f"step {at} of the crossing"}], seconds=at)
        for at in range(300)
    ]
    write(
        made / "long.jsonl",
        [claude_user("Plan the crossing", seconds=0), *talk[:150], claude_user(HOSTILE, seconds=150), *talk[151:]],
    )
    return made


@pytest.mark.parametrize("has_index", [True, False])
async def test_hits_while_typing_and_the_conversation_at_the_place(folder: Path, tmp_path: Path, has_index: bool):
    cache = tmp_path / "cache"
    if has_index:
        build(folder, cache)
    stage = Stage(search=SearchDesk(lambda: on_disk(folder), cache if has_index else None, lambda: NOW))
    async with stage.running((100, 24)) as pilot:
        app = stage.app
        await pilot.press("ctrl+f")
        await until(pilot, lambda: isinstance(app.screen, SearchScreen))
        await pilot.press(*"ferr", "*", "space", "!", "!")
        await until(pilot, lambda: "1 hit" in text_of(app))
        assert '"!!" has no letter or digit' in text_of(app)
        assert "moor the ferry [red]now[/red] <202E>gnp" in text_of(app)
        assert ("no index" in text_of(app)) is not has_index
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConversationScreen))
        await until(pilot, lambda: "step 149 of the crossing" in text_of(app))
        assert app.screen.view.block.text.startswith("moor the")
        assert "Plan the crossing" in text_of(app).splitlines()[0]
        await pilot.press("escape")
        await until(pilot, lambda: "1 hit" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, LanesScreen))
        assert has_index or not cache.exists()


async def test_a_hit_opens_at_the_place_that_its_snippet_shows(tmp_path: Path):
    folder = tmp_path / "logs"
    folder.mkdir()
    hidden = "\n".join(f"rule {at}: Prefer explicit paths when the worktree is mixed" for at in range(40))
    rules = "\n".join(
        ["x" * 900, "y" * 200, hidden, "z" * 940, "never commit without scope when the worktree is mixed"]
    )
    write(folder / "one.jsonl", [claude_user("Begin"), claude_call("Bash", {"command": "cat r"}), claude_result(rules)])
    stage = Stage(search=SearchDesk(lambda: on_disk(folder), None, lambda: NOW))
    async with stage.running((100, 24)) as pilot:
        await pilot.press("ctrl+f", *"worktree")
        await until(pilot, lambda: "without scope when the worktree" in text_of(stage.app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, ConversationScreen))
        view = stage.app.screen.view
        marked = next(line for line in text_of(stage.app).splitlines() if "▶" in line)
        assert "without scope when the worktree is mixed" in marked
        assert view.cursor_height >= 8
