"""Loops of edits: the same failure after each, to and fro, or polish that changes nothing."""

from __future__ import annotations

import json

from tests.bench.judge.incidents.lane import Lane
from tests.bench.judge.incidents.shapes.base import any_line, lead, loop, many, setup


@loop
def fixes_same_error(s: Lane) -> None:
    w, r, f = setup(s)
    lead(s, s.fill("{t} fails on main since yesterday, please fix it."))
    msg = r.choice(["expected 3, got 2", "left: 14, right: 13", "want [a b c], got [a c]", "timestamps differ by 3600"])
    t = w.tests[0]
    bad = s.slots["t"]
    for _ in range(many(s)):
        s.round()
        o = any_line(s, f[0])
        s.edit(
            f[0],
            o,
            o.rstrip()
            + r.choice([" or []", " + 1", " - 1", "", " if x else None"])
            + (f"  # {r.choice(['guard', 'inclusive end', 'utc', 'copy', 'off by one'])}"),
            say=s.one(
                "x",
                [
                    "I see the issue: the bound is exclusive here. Fixing.",
                    "The real cause must be in how {n}s are merged. Let me change that.",
                    "Found it, {fn} drops the last {n}.",
                    "Ah, the comparison is done before normalising. This should fix it.",
                    "Now I understand: the list is shared between calls, so I copy it.",
                    "The rounding is at fault. Adjusting.",
                    "This time it is clear: the default is evaluated too early.",
                ],
            ),
        )
        s.bash(w.testcmd(t), w.testout(41, [bad], msg, path=t), 1)
        if r.random() < 0.3:
            s.read(f[0], r.randint(1, 40), 60)


@loop
def oscillate_ab(s: Lane) -> None:
    w, _r, f = setup(s)
    lead(s, s.fill("The {n} view must work both with the old and the new {m} format. Make both test files pass."))
    a, b = w.tests[0], w.tests[1]
    ta, tb = w.tname(), w.tname()
    A, B = f"parse(raw, {s.slots['m']}=True)", "parse(raw)"
    cur = 0
    s.edit(f[0], any_line(s, f[0]), A)
    for _ in range(many(s, 8, 13)):
        s.round()
        s.bash(
            w.testcmd(),
            w.testout(
                77, [ta if cur == 0 else tb], f"cannot read {'v1' if cur == 0 else 'v2'}", path=a if cur == 0 else b
            ),
            1,
        )
        s.edit(
            f[0],
            [A, B][cur],
            [B, A][cur],
            say=s.one(
                f"x{cur}",
                [
                    [
                        "The old format breaks with the flag. Removing it.",
                        "Without the flag the old records parse, so take it out again.",
                        "The flag is wrong for v1 data.",
                    ],
                    [
                        "Now the new format fails; it needs the flag.",
                        "v2 needs {m}=True, putting it back.",
                        "I'll pass the flag so that the new records are read.",
                    ],
                ][cur],
            ),
        )
        cur ^= 1


@loop
def formatter_fight(s: Lane) -> None:
    w, r, f = setup(s)
    lead(s, "Clean up the lint errors so that the pre-commit hook passes, then commit.")
    o = any_line(s, f[1])
    rule = r.choice(
        [
            "E501 line too long (104 > 100)",
            "max-len: This line has a length of 104",
            "line-length-limit: line is 104 characters",
            "clippy::too_long",
        ]
    )
    for _ in range(many(s, 9, 14)):
        s.round()
        s.edit(
            f[1],
            o,
            o[: len(o) // 2] + " \\\n    " + o[len(o) // 2 :],
            say=s.one(
                "x",
                [
                    "I'll break this line.",
                    "Splitting the line by hand so that the linter accepts it.",
                    "The line is too long again, wrapping.",
                    None,
                ],
            ),
        )
        s.bash(
            "git add -A && git commit -m 'style: fix lint'",
            f"lint.....................Failed\n- hook id: lint\n{f[1]}:{61}: {rule}\nformat.....................Failed\n- files were modified by this hook\n1 file reformatted",
            1,
        )
        w.fs[f[1]] = w.code(f[1]).replace(" \\\n    ", "")
        if r.random() < 0.4:
            s.bash("git diff --stat", f" {f[1]} | 2 +-")


@loop
def done_polish(s: Lane) -> None:
    w, r, f = setup(s)
    lead(s, s.fill("Fix the typo in the error text of {fn}."))
    s.edit(f[0], any_line(s, f[0]), "raise Error('could not load')")
    s.bash(w.testcmd(), w.testout(120))
    s.say("Done: the text now reads 'could not load'. All tests pass.")
    s.user("ok, finish up")
    for _ in range(many(s, 9, 13)):
        s.round()
        s.bash(
            w.testcmd(),
            w.testout(120),
            say=s.one(
                "x",
                [
                    "Let me verify once more that everything is fine.",
                    "A last check of the whole suite.",
                    "Everything passes. I'll double-check the diff.",
                    "To be on the safe side I'll run the tests again.",
                    "Final verification.",
                ],
            ),
        )
        s.bash(s.one("g", ["git status --short", "git diff --stat", "git diff"]), f" M {f[0]}")
        if r.random() < 0.35:
            s.bash("git log -1 --stat", f"commit {s.hx(40)}\n {f[0]} | 2 +-")


@loop
def done_comment_tweaks(s: Lane) -> None:
    _w, r, f = setup(s)
    lead(s, s.fill("Add a docstring to {fn}."))
    d = [
        "Load the {n} of a {m}.",
        "Loads the {n} for the given {m}.",
        "Return the {n} that belongs to {m}.",
        "Fetch and return a {m}'s {n}.",
        "Get the {n} for one {m}.",
    ]
    cur = s.fill(d[0])
    s.edit(f[0], any_line(s, f[0]), cur)
    for _ in range(many(s, 16, 24)):
        s.round()
        new = s.one("d", d)
        s.edit(
            f[0],
            cur,
            new,
            say=s.one(
                "x",
                [
                    "The wording can be clearer.",
                    "Imperative mood reads better here.",
                    "Slightly more precise:",
                    "On reflection the shorter form is better.",
                    "Let me make this consistent with the other docstrings.",
                    "A small polish of the sentence.",
                ],
            ),
        )
        cur = new
        if r.random() < 0.3:
            s.read(f[0], 1, 30)


@loop
def rewrite_own_text(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, f"Write a short design note about the {s.slots['n']} handling into docs/design.md.")
    para = [
        "The {n} is read once and kept in memory. A {m} refers to it by id.",
        "Every {m} holds the id of its {n}; the {n} itself is read a single time.",
        "We load each {n} once. All {m}s point to it by its id.",
        "{n}s are loaded a single time and shared; {m}s keep the id.",
    ]
    heads = ["# Design of the {n} handling", "# {n} handling", "# How {n}s are handled", "# Design note: {n}s"]
    for _ in range(many(s, 14, 20)):
        s.round()
        s.write(
            "docs/design.md",
            s.fill(
                "{}\n\n{}\n\n## Trade-offs\n\n{}\n".format(
                    s.one("h", heads),
                    s.one("p", para),
                    s.one(
                        "t",
                        [
                            "Memory grows with the number of {n}s.",
                            "It costs memory for each {n}.",
                            "The price is memory per {n}.",
                            "Memory use rises with {n}s.",
                        ],
                    ),
                )
            ),
            say=s.one(
                "x",
                [
                    "The structure can be better. Rewriting the note.",
                    "Let me tighten this.",
                    "I'm not happy with the flow, I'll write it anew.",
                    "A clearer version:",
                    "I'll restructure the document once more.",
                    None,
                ],
            ),
        )
        if r.random() < 0.35:
            s.bash("cat docs/design.md", w.fs["docs/design.md"])


@loop
def patch_context_missing(s: Lane) -> None:
    _w, r, f = setup(s)
    lead(s, s.fill("Rename the parameter `limit` to `max_items` in {f}."))
    old = f"def {s.slots['fn']}(self, limit=10):"
    for _ in range(many(s, 10, 15)):
        s.round()
        o = s.one("o", [old, old.replace("10", "20"), old + "\n    pass", "    " + old, old.replace("self, ", "")])
        s.edit(
            f[0],
            o,
            o.replace("limit", "max_items"),
            say=s.one(
                "x",
                [
                    "Applying the rename.",
                    "The context did not match, trying with less of it.",
                    "Let me try again with the exact line.",
                    "The indentation may be off. Retrying.",
                    None,
                ],
            ),
            fail="String to replace not found in file.\nString: " + o,
        )
        if r.random() < 0.5:
            s.read(f[0], 1, 40)


@loop
def fix_break_other(s: Lane) -> None:
    """Three tests; fixing one breaks the next."""
    w, _r, f = setup(s)
    lead(s, "Make the three failing tests pass.")
    T = [w.tname() for _ in range(3)]
    V = ["sort(rows, key=id)", "sort(rows, key=name)", "sort(rows, key=created)"]
    s.edit(f[0], any_line(s, f[0]), V[0])
    for i in range(many(s, 11, 15)):
        s.round()
        k = i % 3
        s.bash(
            w.testcmd(w.tests[0]),
            w.testout(30, [T[k]], f"order differs: {['by name', 'by time', 'by id'][k]}", path=w.tests[0]),
            1,
        )
        s.edit(
            f[0],
            V[k],
            V[(k + 1) % 3],
            say=s.one(
                "x",
                [
                    "{m}s have to be ordered differently here.",
                    "This test wants another order. Changing the key.",
                    "The sort key is wrong, fixing.",
                    "Now this one fails; adapting the order.",
                ],
            ),
        )


@loop
def revert_all_redo(s: Lane) -> None:
    w, _r, f = setup(s)
    lead(s, s.fill("Port {f} to the async client."))
    for _ in range(many(s, 8, 11)):
        s.round()
        o = any_line(s, f[0])
        s.edit(
            f[0],
            o,
            "await " + o.strip(),
            say=s.one(
                "x",
                [
                    "Starting the port.",
                    "I'll do it step by step this time.",
                    "A cleaner attempt.",
                    "Again, but beginning from the client.",
                ],
            ),
        )
        s.bash(w.testcmd(w.tests[0]), w.testout(3, [s.slots["t"]], "coroutine was never awaited", path=w.tests[0]), 1)
        s.bash(
            s.one("g", ["git checkout -- .", f"git checkout -- {f[0]}", "git restore ."]),
            "",
            say=s.one(
                "y",
                [
                    "This is a mess. Reverting everything to start over.",
                    "I'll go back to the clean state.",
                    "That broke too much, reverting.",
                ],
            ),
        )
        w.fs.pop(f[0], None)


@loop
def debug_prints(s: Lane) -> None:
    _w, r, f = setup(s)
    lead(s, s.fill("The {n} is empty after a restart. Find out why."))
    for i in range(many(s, 9, 13)):
        s.round()
        o = any_line(s, f[0])
        s.edit(
            f[0],
            o,
            o
            + "\n"
            + r.choice(["print('DEBUG %d', x)", "log.info('here %d')", "console.log('dbg %d')"]).replace("%d", str(i)),
            say=s.one(
                "x",
                [
                    "Let me add a log line.",
                    "More logging here.",
                    "I'll print the value at this place too.",
                    "One more trace to see what happens.",
                ],
            ),
        )
        s.bash("./run.sh 2>&1 | tail -5", f"starting\n{s.slots['n']}: 0 entries\nready", say=None)


@loop
def raise_timeout(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, s.fill("{t} times out in CI, make it pass."))
    t = w.tests[2]
    v = r.choice([2, 5, 10])
    L = "timeout = %d"
    s.edit(t, any_line(s, t), L % v)
    for _ in range(many(s, 9, 14)):
        s.round()
        nv = v + r.choice([5, 10, 15, 30]) if v < 60 else v + r.choice([30, 60])
        s.edit(
            t,
            L % v,
            L % nv,
            say=s.one(
                "x",
                [
                    f"{v} seconds are not enough, raising to {nv}.",
                    "Let me give it more time.",
                    f"Still a timeout, so the limit must go up: {nv} s.",
                    f"CI machines are slow. {nv} seconds should do.",
                    "Increasing the timeout further.",
                ],
            ),
        )
        v = nv
        s.bash(
            w.testcmd(t),
            w.testout(12, [s.slots["t"]], f"timed out after {v}s waiting for {s.slots['m']}", secs=v + 0.4, path=t),
            1,
            dur=v,
        )


@loop
def raise_memory(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, "The docker build gets killed, please make it work.")
    v = 2
    for _ in range(many(s, 9, 14)):
        s.round()
        v += r.choice([1, 2, 2, 4])
        s.bash(
            f"sed -i 's/--max-old-space-size=[0-9]*/--max-old-space-size={v * 1024}/' Dockerfile",
            "",
            say=s.one(
                "x",
                [
                    f"The build is out of memory; {v} GB then.",
                    f"More heap: {v} GB.",
                    "Killed again. Raising the limit.",
                    f"I'll give the build {v} GB.",
                ],
            ),
        )
        s.bash(
            f"docker build -t {w.name} .",
            '#14 [build 6/7] RUN make bundle\n#14 41.2 Killed\n#14 ERROR: process "/bin/sh -c make bundle" did not complete successfully: exit code: 137',
            1,
            dur=r.uniform(40, 90),
        )


@loop
def truncated_write(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, "Generate the full fixture file with 400 records.")
    for _ in range(many(s, 14, 20)):
        s.round()
        s.write(
            "tests/fixtures/records.json",
            json.dumps([{"id": k, "name": r.choice(w.things)} for k in range(r.randint(20, 30))])[:-3],
            say=s.one(
                "x",
                [
                    "Writing the fixture file.",
                    "The file was cut off, writing it again.",
                    "It is truncated again; once more.",
                    "Let me rewrite the complete file.",
                ],
            ),
        )
        s.bash(
            "python3 -m json.tool tests/fixtures/records.json > /dev/null",
            f"Expecting ',' delimiter: line 1 column {r.randint(600, 900)} (char {r.randint(600, 900)})",
            1,
        )
