"""Loops between agents: workers that fail the same way, thanks to and fro, wrong ids."""

from __future__ import annotations

import json

from tests.bench.judge.incidents.codex import CodexLane
from tests.bench.judge.incidents.lane import Lane
from tests.bench.judge.incidents.shapes.base import lead, loop, many, setup


@loop
def respawn_workers(s: Lane) -> None:
    w, r, f = setup(s)
    lead(s, s.fill("Have a subagent write tests for {f} and bring back a report."))
    for _ in range(many(s, 7, 9)):
        s.round()

        def work(k: Lane) -> None:
            k.read(f[0])
            k.bash(
                w.testcmd(w.tests[0]),
                "bash: permission denied: .venv/bin/python"
                if r.random() < 0.6
                else "error: sandbox does not allow writes outside of /tmp",
                126,
            )

        s.spawn(
            s.one(
                "d",
                [
                    "Write tests for module",
                    "Retry: tests for module",
                    "Write the missing tests",
                    "Tests for module, second try",
                ],
            ),
            s.one(
                "p",
                [
                    "Write unit tests for {f}. Run them and report the result.",
                    "Please write tests for {f}; the previous agent could not write the file. Run them and report.",
                    "Create tests for {f} and make sure they run. Report what passes.",
                    "Write tests for {f}. Make sure that you really create the file this time.",
                ],
            ),
            work,
            s.one(
                "res",
                [
                    "I could not create the test file: the sandbox denies writing to the project.",
                    "Writing failed with a permission error, so no tests were added.",
                    "No tests were written. The file system is read-only for me.",
                ],
            ),
            say=s.one(
                "x",
                [
                    "The agent did not manage it. I'll start a new one.",
                    "Let me delegate this again.",
                    "I'll hand this to a fresh subagent.",
                    "Spawning a subagent for the tests.",
                ],
            ),
        )


@loop
def foreman_next_slice(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Go through the audit list slice by slice with subagents until the audit is complete.", 3)
    res = "Slice %s audited. No findings. The inventory is unchanged and the ledger has been updated."
    for i in range(many(s, 8, 10)):
        s.round()
        lab = f"{r.choice('ABCD')}{i + 1}"

        def work(k: Lane) -> None:
            k.bash(
                "cat docs/audit/ledger.md", f"# Ledger\n\nslices done: {i}\nfindings: 0\n", say="Reading the ledger."
            )
            k.bash("rg -c TODO docs/audit", "docs/audit/ledger.md:0", 0)
            k.edit("docs/audit/ledger.md", f"slices done: {i}", f"slices done: {i + 1}")

        s.spawn(
            "Audit slice " + lab,
            f"Audit slice {lab} of the inventory. Confirm that nothing changed since the slice before, update docs/audit/ledger.md, and report. Do not change code.",
            work,
            res % lab,
            say=s.one("x", [f"Slice {lab} next.", "On to the next slice.", f"The next slice is {lab}."]),
        )


@loop
def ping_pong_two(s: Lane) -> None:
    setup(s)
    lead(s, "You are the lead. Your teammate in the other pane does the work; talk over `tmux send-keys -t mate`.", 3)
    o = s.beside()
    o.slots = s.slots
    lead(o, "You are the mate. The lead gives you work. Answer with `tmux send-keys -t lead`.", 3)
    A = [
        "Thanks, confirmed. I'll stay on standby.",
        "Acknowledged, nothing further from my side.",
        "Great, all clear here. Waiting for you.",
        "Received, thank you. Standing by.",
        "Understood. Ready when you are.",
    ]
    for _ in range(many(s, 11, 15)):
        s.round()
        for a, b, to, fr in ((s, o, "mate", "lead"), (o, s, "lead", "mate")):
            t = a.one("x", A)
            a.bash(f"tmux send-keys -t {to} {json.dumps(t)} Enter", "")
            a.say(
                a.one(
                    "y",
                    [
                        f"Confirmed to the {to}.",
                        "I've acknowledged.",
                        "Message sent, waiting.",
                        f"Answered the {to}; standing by.",
                    ],
                )
            )
            b.user(f"[{fr}] {t}", wait=(1, 6))


@loop
def pair_worker_stuck(s: Lane) -> None:
    """A foreman sends the same order, the worker answers that it cannot."""
    setup(s)
    lead(s, s.fill("Direct the worker in the pane `worker` until {fn} is typed properly."), 3)
    o = s.beside()
    o.slots = s.slots
    for _ in range(many(s, 10, 13)):
        s.round()
        t = s.one(
            "o",
            [
                "Add the types to {fn} in {f} and commit.",
                "Please type {fn} in {f}, then commit.",
                "The types of {fn} are still missing. Add them and commit.",
                "{fn} in {f} needs types. Commit when done.",
            ],
        )
        s.bash(f"tmux send-keys -t worker {json.dumps(t)} Enter", "")
        o.user(t, wait=(1, 3))
        o.bash(
            "git commit -am 'types'", "error: gpg failed to sign the data\nfatal: failed to write commit object", 128
        )
        o.say(
            o.one(
                "y",
                [
                    "The commit failed: gpg cannot sign.",
                    "I could not commit, signing with gpg fails.",
                    "Types are in, but the commit is refused by gpg.",
                ],
            )
        )
        s.bash(
            "tmux capture-pane -p -t worker | tail -5",
            "fatal: failed to write commit object\n> waiting",
            say=s.one("z", [None, "The worker has not committed. I'll tell it again."]),
        )


@loop
def wrong_agent_id(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Ask the reviewer agent whether the schema is final, then go on.")
    for _ in range(many(s, 18, 26)):
        s.round()
        name = r.choice(["reviewer", "reviewer-1", "schema-reviewer", s.hx(17)])
        if not isinstance(s, CodexLane):
            s.tool(
                "SendMessage",
                {
                    "to": name,
                    "message": s.one(
                        "m",
                        [
                            "Is the schema final?",
                            "Please confirm that the schema is final.",
                            "Can I build on the schema as it is?",
                            "Status of the schema?",
                        ],
                    ),
                },
                f"No agent named '{name}' is reachable.",
                True,
                say=s.one(
                    "x",
                    [None, "I'll ask the reviewer.", "No answer. Trying its other name.", "Perhaps the id was wrong."],
                ),
            )
        else:
            s.function(
                "send_message",
                {
                    "target": f"/root/{name}",
                    "message": s.one(
                        "m", ["Is the schema final?", "Please confirm the schema.", "Status of the schema?"]
                    ),
                },
                f"collab tool failed: agent with id {s.uuid()} not found",
                0.3,
                s.one("x", [None, "I'll ask the reviewer.", "Trying its other name."]),
            )
