"""Prices: hand-computed costs, which names mean which model, what is unknown, and what is wrong with a price file."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.ledger.prices import PriceError, PriceTable, prompt_tokens
from tui.model.usage import ZERO, Usage

SMALL = """
[vendor]
source = "a price list"
as_of = 2026-01-02

[vendor.models]
plain = { input = 2.0, output = 10.0, cache_read = 0.2, cache_write_5m = 2.5, cache_write_1h = 4.0, window = 200_000 }
plain-fast = { input = 4.0, output = 20.0 }
unstated = { input = 1.0, output = 1.0, cache_write_other = 3.0 }
just-window = { window = 1000 }
claude-x-4-5 = { input = 3.0, output = 15.0 }
"gpt-9.1" = { input = 7.0, output = 8.0 }

[vendor.models.stepped]
input = 1.0
output = 4.0
cache_read = 0.1
long_prompt = { above = 1_000, input = 2.0, output = 6.0, cache_read = 0.2 }

[vendor.aliases]
nickname = "plain"
"""


@pytest.fixture(scope="module")
def small() -> PriceTable:
    return PriceTable.load(SMALL, "small.toml")


@pytest.fixture(scope="module")
def shipped() -> PriceTable:
    return PriceTable.shipped()


# -- cost -----------------------------------------------------------------------------------------


def test_every_class_has_its_own_price(small: PriceTable) -> None:
    usage = Usage(input=1_000_000, cache_read=2_000_000, cache_write_5m=100_000, cache_write_1h=50_000, output=300_000)
    # 2.00 + 2 x 0.20 + 0.1 x 2.50 + 0.05 x 4.00 + 0.3 x 10.00
    assert small.cost("plain", usage) == pytest.approx(2.0 + 0.4 + 0.25 + 0.2 + 3.0)


def test_reasoning_is_a_part_of_output_and_costs_nothing_more(small: PriceTable) -> None:
    assert small.cost("plain", Usage(output=500_000, reasoning=400_000)) == pytest.approx(5.0)


def test_an_unknown_model_costs_unknown_not_zero(small: PriceTable) -> None:
    assert small.cost("plainer", Usage(input=1)) is None
    assert small.cost("", Usage(input=1)) is None
    assert small.cost("<synthetic>", Usage(input=1)) is None


def test_a_known_model_that_used_nothing_costs_nothing(small: PriceTable) -> None:
    assert small.cost("plain", ZERO) == 0.0


def test_a_used_class_without_a_price_makes_the_cost_unknown(small: PriceTable) -> None:
    assert small.cost("plain", Usage(input=1, cache_write_other=1)) is None
    assert small.cost("unstated", Usage(cache_write_other=1_000_000)) == pytest.approx(3.0)


def test_a_model_of_which_only_the_window_is_known_costs_unknown(small: PriceTable) -> None:
    assert small.window("just-window") == 1000
    assert small.cost("just-window", Usage(output=1)) is None


def test_the_cost_is_not_rounded(small: PriceTable) -> None:
    assert small.cost("plain", Usage(cache_read=1)) == pytest.approx(0.0000002)


# -- prices that depend on the prompt -----------------------------------------------------------------


def test_a_long_prompt_changes_the_price_of_the_whole_call(small: PriceTable) -> None:
    call = Usage(input=200, cache_read=801, output=100)
    assert prompt_tokens(call) == 1001
    # 200 x 2.00 + 801 x 0.20 + 100 x 6.00
    assert small.cost("stepped", call, prompt=prompt_tokens(call)) == pytest.approx((400 + 160.2 + 600) / 1e6)


def test_a_prompt_at_the_step_is_not_above_it(small: PriceTable) -> None:
    call = Usage(input=1000, output=100)
    assert small.cost("stepped", call, prompt=1000) == pytest.approx((1000 + 400) / 1e6)


def test_a_sum_too_small_to_hold_a_long_prompt_is_priced(small: PriceTable) -> None:
    assert small.cost("stepped", Usage(input=900, cache_read=100, output=50_000)) == pytest.approx(
        (900 + 10 + 200_000) / 1e6
    )


def test_a_sum_that_may_hold_a_long_prompt_is_unknown(small: PriceTable) -> None:
    assert small.cost("stepped", Usage(input=1001)) is None


def test_a_sum_of_short_prompts_is_priced_however_large(small: PriceTable) -> None:
    assert small.cost("stepped", Usage(input=5_000_000), prompt=800) == pytest.approx(5.0)


def test_the_step_is_told(small: PriceTable) -> None:
    assert small.long_prompt_above("stepped") == 1000
    assert small.long_prompt_above("plain") is None
    assert small.long_prompt_above("nobody") is None


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 500)), max_size=20))
def test_calls_sorted_by_the_step_cost_the_same_as_one_by_one(calls: list[tuple[int, int, int]]) -> None:
    table = PriceTable.load(SMALL, "small.toml")
    usages = [Usage(input=new, cache_read=read, output=out) for new, read, out in calls]
    one_by_one = sum(table.cost("stepped", usage, prompt=prompt_tokens(usage)) or 0.0 for usage in usages)
    short = sum((usage for usage in usages if prompt_tokens(usage) <= 1000), ZERO)
    long = sum((usage for usage in usages if prompt_tokens(usage) > 1000), ZERO)
    by_side = (table.cost("stepped", short, prompt=0) or 0.0) + (table.cost("stepped", long, prompt=1001) or 0.0)
    assert by_side == pytest.approx(one_by_one)


# -- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "claude-x-4-5",
        "Claude-X-4-5",
        "claude-x-4-5-20250929",
        "claude-x-4-5@20250929",
        "claude-x-4-5[1m]",
        "claude-x-4-5-20250929[1m]",
        "anthropic/claude-x-4-5",
        "openrouter/anthropic/claude-x-4.5",
        "anthropic.claude-x-4-5-20250929-v1:0",
        "us.anthropic.claude-x-4-5-20250929-v1:0",
        "eu.anthropic.claude-x-4-5",
        "global.anthropic.claude-x-4-5-20250929-v2:0",
    ],
)
def test_documented_ways_of_writing_a_claude_model(small: PriceTable, name: str) -> None:
    assert small.cost(name, Usage(input=1_000_000)) == pytest.approx(3.0)


@pytest.mark.parametrize("name", ["gpt-9.1", "openai/gpt-9.1", "gpt-9.1-2026-04-23", "openrouter/openai/gpt-9.1"])
def test_documented_ways_of_writing_an_openai_model(small: PriceTable, name: str) -> None:
    assert small.cost(name, Usage(input=1_000_000)) == pytest.approx(7.0)


@pytest.mark.parametrize(
    "name",
    [
        "claude-x-4-55",
        "claude-x-4",
        "claude-x-4-5-turbo",
        "claude-x-4-5-20259929",  # no such day
        "claude-x-4-5-fast",  # a tier of its own, without a price
        "my-claude-x-4-5",
        "gpt-9-1",
        "gpt-9.1-20260423",
        "gpt-9.1-v1:0",
        "gpt-9.1-mini",
        "gpt-9",
        "somebody/gpt-9.1",
    ],
)
def test_a_similar_name_is_another_model(small: PriceTable, name: str) -> None:
    assert small.cost(name, Usage(input=1)) is None


def test_an_alias_of_the_file(small: PriceTable) -> None:
    assert small.cost("nickname", Usage(input=1_000_000)) == pytest.approx(2.0)


def test_the_fast_tier_never_takes_the_standard_price(small: PriceTable) -> None:
    assert small.cost("plain-fast", Usage(input=1_000_000)) == pytest.approx(4.0)
    assert small.cost("unstated-fast", Usage(input=1)) is None


def test_the_window(small: PriceTable) -> None:
    assert small.window("plain") == 200_000
    assert small.window("unstated") is None
    assert small.window("nobody") is None
    assert small.window("claude-x-4-5[1m]") == 1_000_000
    assert small.window("nobody[1m]") is None


@given(st.text(max_size=60))
def test_any_text_may_be_a_model(name: str) -> None:
    table = PriceTable.load(SMALL, "small.toml")
    assert table.cost(name, Usage(input=1)) is None or name.strip().lower() in table.models()


def test_names_from_transcripts_do_not_pile_up(small: PriceTable) -> None:
    table = PriceTable.load(SMALL, "small.toml")
    for number in range(3000):
        table.cost(f"made-up-{number}", Usage(input=1))
    assert len(table._found) <= 1000
    assert table.cost("plain", Usage(input=1_000_000)) == pytest.approx(2.0)


# -- a file of one's own ------------------------------------------------------------------------------


def test_json_says_the_same_as_toml() -> None:
    text = json.dumps({"mine": {"models": {"m": {"input": 1, "output": 2}}, "as_of": "2026-05-06"}})
    table = PriceTable.load(text, "mine.json")
    assert table.cost("m", Usage(output=1_000_000)) == pytest.approx(2.0)
    assert table.models()["m"].as_of == "2026-05-06"


def test_own_prices_replace_the_shipped_ones_as_a_whole(small: PriceTable) -> None:
    table = small.merged(PriceTable.load("[mine.models]\nplain = { input = 1.0, output = 1.0 }", "mine.toml"))
    assert table.cost("plain", Usage(input=1_000_000)) == pytest.approx(1.0)
    assert table.cost("plain", Usage(cache_read=1)) is None, "a price that was not agreed is not the list price"
    assert table.window("plain") == 200_000, "the window is no price"
    assert table.cost("unstated", Usage(input=1_000_000)) == pytest.approx(1.0), "others stand"
    assert small.cost("plain", Usage(input=1_000_000)) == pytest.approx(2.0), "the table below is unchanged"


def test_an_own_window_leaves_the_price(small: PriceTable) -> None:
    table = small.merged(PriceTable.load("[mine.models]\nplain = { window = 500_000 }", "mine.toml"))
    assert table.window("plain") == 500_000
    assert table.cost("plain", Usage(input=1_000_000)) == pytest.approx(2.0)


def test_an_own_price_for_one_snapshot_leaves_the_others(small: PriceTable) -> None:
    own = '[mine.models]\n"claude-x-4-5-20250929" = { input = 9.0 }'
    table = small.merged(PriceTable.load(own, "mine.toml"))
    assert table.cost("claude-x-4-5-20250929", Usage(input=1_000_000)) == pytest.approx(9.0)
    assert table.cost("claude-x-4-5-20260101", Usage(input=1_000_000)) == pytest.approx(3.0)


def test_own_aliases_reach_the_shipped_models(small: PriceTable) -> None:
    table = small.merged(PriceTable.load('[mine.aliases]\nhouse-model = "plain"', "mine.toml"))
    assert table.cost("house-model", Usage(input=1_000_000)) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[g.models]\nm = { input = -1 }", "g.models.m.input"),
        ("[g.models]\nm = { input = nan }", "g.models.m.input"),
        ("[g.models]\nm = { input = inf }", "g.models.m.input"),
        ("[g.models]\nm = { input = 1e7 }", "g.models.m.input"),
        ("[g.models]\nm = { input = true }", "g.models.m.input"),
        ('[g.models]\nm = { input = "3" }', "g.models.m.input"),
        ("[g.models]\nm = { inptu = 3 }", "g.models.m.inptu"),
        ("[g.models]\nm = { input = 3, window = 0 }", "g.models.m.window"),
        ("[g.models]\nm = { input = 3, window = 1.5 }", "g.models.m.window"),
        ("[g.models]\nm = { input = 3, long_prompt = { input = 4 } }", "g.models.m.long_prompt.above"),
        ("[g.models]\nm = { input = 3, long_prompt = 4 }", "g.models.m.long_prompt"),
        ("[g.models]\nm = { long_prompt = { above = 5, input = 4 } }", "g.models.m"),
        ("[g.models]\nm = {}", "g.models.m"),
        ("[g.models]\nm = 3", "g.models.m"),
        ("[g]\nmodels = 3", "g.models"),
        ("g = 3", "g"),
        ("[g]\nmodel = {}", "g.model"),
        ("[g]\nsource = 3", "g.source"),
        ("[g]\nas_of = 2026-01-01T00:00:00Z", "g.as_of"),
        ('[g]\nas_of = "soon"', "g.as_of"),
        ("[g.aliases]\na = 3", "g.aliases.a"),
        ("[g.models]\nm = { input = 1 }\n[h.models]\nM = { input = 1 }", "h.models.M"),
        ("[g.models]\nm = { input = 1 }\nm = { input = 2 }", "Cannot overwrite"),
        ('{"g": {"models": {"m": {"input": 1}, "m": {"input": 2}}}}', "m is there twice"),
        ('{"g": {"models": {"m": {"input": 1' + "0" * 400 + "}}}}", "g.models.m.input"),
        ("{" * 3000, ""),
        ('{"a":' * 100_000, ""),
        ("[broken", "Expected"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(text: str, names: str) -> None:
    with pytest.raises(PriceError, match=rf"^mine\.file: .*{re.escape(names)}"):
        PriceTable.load(text, "mine.file")


@given(st.text(max_size=200))
def test_no_text_does_worse_than_an_error(text: str) -> None:
    try:
        PriceTable.load(text, "mine")
    except PriceError as error:
        assert str(error).startswith("mine: ")


def test_an_empty_file_holds_no_prices() -> None:
    assert not PriceTable.load("", "mine").models()


# -- the shipped table ----------------------------------------------------------------------------


def test_every_shipped_price_names_its_source_and_date(shipped: PriceTable) -> None:
    prices = shipped.models()
    assert len(prices) > 50
    for name, price in prices.items():
        assert "https://" in price.source, name
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", price.as_of), name


def test_every_shipped_alias_leads_to_a_model(shipped: PriceTable) -> None:
    assert shipped._aliases
    for alias, target in shipped._aliases.items():
        assert target in shipped.models(), alias


def test_every_shipped_model_is_priced_for_what_it_may_use(shipped: PriceTable) -> None:
    for name, price in shipped.models().items():
        assert price.rates.input and price.rates.output, name
        assert price.rates.output > price.rates.input, name
        if price.rates.cache_read is not None:
            assert price.rates.cache_read < price.rates.input, name
        if name.startswith("claude-") and name != "claude-3-sonnet":
            rates = price.rates
            assert None not in (rates.cache_write_5m, rates.cache_write_1h, rates.cache_write_other), name


def test_a_long_prompt_is_dearer_in_every_class(shipped: PriceTable) -> None:
    stepped = {name: price for name, price in shipped.models().items() if price.long_prompt}
    assert stepped
    for name, price in stepped.items():
        assert price.long_prompt is not None
        for rate in ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other"):
            low, high = getattr(price.rates, rate), getattr(price.long_prompt.rates, rate)
            assert (low is None) == (high is None), f"{name} {rate}"
            assert low is None or high > low, f"{name} {rate}"


MTOK = 1_000_000


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("claude-opus-5-5", Usage(MTOK, MTOK, MTOK, MTOK, 0, MTOK), 4 + 0.20 + 5 + 8 + 20),
        ("claude-opus-4-8-fast", Usage(MTOK, MTOK, MTOK, MTOK, 0, MTOK), 10 + 1 + 12.5 + 20 + 50),
        ("claude-fable-5-1", Usage(MTOK, MTOK, MTOK, MTOK, 0, MTOK), 10 + 0.25 + 12.5 + 20 + 50),
        ("claude-haiku-4-5-20251001", Usage(MTOK, MTOK, MTOK, MTOK, 0, MTOK), 1 + 0.10 + 1.25 + 2 + 5),
        ("claude-opus-4-20250514", Usage(MTOK, MTOK, MTOK, MTOK, 0, MTOK), 15 + 1.5 + 18.75 + 30 + 75),
        ("gpt-5-codex", Usage(input=MTOK, cache_read=MTOK, output=MTOK), 1.25 + 0.125 + 10),
        ("o3", Usage(input=MTOK, cache_read=MTOK, output=MTOK), 2 + 0.5 + 8),
    ],
)
def test_shipped_prices(shipped: PriceTable, model: str, usage: Usage, dollars: float) -> None:
    assert shipped.cost(model, usage) == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("model", "prompt", "dollars"),
    [
        ("claude-haiku-5-5", 100_000, 0.10 + 0.01 + 0.125 + 0.50),
        ("claude-haiku-5-5", 100_001, 0.50 + 0.05 + 0.625 + 2.50),
        ("claude-sonnet-4-5", 200_001, 6 + 0.60 + 7.50 + 22.50),
        ("gpt-6.2-sol", 272_000, 2 + 0.10 + 2.50 + 10),
        ("gpt-6.2-sol", 272_001, 4 + 0.20 + 5 + 15),
    ],
)
def test_shipped_prices_by_prompt(shipped: PriceTable, model: str, prompt: int, dollars: float) -> None:
    usage = Usage(input=MTOK, cache_read=MTOK, cache_write_other=MTOK, output=MTOK)
    assert shipped.cost(model, usage, prompt=prompt) == pytest.approx(dollars)


# Sums that people have published with what a counting tool made of them: millions of input, output, cache write and
# cache read, then dollars. The writes are five-minute writes.
PUBLISHED = [
    ("claude-sonnet-4-5", 0.540248, 3.204443, 31.821825, 361.029851, 277.33),
    ("claude-sonnet-4-5", 0.017778, 0.006789, 1.2236, 9.842639, 7.70),
    ("claude-opus-4-1", 0.000783, 0.204983, 0.697442, 11.263478, 45.36),
    ("claude-opus-4-5", 0.366893, 0.023412, 10.244, 139.386, 136.14),
    ("claude-haiku-4-5", 0.017725, 0.170788, 1.838850, 19.804130, 5.15),
    ("claude-haiku-4-5", 0.403897, 0.247207, 17.067, 312.427, 54.22),
]


@pytest.mark.parametrize(("model", "new", "out", "written", "read", "dollars"), PUBLISHED)
def test_published_sums(
    shipped: PriceTable, model: str, new: float, out: float, written: float, read: float, dollars: float
) -> None:
    usage = Usage(
        input=round(new * MTOK),
        output=round(out * MTOK),
        cache_write_5m=round(written * MTOK),
        cache_read=round(read * MTOK),
    )
    assert shipped.cost(model, usage, prompt=0) == pytest.approx(dollars, rel=0.001)


def test_models_without_an_established_price_have_none(shipped: PriceTable) -> None:
    for name in ("codex-auto-review", "gpt-5.3-codex-spark", "claude-opus-9", "claude-sonnet-5-5-fast", "gpt-6"):
        assert shipped.find(name) is None, name


def test_windows(shipped: PriceTable) -> None:
    assert shipped.window("claude-haiku-4-5-20251001") == 200_000
    assert shipped.window("claude-opus-5-5") == 1_000_000
    assert shipped.window("claude-sonnet-4-5[1m]") == 1_000_000
    assert shipped.window("claude-opus-4-6") is None, "the client's choice, which its transcripts leave out"


def test_the_shipped_file_is_a_part_of_the_package() -> None:
    assert files("tui.ledger").joinpath("data/prices.toml").is_file()
