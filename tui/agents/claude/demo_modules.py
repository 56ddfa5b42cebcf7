"""The modules that the demo's honest workers read: invented code, of which no two files are alike."""

from __future__ import annotations

import random

FILES = ("berths", "tariffs", "pilots", "tides", "manifests", "moorings", "weather", "customs", "cranes", "buoys")
_VERBS = (
    "assign", "bill", "cancel", "check", "clear", "close", "count", "draw", "estimate", "find", "hold", "list",
    "merge", "move", "note", "open", "plan", "price", "rank", "read", "reserve", "round", "send", "sign", "split",
    "sum", "weigh",
)  # fmt: skip
_NOUNS = (
    "anchor", "barge", "booking", "bollard", "cargo", "channel", "convoy", "crew", "deadline", "deposit", "draught",
    "escort", "ferry", "fender", "gate", "invoice", "keel", "ladder", "lane", "lock", "margin", "night", "notice",
    "owner", "passage", "permit", "pier", "quota", "refund", "reserve", "rope", "season", "shift", "signal", "slot",
    "stay", "surcharge", "tender", "tide", "tonnage", "towage", "tug", "visit", "watch", "wharf", "window",
)  # fmt: skip
_RULES = (
    "return {a} if {b} is None else min({a}, {b})", "raise ValueError('no {x} without a {y}')",
    "yield from ({a} for {a} in {b} if {a}.{x})", "return sum(one.{x} for one in {a}) * {n} // {m}",
    "log.info('{x} of %s: %s', {a}, {b})", "return sorted({a}, key=lambda one: (one.{x}, -one.{y}))",
    "{a}.{x} = {b}.{y} + {n}", "return {a}.{x} >= {n} and not {b}.{y}", "del {a}[{b}.{x}]",
    "with {a}.locked(): {b}.append({x!r})",
)  # fmt: skip


def module(name: str, number: int) -> tuple[str, str]:
    """One file: its name without ending, and its text. The same for the same number."""
    made = random.Random(f"{name} {number}")  # noqa: S311 (invented text)
    topic, other = made.sample(_NOUNS, 2)
    lines = [
        f'"""Rules of the {topic} for {name}: {made.choice(_VERBS)}s each {other}, at most {number + 2} a day."""',
        "",
    ]
    lines += [
        f"{made.choice(_NOUNS).upper()}_{made.choice(_NOUNS).upper()} = {made.randrange(9_999)}" for _ in range(3)
    ]
    for _ in range(made.randrange(4, 8)):
        x, y, a, b = made.sample(_NOUNS, 4)
        lines += ["", f"def {made.choice(_VERBS)}_{x}({a}: {y.title()}, {b}: int = {made.randrange(99)}):"]
        for _ in range(made.randrange(1, 4)):
            rule = made.choice(_RULES)
            lines.append("    " + rule.format(a=a, b=b, x=x, y=y, n=made.randrange(2, 90), m=made.randrange(2, 12)))
    return f"{topic}_{name}_{number}", "\n".join(lines)


def note(name: str, number: int) -> str:
    """What its reader notes of a file, in one sentence."""
    title, text = module(name, number)
    first = text.splitlines()[0].strip('".')
    owned = ", ".join(line.split("(")[0].removeprefix("def ") for line in text.splitlines() if line.startswith("def "))
    return f"{title}: {first}; it owns {owned}"
