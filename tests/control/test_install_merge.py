"""Adding and removing entries in a text: no other part of the text changes."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.agents.claude.hooks import HOOKS
from tui.control.install.hook_entries import holds_gate, is_gate, with_gate, without_gate
from tui.control.install.json_text import scan

GATE = "/home/me/.local/state/lanewatch/gate/gate.sh claude"
OLD = "'/old place/lanewatch/gate/gate.sh' claude"
CLAUDE = HOOKS.entries
SPOT = "the spot that is edited"


def install(text: str, was: str | None = None, command: str = GATE) -> str:
    return with_gate(text, CLAUDE, command, text if was is None else was)


def value(text: str):
    document = scan(text)
    return None if document.root is None else document.value(document.root)


# -- random settings, written in random ways ---------------------------------------------------------------------------

names = st.sampled_from(["model", "env", "permissions", "é\u2028", "a b", SPOT])
scalars = st.sampled_from([1, -2.5, True, None, "", SPOT, "x // no comment", 'q"\\', "{[", "/*"])
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
others = st.fixed_dictionaries(
    {"hooks": st.lists(st.fixed_dictionaries({"type": st.just("command"), "command": scalars}), max_size=2)},
    optional={"matcher": st.sampled_from(["*", "Bash", SPOT])},
)
events = st.sampled_from([hook.event for hook in CLAUDE] + ["Notification", SPOT])
hooks = st.dictionaries(events, st.lists(others | scalars, max_size=3), max_size=4)
objects = st.tuples(st.dictionaries(names, anything, max_size=4), st.none() | hooks, st.integers(0, 4))
GAPS = [
    "",
    "",
    "",
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n\t",
    "\r\n",
    "\r\n    ",
    "/* c */",
    " /* a\n b */ ",
    " // c\n",
    "//\r\n  ",
]


def with_hooks(parts) -> dict:
    members, hooks, at = parts
    pairs = list(members.items())
    if hooks is not None:
        pairs.insert(at, ("hooks", hooks))
    return dict(pairs)


def written(thing, random: Random, extras: bool) -> str:
    """A text as no person would write it: white space and comments anywhere."""

    def gap() -> str:
        found = random.choice(GAPS)
        return found if extras or "/" not in found else " "

    def text(thing) -> str:
        if not isinstance(thing, list | dict):
            return json.dumps(thing, ensure_ascii=random.random() < 0.5)
        items = (
            [text(item) for item in thing]
            if isinstance(thing, list)
            else [f"{json.dumps(key)}{gap()}:{gap()}{text(item)}" for key, item in thing.items()]
        )
        inside = ",".join(gap() + item + gap() for item in items) or gap()
        if items and extras and random.random() < 0.3:
            inside += "," + gap()
        return ("[{}]" if isinstance(thing, list) else "{{{}}}").format(inside)

    return random.choice(["", "\ufeff"]) + gap() + text(thing) + gap()


def neat(thing, random: Random) -> str:
    """A text as a person or a formatter writes it."""
    text = json.dumps(thing, indent=random.choice([None, 0, 2, 4, "\t"]), ensure_ascii=False)
    text += random.choice(["", "\n"])
    return text.replace("\n", "\r\n") if random.random() < 0.3 else text


@st.composite
def texts(draw) -> str:
    thing = with_hooks(draw(objects))
    random = draw(st.randoms(use_true_random=False))
    return neat(thing, random) if draw(st.booleans()) else written(thing, random, draw(st.booleans()))


def edit(text: str) -> str:
    """An edit that a person might make after the install, at places that install does not touch."""
    mark = "\ufeff" * text.startswith("\ufeff")
    body = text.removeprefix("\ufeff").replace(SPOT, "edited, and longer")
    return f"{mark}\r\n/* mine */ // too\n{body}\n/* and mine */ // at the end"


@given(texts())
@example("{}")
@example("{ }")
@example("")
@example("\n")
@example("// nothing but this")
@example('{"hooks":{}}')
@example('{"hooks": {"Stop": []}}')
@example("{ // c\n}")
@example('{"a": 1 // c\n}')
@example('{"hooks": {"Stop": [1, // c\n]}}')
@example('{"model":1,\n"env":1,/* c */}')
@example('{"model":1 /* a\n b */ }')
@settings(deadline=None, max_examples=examples(300))
def test_uninstall_undoes_install_with_and_without_an_edit_in_between(text):
    after = install(text)
    assert without_gate(after, text) == text
    assert without_gate(edit(after), text) == edit(text)


@given(texts())
@settings(deadline=None, max_examples=examples(150))
def test_install_adds_its_groups_after_the_others_and_changes_no_value(text):
    before, after = value(text) or {}, value(install(text))
    kept = dict(before)
    theirs, now = kept.pop("hooks", {}), after.pop("hooks")
    assert after == kept
    for hook in CLAUDE:
        assert now.pop(hook.event) == [*theirs.pop(hook.event, []), hook.group(GATE)]
    assert now == theirs


@given(texts())
@settings(deadline=None, max_examples=examples(100))
def test_a_second_install_changes_nothing_and_an_older_path_is_replaced_in_place(text):
    once = install(text)
    assert install(once, text) == once
    assert install(install(text, command=OLD), text) == once


@given(texts())
@settings(deadline=None, max_examples=examples(100))
def test_without_a_record_no_other_entry_is_lost(text):
    before, after = value(text) or {}, value(without_gate(install(text), None)) or {}
    for box in (before, after):
        box["hooks"] = {event: groups for event, groups in box.get("hooks", {}).items() if groups}
    assert after == before


# -- what it looks like ------------------------------------------------------------------------------------------------


def test_the_files_own_indentation_and_line_ends_are_followed():
    text = '{\r\n\t"model": "x",\r\n\t"hooks": {\r\n\t\t"Stop": [\r\n\t\t\t{"hooks": []}\r\n\t\t]\r\n\t}\r\n}'
    after = install(text)
    assert "\n" not in after.replace("\r\n", "")
    assert '\r\n\t\t\t{"hooks": [{"type": "command"' not in after
    assert '\t\t"PostToolBatch": [\r\n\t\t\t{\r\n\t\t\t\t"hooks": [\r\n\t\t\t\t\t{\r\n\t\t\t\t\t\t"type"' in after
    assert not after.endswith("\n")


def test_a_file_of_one_line_stays_on_one_line():
    after = install('{"model":"x"}')
    assert "\n" not in after
    assert after.startswith('{"model":"x","hooks":{"SessionStart":[{"hooks":[{"type":"command","command":')


def test_a_comment_stays_with_its_line():
    after = install('{\n  "model": "x" // the quick one\n}\n')
    assert '"model": "x", // the quick one\n  "hooks": {' in after


def test_a_trailing_comma_is_kept():
    text = '{\n  "hooks": {\n    "Stop": [\n      {"hooks": []},\n    ],\n  },\n}\n'
    assert without_gate(install(text), text) == text


def test_entries_are_added_to_the_hooks_object_that_is_read():
    text = '{"hooks": {"Stop": []}, "hooks": {}}'
    assert install(text).startswith('{"hooks": {"Stop": []}, "hooks": {"SessionStart"')


# -- what others do to it afterwards -----------------------------------------------------------------------------------


def test_a_hook_added_after_ours_stays_with_its_array():
    text = '{"hooks": {}}'
    after = install(text).replace('"Stop": [', '"Stop": [{"matcher": "mine", "hooks": []}, ', 1)
    assert without_gate(after, text) == '{"hooks": {"Stop": [{"matcher": "mine", "hooks": []}]}}'


def test_a_handler_that_somebody_put_into_our_group_stays():
    text = "{}"
    mine = '{"type": "command", "command": "mine"}'
    after = install(text).replace('"asyncRewake": true,', '"asyncRewake":true,')
    position = after.index('"hooks": [', after.index('"PostToolBatch"')) + len('"hooks": [')
    after = after[:position] + mine + "," + after[position:]
    left = value(without_gate(after, text))
    assert left == {"hooks": {"PostToolBatch": [{"hooks": [{"type": "command", "command": "mine"}]}]}}
    again = value(install(after, text))["hooks"]["PostToolBatch"]
    assert again == [left["hooks"]["PostToolBatch"][0], CLAUDE[4].group(GATE)]


def test_entries_of_events_that_are_no_longer_used_are_removed():
    older = json.dumps({"hooks": {"PreCompact": [{"hooks": [{"type": "command", "command": OLD}]}]}})
    assert "PreCompact" not in install(older, "{}")


def test_a_formatted_copy_of_our_entries_is_left_as_it_is():
    reformatted = json.dumps(value(install("{}")), indent=7)
    assert install(reformatted, "{}") == reformatted


def test_a_second_copy_of_our_entries_is_removed():
    doubled = json.loads(install("{}"))
    doubled["hooks"]["Stop"] *= 2
    assert value(install(json.dumps(doubled), "{}")) == value(install("{}"))


@pytest.mark.parametrize(
    ("command", "ours"),
    [
        (GATE, True),
        (OLD, True),
        (GATE + " wait", True),
        ("lanewatch/gate/gate.sh", True),
        ("/x/lanewatch/gate/other.sh claude", False),
        ("/x/mylanewatch/gate/gate.sh claude", False),
        ("cat /x/lanewatch/gate/gate.sh", False),
        ("'unclosed lanewatch/gate/gate.sh", False),
        ("", False),
        (None, False),
        (["lanewatch/gate/gate.sh"], False),
    ],
)
def test_our_command_is_recognised_by_its_path(command, ours):
    assert is_gate(command) is ours
    text = json.dumps({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": command}]}]}})
    assert holds_gate(text) is ours
