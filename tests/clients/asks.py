"""What the model on 127.0.0.1 calls in a lane that asks a person: named scripts of messages, each with its calls."""

from __future__ import annotations

from typing import Any

Calls = list[tuple[str, dict[str, Any]]]

QUESTIONS = [
    {
        "question": "Which database should be used?", "header": "Database", "multiSelect": False,
        "options": [
            {"label": "Postgres", "description": "as in production"}, {"label": "SQLite", "description": "one file"},
        ],
    },
    {
        "question": "Which checks?", "header": "Checks", "multiSelect": True,
        "options": [
            {"label": "lint", "description": "fast"}, {"label": "types", "description": "slow"},
            {"label": "tests", "description": "slower"},
        ],
    },
]  # fmt: skip
PLAN_FILE = "<the file that the client names for the plan>"
PATCH = (
    "*** Begin Patch\n*** Update File: old-name\n*** Move to: new-name\n@@\n-before\n+after\n"
    "*** Add File: added\n+one\n*** End Patch"
)
PLAN = "# Plan\n\n1. Make the folder.\n2. Say so.\n"


def shell(command: str) -> tuple[str, dict[str, Any]]:
    return ("Bash", {"command": command, "description": "a step"})


SCRIPTS: dict[str, list[Calls]] = {
    "one": [[shell("mkdir -p made-one")]],
    "two": [[shell("mkdir -p made-one")], [shell("mkdir -p made-two")]],
    "again": [[shell("mkdir made-one")], [shell("mkdir made-one")]],
    "slow": [[shell("mkdir -p made-one && sleep 30")]],
    "reads": [[("Read", {"file_path": "/etc/hostname"}), ("Read", {"file_path": "/etc/hostname"})]],
    "question": [[("AskUserQuestion", {"questions": QUESTIONS})]],
    "plan": [[("ExitPlanMode", {"plan": PLAN})]],
    "plan_file": [[("Write", {"file_path": PLAN_FILE, "content": PLAN})], [("ExitPlanMode", {})]],
}
CODEX: dict[str, list[Calls]] = {
    "one": [[("exec_command", {"cmd": "mkdir -p made-one"})]],
    "two": [[("exec_command", {"cmd": "mkdir -p made-one"})], [("exec_command", {"cmd": "mkdir -p made-two"})]],
    "patch": [[("exec_command", {"cmd": f"apply_patch <<'EOF'\n{PATCH}\nEOF\n"})]],
    "mcp": [
        [("mcp__notes.write_note", {"text": "one"})], [("mcp__notes.write_note", {"text": "one"})],
        [("mcp__notes.ask_name", {"text": "x"})],
    ],
    "question": [[("request_user_input", {"questions": [
        {"id": "db", "header": "Database", "question": "Which database should be used?", "options": [
            {"label": "Postgres", "description": "as in production"}, {"label": "SQLite", "description": "one file"},
        ]},
    ]})]],
}  # fmt: skip


def calls_after(scripts: dict[str, list[Calls]], name: str, done: int) -> Calls:
    """The calls of the message that comes after so many results; none after the last."""
    for calls in scripts[name]:
        if done <= 0:
            return calls
        done -= len(calls)
    return []
