"""A dear model for plain work: which work is plain, what is raised, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judge.hostile import hostile_events
from tui.judge.detector import EVIDENCE_LIMIT, Raised
from tui.judge.findings.tier_mismatch import TierLimits, TierMismatch, cheaper_sibling
from tui.judge.limits import Limits
from tui.judge.model_calls import ModelCalls
from tui.judge.simple_calls import is_simple_command
from tui.model.event import AssistantText, Call, Edit, Event, Inherited, Origin, Prompt, ToolKind, UsageReported
from tui.model.finding import Severity, Verb
from tui.model.usage import Usage

KNOWN = (
    "claude-opus-4-6", "claude-opus-5", "claude-sonnet-4-6", "claude-sonnet-5", "claude-sonnet-5-5", "claude-haiku-4-5",
    "claude-3-7-sonnet", "claude-3-5-haiku", "gpt-5.1", "gpt-5.1-codex", "gpt-5.1-codex-max", "gpt-5.1-codex-mini",
    "gpt-5.4", "gpt-5.4-pro", "gpt-5.4-mini", "gpt-5.2",
)  # fmt: skip
RATES = {"claude-opus-4-6": 5.0, "claude-sonnet-5-5": 2.0}
READ, SHELL, EDIT = ToolKind.READ, ToolKind.SHELL, ToolKind.EDIT


def dollars(model: str, usage: Usage) -> float | None:
    return RATES[model] * usage.total / 1_000_000 if model in RATES else None


def next_tier(model: str) -> str | None:
    return cheaper_sibling(model, KNOWN)


def call(kind: ToolKind = READ, summary: str = "src/a.py") -> Call:
    return Call("", 0.0, 0, "c", kind.value.title(), kind, "{}", summary)


def lane(
    *steps: tuple[int, Event], prompt: str = "List every package with its files.", leads: bool = True,
    model: str | None = "claude-opus-4-6", output: int = 100,
) -> list[Event]:  # fmt: skip
    """Model calls, each with its fresh tokens and what was done in it. A last one says that all is done."""
    events: list[Event] = [Prompt("", 0.0, 0, prompt, Origin.PERSON)]
    for index, (fresh, made) in enumerate((*steps, (100, AssistantText("", 0.0, 0, "Done."))), 1):
        spend = UsageReported(
            "", float(index), 10 * index, f"key-{index}", model, Usage(input=fresh - output, output=output)
        )
        events += (spend, made) if leads else (made, spend)
    return events


def found(events: list[Event], limits: Limits | None = None) -> list[Raised]:
    detector = TierMismatch(limits or Limits(), dollars, next_tier)
    for event in events:
        detector.apply(event, 0)
    return list(detector.raised())


@pytest.mark.parametrize("leads", [True, False])
def test_reading_with_a_dear_model_is_told(leads: bool):
    [one] = found(lane(*[(50_000, call())] * 4, (20_000, call(SHELL, "python3 count.py")), leads=leads))
    assert (one.severity, one.suggest, one.subject) == (Severity.INFO, Verb.REDIRECT, "claude-opus-4-6")
    assert one.title == (
        "the expensive model claude-opus-4-6 is used mostly for plain reads and searches, which cost $1.00 so far; with "
        "claude-sonnet-5-5 they would cost $0.40"
    )
    assert "200,000 tokens without cache reads (all requests: 220," in one.evidence[0].text
    assert "and 0 cache reads; together $1.00 at the prices of claude-opus-4-6" in one.evidence[0].text
    assert one.evidence[2].text == "50,000 tokens without cache reads: Read src/a.py"
    assert len(one.evidence) <= EVIDENCE_LIMIT


def reads(count: int = 6, **facts: object) -> list[Event]:
    return lane(*[(50_000, call())] * count, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(reads(3), id="too little"),
        pytest.param(reads(model="claude-haiku-4-5"), id="the cheap tier"),
        pytest.param(reads(model="claude-opus-5"), id="no price"),
        pytest.param(reads(model="some-model"), id="an unknown model"),
        pytest.param(reads(model=None), id="no model"),
        pytest.param(reads(output=700), id="much is written about what is read"),
        pytest.param(reads(prompt="Review the change."), id="a review is judgement"),
        pytest.param(reads(prompt="Find out why it fails."), id="so is a search for a cause"),
        pytest.param(reads(prompt="Implement the parser."), id="who is to write reads first"),
        pytest.param(lane(*[(50_000, call(SHELL, "python3 solve.py"))] * 6), id="programs are no plain reading"),
        pytest.param(lane(*[(50_000, call(ToolKind.WEB, "news"))] * 6), id="nor is research"),
        pytest.param(lane(*[(50_000, AssistantText("", 0.0, 0, "Hm."))] * 6), id="nor is talk"),
        pytest.param(lane(*[(50_000, call()), (100, call(EDIT))] * 6), id="it writes"),
        pytest.param(lane(*[(50_000, call()), (100, Edit("", 0.0, 0, "a", None, "update"))] * 6), id="it writes by command"),
        pytest.param(lane(*[(50_000, call()), (50_000, call(SHELL, "make"))] * 6), id="half of it is plain"),
    ],
)  # fmt: skip
def test_silent(events: list[Event]):
    assert not found(events)


def test_it_ends_where_the_lane_begins_to_write():
    [one] = found([*reads(), *[call(EDIT)] * 3, *lane((100, call()), (100, call()))[1:]])
    assert one.until is None  # the same keys again: corrections, not new calls
    later = UsageReported("", 99.0, 990, "key-99", "claude-opus-4-6", Usage(input=10))
    last = UsageReported("", 100.0, 1000, "key-100", "claude-opus-4-6", Usage(input=10))
    [one] = found([*reads(), *[call(EDIT)] * 3, later, last])
    assert one.until is not None


def test_copied_history_counts_for_nothing():
    copied = [
        UsageReported("", 1.0, index, f"key-{index}", "claude-opus-4-6", Usage(input=90_000), inherited=Inherited.YES)
        for index in range(9)
    ]
    assert not found([*copied, *reads(2)])


# -- what a model call was for ----------------------------------------------------------------------------------


def spend(key: str, output: int, offset: int) -> UsageReported:
    return UsageReported("", None, offset, key, "m", Usage(output=output))


def test_usage_that_leads_is_joined_with_what_follows():
    joined = ModelCalls()
    assert joined.spend(spend("a", 1, 0)) == ()
    joined.note(1)
    assert joined.spend(spend("a", 50, 10)) == ()  # the same call, now whole
    [extra] = joined.spend(spend("a#0", 7, 0))  # a call within the call, told on its first line
    assert (extra.usage.output, extra.marks) == (7, 0)
    [paid] = joined.spend(spend("b", 1, 20))
    assert (paid.usage.output, paid.marks, paid.offset) == (50, 1, 0)
    [corrected] = joined.spend(spend("a", 60, 30))
    assert (corrected.usage.output, corrected.marks) == (10, 1)


def test_usage_that_follows_is_joined_with_what_was_before():
    joined = ModelCalls()
    joined.note(1)
    joined.note(2)
    [paid] = joined.spend(spend("a", 50, 20))
    assert (paid.usage.output, paid.marks) == (50, 3)
    joined.note(4)
    [paid] = joined.spend(spend("b", 5, 30))
    assert (paid.usage.output, paid.marks) == (5, 4)
    assert joined.spend(spend("b", 5, 30)) == ()


# -- plain commands ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "ls -la src && wc -l src/*.py", "cat a.txt | head -20", "git status", "git log --oneline | head", "cd /x; pwd",
        "grep -rn \"a|b > c; rm\" src 2>/dev/null", "rg -i todo", "find . -name '*.py' -type f", "sed -n 1,20p a.py",
        "gh pr view 12", "for f in a b; do cat $f; done", "kubectl get pods", "wc -l a 2>&1",
    ],
)  # fmt: skip
def test_plain(command: str):
    assert is_simple_command(command)


@pytest.mark.parametrize(
    "command",
    [
        "", "make", "pytest -q", "cat a > b", "cat <<E", "rm a", "ls && rm a", "find . -delete", "find . -exec rm {} +", "find . -fprint x",
        "sed -i s/a/b/ c", "sed -ni p c", "cat `x`", "echo $(x)", "git push", "git", "gh pr merge 1", "npm install",
        "echo 'open", "sleep 9 & ls", "ls " + "a" * 300, "cat a | xargs rm", "git branch -D x",
    ],
)  # fmt: skip
def test_not_plain(command: str):
    assert not is_simple_command(command)


# -- the next tier ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "sibling"),
    [
        ("claude-opus-4-6", "claude-sonnet-5-5"), ("claude-opus-4-5-20251101", "claude-sonnet-5-5"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-sonnet-5-5"), ("anthropic/claude-opus-4.6", "claude-sonnet-5-5"),
        ("claude-opus-4-6-fast", "claude-sonnet-5-5"), ("claude-opus-4-6[1m]", "claude-sonnet-5-5"),
        ("claude-3-opus-20240229", "claude-sonnet-5-5"), ("claude-sonnet-4-6", None), ("claude-haiku-4-5", None),
        ("gpt-5.1-codex", "gpt-5.1-codex-mini"), ("gpt-5.1-codex-max", "gpt-5.1-codex-mini"), ("gpt-5.4", "gpt-5.4-mini"),
        ("openai/gpt-5.4-2026-03-05", "gpt-5.4-mini"), ("gpt-5.1-codex-mini", None), ("gpt-5.4-mini", None),
        ("gpt-5.4-pro", None), ("gpt-5.2", None), ("gpt-5.1", None), ("gpt-6.2-sol", None), ("some-model", None), ("", None),
    ],
)  # fmt: skip
def test_the_next_tier(model: str, sibling: str | None):
    assert cheaper_sibling(model, KNOWN) == sibling


def test_only_known_models_are_named():
    assert cheaper_sibling("claude-opus-4-6", ()) is None
    assert cheaper_sibling("claude-opus-4-6", ("claude-sonnet-4-20250514", "claude-sonnet-4", "claude-3-7-sonnet")) == "claude-sonnet-4"  # fmt: skip
    assert cheaper_sibling("claude-opus-4-6", ("claude-sonnet-5-fast",)) is None


@given(st.text())
def test_any_name_may_be_asked(name: str):
    assert cheaper_sibling(name, KNOWN) in (None, *KNOWN)


@given(st.lists(hostile_events(), max_size=80))
def test_no_sequence_of_events_raises(events: list[Event]):
    for one in found(events, Limits(TierLimits(tier_tokens=1, tier_simple_share=0.01))):
        assert one.suggest is Verb.REDIRECT
