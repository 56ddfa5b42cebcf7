"""What a script of Codex's code mode calls and prints, read without running it."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.agents.codex.script import CALLS_BOUND, PRINTS_BOUND, SIZE_BOUND, Script, ScriptCall, read_script
from tui.agents.codex.script_output import divide


def calls(source: str) -> list[tuple[str, object]]:
    return [(call.tool, call.args) for call in read_script(source).calls]


def the_call(source: str) -> ScriptCall:
    (call,) = read_script(source).calls
    return call


def commands(source: str) -> list[str]:
    return [call.args["cmd"] for call in read_script(source).calls if call.tool == "exec_command"]


# -- calls and their arguments ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "read"),
    [
        ('{cmd:"make","workdir":"/w",yield_time_ms:1000}', {"cmd": "make", "workdir": "/w", "yield_time_ms": 1000}),
        ("{ 'cmd': 'say \"hi\"', tty: true, env: null }", {"cmd": 'say "hi"', "tty": True, "env": None}),
        ('{cmd:"a\\n\\t\\"b\\" \\u00e9 \\x41 \\u{1F600} \\q"}', {"cmd": 'a\n\t"b" é A 😀 q'}),
        ("{cmd:`one\ntwo \\`x\\` $HOME`}", {"cmd": "one\ntwo `x` $HOME"}),
        ("{cmd:'a' + \"b\" + `c`, n: -1, f: 1.5, big: 1_000}", {"cmd": "abc", "n": -1, "f": 1.5, "big": 1000}),
        ("{cmd: ['ls', '-l', 'my dir'].join(' ')}", {"cmd": "ls -l my dir"}),
        ("{cmd: true ? 'yes' : 'no', skipped: undefined}", {"cmd": "yes"}),
        ("{...{cmd:'ls', workdir:'/w'}, workdir:'/x'}", {"cmd": "ls", "workdir": "/x"}),
    ],
)
def test_literal_arguments(argument: str, read: object) -> None:
    call = the_call(f"const r = await tools.exec_command({argument}); text(r.output);")
    assert (call.tool, call.args, call.whole, call.sure) == ("exec_command", read, True, True)


@pytest.mark.parametrize(
    "source",
    [
        "const cmd = 'make test', workdir = '/w'; await tools.exec_command({cmd, workdir});",
        "let target = 'te'; target += 'st'; const cmd = `make ${target}`; await tools.exec_command({cmd, workdir:'/w'});",
        "const o = {where: {dir: '/w'}, words: ['make', 'test']};"
        "await tools.exec_command({cmd: o.words.join(' '), workdir: o['where'].dir});",
        "const run = async (cmd, dir = '/w') => { const r = await tools.exec_command({cmd, workdir: dir}); return r; };"
        "text((await run('make test')).output);",
        "function run({goal}) { return tools.exec_command({cmd: 'make ' + goal, workdir: '/w'}); }\n"
        "await run({goal: 'test'});",
        "const base = {workdir: '/w'}; await tools.exec_command({cmd: 'make test', ...base});",
        "const {exec_command: sh} = tools; await sh({cmd: 'make test', workdir: '/w'});",
        "const name = 'exec_' + 'command'; await tools[name]({cmd: 'make test', workdir: '/w'});",
        "const [cmd, workdir] = ['make test', '/w']; await tools.exec_command({cmd, workdir});",
        "tools.exec_command({cmd: 'make TEST'.toLowerCase(), workdir: ' /w '.trim()}).then(r => text(r.output));",
    ],
)
def test_what_the_script_sets_is_put_in(source: str) -> None:
    assert calls(source) == [("exec_command", {"cmd": "make test", "workdir": "/w"})]
    assert read_script(source).calls[0].whole


def test_batches_and_loops_over_known_lists_are_calls_one_by_one() -> None:
    made = "await Promise.all([tools.exec_command({cmd:'a'}), tools.exec_command({cmd:'b'})]);"
    assert commands(made) == ["a", "b"]
    mapped = (
        "await Promise.all(['a','b','c'].map(async (f, i) => (await tools.exec_command({cmd:`cat ${f} ${i}`})).output))"
    )
    assert commands(mapped) == ["cat a 0", "cat b 1", "cat c 2"]
    looped = "for (const [dir, goal] of [['x','lint'],['y','test']]) { await tools.exec_command({cmd:`make -C ${dir} ${goal}`}) }"
    assert commands(looped) == ["make -C x lint", "make -C y test"]
    counted = "for (let i = 0; i < 3; i++) { await tools.exec_command({cmd: 'step ' + i}); }"
    assert commands(counted) == ["step 0", "step 1", "step 2"]
    keys = "for (const k in {a: 1, b: 2}) await tools.exec_command({cmd: k});"
    assert commands(keys) == ["a", "b"]
    assert all(call.whole and call.sure for call in read_script(mapped).calls)


def test_what_is_not_known_is_shown_as_the_script_writes_it() -> None:
    source = "const a = await tools.exec_command({cmd:'id'}); await tools.exec_command({cmd:`echo ${a.output.trim()} done`});"
    first, second = read_script(source).calls
    assert first.whole
    assert (second.args, second.whole) == ({"cmd": "echo ${a.output.trim()} done"}, False)
    assert the_call("await tools.apply_patch(load('patch'));").args == "${load('patch')}"


def test_a_loop_of_unknown_rounds_is_walked_once() -> None:
    call = the_call("for (const t of JSON.parse(load('x'))) { await tools.exec_command({cmd:`gh ${t.id}`}); }")
    assert (call.args, call.many, call.sure) == ({"cmd": "gh ${t.id}"}, True, False)


def test_both_ways_of_an_unknown_condition_are_walked() -> None:
    source = (
        "const r = await tools.exec_command({cmd:'check'});"
        "if (r.exit_code === 0) { await tools.exec_command({cmd:'good'}) } else { await tools.exec_command({cmd:'bad'}) }"
    )
    assert commands(source) == ["check", "good", "bad"]
    assert [call.sure for call in read_script(source).calls] == [True, False, False]
    assert commands(
        "if (1 > 2) { await tools.exec_command({cmd:'never'}) } else { await tools.exec_command({cmd:'x'}) }"
    ) == ["x"]


def test_after_an_end_that_may_come_nothing_is_sure() -> None:
    source = "const r = await tools.exec_command({cmd:'a'}); if (r.exit_code) exit(); await tools.apply_patch('p');"
    assert [call.sure for call in read_script(source).calls] == [True, False]
    assert calls("exit(); await tools.exec_command({cmd:'a'});") == []


def test_a_poll_of_a_command_of_the_same_script() -> None:
    source = (
        "let r = await tools.exec_command({cmd:'make'});"
        "while (r.session_id) { r = await tools.write_stdin({session_id: r.session_id, chars: ''}); }"
        "text(r.output);"
    )
    begun, polled = read_script(source).calls
    assert (polled.tool, polled.polls, polled.many) == ("write_stdin", 0, True)
    assert begun.polls is None


def test_a_tool_that_is_chosen_at_run_time_cannot_be_read() -> None:
    script = read_script("const t = ALL_TOOLS[0]; await tools[t.name]({q: 1});")
    assert script.unread
    assert [(call.tool, call.args["input"]) for call in script.calls] == [("exec", "tools[t.name]({q: 1})")]


@pytest.mark.parametrize("source", ["", "text(ALL_TOOLS.length)", "// nothing", "const x = 1;", "const tools = 1;"])
def test_a_script_without_calls(source: str) -> None:
    assert read_script(source).calls == ()
    assert read_script(source).unread == ""


# -- prints -----------------------------------------------------------------------------------------

LONG = {"chunk_id": "c", "wall_time_seconds": 1.5, "exit_code": 1, "output": "no\n"}
GOES_ON = {"chunk_id": "c", "wall_time_seconds": 1.5, "session_id": 7, "output": "so far"}
RUN = "const r = await tools.exec_command({cmd:'x'});"
TWO = "const [a, b] = await Promise.all([tools.exec_command({cmd:'x'}), tools.exec_command({cmd:'y'})]);"


def shares(source: str, *items: object, ended: bool = True) -> list[tuple[str, int | None, int | None]]:
    """Text, exit code and session of each call."""
    texts = [item if isinstance(item, str) else json.dumps(item, separators=(",", ":")) for item in items]
    division = divide(read_script(source), texts, ended=ended)
    return [("\n".join(share.texts), share.exit_code, share.session) for share in division.shares]


@pytest.mark.parametrize(
    ("prints", "items", "told"),
    [
        ("text(r.output)", ["out"], ("out", None, None)),
        ("text(JSON.stringify(r))", [LONG], ("no\n", 1, None)),
        ("text(r)", [GOES_ON], ("so far", None, 7)),
        ("text({code: r.exit_code, out: r.output})", [{"code": 2, "out": "x"}], ("x", 2, None)),
        ("text(r.output); text(`exit=${r.exit_code}`)", ["out", "exit=0"], ("out", 0, None)),
        ("text(r.output); if (r.session_id) text('SESSION ' + r.session_id)", ["out", "SESSION 9"], ("out", None, 9)),
        ("text(r.output); if (r.session_id) text('SESSION ' + r.session_id)", ["out"], ("out", None, None)),
        ("text(r.output.slice(0, 9)); text('done')", ["cut", "done"], ("cut", None, None)),
        ("for (const l of r.output.split('\\n')) text(l)", ["one", "two"], ("one\ntwo", None, None)),
        ("const {output, ...rest} = r; text(rest); text(output)", [{**LONG, "output": None}, "o"], ("o", 1, None)),
        ("text('a'); text(r.output)", ["Warning: truncated output, all in one"], ("Warning: truncated output, all in one", None, None)),
    ],
)  # fmt: skip
def test_one_calls_output(prints: str, items: list[object], told: object) -> None:
    assert shares(f"{RUN} {prints}", *items) == [told]


@pytest.mark.parametrize(
    ("prints", "items", "told"),
    [
        ("text(a.output); text(b.output)", ["1", "2"], ["1", "2"]),
        ("text(`A:${a.output}\\nB:${b.output}`)", ["A:1\nB:2"], ["1", "2"]),
        ("text(JSON.stringify({a: a.output, b: b.output}))", [{"a": "1", "b": "2"}], ["1", "2"]),
        ("[a, b].forEach((r, i) => text(`${i}: ${r.output}`))", ["0: 1", "1: 2"], ["1", "2"]),
        ("text(b.output); text('only b')", ["2", "only b"], ["", "2"]),
        ("text(a.output + b.output)", ["12"], ["", ""]),
        ("text(a.output); text(b.output)", ["cut together"], ["", ""]),
    ],
)
def test_the_output_of_two_calls(prints: str, items: list[object], told: list[str]) -> None:
    assert [text for text, _, _ in shares(f"{TWO} {prints}", *items)] == told


def test_what_cannot_be_told_apart_is_the_rest() -> None:
    division = divide(read_script(f"{TWO} text(a.output + b.output)"), ["12"], ended=True)
    assert division.rest == ["12"]


def test_a_script_that_goes_on_has_not_printed_everything() -> None:
    source = f"{TWO} text(a.output); text(b.output)"
    assert [text for text, _, _ in shares(source, "1", ended=False)] == ["1", ""]
    assert divide(read_script(source), ["1"], ended=True).rest == ["1"]


# -- bounds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "[" * 20_000, "(" * 20_000, "`${" * 9_000, "a?" * 20_000, "{" * 20_000, '"' * 20_000, "x=>" * 9_000,
        "a.b" * 9_000, "!" * 20_000, "f(" * 9_000, "\ud800\udfff\x00" * 50,
        "for(;;){}", "while(true){ await tools.exec_command({cmd:'x'}) }", "let f = () => f(); f();",
        "let a = []; a.push(a); text(a); await tools.x(a);",
        "let a = [1]; for (let i = 0; i < 60; i++) { a = [a, a]; } await tools.x(a); text(JSON.stringify(a));",
        "let s = 'x'; for (let i = 0; i < 60; i++) { s = s + s; } await tools.exec_command({cmd: s});",
        "let s = 'x'.repeat(1e9); await tools.exec_command({cmd: s}); 'ab'.padEnd(1e9);",
        "let n = 9; for (let i = 0; i < 60; i++) { n = n * n; } await tools.x({n, m: 1/0, k: -0 % 0});",
        "const l = Array.from('x'.repeat(5000)); l.map(a => l.map(b => tools.x({a, b})));",
        "await tools.exec_command({cmd: " + " + ".join(["'x'"] * 3000) + "});",
        "let o = {f(){ return o.f() }}; o.f(); text(o); text(o.f);",
        "x" * (SIZE_BOUND + 1),
    ],
    ids=lambda source: f"{source[:12]!r} {len(source)}",
)  # fmt: skip
def test_hostile_scripts_are_bounded(source: str) -> None:
    check(source)


def check(source: str) -> Script:
    script = read_script(source)
    assert len(script.calls) <= CALLS_BOUND
    assert len(script.prints) <= PRINTS_BOUND
    for call in script.calls:
        assert call.tool
        assert len(json.dumps(call.args, default=str)) < 4 * SIZE_BOUND
    for items in ([], ["x"], ["{}", '{"exit_code":0}', "x"]):
        division = divide(script, items, ended=True)
        assert len(division.shares) == len(script.calls)
    pickle.dumps(script)
    return script


WORDS = st.sampled_from(
    ["tools", ".", "exec_command", "(", ")", "{", "}", "cmd", ":", "'ls'", "`a${", "`", "[", "]", ",", ";", "await ",
     "const ", "let ", "r", "=", "=>", "for(", " of ", "if(", "else ", "text", "JSON.stringify", "Promise.all", ".map",
     ".output", "...", "function ", "return ", "while(", "+", "?", "1", "async ", "x", "&&", "||", "try{", "}catch(e){",
     "break;", "exit()", ".then", "\n", "apply_patch", "write_stdin", "session_id", '""', "new ", "switch(", "case "]
)  # fmt: skip


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(WORDS, max_size=60).map("".join) | st.text(max_size=200))
def test_any_text_is_read(source: str) -> None:
    check(source)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6), st.sampled_from(['"', "`"]))
def test_any_command_is_read_back(given_commands: list[str], quote: str) -> None:
    def written(command: str) -> str:
        plain = json.dumps(command)[1:-1]
        return (
            f'"{plain}"'
            if quote == '"'
            else "`" + plain.replace('\\"', '"').replace("`", "\\`").replace("${", "\\${") + "`"
        )

    kept = [command.encode("utf-8", "replace").decode() for command in given_commands]
    source = "".join(f"await tools.exec_command({{cmd:{written(command)}}});" for command in kept)
    assert commands(source) == kept
