"""A session in a loop: the same `npm install` fails with the same error, again and again."""

from __future__ import annotations

from writing.claude import OLD, ClaudeLane, bash, edit, read
from writing.dice import at
from writing.lane import Lane

ROOT = "/home/mara/harbor-web"
INSTALL = "npm install --no-audit --no-fund"
ERROR = """npm error code ERESOLVE
npm error ERESOLVE could not resolve
npm error While resolving: @harbor/seatmap@4.2.0
npm error Found: react@19.1.0
npm error Could not resolve dependency:
npm error peer react@"^18.2.0" from @harbor/seatmap@4.2.0
npm error A complete log of this run can be found in: /home/mara/.npm/_logs/{log}-debug-0.log"""

EXCUSES = (
    "Perhaps the lock file is stale. I try it once more.",
    "The cache may be broken.",
    "That did not help. Again, with a clean tree.",
    "The registry may have been slow.",
    "Let me run the install again to see the whole error.",
    "Same error. I try it again.",
    "Maybe it was a temporary failure.",
    "I run it once more before I change anything.",
    "Let me retry the install.",
    "Still ERESOLVE. One more try.",
    "I retry, it may work now.",
    "Let me try the install again.",
    "Again.",
)


def lanes() -> list[Lane]:
    """The session."""
    lane = ClaudeLane(
        "install",
        at("09:08:00"),
        cwd=ROOT,
        branch="react-19",
        model="claude-sonnet-4-5",
        version=OLD,
        cache="both",
        own_prompt_tokens=3_900,
    )
    lane.mode("acceptEdits")
    lane.prompt("Upgrade the booking front end to React 19 and get the build green again.")
    lane.title("Upgrade the booking front end to React 19")
    lane.step(
        read(f"{ROOT}/package.json", '{\n  "name": "harbor-web",\n  "dependencies": {\n    "react": "18.3.1",', 1_500),
        say="I look at what depends on React first.",
        out=240,
        secs=9,
    )
    lane.step(edit(f"{ROOT}/package.json", '"react": "18.3.1"', '"react": "19.1.0"', 12), out=310, secs=12)
    _install(lane, 0, "Install.", 21)
    lane.step(bash("rm -rf node_modules package-lock.json", "Start from a clean tree", "", 6.2, 40), out=130, secs=8)
    for index, excuse in enumerate(EXCUSES, 1):
        _install(lane, index, excuse, lane.dice.between(92, 128))
    return [lane]


def _install(lane: ClaudeLane, index: int, say: str, secs: float) -> None:
    log = f"2026-05-09T{9 + index // 30:02d}_{10 + index:02d}_{(index * 17) % 60:02d}_{lane.dice.whole(100, 999)}Z"
    lane.step(
        bash(INSTALL, "Install dependencies", ERROR.format(log=log), secs, 1_150, code=1),
        say=say,
        out=lane.dice.whole(96, 150),
        secs=lane.dice.between(9, 16),
    )
