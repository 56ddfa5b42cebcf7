"""Any events in any order, for detectors that must bear all of it."""

from __future__ import annotations

from hypothesis import strategies as st

from tui.model.event import (
    AssistantText,
    Call,
    Compact,
    Edit,
    Event,
    Inherited,
    LaneInfo,
    Mark,
    Origin,
    Plan,
    PlanItem,
    Prompt,
    Reasoning,
    Result,
    State,
    ToolKind,
    UsageReported,
)
from tui.model.usage import Usage

LIST = "1. move the crates to pier two\n2. count the crates of pier two\n3. write the number of crates down\n"
TEXTS = st.one_of(
    st.text(max_size=60), st.sampled_from(["", LIST, "I will plan:\n" + LIST * 4, "\ud800", "- [ ] x\n" * 9])
)
KEYS = st.sampled_from([f"key-{number}" for number in range(6)])
PATHS = st.sampled_from(["a.py", "docs/PLAN.md", "", "plans/x.md"])
COMMANDS = st.one_of(TEXTS, st.sampled_from(["ls", "cat > PLAN.md <<E", "git checkout -b x", "rm -rf x", "a 'b"]))
COUNTS = st.integers(0, 300_000)
MODELS = st.sampled_from([None, "", "claude-opus-4-6", "gpt-5.1-codex", "other"])


def hostile_events() -> st.SearchStrategy[Event]:
    """One event of any kind that a detector may be asked about."""
    where = {"lane": st.just(""), "at": st.one_of(st.none(), st.floats(0, 2e9)), "offset": st.integers(0, 9_999)}
    usage = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
    items = st.lists(st.builds(PlanItem, TEXTS, st.just("pending")), max_size=5).map(tuple)
    return st.one_of(
        st.builds(LaneInfo, **where, agent_type=st.one_of(st.none(), TEXTS)),
        st.builds(Prompt, **where, text=TEXTS.map(lambda text: text * 5), origin=st.sampled_from(Origin)),
        st.builds(AssistantText, **where, text=TEXTS),
        st.builds(Reasoning, **where, text=TEXTS),
        st.builds(Plan, **where, items=items, text=TEXTS),
        st.builds(
            Call, **where, call=KEYS, tool=TEXTS, tool_kind=st.sampled_from(ToolKind), args=COMMANDS,
            summary=st.one_of(COMMANDS, PATHS), continues=st.one_of(st.none(), KEYS),
        ),
        st.builds(Result, **where, call=KEYS, ok=st.sampled_from([True, False, None]), text=TEXTS, size=COUNTS),
        st.builds(Edit, **where, path=PATHS, call=st.none(), change=st.just("update"), by_lane=st.booleans()),
        st.builds(UsageReported, **where, key=KEYS, model=MODELS, usage=usage, inherited=st.sampled_from(Inherited)),
        st.builds(Compact, **where, trigger=st.none(), before_tokens=st.none(), after_tokens=st.none()),
        st.builds(State, **where, mark=st.sampled_from(Mark)),
    )  # fmt: skip
