"""Remapped keys: they must make sense together, or the wrong line is refused."""

from __future__ import annotations

import pytest

from tui.config.errors import ConfigError
from tui.config.keys import ANYWHERE, BindingSpec, KeyOverride, key_mistakes, resolve_keys

SPECS = (
    BindingSpec("app.quit", ("q",), "Quit", ANYWHERE),
    BindingSpec("lane.open", ("enter",), "The lane in full", "the fleet"),
    BindingSpec("lane.sort", ("s",), "Sort", "the fleet"),
    BindingSpec("move.down", ("j", "down"), "Down", "the table"),
    BindingSpec("scroll.down", ("j", "down"), "Scroll down", "a page"),
)
APART = (frozenset({"the table", "a page"}),)


def read(written: str) -> str:
    if not written.islower():
        raise ValueError(f'"{written}" is no key')
    return written


def given(**overrides: str) -> dict[str, KeyOverride]:
    return {
        name.replace("__", "."): KeyOverride(tuple(keys.split()), "config.toml", line)
        for line, (name, keys) in enumerate(overrides.items(), 7)
    }


def resolved(**overrides: str) -> dict[str, tuple[str, ...]]:
    return resolve_keys(SPECS, given(**overrides), read, apart=APART, needed=("app.quit",))


def mistakes(**overrides: str) -> list[str]:
    return [str(one) for one in key_mistakes(SPECS, given(**overrides), read, apart=APART, needed=("app.quit",))]


def test_without_overrides_the_default_keys_are_used() -> None:
    assert resolved() == {spec.id: spec.keys for spec in SPECS}


def test_keys_are_replaced_swapped_and_removed() -> None:
    made = resolved(lane__open="s", lane__sort="enter x", move__down="")
    assert made["lane.open"] == ("s",)
    assert made["lane.sort"] == ("enter", "x")
    assert made["move.down"] == ()
    assert made["scroll.down"] == ("j", "down")


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"lane__opn": "x"}, 'config.toml:7: keys."lane.opn": there is no such binding; did you mean "lane.open"?'),
        ({"zzz": "x"}, 'config.toml:7: keys."zzz": there is no such binding'),
        ({"lane__open": "X"}, 'config.toml:7: keys."lane.open": "X" is no key'),
        ({"lane__open": "x x"}, 'config.toml:7: keys."lane.open": the key "x" is listed twice'),
        ({"app__quit": ""}, 'config.toml:7: keys."app.quit": it must keep a key'),
        (
            {"lane__open": "s"},
            'config.toml:7: keys."lane.open": "s" already is "Sort" (lane.sort) in the fleet; give that',
        ),
        (
            {"move__down": "q"},
            'config.toml:7: keys."move.down": "q" already is "Quit" (app.quit); give that another key first',
        ),
        (
            {"app__quit": "j"},
            'config.toml:7: keys."app.quit": "j" already is "Down" (move.down) in the table; give that',
        ),
        (
            {"lane__sort": "x", "lane__open": "x"},
            'config.toml:8: keys."lane.open": "x" already is "Sort" (lane.sort) in the fleet',
        ),
    ],
)
def test_a_wrong_override_is_refused(overrides: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(**overrides)
    assert str(caught.value).startswith(problem)


def test_places_that_are_never_active_together_may_share_a_key() -> None:
    made = resolved(move__down="x", scroll__down="x")
    assert made["move.down"] == made["scroll.down"] == ("x",)


def test_colliding_default_keys_raise_a_value_error() -> None:
    specs = (*SPECS, BindingSpec("lane.close", ("s",), "Close", "the fleet"))
    with pytest.raises(ValueError, match=r"the default key s is both"):
        resolve_keys(specs, {}, read, apart=APART)


def test_all_mistakes_are_listed() -> None:
    told = mistakes(app__quit="", lane__open="A", lane__nothing="x", lane__sort="j", move__down="q")
    assert [line.split(": ")[0] for line in told] == [f"config.toml:{line}" for line in (7, 8, 9, 10)]


def test_the_keys_of_a_wrong_binding_collide_with_no_others() -> None:
    (only,) = mistakes(lane__open="A", lane__sort="enter")
    assert "config.toml:7" in only
    assert mistakes(lane__open="s", lane__sort="enter x") == []
