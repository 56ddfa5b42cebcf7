"""Codex in code mode: the calls that a script makes are events of their own kinds, with their own results."""

from __future__ import annotations

import pytest

from tests.agents.builders import (
    codex_call,
    codex_event,
    codex_exec,
    codex_item,
    codex_meta,
    codex_output,
    codex_printed,
    one,
    only,
    read_all,
)
from tui.agents.codex.reader import CodexReader
from tui.judge.lane import LaneJudge
from tui.model.event import Call, Edit, Event, Plan, PlanItem, Result, ToolKind, Unknown

RUN = "const r = await tools.exec_command({cmd:'make test', workdir:'/w'}); text(JSON.stringify(r));"
POLL = "const r = await tools.write_stdin({session_id:7,chars:'',yield_time_ms:1000}); text(JSON.stringify(r));"
PATCH = (
    "*** Begin Patch\n*** Update File: /w/a.py\n@@\n-old\n+new\n+more\n*** Add File: /w/b.py\n+x\n*** Delete File: /w/c.py\n"
    "*** End Patch"
)
CHANGES = {
    "/w/a.py": {"type": "update", "unified_diff": "@@ -1 +1,2 @@\n-old\n+new\n+more\n", "move_path": None},
    "/w/b.py": {"type": "add", "content": "x\n"},
    "/w/c.py": {"type": "delete", "content": "gone\n"},
}
APPLY = f"const patch = {PATCH!r}; text(await tools.apply_patch(patch));"
FILES = [("/w/a.py", "update", 2, 1), ("/w/b.py", "create", 1, 0)]


def read(*records: object) -> list[Event]:
    return read_all(CodexReader(), codex_meta(), *records)[1:]


def answer(output: str, code: int | None = 0, session: int | None = None) -> dict[str, object]:
    fields: dict[str, object] = {"chunk_id": "c", "wall_time_seconds": 0.2, "output": output}
    return fields | ({"session_id": session} if session is not None else {"exit_code": code})


def patched(success: bool = True, changes: object = None) -> object:
    return codex_event(
        "patch_apply_end",
        call_id="exec-1",
        success=success,
        changes=CHANGES if changes is None else changes,
        stderr="no",
    )


def shapes(events: list[Event]) -> list[tuple[str, ToolKind, str]]:
    return [(call.tool, call.tool_kind, call.summary) for call in only(events, Call)]


def edits(events: list[Event]) -> list[tuple[str, str, int | None, int | None]]:
    return [(edit.path, edit.change, edit.added, edit.removed) for edit in only(events, Edit)]


def test_a_command_with_its_result() -> None:
    events = read(codex_exec(RUN), codex_printed(answer("1 failed\n", 2)))
    call, result = one(events, Call), one(events, Result)
    assert (call.call, call.tool, call.tool_kind, call.summary) == (
        "call_1",
        "exec_command",
        ToolKind.SHELL,
        "make test",
    )
    assert call.args == '{"cmd":"make test","workdir":"/w"}'
    assert (result.call, result.ok, result.exit_code, result.text, result.duration_s) == (
        "call_1",
        False,
        2,
        "1 failed\n",
        0.2,
    )


def test_each_tool_is_a_call_of_its_kind() -> None:
    plan = "{explanation:'why',plan:[{step:'map',status:'completed'},{step:'build',status:'in_progress'}]}"
    script = (
        f"await tools.exec_command({{cmd:'ls'}}); await tools.update_plan({plan}); await tools.apply_patch({PATCH!r});"
        "await tools.mcp__docs__find({query:'how'}); await tools.web__run({search_query:[{q:'one'},{q:'two'}]});"
        "await tools.view_image({path:'/w/a.png'}); await tools.write_stdin({session_id:3,chars:'yes\\n'});"
        "await tools.write_stdin({session_id:3,chars:'\\u0003'}); await tools.collaboration__list_agents({});"
        "await tools.new_thing({deep:{a:1}});"
    )
    events = read(codex_exec(script))
    assert shapes(events) == [
        ("exec_command", ToolKind.SHELL, "ls"),
        ("update_plan", ToolKind.PLAN, "build"),
        ("apply_patch", ToolKind.EDIT, "/w/a.py"),
        ("mcp__docs__find", ToolKind.MCP, "how"),
        ("web__run", ToolKind.WEB, "one, two"),
        ("view_image", ToolKind.READ, "/w/a.png"),
        ("write_stdin", ToolKind.SHELL, "yes\n"),
        ("write_stdin", ToolKind.SHELL, 'input to session 3: "\\u0003"'),
        ("list_agents", ToolKind.AGENT, "list agents"),
        ("new_thing", ToolKind.OTHER, '{"deep":{"a":1}}'),
    ]
    assert len({call.call for call in only(events, Call)}) == 10
    assert one(events, Plan).items == (PlanItem("map", "completed"), PlanItem("build", "in_progress"))


def test_a_batch_shares_one_output() -> None:
    script = (
        "const rs = await Promise.all(['a','b'].map(cmd => tools.exec_command({cmd})));"
        "rs.forEach((r, i) => text(`${i}: ${r.exit_code}\\n${r.output}`));"
    )
    events = read(codex_exec(script), codex_printed("0: 0\nfine", "1: 1\nnot fine"))
    assert [(result.call, result.ok, result.text) for result in only(events, Result)] == [
        ("call_1", True, "fine"),
        ("call_1.2", False, "not fine"),
    ]


def test_an_output_that_cannot_be_divided_is_told_once() -> None:
    script = "const a = await tools.x({p:1}), b = await tools.y({p:2}); text(a + b);"
    first, second = only(read(codex_exec(script), codex_printed("both")), Result)
    assert (first.text, first.untold) == ("both", False)
    assert (second.text, second.untold) == ("", True)


# -- patches ------------------------------------------------------------------------------------------


def test_each_file_of_a_patch_is_one_edit() -> None:
    with_report = read(codex_exec(APPLY), patched(), codex_printed({}))
    assert edits(with_report) == [*FILES, ("/w/c.py", "delete", 0, 1)]
    assert one(with_report, Result).ok is True
    assert {edit.call for edit in only(with_report, Edit)} == {"call_1"}
    assert edits(read(codex_exec(APPLY), codex_printed({}))) == [*FILES, ("/w/c.py", "delete", None, None)]


def test_a_patch_that_failed_changes_nothing() -> None:
    error = "Script error:\napply_patch verification failed: Failed to find expected lines in /w/a.py"
    events = read(codex_exec(APPLY), codex_printed(error, how="failed"))
    result = one(events, Result)
    assert (result.ok, result.text, edits(events)) == (False, error, [])
    refused = read(codex_exec(APPLY), patched(False), codex_printed({}))
    assert (one(refused, Result).ok, edits(refused)) == (False, [])


def test_reports_of_several_patches_find_their_calls() -> None:
    first, second = (f"*** Begin Patch\n*** Update File: /w/{name}\n@@\n+x\n*** End Patch" for name in ("one", "two"))
    script = f"await tools.apply_patch({first!r}); await tools.apply_patch({second!r});"
    change = {"type": "update", "unified_diff": "@@\n+x\n", "move_path": None}
    events = read(
        codex_exec(script), patched(changes={"/w/two": change}), patched(changes={"/w/one": change}), codex_printed("x")
    )
    assert [(edit.path, edit.call) for edit in only(events, Edit)] == [("/w/two", "call_1.2"), ("/w/one", "call_1")]


def test_a_patch_that_the_script_computes_is_known_by_its_report() -> None:
    events = read(codex_exec("text(await tools.apply_patch(make()));"), patched(), codex_printed({}))
    assert shapes(events) == [("apply_patch", ToolKind.EDIT, "${make()}")]
    assert [edit.path for edit in only(events, Edit)] == ["/w/a.py", "/w/b.py", "/w/c.py"]


# -- running commands -----------------------------------------------------------------------------------


def test_polls_belong_to_the_running_command() -> None:
    events = read(
        codex_exec(RUN), codex_printed(answer("start\n", session=7)),
        codex_exec(POLL, "call_2"), codex_printed(answer("", session=7), call="call_2"),
        codex_call("write_stdin", {"session_id": 7, "chars": ""}, "call_3"),
        codex_output("Wall time: 1.0 seconds\nProcess running with session ID 7\nOutput:\nmore\n", "call_3"),
        codex_exec(POLL, "call_4"), codex_printed(answer("end\n", 1), call="call_4"),
    )  # fmt: skip
    assert [(call.continues, call.summary) for call in only(events, Call)] == [
        (None, "make test"),
        *[("call_1", "poll of session 7: make test")] * 3,
    ]
    assert [(result.background, result.text, result.exit_code) for result in only(events, Result)] == [
        (True, "start\n", None), (True, "", None), (True, "more\n", None), (False, "end\n", 1),
    ]  # fmt: skip


def test_a_poll_of_a_command_whose_start_was_not_seen() -> None:
    call = one(read(codex_exec(POLL)), Call)
    assert (call.continues, call.summary) == ("session 7", "poll of session 7")


def test_a_script_that_takes_long_is_waited_for() -> None:
    wait = {"cell_id": "8", "yield_time_ms": 1000}
    events = read(
        codex_exec(RUN), codex_printed(how="running with cell ID 8"),
        codex_call("wait", wait, "call_2"), codex_printed(how="running with cell ID 8", call="call_2"),
        codex_call("wait", wait, "call_3"), codex_printed(answer("3 passed\n"), call="call_3"),
    )  # fmt: skip
    assert shapes(events)[1:] == [("wait", ToolKind.SHELL, "poll of cell 8: make test")] * 2
    assert {call.continues for call in only(events, Call)[1:]} == {"call_1"}
    assert [(r.call, r.background, r.untold, r.text, r.exit_code) for r in only(events, Result)] == [
        ("call_1", True, True, "", None),
        ("call_2", True, False, "", None),
        ("call_1", False, False, "3 passed\n", 0),
        ("call_3", False, False, "3 passed\n", 0),
    ]


def test_a_batch_that_is_waited_for_gets_its_results() -> None:
    script = (
        "const [a, b] = await Promise.all([tools.exec_command({cmd:'make test'}), tools.exec_command({cmd:'make lint'})]);"
        "text(a.output); text(b.output);"
    )
    events = read(
        codex_exec(script),
        codex_printed(how="running with cell ID 8"),
        codex_call("wait", {"cell_id": "8"}, "call_2"),
        codex_printed("tests", "lint", call="call_2"),
    )
    told = [(result.call, result.text) for result in only(events, Result) if not result.background]
    assert told == [("call_1", "tests"), ("call_1.2", "lint"), ("call_2", "tests\nlint")]
    assert only(events, Call)[-1].continues == "cell 8"


def test_a_stopped_cell_and_a_wait_for_agents_are_no_polls_of_a_command() -> None:
    events = read(codex_call("wait", {"cell_id": "8", "terminate": True}), codex_call("wait", {"ids": ["a"]}, "call_2"))
    assert [(call.tool_kind, call.continues) for call in only(events, Call)] == [
        (ToolKind.SHELL, None),
        (ToolKind.AGENT, None),
    ]


def test_polling_is_no_repetition_however_long_it_takes() -> None:
    records: list[object] = [codex_exec(RUN), codex_printed(answer("start\n", session=7))]
    for number in range(60):
        call = f"call_p{number}"
        records += [
            codex_exec(POLL, call, seconds=number),
            codex_printed(answer("", session=7), call=call, seconds=number),
        ]
    judge = LaneJudge()
    for event in read(*records):
        judge.apply(event)
    assert judge.raised() == ()
    assert judge.steps == 61


def test_an_output_that_is_asked_for_is_news_once() -> None:
    judge = LaneJudge()
    for event in read(
        codex_exec(RUN),
        codex_printed(how="running with cell ID 8"),
        codex_call("wait", {"cell_id": "8"}, "call_2"),
        codex_printed(answer("3 passed\nin 4 files\n"), call="call_2"),
    ):
        judge.apply(event)
        if isinstance(event, Result) and event.call == "call_1" and not event.background:
            assert judge.last_step is not None
            assert judge.last_step.novelty > 0
    assert judge.steps == 2


# -- other lines ----------------------------------------------------------------------------------------


def test_a_tool_servers_answer_is_joined() -> None:
    script = "const r = await tools.mcp__code_host__find({q:'a'}); const s = await tools.mcp__code_host__find({q:'b'});"

    def ended(query: str, failed: bool) -> object:
        asked = {"server": "code-host", "tool": "find", "arguments": {"q": query}}
        result = {"Ok": {"content": [{"type": "text", "text": f"about {query}"}], "isError": failed}}
        return codex_event(
            "mcp_tool_call_end", call_id="exec-9", invocation=asked, duration={"secs": 2, "nanos": 0}, result=result
        )

    events = read(codex_exec(script), ended("b", True), ended("a", False), codex_printed())
    assert [(result.ok, result.text, result.duration_s) for result in only(events, Result)] == [
        (True, "about a", 2.0),
        (False, "about b", 2.0),
    ]


@pytest.mark.parametrize(
    "script", ["text(ALL_TOOLS.map(t => t.name))", "not JavaScript ((", "", "await tools[pick()]({});"]
)
def test_what_calls_no_tool_that_can_be_named_is_shown_as_it_stands(script: str) -> None:
    call = one(read(codex_exec(script)), Call)
    assert (call.tool, call.tool_kind) == ("exec", ToolKind.OTHER)
    assert call.summary
    assert script[:10] in call.args or "tools[pick()]" in call.args


def test_a_script_that_cannot_be_taken_apart_is_counted() -> None:
    assert one(read(codex_exec("await tools[pick()]({});")), Unknown).type.startswith("exec: ")
    assert only(read(codex_exec("text(1)")), Unknown) == []


def test_a_broken_off_script_is_interrupted() -> None:
    aborted = codex_item("custom_tool_call_output", call_id="call_1", output="aborted by user after 3.1s")
    result = one(read(codex_exec(RUN), aborted), Result)
    assert (result.interrupted, result.ok) == (True, None)


def test_texts_that_are_sent_on_the_way_end_nothing() -> None:
    script = f"notify('half'); {RUN}"
    sent = codex_item("custom_tool_call_output", call_id="call_1", output="half")
    result = one(read(codex_exec(script), sent, codex_printed(answer("done"))), Result)
    assert result.text == "done"


def test_a_function_that_does_not_exist_fails() -> None:
    error = "Script error:\nTypeError: tools.mcp__x__find is not a function\n    at exec_main.mjs:1:1"
    script = "const a = await tools.exec_command({cmd:'ls'}); await tools.mcp__x__find({q:1});"
    assert [result.ok for result in only(read(codex_exec(script), codex_printed(error, how="failed")), Result)] == [
        None,
        False,
    ]
