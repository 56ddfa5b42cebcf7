"""Loops of talk: plans, questions, apologies and summaries instead of work."""

from __future__ import annotations

from tests.bench.judge.incidents.lane import Lane
from tests.bench.judge.incidents.shapes.base import any_line, lead, loop, many, setup


@loop
def talk_no_action(s: Lane) -> None:
    setup(s)
    lead(s, s.fill("Split {f} into two modules."))
    for _ in range(many(s, 12, 18)):
        s.round()
        s.say(
            s.one(
                "x",
                [
                    "I'll now split {b}. First the parsing half goes into its own file, then the imports are updated.",
                    "Understood. I am going to create the new module now and move {fn} there.",
                    "Right away: I'll begin with the extraction of {fn} and then run the tests.",
                    "Let me get to it. I will move the {n} code first.",
                    "Good, starting the split now. The {m} part will follow after that.",
                    "I'm about to write the new module; after that I'll adapt the imports.",
                ],
            )
        )
        s.user(
            s.one(
                "u",
                [
                    "go on",
                    "ok do it",
                    "please start",
                    "continue",
                    "you haven't changed anything yet",
                    "yes, go",
                    "nothing happened?",
                ],
            ),
            wait=(5, 60),
        )


@loop
def asks_again(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, s.fill("Delete the dead {n} code path everywhere. You have my permission for all of it, no need to ask."))
    for _ in range(many(s, 12, 18)):
        s.round()
        s.say(
            s.one(
                "x",
                [
                    "I found the dead code in {f} and {g}. Shall I go ahead and remove it?",
                    "Before I delete anything: do you want me to remove {fn} as well?",
                    "This would remove about 140 lines. Do you want me to proceed?",
                    "I am ready to delete the path. May I?",
                    "Should I remove the {n} path now, or would you rather review the list first?",
                    "To confirm: I should delete {fn} and its callers, correct?",
                ],
            )
        )
        s.user(
            s.one(
                "u", ["yes", "yes, as I said", "yes. do it.", "go ahead", "I said yes already", "yes please", "proceed"]
            ),
            wait=(8, 90),
        )
        if r.random() < 0.3:
            s.grep(s.slots["fn"], s.hits(s.slots["fn"], 3))


@loop
def todo_churn(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Migrate the settings to the new schema.")
    items = ["Read the old schema", "Map the fields", "Write the migration", "Adapt the loader", "Run the tests"]
    for _ in range(many(s, 16, 24)):
        s.round()
        k = r.sample(items, 5)
        s.todo(
            [
                (s.one("w", ["", "First: ", "Then: ", "Carefully: "]) + x, "in_progress" if j == 0 else "pending")
                for j, x in enumerate(k)
            ],
            say=s.one(
                "x",
                [
                    "Let me organise the work.",
                    "I'll refine the plan.",
                    "The order should be different.",
                    "Updating the plan before I begin.",
                    "Let me restate the steps.",
                    None,
                ],
            ),
        )


@loop
def plan_restated(s: Lane) -> None:
    setup(s)
    lead(s, s.fill("Make {fn} work for several {n}s at once."))
    for _ in range(many(s, 12, 16)):
        s.round()
        s.say(
            s.fill(
                "{}\n\n1. {}\n2. {}\n3. Run the tests and fix what breaks\n\n{}".format(
                    s.one(
                        "a",
                        ["Here is my plan:", "The plan is as follows.", "Let me lay out the approach:", "My approach:"],
                    ),
                    s.one(
                        "b",
                        [
                            "Change the signature of {fn} to take a list",
                            "Let {fn} accept a list of {n}s",
                            "{fn} gets a list instead of one {n}",
                        ],
                    ),
                    s.one(
                        "c",
                        [
                            "Adapt the callers in {f} and {g}",
                            "Update all callers ({f}, {g})",
                            "Change {f} and {g} accordingly",
                        ],
                    ),
                    s.one("d", ["I'll begin with step 1.", "Starting with the signature.", "Let me start."]),
                )
            )
        )
        s.user(
            s.one(
                "u",
                [
                    "<system-reminder>The task list is empty.</system-reminder>\ncontinue",
                    "continue",
                    "please go on",
                    "keep going",
                ],
            ),
            wait=(4, 30),
        )


@loop
def apologises_repeats(s: Lane) -> None:
    _w, _r, f = setup(s)
    lead(s, s.fill("{b}: use two spaces, not four."))
    for _ in range(many(s, 7, 10)):
        s.round()
        o = any_line(s, f[0])
        s.edit(
            f[0],
            o,
            "    " + o.strip(),
            say=s.one(
                "x",
                [
                    "Fixed the indentation.",
                    "You're right, I'll correct it.",
                    "Sorry about that. Now with two spaces.",
                    "My mistake, correcting.",
                ],
            ),
        )
        s.say(
            s.one(
                "y",
                [
                    "Done, the file uses two spaces now.",
                    "The indentation is two spaces throughout.",
                    "I've changed it to two spaces.",
                ],
            )
        )
        s.user(
            s.one(
                "u",
                [
                    "no, it is still four",
                    "still four spaces",
                    "look at the file, it's four",
                    "wrong again",
                    "that's still 4",
                ],
            )
        )


@loop
def summarises_again(s: Lane) -> None:
    w, _r, f = setup(s)
    lead(s, "Refactor the config loader.")
    o = any_line(s, f[0])
    s.edit(f[0], o, o + "  ")
    s.bash(w.testcmd(), w.testout(88))
    s.end_rounds()
    for i in range(many(s, 11, 15)):
        s.round()
        s.write(
            "SUMMARY.md" if i % 2 else "docs/REFACTOR_SUMMARY.md",
            "# Summary\n\n{}\n\n- {}\n- {}\n".format(
                s.one(
                    "a",
                    [
                        "The config loader was refactored.",
                        "Refactoring of the config loader is complete.",
                        "This documents the refactored loader.",
                    ],
                ),
                s.one("b", ["All 88 tests pass", "88/88 tests green", "Tests: 88 passed"]),
                s.one("c", ["No behaviour changed", "Behaviour is the same", "No functional changes"]),
            ),
            say=s.one(
                "x",
                [
                    "Let me write a summary of the work.",
                    "I'll document what was done.",
                    "A final report for the reader.",
                    "One more overview document.",
                ],
            ),
        )
        s.bash(f"cat {'SUMMARY.md' if i % 2 else 'docs/REFACTOR_SUMMARY.md'}", "# Summary\n")


@loop
def goal_too_early(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Do not start before midnight. Then run the release build.", 3)
    for i in range(many(s, 20, 30)):
        s.round()
        s.bash("date", f"Mon Sep 14 {19 + i // 15:02d}:{i * 4 % 60:02d}:{r.randint(0, 59):02d} UTC 2026")
        s.say(
            s.one(
                "x",
                [
                    "It is not midnight yet, so I wait.",
                    "Too early. Nothing to do until midnight.",
                    "Not yet time for the release build.",
                    "Still before midnight; waiting.",
                ],
            )
        )
        s.user("Stop hook feedback:\nGoal not reached: release build has not run.", wait=(1, 4))
