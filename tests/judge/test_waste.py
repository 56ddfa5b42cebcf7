"""Plans planned again, contexts that only cost, dear models on simple steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.judge.lanes import Script
from tui.judge.cache import CacheHeavy
from tui.judge.detector import Detector, Raised
from tui.judge.limits import Limits
from tui.judge.planning import DoublePlanning
from tui.judge.tiers import TierMismatch, cheaper_sibling
from tui.model.event import Call, Compact, Event, Origin, Prompt, Say, Spend, ToolKind
from tui.model.usage import Usage

LIMITS = Limits()


def open_of(detector: Detector, events: list[Event]) -> list[Raised]:
    tokens = 0
    for event in events:
        if isinstance(event, Spend):
            tokens += event.usage.total
        if type(event) in getattr(detector, "wants", (type(event),)):
            detector.apply(event, tokens)
    return [one for one in detector.raised() if one.until is None]


# -- planning -------------------------------------------------------------------------------------------------

STEPS = [
    "Read the webhook handler and list the retries that it makes",
    "Add exponential backoff with jitter to the sender module",
    "Store the attempt counter beside each delivery record",
    "Cover the backoff with a table of delays and assertions",
]
GIVEN = (
    "Implement retries for webhooks. The plan is decided:\n"
    + "\n".join(f"{n}. {one}" for n, one in enumerate(STEPS, 1))
    + "\n"
    + "Context. " * 20
)
AGAIN = (
    "Here is how I will go about it.\n"
    + "\n".join(f"{n}. First {one.lower()}, carefully" for n, one in enumerate(STEPS, 1))
    + "\n"
    + "More words. " * 30
)


def planner(*, tokens: int, acts: bool = True) -> Script:
    script = Script().prompt(GIVEN, Origin.AGENT).spend(1000)
    script.read("src/webhook.py", "def send(): ...").spend(tokens)
    script.say(AGAIN)
    return script.run("ls src", "webhook.py") if acts else script.end()


def test_a_plan_that_was_given_and_is_planned_again():
    [found] = open_of(DoublePlanning(LIMITS), planner(tokens=30_000).events)
    assert found.title.startswith("a plan was given, and planned again for 30,000 tokens")
    texts = [one.text for one in found.evidence]
    assert texts[0] == f"given: {STEPS[0]}"
    assert any(text.startswith("planned again: First read the webhook handler") for text in texts)


def test_cheap_planning_reports_and_doing_it_at_once_are_left_alone():
    assert not open_of(DoublePlanning(LIMITS), planner(tokens=2_000).events)
    assert not open_of(DoublePlanning(LIMITS), planner(tokens=30_000, acts=False).events)  # a report at the end
    at_once = (
        Script().prompt(GIVEN, Origin.AGENT).edit("src/webhook.py", "retry").spend(40_000).say(AGAIN).run("ls", "a")
    )
    assert not open_of(DoublePlanning(LIMITS), at_once.events)
    no_plan = Script().prompt("Make webhooks retry.").spend(30_000).say(AGAIN).run("ls", "a")
    assert not open_of(DoublePlanning(LIMITS), no_plan.events)


# -- cache ----------------------------------------------------------------------------------------------------


def price(model: str, usage: Usage) -> float | None:
    dear = {"big": 15.0, "small": 3.0}.get(model)
    if dear is None:
        return None
    return dear * (usage.input + 0.1 * usage.cache_read + 1.25 * usage.cache_write + 5 * usage.output) / 1e6


def turns(count: int, *, growth: int, model: str = "big", start: float = 0.0) -> list[Event]:
    return [
        Spend(
            "",
            start + n,
            n,
            f"k{start}-{n}",
            model,
            Usage(input=5, cache_read=20_000 + n * growth, cache_write_5m=400, output=50),
        )
        for n in range(count)
    ]


def test_a_context_that_grows_until_it_is_what_the_lane_costs():
    [found] = open_of(CacheHeavy(LIMITS, price), turns(60, growth=8_000))
    assert found.title.startswith("re-reading its context is what it costs: $")
    assert "no compaction between" in found.evidence[1].text
    assert found.evidence[2].text.startswith("cache reads are ")


def test_an_unknown_price_is_said():
    [found] = open_of(CacheHeavy(LIMITS, price), turns(60, growth=8_000, model="house"))
    assert "a turn costs" in found.title
    assert "no known price" in found.evidence[-1].text


def test_a_compaction_or_a_steady_context_is_fine():
    assert not open_of(CacheHeavy(LIMITS, price), turns(60, growth=50))
    compacted = [
        *turns(60, growth=8_000),
        Compact("", 70.0, 999, "auto", 480_000, 30_000),
        *turns(20, growth=100, start=100.0),
    ]
    assert not open_of(CacheHeavy(LIMITS, price), compacted)


# -- tiers ----------------------------------------------------------------------------------------------------


def reader(steps: int, *, edits: int = 0) -> list[Event]:
    events: list[Event] = []
    for n in range(steps):
        kind, command = (ToolKind.EDIT, "src/a.py") if n < edits else (ToolKind.SHELL, f"ls src/part_{n}")
        events.append(Call("", float(n), 10 * n, f"c{n}", "Bash", kind, "{}", command))
        events.append(Spend("", float(n), 10 * n + 1, f"k{n}", "big", Usage(input=9_000, output=60)))
    return events


def test_a_dear_model_that_only_reads_and_lists():
    [found] = open_of(TierMismatch(LIMITS, price, lambda _model: "small"), reader(30))
    # 30 calls of 9,000 tokens in and 60 out, at 15 and 3 dollars a million.
    assert found.title == "100% of its work is simple: $4.18 with big, $0.84 with small"


def test_what_writes_what_is_small_and_what_is_unknown_is_left_alone():
    assert not open_of(TierMismatch(LIMITS, price, lambda _model: "small"), reader(30, edits=12))
    assert not open_of(TierMismatch(LIMITS, price, lambda _model: "small"), reader(8))
    assert not open_of(TierMismatch(LIMITS, price, lambda _model: None), reader(30))


def test_the_next_tier():
    known = [
        "claude-opus-4-6",
        "claude-sonnet-4-5",
        "claude-sonnet-4-6",
        "claude-haiku-4-5",
        "gpt-5.3-codex",
        "gpt-5.1-codex-mini",
    ]
    assert cheaper_sibling("claude-opus-4-6", known) == "claude-sonnet-4-6"
    assert cheaper_sibling("claude-sonnet-4-5-20250929", known) == "claude-haiku-4-5"
    assert cheaper_sibling("gpt-5.3-codex", known) == "gpt-5.1-codex-mini"
    assert cheaper_sibling("claude-haiku-4-5", known) is None
    assert cheaper_sibling("harbor-coder-32b", known) is None


# -- all ------------------------------------------------------------------------------------------------------

texts = st.text(max_size=80) | st.sampled_from([GIVEN, AGAIN])
some = (
    st.builds(Prompt, st.just(""), st.none() | st.floats(0, 1e6), st.integers(0, 99), texts, st.sampled_from(Origin))
    | st.builds(Say, st.just(""), st.none() | st.floats(0, 1e6), st.integers(0, 99), texts)
    | st.builds(Spend, st.just(""), st.none(), st.integers(0, 9), st.sampled_from("ab"), st.none() | st.just("big"),
                st.builds(Usage, st.integers(0, 10**6)))
    | st.builds(Compact, st.just(""), st.none(), st.integers(0, 9), st.none(), st.none(), st.none())
)  # fmt: skip


@given(st.lists(some, max_size=40))
def test_no_events_break_a_detector(events: list[Event]):
    for make in (
        DoublePlanning(LIMITS),
        CacheHeavy(LIMITS, price),
        TierMismatch(LIMITS, price, lambda _model: "small"),
    ):
        open_of(make, events)
