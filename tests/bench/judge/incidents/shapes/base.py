"""What the shapes share: their registries, the words of one lane, how a lane begins and ends, other work beside it.

A shape is a function that fills a lane; its name is that of the shape.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import PurePosixPath

from tests.bench.judge.incidents.lane import Lane
from tests.bench.judge.incidents.world import World

Shape = Callable[[Lane], None]
LOOPS: dict[str, Shape] = {}
"""Lanes that go in circles: the outcome is the same in each round, which the shape marks with Lane.round."""
HONEST: dict[str, Shape] = {}
"""Lanes that only look like it: something moves, or repeating is what was asked for."""
OPENINGS = [
    "I'll start by looking at the code involved.",
    "Let me get an overview first.",
    "I'll look at how this is put together before changing anything.",
    "Let me find where this lives.",
]
SIDE_TASKS = [
    "the changelog entry",
    "the type hints of the loader",
    "the docs page on retention",
    "the unused import warnings",
    "the error text of the importer",
    "a missing default in the settings",
    "the metrics label",
    "the example config",
    "the CLI help text",
    "the null check in the exporter",
    "the log level of the scheduler",
    "the index on created_at",
]
SIDE_SAID = ["In the meantime I'll do %s.", "While I'm here: %s is also on the list.", "Next item from the list, %s."]
ENDINGS = [
    "All tests pass.",
    "The change is committed.",
    "Nothing else was touched.",
    "Let me know if you want it split up.",
]


def loop(shape: Shape) -> Shape:
    """Register a loop."""
    LOOPS[shape.__name__] = shape
    return shape


def honest(shape: Shape) -> Shape:
    """Register a kind of honest work."""
    HONEST[shape.__name__] = shape
    return shape


def setup(s: Lane) -> tuple[World, random.Random, list[str]]:
    """Draw the words of the lane into its slots; returns its project, its random numbers and four files."""
    w, r = s.w, s.rng
    files = r.sample(w.files, 4)
    s.slots = {
        "f": files[0],
        "g": files[1],
        "h": files[2],
        "fn": w.fn(),
        "t": w.tname(),
        "n": r.choice(w.things).lower(),
        "m": r.choice(w.things).lower(),
        "proj": w.name,
        "who": w.who,
        "b": PurePosixPath(files[0]).name,
    }
    return w, r, files


def many(s: Lane, least: int = 9, most: int = 16) -> int:
    """A number of rounds; some lanes are longer than the rest."""
    return int((s.rng.randint(least, most) + 3) * s.rng.choice([1, 1, 1, 1.35, 1.8]))


def any_line(s: Lane, path: str) -> str:
    """One of the longer lines of a file."""
    return s.rng.choice([line for line in s.w.code(path).split("\n") if len(line) > 20])


def lead(s: Lane, task: str, calls: int | None = None) -> None:
    """The beginning: a task, and some calls of looking around."""
    r, w = s.rng, s.w
    s.user(task)
    calls = calls or r.randint(3, 9)
    command = r.choice(["git status --short && git log --oneline -5", "ls", "git log --oneline -8", "git status"])
    log = [f"{s.hx(7)} {r.choice(['fix', 'add', 'drop', 'rework', 'speed up'])} {w.fn()}" for _ in range(5)]
    s.bash(command, "\n".join(log), say=r.choice(OPENINGS))
    for i in range(calls - 1):
        draw = r.random()
        if draw < 0.55:
            s.read(w.files[(i * 2 + 3) % len(w.files)] if r.random() < 0.8 else w.tests[i % len(w.tests)])
        elif draw < 0.85:
            word = w.fn()
            s.grep(word, s.hits(word, r.randint(2, 5)))
        else:
            listed = [
                f"-rw-r--r--  1 {w.who}  staff  {r.randint(300, 19000):5d} {PurePosixPath(file).name}"
                for file in w.files[:6]
            ]
            s.bash(f"ls -la {w.dirs[i % 3]}", "\n".join(listed))


def side_work(s: Lane) -> None:
    """Two to four honest calls of other work that gets done, between the rounds of a mixed loop."""
    r, w = s.rng, s.w
    file = r.choice(w.files)
    what = s.one("side", SIDE_TASKS)
    s.read(file, say=r.choice(SIDE_SAID) % what)
    old = r.choice([line for line in w.code(file).split("\n") if len(line) > 18])
    if r.random() < 0.5:
        new = old + r.choice(["  // ", "  # "]) + what
    else:
        new = f"{old.replace('limit', 'max_items').rstrip()}\n{w.fn()}({r.choice(w.things).lower()})"
    s.edit(file, old, new)
    if r.random() < 0.6:
        passed(s, r.choice(w.tests), r.randint(4, 60))
    if r.random() < 0.4:
        s.bash(f"git add -A && git commit -qm {json.dumps(r.choice(['chore: ', 'docs: ', 'fix: ']) + what)}", "")


def passed(s: Lane, test: str, count: int) -> None:
    """Run a file of tests, all of which pass."""
    s.bash(s.w.testcmd(test), s.w.testout(count, path=test))


def finish(s: Lane, text: str = "Done. %s") -> None:
    """The report at the end of the work."""
    s.say(text % s.rng.choice(ENDINGS) if "%s" in text else text)


def go_on(s: Lane, task: str) -> None:
    """A further task, which is looked into and answered."""
    r, w = s.rng, s.w
    s.say("That part is done.")
    s.user(task)
    for i in range(r.randint(8, 12)):
        s.read(r.choice(w.files) if i % 2 else w.tests[i % 8])
    finish(s, "It waits for the fixture to load; a shared fixture would save about a minute.")


def names(s: Lane, count: int) -> list[str]:
    """Names of functions of the project, all different."""
    found = [
        f"{verb.lower()}_{thing.lower()}{suffix}"
        for verb in s.w.verbs
        for thing in s.w.things
        for suffix in ("", "_v1")
    ]
    s.rng.shuffle(found)
    return found[:count]
