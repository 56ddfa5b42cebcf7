"""The usual scripts of code mode, read without a parser: as the parser reads them, or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.agents.codex.script import SIZE_BOUND, read_script
from tui.agents.codex.usual_script import usual_script

USUAL = [
    'const r = await tools.exec_command({cmd:"ls -la\\n",workdir:"/x", yield_time_ms:1000}); text(r.output); ',
    'const r=await tools.write_stdin({session_id: 5, chars: "\\u0003", "tty":true});\ntext(JSON.stringify(r))',
    'let result = await tools.exec_command({ cmd: "a", cmd: "b", }); text(result);',
    'const patch = "*** Begin Patch\\n+\\"a\\"";\ntext(await tools.apply_patch(patch));\n',
    'const r = await tools.exec_command({cmd:"caf\u00e9 \U0001f600 \\ud83d\\ude00"});text(r.output)',
]
UNUSUAL = [
    'const r = await tools.exec_command({cmd:"a\\x41"}); text(r.output);',
    'const r = await tools.exec_command({cmd:"\\ud83d"}); text(r.output);',
    'const r = await tools.exec_command({cmd:"a" + "b"}); text(r.output);',
    'const r = await tools.exec_command({cmd:"a"}); text(r.exit_code);',
    'const r = await tools.exec_command({cmd:"a"}); text(s.output);',
    "const r = await tools.exec_command({n: 05}); text(r.output);",
    'const text = await tools.exec_command({cmd:"a"}); text(text);',
    'const r = await tools.exec_command({cmd:"a"}); text(r.output); exit();',
    'const r = await tools.exec_command({cmd:"' + "a" * SIZE_BOUND + '"}); text(r.output);',
]


@pytest.mark.parametrize("source", USUAL)
def test_the_usual_form_is_read_as_the_parser_reads_it(source: str) -> None:
    assert usual_script(source) == read_script(source)


@pytest.mark.parametrize("source", UNUSUAL)
def test_any_other_form_is_left_to_the_parser(source: str) -> None:
    assert usual_script(source) is None


BLANK = st.sampled_from(["", " ", "\n", "\t", "  "])
VALUE = (
    st.text(max_size=30).map(json.dumps)
    | st.text(max_size=30).map(lambda said: json.dumps(said, ensure_ascii=False))
    | st.integers(-20, 10**17).map(str)
    | st.sampled_from(
        ["true", "false", "null", "0x10", "1.5", "1e3", "'a'", "`b`", "x", "[1]", "{}", "05", "1_000", "3n"]
    )
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["cmd", '"cmd"', "n", "session_id", "in", "__proto__"]), VALUE), max_size=4),
    st.sampled_from(["r", "result", "text", "in", "r.x"]),
    st.sampled_from(["r", "r.output", "r.error", "JSON.stringify(r)", "result", "text"]),
    st.lists(BLANK, min_size=5, max_size=5),
    st.sampled_from([";", "", ";;", "; //", ";text(1)"]),
)
def test_what_is_read_is_what_the_parser_reads(
    pairs: list[tuple[str, str]], name: str, shown: str, blanks: list[str], end: str
) -> None:
    a, b, c, d, e = blanks
    args = f",{a}".join(f"{key}{b}:{c}{value}" for key, value in pairs)
    source = f"const {name}{a}={b}await tools.exec_command({{{c}{args}{d}}});{e}text({shown}){end}"
    assert usual_script(source) in (None, read_script(source))
