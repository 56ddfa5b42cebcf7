"""Two sessions that wait for a person: one has asked a question, one may not run its command."""

from __future__ import annotations

from writing.claude import OLD, ClaudeLane, Tool, bash, edit, grep, read, todos, write
from writing.dice import at
from writing.lane import Lane

ROOT = "/home/mara/harbor"


def lanes() -> list[Lane]:
    """Both sessions."""
    return [_question(), _permission()]


def _question() -> ClaudeLane:
    lane = ClaudeLane(
        "refunds", at("09:06:20"), cwd=ROOT, branch="refunds-weather", version=OLD, cache="1h", own_prompt_tokens=3_700
    )
    lane.mode("plan")
    lane.prompt(
        "HARB-412: crossings cancelled for weather must be refunded by themselves. Find out how refunds work today and "
        "propose the policy. Ask me before you decide anything that costs money."
    )
    lane.title("Refunds for crossings cancelled by weather")
    lane.step(
        grep(
            "Refund",
            f"{ROOT}/internal",
            "internal/refund/engine.go:22:type Engine struct {\ninternal/refund/rules.go:14:var rules = []Rule{",
            1_700,
        ),
        think="",
        say="I begin with what decides a refund today.",
        out=420,
        secs=23,
    )
    lane.step(
        read(
            f"{ROOT}/internal/refund/rules.go",
            "package refund\n\nvar rules = []Rule{\n\t{Until: 48 * time.Hour, Share: 100},",
            4_300,
        ),
        out=120,
        secs=14,
    )
    lane.step(
        read(
            f"{ROOT}/internal/refund/engine.go",
            "package refund\n\nfunc (e *Engine) Decide(b Booking) Decision {",
            6_800,
        ),
        read(
            f"{ROOT}/internal/notices/weather.go",
            "package notices\n\ntype Cancelled struct{ Sailing, Reason string }",
            2_900,
        ),
        out=230,
        secs=22,
    )
    lane.step(
        bash(
            'psql harbor -c "select reason, count(*), sum(paid) from cancellations group by 1"',
            "How many cancellations, and what was paid",
            " reason  | count |  sum\n---------+-------+-------\n weather |   312 | 41870\n engine  |    27 |  3915",
            1.1,
            380,
        ),
        think="Weather is ten times everything else. Whether the card fee is refunded decides about 1,250 a season.",
        out=780,
        secs=52,
    )
    lane.step(
        grep("card_fee", f"{ROOT}/internal", "internal/pay/fees.go:31:\tcardFee = 0.03", 240),
        out=160,
        secs=16,
    )
    lane.step(
        read(
            f"{ROOT}/docs/policies/refunds.md",
            "# Refunds\n\nMore than 48 hours before departure: the whole fare.",
            1_900,
        ),
        out=140,
        secs=14,
    )
    question = {
        "question": "A storm cancels the crossing. Does the passenger get the card fee (3%) back as well?",
        "header": "Card fee",
        "multiSelect": False,
        "options": [
            {"label": "Yes, everything", "description": "About 1,250 a season; no complaints, one rule"},
            {"label": "No, fare only", "description": "As it is for passengers who cancel themselves"},
            {"label": "As a voucher", "description": "The fee comes back as credit for the next crossing"},
        ],
    }
    lane.step(
        Tool("AskUserQuestion", {"questions": [question]}, pending=True),
        say="Everything else follows from the notices that we have. One decision is yours.",
        out=512,
        secs=56,
    )
    return lane


def _permission() -> ClaudeLane:
    lane = ClaudeLane(
        "migrate",
        at("09:09:15"),
        cwd=ROOT,
        branch="drop-bookings-v1",
        model="claude-sonnet-4-5",
        version=OLD,
        cache="both",
        own_prompt_tokens=3_900,
    )
    lane.mode("default")
    lane.prompt(
        "HARB-398: bookings_v1 is dead. Prove that nothing reads it, write the migration that drops it, "
        "try it on staging."
    )
    lane.title("Drop the dead bookings_v1 table")
    lane.step(
        grep(
            "bookings_v1",
            ROOT,
            "db/migrations/0003_bookings.sql:2:CREATE TABLE bookings_v1 (\n"
            'tools/export/legacy.py:17:SQL = "select * from bookings_v1"',
            600,
        ),
        out=260,
        secs=16,
    )
    lane.step(
        read(f"{ROOT}/tools/export/legacy.py", 'import csv\n\nSQL = "select * from bookings_v1"', 1_300),
        bash(
            "git log -1 --format=%as -- tools/export/legacy.py",
            "When was the exporter last touched",
            "2023-10-02",
            0.3,
            60,
        ),
        say="One reader is left: an exporter that nobody has touched since 2023.",
        out=330,
        secs=25,
    )
    lane.step(
        bash(
            "crontab -l -u export 2>/dev/null; grep -rn legacy.py deploy/ ops/ | head",
            "Does anything still run the exporter",
            "",
            0.6,
            50,
        ),
        out=190,
        secs=20,
    )
    lane.step(
        write(
            f"{ROOT}/db/migrations/0048_drop_bookings_v1.sql",
            "BEGIN;\nCREATE TABLE archive.bookings_v1 AS TABLE bookings_v1;\nDROP TABLE bookings_v1;\nCOMMIT;\n",
        ),
        todos(
            ("Prove that nothing reads it", "completed"),
            ("Write migration 0048", "completed"),
            ("Try it on staging", "in_progress"),
            ("Delete the exporter", "pending"),
        ),
        say="The table is copied to the archive schema before it goes.",
        out=640,
        secs=43,
    )
    lane.step(
        edit(
            f"{ROOT}/db/README.md", "## Tables", "## Tables\n\n`bookings_v1` is in the archive schema since 0048.", 30
        ),
        bash("make -n migrate DB=staging", "What would run", "dbmate --url $STAGING up", 0.5, 90),
        out=280,
        secs=23,
    )
    lane.step(
        bash(
            "pg_dump $STAGING -t bookings_v1 | gzip > /backup/bookings_v1-staging.sql.gz",
            "Back it up first",
            "",
            74,
            60,
        ),
        say="A backup first, then the migration.",
        out=210,
        secs=18,
    )
    lane.wait_until(at("09:18:02"))
    lane.step(
        bash("make migrate DB=staging", "Drop bookings_v1 on staging", timeout=60_000, pending=True),
        say="The backup is 214 MB and complete. Now the migration itself.",
        out=180,
        secs=22,
    )
    return lane
