"""Loops that wait: for what does not move, and for timers, hooks and agents that bring nothing new."""

from __future__ import annotations

import json

from tests.bench.judge.incidents.codex import CodexLane
from tests.bench.judge.incidents.lane import Lane
from tests.bench.judge.incidents.shapes.base import lead, loop, many, setup


@loop
def dead_process_poll(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Run the full nightly import against the copy of production and tell me how long it takes.")
    pid = r.randint(3000, 90000)
    s.bash(
        "nohup ./scripts/nightly-import.sh > /tmp/import.log 2>&1 & echo $!",
        str(pid),
        say="Starting the import in the background.",
    )
    tail = f"[import] connected to replica\n[import] 1/14 {s.slots['n']}: 120344 rows"
    for _ in range(many(s, 18, 30)):
        s.round()
        sec = r.choice([30, 60, 60, 90, 120, 45])
        s.bash(
            f"sleep {sec} && tail -{r.choice([2, 3, 5, 5, 10])} /tmp/import.log",
            tail,
            dur=sec,
            say=s.one(
                "x",
                [
                    None,
                    None,
                    "Still on the first table. I'll wait a little longer.",
                    "No new lines yet, checking again.",
                    "The import is still running, waiting.",
                    "Table 1 is the largest, that takes a while.",
                ],
            ),
        )
        if r.random() < 0.2:
            s.bash(f"ps -p {pid} -o pid,etime,cmd", "    PID     ELAPSED CMD", 1)


@loop
def poll_stuck_ci(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, "Push the branch, and once CI is green merge it.")
    n = r.randint(120, 4000)
    run = r.randint(10**9, 10**10)
    s.bash("git push -u origin HEAD && gh pr create --fill", f"https://github.com/{w.who}/{w.name}/pull/{n}")
    for _ in range(many(s, 18, 28)):
        s.round()
        sl = r.choice([30, 60, 120, 180])
        c = s.one(
            "c",
            [
                f"gh pr checks {n}",
                f"sleep {sl}; gh pr checks {n}",
                f"gh run view {run}",
                f"gh run list --branch {w.branch} --limit 1",
            ],
        )
        s.bash(
            c,
            f"build\tpending\t0\thttps://github.com/{w.who}/{w.name}/actions/runs/{run}\nlint\tpending\t0\thttps://github.com/{w.who}/{w.name}/actions/runs/{run}"
            if "checks" in c
            else f"* {w.branch} queued · {run}\nWaiting for a runner to pick up this job...",
            8 if "checks" in c else 0,
            dur=sl if "sleep" in c else 0.7,
            say=s.one(
                "x",
                [
                    None,
                    "CI is still pending.",
                    "Both jobs are queued, let me wait.",
                    "Still waiting for a runner.",
                    None,
                ],
            ),
        )


@loop
def empty_poll_log(s: Lane) -> None:
    """Polls a background command that hangs: no output comes."""
    _w, r, _f = setup(s)
    lead(s, "Run the end-to-end suite and report.")
    h = s.bg("make e2e", "")
    for _ in range(many(s, 20, 28)):
        s.round()
        s.poll(
            h,
            "",
            say=s.one("x", [None, None, None, "Still running.", "No output yet, I'll keep waiting."]),
            secs=r.choice([30, 60, 120, 120]),
        )


@loop
def wait_agent_forever(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Use a subagent to survey the error handling and wait for its report.")
    for i in range(many(s, 22, 32)):
        s.round()
        if not isinstance(s, CodexLane):
            s.tool(
                "TaskOutput",
                {"task_id": "a7f3c2e", "block": True, "timeout": r.choice([30000, 60000, 120000])},
                "<retrieval_status>timeout</retrieval_status>\n\n<task_id>a7f3c2e</task_id>\n\n<task_type>local_agent</task_type>\n\n<status>running</status>",
                dur=30,
                say=s.one("x", [None, None, "Still running, I'll wait.", "The agent has not reported yet."]),
            )
        elif i % 2:
            s.function(
                "wait_agent",
                {"timeout_ms": r.choice([10000, 30000, 60000])},
                json.dumps({"message": "Wait timed out.", "timed_out": True}),
                30,
                s.one("x", [None, None, "Still waiting for the survey."]),
            )
        else:
            s.function(
                "list_agents",
                {},
                json.dumps(
                    {
                        "agents": [
                            {"agent_name": "/root", "agent_status": "running"},
                            {"agent_name": "/root/survey", "agent_status": "running"},
                        ]
                    }
                ),
                0.5,
                None,
            )


@loop
def background_timers(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Review the open pull request, deep.")
    s.say("The review is complete: two remarks, both minor.")
    s.user(
        f'<task-notification>\n<task-id>{s.al(8).lower()}</task-id>\n<status>completed</status>\n<summary>Background command "sleep 150; echo ok" completed</summary>\n</task-notification>',
        wait=(50, 150),
    )
    for _ in range(many(s, 10, 14)):
        s.round()
        n = r.randint(150, 550)
        s.bg(
            f"sleep {n}; echo ok",
            say=s.one("x", [None, "Setting a timer to wait for the reviewers.", "Waiting for the subagents."]),
        )
        s.say(
            s.one(
                "y",
                [
                    "Background timer only. Review complete; deliverable unchanged.",
                    "That was a timer. Nothing changed.",
                    "Timer fired, the review stands as it is.",
                    "No new result. Review complete.",
                ],
            )
        )
        s.user(
            f'<task-notification>\n<task-id>{s.al(8).lower()}</task-id>\n<status>completed</status>\n<summary>Background command "sleep {n}; echo ok" completed</summary>\n</task-notification>',
            wait=(20, 90),
        )


@loop
def stop_hook(s: Lane) -> None:
    setup(s)
    lead(s, "Update the README with the new flags.")
    s.edit("README.md", "## Flags", "## Flags\n\n--dry-run")
    fb = "Stop hook feedback:\n[.claude/hooks/check.sh]: Task list has open items: 1. Finish them before you stop."
    for _ in range(many(s, 14, 22)):
        s.round()
        s.say(
            s.one(
                "x",
                [
                    "The README has been updated. There is nothing left to do.",
                    "All work is complete; the open item is not part of this session.",
                    "I am done: the flags are documented.",
                    "The task is finished. I cannot see the item the hook speaks of.",
                    "Everything asked for is done.",
                    "Nothing remains to be done here.",
                ],
            )
        )
        s.user(fb, wait=(0.5, 3))


@loop
def rate_limited(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, "Pull all open issues with the label bug into docs/bugs.md.")
    for _ in range(many(s, 20, 28)):
        s.round()
        s.bash(
            s.one(
                "c",
                [
                    "gh issue list --label bug --limit 200 --json number,title",
                    f"gh api repos/{w.who}/{w.name}/issues?labels=bug",
                    f"curl -s https://api.github.com/repos/{w.who}/{w.name}/issues?labels=bug",
                    f"gh api 'repos/{w.who}/{w.name}/issues?labels=bug&per_page={r.choice([10, 50, 100])}'",
                ],
            ),
            "HTTP 403: API rate limit exceeded for 198.51.100.7. (But here's the good news: Authenticated requests get a higher rate limit.)",
            1,
            say=s.one(
                "x",
                [None, "Rate limited, trying again.", "Let me use the API directly.", "A smaller page may work.", None],
            ),
        )


@loop
def server_restart_loop(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "The dev server answers 502, get it to work.")
    port = r.choice([3000, 8000, 8080])
    for _ in range(many(s, 8, 11)):
        s.round()
        s.bash(
            s.one("k", ["pkill -x node; sleep 1", "kill %1; sleep 1", f"fuser -k {port}/tcp"]),
            "",
            say=s.one(
                "x",
                [
                    "Restarting the server.",
                    "A clean restart may help.",
                    "I'll stop it and start it anew.",
                    "Let me restart it once more.",
                ],
            ),
        )
        s.bg("make serve", f"listening on :{port}")
        s.bash(f"curl -s -o /dev/null -w '%{{http_code}}' localhost:{port}/health", "502", dur=1)


@loop
def lock_file(s: Lane) -> None:
    w, r, f = setup(s)
    lead(s, "Commit the work in three commits.")
    for _ in range(many(s, 13, 19)):
        s.round()
        s.bash(
            s.one(
                "c",
                [
                    "git add -A",
                    f"git add {f[0]}",
                    "git commit -m 'wip'",
                    "git stash",
                    "git add -u && git commit -m 'part 1'",
                ],
            ),
            f"fatal: Unable to create '{w.root}/.git/index.lock': File exists.\n\nAnother git process seems to be running in this repository",
            128,
            say=s.one(
                "x", [None, "Another process holds the lock, retrying.", "Let me try again.", "I'll wait a moment."]
            ),
        )
        if r.random() < 0.5:
            s.bash(f"sleep {r.choice([5, 10, 20])}", "", dur=10)


@loop
def same_page_offset_ignored(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, "Read the whole log in the tracker attachment and find the first error.")
    page = "\n".join(f"2026-09-1{k % 9} 0{k % 9}:00:0{k % 9} INFO {w.fn()} ok" for k in range(12))
    for i in range(many(s, 20, 30)):
        s.round()
        s.tool(
            "mcp__tracker__read_attachment",
            {"id": "att-771", "offset": (i + 1) * r.choice([100, 200, 200]), "limit": 200},
            page,
            say=s.one("x", [None, "Next page.", "Reading on.", None, "Nothing yet, going further."]),
        )
