"""The window over a transcript shows the same blocks wherever one came from; searches find what a reader would."""

from __future__ import annotations

import shutil
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agents.builders import (
    SESSION,
    Record,
    claude_call,
    claude_result,
    codex_event,
    codex_item,
    codex_meta,
    encode,
)
from tests.effort import examples
from tui.agents.registry import find
from tui.conversation import conversation as module
from tui.conversation import line_file
from tui.conversation.blocks import PARTS_KEPT, Block, BlockKind, Place
from tui.conversation.conversation import Conversation, is_error, is_prompt, searchable
from tui.view.conversation import block_lines

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs" / "morning"
CLAUDE = max((SAMPLES / "claude").rglob("*.jsonl"), key=lambda path: path.stat().st_size)
CODEX = max((SAMPLES / "codex").rglob("*.jsonl"), key=lambda path: path.stat().st_size)
BOTH = pytest.mark.parametrize(("agent", "path"), [("claude", CLAUDE), ("codex", CODEX)])


def opened(agent: str, path: Path, **options) -> Conversation:
    declared = find(agent)
    assert declared is not None
    return Conversation(str(path), declared, **options)


def everything(conversation: Conversation) -> list[Block]:
    return [block for blocks, _ in conversation.read(0) for block in blocks]


def gist(blocks: list[Block]) -> list[tuple]:
    """What does not depend on where the reading began: usage moves to another block at the border of two pieces."""
    return [(block.kind, block.place.offset, block.call, block.text, block.diffs, block.failed) for block in blocks]


@BOTH
def test_scrolling_back_from_the_end_shows_all_that_reading_from_the_start_does(agent, path, monkeypatch):
    whole = everything(opened(agent, path))
    monkeypatch.setattr(module, "PIECE", 3000)
    conversation = opened(agent, path)
    conversation.go_to_end()
    assert conversation.is_at_end
    while conversation.load_before():
        pass
    assert conversation.is_at_start
    assert gist(conversation.blocks) == gist(whole)


@BOTH
def test_results_have_the_names_of_their_calls_across_pieces(agent, path, monkeypatch):
    monkeypatch.setattr(module, "PIECE", 3000)
    conversation = opened(agent, path)
    conversation.go_to_end()
    while conversation.load_before():
        pass
    results = [block for block in conversation.blocks if block.kind is BlockKind.RESULT]
    assert results
    assert all(block.title for block in results)


@given(st.data())
@settings(max_examples=examples(30), deadline=None)
def test_anywhere_in_the_file_the_window_shows_a_part_of_the_whole(data):
    conversation = opened("claude", CLAUDE)
    whole = gist(everything(conversation))
    conversation.go_to(data.draw(st.integers(0, conversation.size)))
    for before in data.draw(st.lists(st.booleans(), max_size=6)):
        conversation.load_before() if before else conversation.load_after()
    shown = gist(conversation.blocks)
    if shown:
        first = whole.index(shown[0])
        assert whole[first : first + len(shown)] == shown
    conversation.close()


def test_the_window_lets_go_of_what_is_far_away(monkeypatch):
    monkeypatch.setattr(module, "PIECE", 3000)
    monkeypatch.setattr(module, "LOADED", 20_000)
    conversation = opened("claude", CLAUDE)
    conversation.go_to_start()
    most = 0
    while conversation.load_after():
        offsets = [block.place.offset for block in conversation.blocks]
        most = max(most, offsets[-1] - offsets[0])
    assert conversation.is_at_end
    assert most < 60_000 < conversation.size


@given(st.data())
@settings(max_examples=examples(30), deadline=None)
def test_a_search_finds_the_next_block_that_has_the_words(data):
    conversation = opened("codex", CODEX)
    whole = everything(conversation)
    words = data.draw(st.sampled_from(["go test", "ENVELOPE", "no such words", "internal/operator", '"', "e"]))
    place = data.draw(st.sampled_from([block.place for block in whole] + [Place(-1, 0)]))
    back = data.draw(st.booleans())
    hits = [block.place for block in whole if words.casefold() in searchable(block).casefold()]
    beyond = [hit for hit in hits if (hit < place if back else hit > place)]
    expected = (max(beyond) if back else min(beyond)) if beyond else None
    found = conversation.find(words, place, back=back)
    assert found == expected
    conversation.close()


def test_words_are_found_whatever_their_case_and_however_json_escapes_them(tmp_path):
    path = tmp_path / f"{SESSION}.jsonl"
    text = 'Straße "quoted" naïve Ünder \u2713 back\\slash'
    record = {
        "type": "assistant", "sessionId": SESSION, "uuid": "u1", "timestamp": "2026-05-09T09:00:00.000Z",
        "message": {"id": "m1", "role": "assistant", "content": [{"type": "text", "text": text}]},
    }  # fmt: skip
    import json

    for line in (encode(record), json.dumps(record).encode()):
        path.write_bytes(line + b"\n")
        conversation = opened("claude", path)
        for words in ("straße", "NAÏVE", "ünder", '"QUOTED"', "✓", "back\\slash"):
            assert conversation.find(words, Place(-1, 0)) == Place(0, 0), words
        assert conversation.find("absent", Place(-1, 0)) is None


@BOTH
def test_prompts_and_errors_are_found_in_both_directions(agent, path):
    conversation = opened(agent, path)
    whole = everything(conversation)
    for wanted in (is_prompt, is_error):
        places = [block.place for block in whole if wanted(block)]
        walked, place = [], Place(-1, 0)
        while (found := conversation.next_of(wanted, place)) is not None:
            walked.append(found)
            place = found
        assert walked == places
        back, place = [], Place(1 << 40, 0)
        while (found := conversation.next_of(wanted, place, back=True)) is not None:
            back.append(found)
            place = found
        assert back == places[::-1]


def test_a_search_that_is_stopped_finds_nothing():
    conversation = opened("claude", CLAUDE)
    assert conversation.next_of(lambda _: False, Place(-1, 0), stop=lambda: True) is None


def test_it_follows_what_is_written(tmp_path):
    path = tmp_path / CLAUDE.name
    lines = CLAUDE.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:40]))
    conversation = opened("claude", path)
    conversation.go_to_end()
    count = len(conversation.blocks)
    assert not conversation.follow()
    with path.open("ab") as file:
        file.write(lines[40][:-20])
    assert not conversation.follow()  # half a line
    with path.open("ab") as file:
        file.write(lines[40][-20:] + b"".join(lines[41:60]))
    assert conversation.follow()
    assert conversation.is_at_end
    assert len(conversation.blocks) > count
    while conversation.load_before():
        pass
    assert gist(conversation.blocks) == gist(everything(conversation))


@BOTH
def test_until_a_moment_nothing_later_is_shown(agent, path):
    whole = everything(opened(agent, path))
    times = [block.at for block in whole if block.at is not None]
    moment = times[len(times) // 2]
    conversation = opened(agent, path, until=moment)
    conversation.go_to_end()
    while conversation.load_before():
        pass
    shown = conversation.blocks
    assert shown
    assert all(block.at is None or block.at <= moment for block in shown)
    assert len(shown) == sum(1 for at in times if at <= moment)
    assert not conversation.follow()


def test_texts_are_whole_and_readers_elsewhere_still_cut_them(tmp_path):
    path = tmp_path / f"{SESSION}.jsonl"
    text = "word " * 20_000
    record = {
        "type": "assistant", "sessionId": SESSION, "uuid": "u1", "timestamp": "2026-05-09T09:00:00.000Z",
        "message": {"id": "m1", "role": "assistant", "content": [{"type": "text", "text": text}]},
    }  # fmt: skip
    path.write_bytes(encode(record) + b"\n")
    assert everything(opened("claude", path))[0].text == text
    from tests.agents.builders import read_all
    from tui.agents.claude.reader import ClaudeReader
    from tui.model.event import AssistantText

    cut = [event for event in read_all(ClaudeReader(), record) if isinstance(event, AssistantText)]
    assert len(cut[0].text) < 10_000


def test_a_line_that_cannot_be_read_is_shown_as_an_error(tmp_path):
    path = tmp_path / f"{SESSION}.jsonl"
    shutil.copy(CLAUDE, path)
    with path.open("ab") as file:
        file.write(b'{"type":"user","broken\n')
    conversation = opened("claude", path)
    conversation.go_to_end()
    assert conversation.blocks[-1].kind is BlockKind.ERROR
    assert "cannot be read" in conversation.blocks[-1].text


def test_of_many_short_lines_only_some_are_loaded_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE_LINES", 50)
    monkeypatch.setattr(module, "BLOCKS_KEPT", 200)
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(CLAUDE.read_bytes().partition(b"\n")[0] + b"\n" + b"x\n" * 5_000)
    conversation = opened("claude", path)
    conversation.go_to_end()
    assert len(conversation.blocks) == 50
    while conversation.load_before():
        assert len(conversation.blocks) <= 300
    assert conversation.is_at_start
    conversation.go_to_end()
    with path.open("ab") as file:
        file.write(b"x\n" * 5_000)
    assert conversation.follow()
    assert not conversation.is_at_end
    assert len(conversation.blocks) <= 300
    conversation.go_to_end()
    assert conversation.is_at_end


def test_a_stretch_without_blocks_is_passed_piece_by_piece(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE_LINES", 50)
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(CLAUDE.read_bytes() + b"{}\n" * 200)
    conversation = opened("claude", path)
    conversation.go_to_end()
    assert conversation.blocks == []
    read = 0
    while not conversation.blocks:
        assert conversation.load_before()
        read += 1
    assert read == 4


def test_a_line_of_very_many_parts_is_shown_in_part(tmp_path):
    parts = [{"type": "text", "text": f"part {number}"} for number in range(PARTS_KEPT + 5)]
    message = {"role": "assistant", "content": parts}
    line = {"type": "assistant", "sessionId": SESSION, "timestamp": "2026-05-09T10:00:00Z", "message": message}
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(encode(line) + b"\n")
    blocks = everything(opened("claude", path))
    assert len(blocks) == PARTS_KEPT + 1
    assert blocks[-1].text == "5 more parts of this line are not shown"


@pytest.mark.parametrize("back", [False, True])
def test_a_search_reads_each_line_once_and_can_be_stopped(tmp_path, monkeypatch, back):
    # Each line holds the words where nobody reads them.
    lines = [
        {"type": "user", "sessionId": SESSION, "uuid": "zebra", "message": {"role": "user", "content": f"hello {n}"}}
        for n in range(2_000)
    ]
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(b"".join(encode(line) + b"\n" for line in lines))
    conversation = opened("claude", path)
    read: list[int] = []
    monkeypatch.setattr(module, "_events", lambda _reader, line: read.append(line.offset) or [])
    place = Place(path.stat().st_size, 0) if back else Place(-1, -1)
    assert conversation.find("zebra", place, back=back) is None
    assert len(read) < 4 * len(lines)
    stops = iter([False, False, True])
    read.clear()
    assert conversation.find("zebra", place, back=back, stop=lambda: next(stops)) is None
    assert len(read) < len(lines)


def test_a_search_passes_a_line_beyond_the_cap_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(line_file, "LINE_CAP", 10_000)
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(CLAUDE.read_bytes() + b"zebra " * 20_000 + b"\n")
    conversation = opened("claude", path)
    asked: list[int] = []
    monkeypatch.setattr(conversation, "_piece_with", _counted(conversation._piece_with, asked))
    assert conversation.find("zebra", Place(0, 0)) is None
    assert conversation.find("zebra", Place(path.stat().st_size, 0), back=True) is None
    assert len(asked) <= 4


def _counted(call, calls):
    def counted(offset, *, back):
        calls.append(offset)
        return call(offset, back=back)

    return counted


def test_usage_stands_once_for_each_model_call():
    for agent, path in (("claude", CLAUDE), ("codex", CODEX)):
        keys = [block.usage_key for block in everything(opened(agent, path)) if block.usage_key]
        assert keys
        assert len(keys) == len(set(keys))


def test_usage_stands_on_what_the_model_wrote():
    for agent, path in (("claude", CLAUDE), ("codex", CODEX)):
        kinds = {block.kind for block in everything(opened(agent, path)) if block.usage is not None}
        assert kinds <= {BlockKind.TEXT, BlockKind.THINKING, BlockKind.CALL}


def test_no_word_of_a_text_is_lost_to_the_usage():
    from tui.model.usage import Usage
    from tui.view.conversation import block_lines

    text = "every word of this sentence is shown although it is as long as the line and the usage has its place too end"
    for cells in range(60, 140, 7):
        block = Block(BlockKind.TEXT, Place(0, 0), 0.0, text=text, usage=Usage(input=5, output=7), usage_key="a")
        drawn = " ".join("".join(span.text for span in line) for line in block_lines(block, cells))
        assert all(word in drawn.split() for word in text.split()), cells
        assert "in 5" in drawn


def test_a_call_that_a_person_refused_did_not_fail(tmp_path):
    from tests.agents.builders import claude_call, claude_result
    from tui.view.conversation import block_lines

    refusal = "The user doesn't want to proceed with this tool use. The tool use was rejected."
    records = [claude_call("Bash", {"command": "ls"}), claude_result(refusal, error=True)]
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(b"".join(encode(record) + b"\n" for record in records))
    blocks = everything(opened("claude", path))
    assert not any(is_error(block) for block in blocks)
    drawn = "\n".join("".join(span.text for span in line) for block in blocks for line in block_lines(block, 120))
    assert drawn.count("refused by a person") == drawn.count("was rejected") == 1
    assert "failed" not in drawn


def test_prompts_and_errors_are_counted_and_go_on_being_counted(tmp_path):
    from tui.conversation.landmarks import Landmark, Landmarks

    path = tmp_path / CLAUDE.name
    lines = CLAUDE.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-30]))
    conversation = opened("claude", path)
    landmarks = Landmarks(conversation)
    assert landmarks.count(lambda: False)
    with path.open("ab") as file:
        file.write(b"".join(lines[-30:]))
    conversation.follow()
    assert not landmarks.count(lambda: True)
    assert landmarks.count(lambda: False)
    blocks = everything(opened("claude", path))
    for what, wanted in ((Landmark.PROMPT, is_prompt), (Landmark.ERROR, is_error)):
        places = [block.place for block in blocks if wanted(block)]
        assert places or what is Landmark.ERROR
        for number, place in enumerate(places, 1):
            assert landmarks.number(what, place) == (number, len(places))
    assert landmarks.number(Landmark.PROMPT, Place(-1, 0)) is None


def joined_lines(*records: Record) -> bytes:
    return b"".join(encode(record) + b"\n" for record in records)


def edit_call() -> Record:
    return claude_call("Edit", {"file_path": "/h/a.py", "old_string": "old", "new_string": "new\nmore"})


def edit_result() -> Record:
    lines = [" x", "-old", "+new", "+more"]
    patch = [{"oldStart": 78, "oldLines": 2, "newStart": 80, "newLines": 3, "lines": lines}]
    return claude_result("done", told={"filePath": "/h/a.py", "structuredPatch": patch})


NUMBERED = [(" ", 78, 80), ("-", 79, None), ("+", None, 81), ("+", None, 82)]


def numbers(block: Block) -> list[tuple[str, int | None, int | None]]:
    return [(line.sign.value, line.old, line.new) for line in block.diffs[0].lines]


def test_an_edit_has_the_line_numbers_that_its_result_states(tmp_path):
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(joined_lines(edit_call(), edit_result()))
    call, *_ = everything(opened("claude", path))
    assert numbers(call) == NUMBERED
    path.write_bytes(joined_lines(edit_call()))
    conversation = opened("claude", path)
    conversation.go_to_end()
    assert all(line.old is line.new is None for line in conversation.blocks[0].diffs[0].lines)
    with path.open("ab") as file:
        file.write(joined_lines(edit_result()))
    assert conversation.follow()
    assert numbers(conversation.blocks[0]) == NUMBERED


def test_a_codex_patch_has_the_line_numbers_that_the_client_reports(tmp_path):
    path = tmp_path / "rollout-2026-05-09T09-00-59-019e0bf7-f3e6-76e8-ac51-cc30510e233d.jsonl"
    patch = "*** Begin Patch\n*** Update File: a.py\n@@\n x\n-old\n+new\n+more\n*** End Patch"
    diff = "@@ -78,2 +80,3 @@\n x\n-old\n+new\n+more\n"
    changes = {"/home/ada/harbor/a.py": {"type": "update", "unified_diff": diff, "move_path": None}}
    lines = [
        codex_meta(), codex_item("custom_tool_call", call_id="c1", name="apply_patch", input=patch),
        codex_event("patch_apply_end", call_id="c1", changes=changes, success=True),
        codex_item("custom_tool_call_output", call_id="c1", output="Success."),
    ]  # fmt: skip
    path.write_bytes(joined_lines(*lines))
    (call,) = [block for block in everything(opened("codex", path)) if block.kind is BlockKind.CALL]
    assert numbers(call) == NUMBERED
    path.write_bytes(path.read_bytes().replace(b"@@ -78,2 +80,3 @@", b"@@"))
    (call,) = [block for block in everything(opened("codex", path)) if block.kind is BlockKind.CALL]
    assert all(line.old is line.new is None for line in call.diffs[0].lines)


def test_numbers_stand_before_the_lines_of_a_diff(tmp_path):
    path = tmp_path / f"{SESSION}.jsonl"
    path.write_bytes(joined_lines(edit_call(), edit_result()))
    call, *_ = everything(opened("claude", path))
    wide = ["".join(span.text for span in line)[12:].rstrip() for line in block_lines(call, 100, zone=UTC)]
    assert wide[2:] == ["78 80   x", "79    - old", "   81 + new", "   82 + more"]
    narrow = ["".join(span.text for span in line)[2:].rstrip() for line in block_lines(call, 50, zone=UTC)]
    assert narrow[2:] == ["80   x", "79 - old", "81 + new", "82 + more"]
