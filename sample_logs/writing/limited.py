"""A session that is stopped by its plan's limit in the middle of its work."""

from __future__ import annotations

from writing.claude import OLD, ClaudeLane, bash, edit, grep, read, todos
from writing.dice import at
from writing.lane import Lane

ROOT = "/home/mara/harbor-web"


def lanes() -> list[Lane]:
    """The session."""
    lane = ClaudeLane(
        "tokens", at("09:04:40"), cwd=ROOT, branch="design-tokens", version=OLD, cache="1h", own_prompt_tokens=3_800
    )
    lane.mode("acceptEdits")
    lane.prompt(
        "Move the booking widget to the new design tokens, one component at a time. Screenshots must not change."
    )
    lane.title("Move the booking widget to design tokens")
    parts = ("SeatMap", "FareList", "PassengerForm", "Checkout")
    lane.step(
        grep(
            "#[0-9a-f]{6}",
            f"{ROOT}/src/widget",
            "src/widget/SeatMap.css:8:  color: #0b3d5c;\nsrc/widget/FareList.css:3:  border: 1px solid #d7dee3;",
            5_600,
        ),
        todos(*((f"Move {part}", "pending") for part in parts)),
        think="",
        say="61 colours in four components. I take them in the order of their size.",
        out=860,
        secs=35,
    )
    lane.step(
        read(f"{ROOT}/src/tokens.css", ":root {\n  --harbor-ink: #0b3d5c;\n  --harbor-line: #d7dee3;", 3_800),
        read(f"{ROOT}/src/widget/SeatMap.css", ".seat {\n  color: #0b3d5c;\n}", 9_700),
        out=260,
        secs=19,
    )
    for part, out, secs in (("SeatMap", 4_900, 96), ("FareList", 3_600, 78)):
        lane.step(
            edit(f"{ROOT}/src/widget/{part}.css", "color: #0b3d5c;", "color: var(--harbor-ink);", 8),
            think="",
            say=f"{part}: every colour has a token.",
            out=out,
            secs=secs,
        )
        lane.step(
            bash(
                f"pnpm visual --component {part}",
                f"Compare screenshots of {part}",
                f"{part}: 24 screenshots, 0 changed",
                62,
                1_300,
            ),
            out=210,
            secs=18,
        )
    lane.step(
        read(f"{ROOT}/src/widget/PassengerForm.css", ".field:invalid {\n  border-color: #b3261e;\n}", 12_300),
        todos(
            ("Move SeatMap", "completed"),
            ("Move FareList", "completed"),
            ("Move PassengerForm", "in_progress"),
            ("Move Checkout", "pending"),
        ),
        out=410,
        secs=26,
    )
    lane.step(
        edit(
            f"{ROOT}/src/widget/PassengerForm.css", "border-color: #b3261e;", "border-color: var(--harbor-alarm);", 41
        ),
        think="",
        out=5_200,
        secs=140,
    )
    lane.hit_limit("You've hit your limit · resets 12:10pm (UTC)")
    return [lane]
