"""The conversation on the screen: opened from a lane or a finding, read, searched, followed, left."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.conversation.test_conversation import CLAUDE, SAMPLES
from tests.fleets import NOW, harbor
from tests.screen.apps import Stage, at_rest, text_of
from tests.screen.replays import ReplayStage, utc
from tui.agents.registry import find
from tui.conversation import conversation as module
from tui.conversation.blocks import BlockKind
from tui.conversation.conversation import Conversation
from tui.model.control import LaneControl
from tui.model.evidence import Evidence
from tui.model.finding import Finding, FindingKind, Severity
from tui.model.pending import PendingKind, PendingRequest
from tui.model.snapshot import FileTouch, LaneState
from tui.screen.answer import AnswerScreen
from tui.screen.conversation import FOLLOW_S, ConversationScreen
from tui.screen.page import PageScreen
from tui.text.format import date, time_of_day
from tui.view.conversation import block_text, is_folded


@pytest.fixture
def transcript(tmp_path):
    """A copy of a sample that a test may append to."""
    path = tmp_path / CLAUDE.name
    shutil.copy(CLAUDE, path)
    path.chmod(0o644)
    return path


async def until(pilot, holds) -> None:
    """Waits until something is on the screen."""
    for _ in range(100):
        if holds():
            return
        await pilot.pause(0.05)
    assert holds()


def failed_call(at: int) -> list[str]:
    """The lines of a call of a Claude Code session that failed."""
    call = {"type": "tool_use", "id": f"t{at}", "name": "Bash", "input": {"command": f"make tiles {at}"}}
    result = {"type": "tool_result", "tool_use_id": f"t{at}", "is_error": True, "content": f"no tile {at}"}
    base = {"sessionId": "s", "cwd": "/w"}
    lines = [
        {**base, "type": "assistant", "uuid": f"a{at}", "timestamp": f"2026-05-09T07:00:{2 * at:02}.000Z",
         "message": {"id": f"m{at}", "role": "assistant", "model": "claude-opus-4-7", "content": [call]}},
        {**base, "type": "user", "uuid": f"u{at}", "timestamp": f"2026-05-09T07:00:{2 * at + 1:02}.000Z",
         "message": {"role": "user", "content": [result]}},
    ]  # fmt: skip
    return [json.dumps(line) + "\n" for line in lines]


ACTION = next(lane.actions[0] for lane in harbor().lanes if lane.actions)


def stage_over(path, *, findings=(), **fields) -> Stage:
    """The first lane of the harbor has this transcript, and these fields."""
    fleet = harbor()
    lane = replace(fleet.lanes[0], path=str(path), agent="claude", local="", findings=tuple(findings), **fields)
    return Stage(replace(fleet, lanes=(lane, *fleet.lanes[1:]), findings=tuple(findings)))


@asynccontextmanager
async def conversation_over(path, size=(120, 40), **options):
    stage = stage_over(path, **options)
    async with stage.app.run_test(size=size) as pilot:
        await at_rest(pilot)
        stage.screen.table.move_to(stage.fleet.lanes[0].id)
        await pilot.press("l")
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, ConversationScreen)
        yield pilot


async def test_l_opens_the_end_and_escape_leaves(transcript):
    async with conversation_over(transcript) as pilot:
        text = text_of(pilot.app)
        assert "at the end, following" in text
        assert "the fare engine" in text.casefold() or "fares" in text.casefold()
        await pilot.press("escape")
        await at_rest(pilot)
        assert pilot.app.screen is pilot.app.main


async def test_what_is_written_appears_while_it_follows_and_waits_while_one_reads_above(transcript):
    lines = transcript.read_bytes().splitlines(keepends=True)
    transcript.write_bytes(b"".join(lines[:-8]))
    async with conversation_over(transcript) as pilot:
        before = text_of(pilot.app)
        with transcript.open("ab") as file:
            file.write(b"".join(lines[-8:-4]))
        await pilot.pause(0.6)
        await at_rest(pilot)
        assert text_of(pilot.app) != before
        await pilot.press("k", "k", "k")
        await at_rest(pilot)
        standing = text_of(pilot.app).splitlines()[2:-1]
        with transcript.open("ab") as file:
            file.write(b"".join(lines[-4:]))
        await pilot.pause(0.6)
        await at_rest(pilot)
        assert text_of(pilot.app).splitlines()[2:-1] == standing


async def test_scrolling_up_reaches_the_first_prompt(transcript):
    async with conversation_over(transcript) as pilot:
        await pilot.press("g")
        await at_rest(pilot)
        assert "person" in text_of(pilot.app).splitlines()[2]
        await pilot.press("G")
        await at_rest(pilot)
        assert "at the end, following" in text_of(pilot.app)
        await pilot.press(*["pageup"] * 40)
        await at_rest(pilot)
        assert "person" in text_of(pilot.app).splitlines()[2]


async def test_words_are_found_and_told(transcript):
    async with conversation_over(transcript) as pilot:
        await pilot.press("g")
        await at_rest(pilot)
        await pilot.press("slash", *"fare", "enter")
        await at_rest(pilot)
        assert 'found "fare"' in text_of(pilot.app)
        screen = pilot.app.screen
        assert isinstance(screen, ConversationScreen)
        first = screen.view.block
        await pilot.press("n")
        await at_rest(pilot)
        second = screen.view.block
        assert first is not None
        assert second is not None
        assert second.place > first.place
        await pilot.press("N")
        await at_rest(pilot)
        assert screen.view.block == first
        await pilot.press("slash", *(["backspace"] * 10), *"not there", "enter")
        await at_rest(pilot)
        assert '"not there" is not in this conversation' in text_of(pilot.app)


async def test_jumps_go_to_prompts_and_errors(transcript):
    async with conversation_over(transcript) as pilot:
        await pilot.press("left_square_bracket")
        await at_rest(pilot)
        block = pilot.app.screen.view.block
        assert block.kind == "prompt"
        count = sum(one.kind is BlockKind.PROMPT for one in reader_of(transcript).blocks)
        await until(pilot, lambda: f"prompt {count} of {count}" in text_of(pilot.app))
        for _ in range(12):
            await pilot.press("left_square_bracket")
            await at_rest(pilot)
            if "no prompt above" in text_of(pilot.app):
                break
        assert "no prompt above" in text_of(pilot.app)


async def test_at_the_end_the_key_goes_to_the_last_error_even_if_it_is_the_last_entry(tmp_path):
    path = tmp_path / "failed.jsonl"
    path.write_text("".join(line for at in range(3) for line in failed_call(at)))
    async with conversation_over(path) as pilot:
        view = pilot.app.screen.view
        last = view.block
        assert last is not None
        await pilot.press("E")
        await until(pilot, lambda: "error 3 of 3" in text_of(pilot.app))
        assert view.block.place == last.place
        await pilot.press("E")
        await until(pilot, lambda: "error 2 of 3" in text_of(pilot.app))


async def test_the_bar_names_the_keys_of_errors_and_the_answer_only_where_one_is_asked(transcript):
    async with conversation_over(transcript) as pilot:
        bar = text_of(pilot.app).splitlines()[-1]
        assert "E error above" in bar
        assert "A answer" not in bar


async def test_a_lane_that_needs_you_is_answered_from_its_conversation(transcript):
    request = PendingRequest(PendingKind.PERMISSION, "Bash", "make clean", (), asked_at=NOW - 9, id="n1", hash="h1")
    waits = {"state": LaneState.NEEDS_INPUT, "pending": (request,), "control": LaneControl(pending=(request,))}
    stage = stage_over(transcript, **waits)
    stage.service.pending = {stage.fleet.lanes[0].id: (request,)}
    async with stage.running() as pilot:
        stage.screen.table.move_to(stage.fleet.lanes[0].id)
        await pilot.press("l")
        await at_rest(pilot)
        assert "A answer" in stage.text().splitlines()[-1]
        stage.screen.table.move_to(stage.fleet.lanes[1].id)  # the key is for the lane that is read
        await pilot.press("A")
        await at_rest(pilot)
        assert isinstance(stage.app.screen, AnswerScreen), stage.text()
        stage.now += 1
        await pilot.press("down", "enter")
        await at_rest(pilot)
        assert stage.service.options == [{"request": "n1", "hash": "h1", "allow": "true"}]
        assert isinstance(stage.app.screen, ConversationScreen)
        assert "answer given to" in stage.text()


async def test_a_block_unfolds_and_folds(transcript):
    async with conversation_over(transcript, size=(80, 24)) as pilot:
        view = pilot.app.screen.view
        await pilot.press("z")
        await at_rest(pilot)
        everything = len(view.lines)
        await pilot.press("z")
        await at_rest(pilot)
        assert len(view.lines) < everything
        shown = {place for place, _ in view.rows}
        folded = next(block for block in reversed(view.blocks) if is_folded(block, 79) and block.place in shown)
        assert view.go_to(folded.place)
        few = len(view.lines)
        await pilot.press("enter")
        assert len(view.lines) > few
        await pilot.press("enter")
        assert len(view.lines) == few


async def test_a_finding_opens_at_its_evidence(transcript):
    offset = len(b"".join(transcript.read_bytes().splitlines(keepends=True)[:30]))
    evidence = Evidence("here", harbor().at, str(transcript), offset)
    lane = harbor().lanes[0].id
    finding = Finding(
        FindingKind.REPETITION, "k", lane, None, Severity.STOP, harbor().at - 60, None, 10, "looping",
        (evidence,), None,
    )  # fmt: skip
    stage = stage_over(transcript, findings=[finding])
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("f")
        await at_rest(pilot)
        await pilot.press("l")
        await at_rest(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, ConversationScreen)
        assert screen.view.block.place.offset >= offset
        await pilot.press("g")
        await at_rest(pilot)
        await pilot.press("f")
        await at_rest(pilot)
        assert screen.view.block.place.offset >= offset
        assert "evidence of a finding" in text_of(pilot.app)


async def test_a_subagent_is_entered_and_left(tmp_path):
    folder = SAMPLES / "claude/projects"
    parent = next(folder.glob("*/547a76ad*.jsonl"))
    child = next(parent.with_suffix("").rglob("*.jsonl"))
    agent_id = child.stem.removeprefix("agent-")
    fleet = harbor()
    first = replace(fleet.lanes[0], path=str(parent), agent="claude", local="")
    second = replace(
        fleet.lanes[1], path=str(child), agent="claude", local="", parent=first.id, agent_id=agent_id, title="the child"
    )
    stage = Stage(replace(fleet, lanes=(first, second, *fleet.lanes[2:])))
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        stage.screen.table.move_to(first.id)
        await pilot.press("l")
        await at_rest(pilot)
        view = pilot.app.screen.view
        await pilot.press("g", "greater_than_sign")
        await at_rest(pilot)
        assert "this entry started no subagent" in text_of(pilot.app)
        started = next(block for block in view.blocks if block.spawned == agent_id)
        assert view.go_to(started.place)
        await pilot.press("greater_than_sign")
        await at_rest(pilot)
        assert "the child" in text_of(pilot.app).splitlines()[0]
        await pilot.press("escape")
        await at_rest(pilot)
        assert pilot.app.screen.view is view


async def test_a_transcript_that_is_gone_is_told():
    stage = stage_over("/nowhere/at/all.jsonl")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        stage.screen.table.move_to(stage.fleet.lanes[0].id)
        await pilot.press("l")
        await at_rest(pilot)
        assert "the transcript cannot be read: no such file or directory" in text_of(pilot.app)


async def test_a_transcript_that_was_replaced_is_told(transcript):
    async with conversation_over(transcript) as pilot:
        other = transcript.with_suffix(".new")
        other.write_bytes(b"{}\n")
        other.replace(transcript)
        await pilot.pause(0.6)
        await at_rest(pilot)
        assert "the transcript was replaced" in text_of(pilot.app)


async def test_in_a_replay_it_ends_at_the_moment():
    stage = ReplayStage(utc("09:20:00"))
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("l")
        await at_rest(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, ConversationScreen)
        assert "as of 09:20:00 UTC" in text_of(pilot.app)
        assert "following" not in text_of(pilot.app).splitlines()[0]
        assert all(block.at is None or block.at <= utc("09:20:00") for block in screen.view.blocks)


async def test_hostile_text_reaches_no_terminal(tmp_path):
    from tests.agents.builders import SESSION, encode

    path = tmp_path / f"{SESSION}.jsonl"
    evil = "\x1b]0;owned\x07\x1b[2J\u202eevil [bold]markup[/bold] \x9b31m ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    record = {
        "type": "assistant", "sessionId": SESSION, "uuid": "u1", "timestamp": "2026-05-09T09:00:00.000Z",
        "message": {"id": "m1", "role": "assistant", "content": [
            {"type": "text", "text": evil},
            {"type": "tool_use", "id": "t1", "name": evil, "input": {"command": evil, evil: evil}},
            {"type": "tool_use", "id": "t2", "name": "Edit", "input": {"file_path": evil, "old_string": "", "new_string": evil}},
        ]},
    }  # fmt: skip
    path.write_bytes(encode(record) + b"\n")
    async with conversation_over(path) as pilot:
        await pilot.press("z")
        await at_rest(pilot)
        text = text_of(pilot.app)
        assert "[bold]markup[/bold]" in text
        assert not any(char in text for char in "\x1b\x07\x9b\u202e")
        assert "a1B2c3D4e5F6g7H8" not in text


async def test_it_opens_where_it_says(transcript):
    async with conversation_over(transcript) as pilot:
        view = pilot.app.screen.view
        assert len(view.lines) > view.size.height
        assert view.is_at_last
        assert view.cursor_height == view.size.height - 1


async def test_a_search_takes_this_entry_goes_round_and_unfolds(tmp_path):
    from tests.agents.builders import claude_call, claude_result, claude_user, encode

    text = "\n".join(f"line {number}" for number in range(400))
    records = [claude_user("the first words"), claude_call("Bash", {"command": "ls"}), claude_result(text)]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(encode(record) + b"\n" for record in records))
    async with conversation_over(path) as pilot:
        view = pilot.app.screen.view
        await pilot.press("g", "slash", *"first", "enter")
        await at_rest(pilot)
        assert 'found "first"' in text_of(pilot.app)
        await pilot.press("slash", *["backspace"] * 5, *"line 200", "enter")
        await at_rest(pilot)
        shown = text_of(pilot.app).splitlines()[2 + view.cursor_height]
        assert "line 200" in shown
        await pilot.press("slash", *["backspace"] * 8, *"first", "enter")
        await at_rest(pilot)
        assert 'found "first", match 1 of 1, from the other end' in text_of(pilot.app)


async def test_q_leaves_the_conversation_and_not_the_program(transcript):
    async with conversation_over(transcript) as pilot:
        await pilot.press("q")
        await at_rest(pilot)
        assert pilot.app.screen is pilot.app.main


async def test_a_pager_that_cannot_be_run_is_told(transcript, monkeypatch):
    monkeypatch.setenv("PAGER", "less 'x")
    async with conversation_over(transcript) as pilot:
        await pilot.press("v")
        await at_rest(pilot)
        assert "cannot run less 'x" in text_of(pilot.app)


async def test_a_burst_longer_than_is_read_at_once_is_followed_to_its_end(transcript, monkeypatch):
    monkeypatch.setattr(module, "FOLLOWED", 2)
    monkeypatch.setattr(module, "PIECE_LINES", 10)
    async with conversation_over(transcript) as pilot:
        with transcript.open("ab") as file:
            file.write(b"x\n" * 100 + transcript.read_bytes().splitlines(keepends=True)[-1])
        await pilot.pause(0.6)
        await at_rest(pilot)
        assert "at the end, following" in text_of(pilot.app)


async def test_a_match_is_told_with_its_number(transcript):
    def numbers(app) -> tuple[int, ...]:
        told = re.search(r"match (\d+) of (\d+)", text_of(app))
        return tuple(map(int, told.groups())) if told is not None else ()

    async with conversation_over(transcript) as pilot:
        await pilot.press("g", "slash", *"fare", "enter")
        await until(pilot, lambda: numbers(pilot.app))
        first, count = numbers(pilot.app)
        await pilot.press("n")
        await until(pilot, lambda: numbers(pilot.app) == (first % count + 1, count))


async def test_a_time_is_gone_to(transcript):
    async with conversation_over(transcript) as pilot:
        view = pilot.app.screen.view
        wanted = view.blocks[len(view.blocks) // 2].at
        clock = time_of_day(wanted)
        await pilot.press("g")
        for key in ("at", *("colon" if char == ":" else char for char in clock), "enter"):
            await pilot.press(key)
        await at_rest(pilot)
        assert f"at {date(wanted)} {clock}" in text_of(pilot.app)
        assert time_of_day(view.block.at) == clock
        await pilot.press("at", *"teatime", "enter")
        await at_rest(pilot)
        assert "no time such as 07:12" in text_of(pilot.app)
        assert time_of_day(view.block.at) == clock


async def test_what_was_written_below_is_counted(transcript):
    async with conversation_over(transcript) as pilot:
        lines = transcript.read_bytes().splitlines(keepends=True)
        await pilot.press("g")
        with transcript.open("ab") as file:
            file.writelines(lines[-3:])
        await until(pilot, lambda: "▼ 3 new" in text_of(pilot.app))
        await pilot.press("G")
        await until(pilot, lambda: "new" not in text_of(pilot.app).splitlines()[0])


async def test_news_that_come_when_the_transcript_is_closed_are_not_read(transcript):
    async with conversation_over(transcript) as pilot:
        screen = pilot.app.screen
        await at_rest(pilot)
    await asyncio.sleep(2 * FOLLOW_S)
    screen.note_news()


async def test_only_what_was_said_is_shown(transcript):
    async with conversation_over(transcript) as pilot:
        view = pilot.app.screen.view
        await pilot.press("c")
        await at_rest(pilot)
        places = {place for place, _ in view.rows}
        kinds = {(block.kind, block.failed) for block in view.blocks if block.place in places}
        assert (BlockKind.RESULT, False) not in kinds
        assert (BlockKind.THINKING, False) not in kinds
        assert any(kind is BlockKind.TEXT for kind, _ in kinds)
        await pilot.press("c")
        await at_rest(pilot)
        assert len({place for place, _ in view.rows}) > len(places)


async def test_entries_are_stepped_through(transcript):
    async with conversation_over(transcript) as pilot:
        view = pilot.app.screen.view
        await pilot.press("g")
        seen = [view.block.place]
        for _ in range(5):
            await pilot.press("J")
            seen.append(view.block.place)
        assert seen == sorted(set(seen))
        for place in reversed(seen[:-1]):
            await pilot.press("K")
            assert view.block.place == place


async def test_in_tmux_a_copy_goes_to_tmux(transcript, monkeypatch, tmp_path):
    program = tmp_path / "tmux"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\ncat > {tmp_path}/copied\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("TMUX", "/tmp/none,1,0")
    async with conversation_over(transcript) as pilot:
        await pilot.press("y")
        assert "copied to tmux" in text_of(pilot.app)
        assert (tmp_path / "called").read_text() == "load-buffer -w -\n"
        assert (tmp_path / "copied").read_text() == block_text(pilot.app.screen.view.block)


def reader_of(path) -> Conversation:
    conversation = Conversation(str(path), find("claude"))
    conversation.go_to_start()
    return conversation


async def test_a_changed_file_opens_as_its_diffs(transcript):
    changes = [block for block in reader_of(transcript).blocks if block.diffs]
    path = changes[-1].diffs[0].path
    of_it = [diff for block in changes for diff in block.diffs if diff.path == path]
    touched = FileTouch(path, len(of_it), NOW - 7200, True)
    async with conversation_over(transcript, files=(touched,), last_event=NOW - 7190) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: "changed files" in text_of(pilot.app))
        assert "2h" in text_of(pilot.app)
        assert "+lines  -lines  times   ago" in text_of(pilot.app)
        assert path.rsplit("/", 1)[-1] in text_of(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, PageScreen))
        await at_rest(pilot)
        assert of_it[0].lines[0].text.strip() in text_of(pilot.app)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ConversationScreen)


async def test_an_action_is_gone_to(transcript):
    prompts = [block for block in reader_of(transcript).blocks if block.kind is BlockKind.PROMPT]
    actions = tuple(replace(ACTION, index=at, started=block.at) for at, block in enumerate(prompts[:2]))
    async with conversation_over(transcript, actions=actions, action_count=2) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: "actions, the newest first" in text_of(pilot.app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConversationScreen))
        await at_rest(pilot)
        assert pilot.app.screen.view.block.place == prompts[0].place


async def test_a_lane_without_changes_says_so(transcript):
    async with conversation_over(transcript, files=(), actions=(), action_count=0) as pilot:
        await pilot.press("d")
        assert "this lane changed no file" in text_of(pilot.app)
        await pilot.press("a")
        assert "no action of this lane has a known beginning" in text_of(pilot.app)


def equal_call(at: int) -> str:
    """The lines of a call of a Claude Code session that has the same arguments and the same result each time."""
    lines = [
        line.replace(f"make tiles {at}", "make tiles").replace(f"no tile {at}", "no tile 7") for line in failed_call(at)
    ]
    return "".join(lines)


async def test_equal_calls_are_one_line_that_enter_and_jumps_open_and_that_grows(tmp_path):
    path = tmp_path / "0f6c1d52-3c60-4d0c-9b0e-5a7a3f0f6c1d.jsonl"
    path.write_text("".join(map(equal_call, range(4))))
    async with conversation_over(path) as pilot:
        app = pilot.app
        assert "Bash  make tiles, 4 times, same result: failed" in text_of(app)
        with path.open("a") as file:
            file.write(equal_call(4) + equal_call(5))
        await until(pilot, lambda: "make tiles, 6 times" in text_of(app))
        assert "at the end, following" in text_of(app)
        await pilot.press("enter")
        await at_rest(pilot)
        assert text_of(app).count("no tile 7") == 6
        await pilot.press("g", "enter")
        await at_rest(pilot)
        assert "make tiles, 6 times" in text_of(app)
        await pilot.press("e")
        await until(pilot, lambda: "error 1 of 6" in text_of(app))
        assert text_of(app).count("no tile 7") == 6
        await pilot.press("e")
        await until(pilot, lambda: "error 2 of 6" in text_of(app))
        await pilot.press("z", "z", "slash", *"tile 7", "enter")
        await until(pilot, lambda: "of 6" in text_of(app) and "found" in text_of(app))
        assert text_of(app).count("no tile 7") == 6
        assert app.screen.view.block.text == "no tile 7"
